//! The first thing a visitor sees: what this is, and four ways in.

use super::Learn;
use super::add::Ways;
use crate::shift::scene::world::Order;
use crate::ui::widgets::icon::{Icon, icon};
use leptos::prelude::*;

/// Sizes of the sample set.
const SIZES: [usize; 6] = [Order::LEAST, 64, 120, 320, 800, Order::MOST];

#[component]
pub fn Welcome() -> impl IntoView {
    let learn = expect_context::<Learn>();
    let count = RwSignal::new(Order::first_visit().count);
    view! {
        <section class="welcome" aria-labelledby="welcome-title" data-testid="welcome">
            <div class="dropzone">
                <span class="dropzone-mark">{icon(Icon::Picture)}</span>
                <h2 id="welcome-title">"Teach a classifier with your own pictures"</h2>
                <p class="lead">
                    "Drop pictures, a folder or a zip anywhere on this page: a small network in your browser learns to tell them apart in seconds, and nothing leaves this device."
                </p>
                <div class="ways first">
                    <button class="button primary" data-testid="use-sample" on:click=move |_| {
                        learn.importer.add_rendered(Order { count: count.get_untracked(), ..Order::first_visit() });
                    }>{icon(Icon::Sample)}<span>"Try it with road signs"</span></button>
                </div>
                <p class="fine">"Eight German road signs, "
                    <label><span class="visually-hidden">"Pictures of the sample set"</span>
                        <select class="inline-select" data-testid="sample-count" on:change=move |event| if let Ok(n) = event_target_value(&event).parse() { count.set(n) }>
                            {SIZES.map(|n| view! { <option value=n.to_string() selected=move || count.get() == n>{format!("{n} pictures")}</option> }).collect_view()}
                        </select></label>
                    " drawn here in your browser. Or bring your own:"</p>
                <div class="ways"><Ways /></div>
                <p class="fine">
                    "A folder for each class works best: cats/, dogs/. You can also "
                    <button class="link" data-testid="start-class" on:click=move |_| {
                        learn.data.edit("add a class", |d| {
                            let first = d.add_numbered_class();
                            let _ = d.add_numbered_class();
                            first
                        }).ok();
                    }>"start with empty classes"</button>
                    " and paste or record pictures into them."
                </p>
                // Whoever emptied the page by mistake must find the way back.
                {move || learn.data.undo_label.get().map(|label| view! {
                    <button class="button small quiet" data-testid="undo" on:click=move |_| learn.undo()>
                        {icon(Icon::Undo)}<span>{format!("Undo: {label}")}</span></button>
                })}
            </div>
            <ol class="steps">
                <li><b>"Collect"</b><span>"A few dozen pictures of each class are enough."</span></li>
                <li><b>"Measure"</b><span>"The accuracy is measured on pictures the classifier has not seen, with its uncertainty."</span></li>
                <li><b>"Try and take home"</b><span>"Try it live with your camera, see where it looks, and download it as ONNX."</span></li>
            </ol>
        </section>
    }
}
