//! Nineteen corruptions by five severities: a heat table whose cells lead to the pictures.

use super::field::{Field, Source};
use super::going::Going;
use super::severity::Survey;
use crate::shift::corruption::{Corruption, Family};
use crate::shift::degradation::Degradation;
use crate::ui::pure::format::{percent, width};
use leptos::prelude::*;

/// Place of a corruption and severity among those of [`Survey::measure_all`]; the lab is place 0.
fn place(corruption: usize, severity: u8) -> usize {
    1 + corruption * Corruption::SEVERITIES.len() + usize::from(severity) - 1
}

/// Mean error of corruptions over their severities: `None` before all have pictures. Not divided by
/// another network's, as the paper's is, so it stands by itself.
fn mean_error(survey: Survey, corruptions: impl Iterator<Item = usize>) -> Option<f32> {
    survey.sheet.with(|sheet| {
        let mut errors = Vec::new();
        for corruption in corruptions {
            for severity in Corruption::SEVERITIES {
                let tally = sheet.at(place(corruption, severity));
                if tally.n == 0 {
                    return None;
                }
                errors.push(1.0 - tally.share());
            }
        }
        Some(errors.iter().sum::<f32>() / errors.len().max(1) as f32)
    })
}

/// `look`: goes to the pictures of a cell.
#[component]
pub fn Table(survey: Survey, look: Callback<()>) -> impl IntoView {
    let measured = Memo::new(move |_| survey.places.with(|p| !p.is_empty()));
    let said = move |error: Option<f32>| error.map_or_else(|| "\u{2013}".to_owned(), percent);
    let clean = move || survey.sheet.with(|s| (s.at(0).n > 0).then(|| 1.0 - s.at(0).share()));
    let all = move || mean_error(survey, 0..Corruption::ALL.len());
    let body = move || {
        Family::ALL.map(|family| {
            let of_family = Corruption::ALL.iter().enumerate().filter(|(_, c)| c.family() == family);
            of_family.map(|(at, corruption)| row(survey, at, *corruption, look)).collect_view()
        })
    };
    view! {
        <section class="card" aria-labelledby="table-title">
            <h3 id="table-title">"Every corruption, every severity"</h3>
            <p class="muted">"Nineteen ways a picture goes bad, five severities each (after Hendrycks and Dietterich 2019), on your own lab pictures. Choose a cell to see its pictures."</p>
            <Going survey=survey testid="table">
                <button class="button" data-testid="table-measure" on:click=move |_| survey.measure_all()>"Measure all"</button>
            </Going>
            <Show when=move || measured.get()>
                <p class="mce"><span class="accuracy-number num" data-testid="table-mce">{move || said(all())}</span>
                    <span class="accuracy-label">"mean corruption error"<span class="muted">{move || format!("against {} in the lab; not divided by another network\u{2019}s", said(clean()))}</span></span></p>
                <div class="scroll-x" tabindex="0" role="region" aria-label="Accuracy by corruption and severity">
                    <table class="heat-table" data-testid="table">
                        <thead><tr><th scope="col">"Corruption"</th>{Corruption::SEVERITIES.map(|s| view! { <th scope="col">{s}</th> }).collect_view()}<th scope="col">"Mean error"</th></tr></thead>
                        <tbody>{body}</tbody>
                    </table>
                </div>
            </Show>
        </section>
    }
}

fn row(survey: Survey, at: usize, corruption: Corruption, look: Callback<()>) -> impl IntoView {
    let field = expect_context::<Field>();
    let cells = Corruption::SEVERITIES.map(|severity| {
        let tally = move || survey.sheet.with(|s| s.at(place(at, severity)));
        let said = move || {
            let tally = tally();
            if tally.n == 0 { "\u{2013}".to_owned() } else { percent(tally.share()) }
        };
        let title = move || {
            let interval = tally().interval();
            let range = interval
                .map_or_else(String::new, |i| format!(", {} to {}, {} pictures", percent(i.low), percent(i.high), i.n));
            format!("{}, severity {severity}: {}{range}", corruption.name(), said())
        };
        view! {
            <td><button class="heat-cell num" aria-label=title title=title style:--share=move || width(tally().share())
                on:click=move |_| {
                    field.source.set(Source::Degraded);
                    field.degradation.set(Degradation::Corruption(corruption, severity));
                    look.run(());
                }>{said}</button></td>
        }
    });
    let error = move || mean_error(survey, std::iter::once(at)).map_or_else(|| "\u{2013}".to_owned(), percent);
    view! { <tr><th scope="row" title=corruption.explain()>{corruption.name()}</th>{cells.collect_view()}<td class="num">{error}</td></tr> }
}
