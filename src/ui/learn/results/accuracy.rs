//! Held-out accuracy: a number, its interval, and how it was measured.

use crate::ui::charts::interval::IntervalBar;
use crate::ui::learn::training::Trained;
use crate::ui::pure::format::percent;
use crate::ui::pure::words;
use leptos::prelude::*;
use std::sync::Arc;

#[component]
pub fn Accuracy(trained: Arc<Trained>) -> impl IntoView {
    let report = &trained.report;
    let chance = 1.0 / trained.classes.len().max(1) as f32;
    let how = words::measured(report);
    let near = report.near_duplicates;
    view! {
        <div class="accuracy">
            {match report.accuracy {
                Some(a) => view! {
                    <p class="accuracy-line">
                        <span class="accuracy-number num" data-testid="accuracy">{percent(a.value)}</span>
                        <span class="accuracy-label">"held-out accuracy"
                            <span class="muted" data-testid="accuracy-interval">
                                {format!("{} (95\u{a0}% interval, {})", words::interval(&a), words::sample(&a, near))}
                            </span>
                        </span>
                    </p>
                    <IntervalBar accuracy=a chance=chance />
                    <p class="fine">{format!("The mark at {} is what guessing would reach.", percent(chance))}</p>
                }.into_any(),
                None => view! { <p class="accuracy-line"><span class="accuracy-number" data-testid="accuracy">"Not measured"</span></p> }.into_any(),
            }}
            <p class="muted" data-testid="accuracy-how">{how}</p>
        </div>
    }
}
