//! Which model: the classifier, or an ONNX file with what it takes and gives.

use super::opened::Subject;
use super::store::Shrink;
use crate::foreign::fit::{Inspected, MAX_SIDE, Pixels};
use crate::ui::pure::format::{bytes, count, list};
use crate::ui::widgets::icon::{Icon, icon};
use crate::ui::widgets::pick::{PickButton, What};
use crate::ui::widgets::select::select;
use leptos::prelude::*;
use std::sync::Arc;

#[component]
pub fn Which() -> impl IntoView {
    let opened = expect_context::<Shrink>().opened;
    let option = move |which: Subject, name: &'static str, testid: &'static str, there: Signal<bool>| {
        view! {
            <button data-testid=testid disabled=move || !there.get() aria-pressed=move || (opened.subject.get() == which).to_string()
                on:click=move |_| opened.subject.set(which)>{name}</button>
        }
    };
    let pictures = move || opened.brought.with(Vec::len);
    view! {
        <div class="knob-row">
            <div class="segmented" role="group" aria-label="Which model">
                {option(Subject::Classifier, "Your classifier", "subject-classifier", Signal::stored(true))}
                {option(Subject::File, "An ONNX file", "subject-file", Signal::derive(move || opened.found.with(Option::is_some)))}
                {option(Subject::Words, "The masked word", "subject-words", Signal::stored(true))}
            </div>
            <PickButton what=What::Model testid="shrink-open".into() on_files=move |files| opened.take(files)>
                {icon(Icon::Archive)}<span>"Open an ONNX file"</span></PickButton>
            <PickButton what=What::Pictures testid="shrink-pictures".into() on_files=move |files| opened.take(files)>
                {icon(Icon::Picture)}<span>"Open pictures for it"</span></PickButton>
            <Show when=move || { pictures() > 0 }>
                <span class="inline"><span data-testid="shrink-brought">{move || count(pictures(), "picture", "pictures")}</span>
                    <button class="button quiet small" data-testid="shrink-forget" on:click=move |_| opened.forget_pictures()>"Forget them"</button></span>
            </Show>
        </div>
        <Show when=move || opened.reading.get()><p class="muted" role="status">"Reading the model \u{2026}"</p></Show>
        {move || opened.trouble.get().map(|reason| view! { <p class="notice bad" role="alert" data-testid="open-trouble">{reason}</p> })}
        {move || opened.is_file().then(|| opened.found.get()).flatten().map(|(name, found)| view! { <File name=name found=found /> })}
    }
    .into_any()
}

#[component]
fn File(name: String, found: Arc<Inspected>) -> impl IntoView {
    let shrink = expect_context::<Shrink>();
    let fit = shrink.opened.fit;
    let shape = found.shape.iter().map(|d| d.map_or_else(|| "?".to_owned(), |d| d.to_string()));
    let shape = shape.collect::<Vec<_>>().join(" \u{d7} ");
    let operators: Vec<String> = found.operators.iter().take(5).map(|(op, n)| format!("{n} {op}")).collect();
    let gives = found.outputs.iter().map(|(name, width)| match width {
        Some(width) => format!("{name} ({width} numbers)"),
        None => name.clone(),
    });
    let facts = format!(
        "{}, operator set {}, {} with {}. Takes {} ({shape}); gives {}.",
        bytes(found.bytes as u64),
        found.opset,
        count(found.nodes, "node", "nodes"),
        count(found.parameters, "weight", "weights"),
        found.input,
        gives.collect::<Vec<_>>().join(", ")
    );
    let axis = if found.fit.channels_last { [1, 2] } else { [2, 3] };
    let open = axis.map(|at| found.shape.get(at).copied().flatten().is_none());
    let side = move |id: &'static str, name: &'static str, which: usize| {
        view! {
            <label class="knob" for=id><span>{name}</span>
                <input id=id data-testid=id type="number" min="1" max=MAX_SIDE disabled=!open[which]
                    prop:value=move || fit.with(|f| [f.height, f.width][which].to_string())
                    on:change=move |event| if let Some(side) = event_target_value(&event).parse().ok().filter(|s| (1..=MAX_SIDE).contains(s)) {
                        fit.update(|f| if which == 0 { f.height = side } else { f.width = side });
                    } /></label>
        }
    };
    let outputs: Vec<String> = found.outputs.iter().map(|(name, _)| name.clone()).collect();
    let options = outputs.into_iter().map(|name| {
        let own = name.clone();
        view! { <option value=name.clone() selected=move || fit.with(|f| f.output == own)>{name.clone()}</option> }
    });
    let many = options.len() > 1;
    let output = many.then(|| {
        view! {
            <label class="knob" for="fit-output"><span>"Output"</span>
                <select id="fit-output" data-testid="fit-output" on:change=move |event| fit.update(|f| f.output = event_target_value(&event))>{options.collect_view()}</select></label>
        }
    });
    view! {
        <div class="opened" data-testid="opened">
            <h3><bdi>{name}</bdi></h3>
            <p class="fine" data-testid="opened-facts">{facts}</p>
            <p class="fine">{format!("Mostly {}.", list(&operators))}</p>
            <div class="world">
                {side("fit-height", "Height in pixels", 0)}
                {side("fit-width", "Width in pixels", 1)}
                {select("fit-pixels", "Pixels become", Pixels::ALL.map(|p| (p, p.name())).to_vec(), Signal::derive(move || fit.with(|f| f.pixels)), move |p| fit.update(|f| f.pixels = p))}
                {select("fit-order", "Colours", vec![(false, "red, green, blue"), (true, "blue, green, red")], Signal::derive(move || fit.with(|f| f.bgr)), move |bgr| fit.update(|f| f.bgr = bgr))}
                {output}
                {select("fit-classes", "Its numbers are", vec![(true, "one for each class"), (false, "features")], Signal::derive(move || fit.with(|f| f.classes)), move |classes| fit.update(|f| f.classes = classes))}
            </div>
            <ul class="fine" data-testid="fit-why">{found.why.iter().map(|why| view! { <li>{why.clone()}</li> }).collect_view()}</ul>
            <Show when=move || fit.with(|f| f.classes)>
                <details class="more"><summary>{move || fit.with(|f| if f.labels.is_empty() { "Names of the classes (none yet)".to_owned() } else { format!("Names of the classes ({})", f.labels.len()) })}</summary>
                    <label class="knob" for="fit-labels"><span>"One a line, in the order of the output"</span>
                        <textarea id="fit-labels" data-testid="fit-labels" rows="5" prop:value=move || fit.with(|f| f.labels.join("\n"))
                            on:change=move |event| fit.update(|f| f.labels = names(&event_target_value(&event)))></textarea></label>
                    <p class="fine">"Pictures whose class in Learn, or whose folder, has one of these names count for accuracy. The names go into the download."</p>
                </details>
            </Show>
        </div>
    }
    .into_any()
}

fn names(text: &str) -> Vec<String> {
    text.lines().map(|l| l.trim().to_owned()).filter(|l| !l.is_empty()).take(100_000).collect()
}
