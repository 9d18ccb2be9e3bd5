//! The confusion matrix. Every cell with pictures is a button that opens them.

use super::{Cell, outputs};
use crate::ui::learn::Learn;
use crate::ui::learn::training::Trained;
use crate::ui::pure::format::{count, hex};
use leptos::prelude::*;
use std::sync::Arc;

#[component]
pub fn Confusion(trained: Arc<Trained>, show: impl Fn(Cell) + Copy + Send + Sync + 'static) -> impl IntoView {
    let learn = expect_context::<Learn>();
    let table = trained.report.confusion.clone();
    let classes = trained.classes.clone();
    let names = Memo::new(move |_| outputs(learn, &classes));
    let name = move |i: usize| names.with(|n| n.get(i).map(|(name, _)| name.clone()).unwrap_or_default());
    let color = move |i: usize| names.with(|n| n.get(i).map(|(_, color)| hex(*color)).unwrap_or_default());
    let size = table.len();
    let rows = table
        .into_iter()
        .enumerate()
        .map(|(truth, row)| {
            let total: u32 = row.iter().sum();
            let cells = row
                .into_iter()
                .enumerate()
                .map(|(predicted, n)| {
                    if n == 0 {
                        return view! { <td class="cell-none" class:diagonal=truth == predicted>"0"</td> }.into_any();
                    }
                    let share = n as f32 / total.max(1) as f32;
                    let what = move || {
                        let pictures = count(n as usize, "picture", "pictures");
                        if truth == predicted {
                            format!("{pictures} of {} recognised", name(truth))
                        } else {
                            format!("{pictures} of {} taken for {}", name(truth), name(predicted))
                        }
                    };
                    view! {
                        <td>
                            <button class="cell num" class:right=truth == predicted class:wrong=truth != predicted
                                style:--share=format!("{:.0}%", 8.0 + 42.0 * share)
                                data-testid=format!("cell-{truth}-{predicted}") aria-label=what title=what
                                on:click=move |_| show(Cell { truth, predicted })
                            >{n}</button>
                        </td>
                    }
                    .into_any()
                })
                .collect_view();
            view! {
                <tr>
                    <th scope="row"><span class="dot" style:background=move || color(truth)></span><bdi title=move || name(truth)>{move || name(truth)}</bdi></th>
                    {cells}
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="part">
            <h3>"Which are confused"</h3>
            <p class="fine">"Rows: what a picture is. Columns: what it was taken for. Choose a cell to see its pictures."</p>
            <div class="table-scroll" tabindex="0" role="region" aria-label="Confusion matrix">
                <table class="confusion" data-testid="confusion" style:--classes=size.to_string()>
                    <caption class="visually-hidden">"Held-out pictures by class and by prediction"</caption>
                    <thead>
                        <tr>
                            <td></td>
                            {(0..size).map(|i| view! {
                                <th scope="col"><span class="dot" style:background=move || color(i)></span><bdi title=move || name(i)>{move || name(i)}</bdi></th>
                            }).collect_view()}
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </div>
    }
}
