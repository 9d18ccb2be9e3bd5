//! Every recipe tried so far, beside the others.

use super::store::{Shrink, Source, Tried};
use crate::engine::protocol::shrink::Mode;
use crate::ui::pure::format::{bytes, percent};
use leptos::prelude::*;

#[component]
pub fn AllTried() -> impl IntoView {
    let shrink = expect_context::<Shrink>();
    let rows = move || {
        let tried = shrink.tried.get();
        // Nothing tried is both smaller and at least as often of one mind with float.
        let best =
            |t: &Tried| !tried.iter().any(|o| o.bytes < t.bytes && o.sum.agree * t.sum.n >= t.sum.agree * o.sum.n);
        let marks: Vec<bool> = tried.iter().map(best).collect();
        tried.into_iter().zip(marks).map(|(t, mark)| row(t, mark)).collect_view()
    };
    view! {
        <section class="card" aria-labelledby="tried-title">
            <h3 id="tried-title">"Tried so far"</h3>
            <p class="muted">"Marked: no recipe tried is smaller and agrees with float at least as often (the Pareto front)."</p>
            <div class="scroll-x" tabindex="0" role="region" aria-label="Recipes tried">
                <table class="numbers" data-testid="tried">
                    <thead><tr><th scope="col">"Recipe"</th><th scope="col">"Size"</th><th scope="col">"Agreement"</th><th scope="col">"Float"</th><th scope="col">"Small"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
}

fn row(t: Tried, best: bool) -> impl IntoView {
    let r = &t.recipe;
    let mut said = vec![r.mode.name().to_owned()];
    if r.mode == Mode::Static {
        said.push(r.range.name().to_lowercase());
        said.push(match t.source {
            Source::Lab => "calibrated on the lab".into(),
            Source::OneClass => "calibrated on one class".into(),
            Source::Field => "calibrated on the field".into(),
            Source::Noise => "calibrated on noise".into(),
        });
    }
    if r.mode != Mode::Half {
        said.push(format!("{} bits", r.bits));
        let switches =
            [(!r.per_channel, "per tensor"), (r.bias_correction, "bias correction"), (r.equalize, "equalised")];
        said.extend(switches.into_iter().filter(|(on, _)| *on).map(|(_, name)| name.to_owned()));
    }
    let share = |right: usize, n: usize| if n == 0 { "\u{2013}".to_owned() } else { percent(right as f32 / n as f32) };
    view! {
        <tr class:best=best><th scope="row">{if best { "\u{2605} " } else { "" }}{said.join(", ")}</th>
            <td class="num">{bytes(t.bytes as u64)}</td><td class="num">{share(t.sum.agree, t.sum.n)}</td>
            <td class="num">{share(t.sum.float.right, t.sum.float.n)}</td><td class="num">{share(t.sum.quantized.right, t.sum.quantized.n)}</td></tr>
    }
}
