//! Precision and recall of each class.

use super::outputs;
use crate::ui::charts::bars::Bar;
use crate::ui::learn::Learn;
use crate::ui::learn::training::Trained;
use crate::ui::pure::format::{hex, percent};
use leptos::prelude::*;
use std::sync::Arc;

#[component]
pub fn PerClass(trained: Arc<Trained>) -> impl IntoView {
    let learn = expect_context::<Learn>();
    let scores = trained.report.per_class.clone();
    let names = move || outputs(learn, &trained.classes);
    let names = Memo::new(move |_| names());
    let rows = scores
        .into_iter()
        .enumerate()
        .map(|(i, score)| {
            let color = move || names.with(|n| n.get(i).map(|(_, color)| hex(*color)).unwrap_or_default());
            let share = move |value: Option<f32>| {
                let shown = value.map_or_else(|| "\u{2013}".to_owned(), percent);
                let bar = value.map(|v| view! { <Bar share=Signal::stored(v) color=Signal::derive(color) /> });
                view! { <td><span class="share">{bar}<span class="num">{shown}</span></span></td> }
            };
            view! {
                <tr>
                    <th scope="row">
                        <span class="dot" style:background=color></span>
                        <bdi>{move || names.with(|n| n.get(i).map(|(name, _)| name.clone()))}</bdi>
                        <span class="muted num">{format!(" {}", score.pictures)}</span>
                    </th>
                    {share(score.precision)}
                    {share(score.recall)}
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="part">
            <h3>"Class by class"</h3>
            <table class="per-class" data-testid="per-class">
                <thead>
                    <tr>
                        <th scope="col">"Class"</th>
                        <th scope="col" title="Of the pictures taken for this class, the share that are">"Precision"</th>
                        <th scope="col" title="Of the pictures of this class, the share that were recognised">"Recall"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            <p class="fine">"Precision: how often it is right when it says this class. Recall: how much of the class it finds."</p>
        </div>
    }
}
