//! A button that opens the browser's file picker.

use crate::web::files::{self, Incoming};
use leptos::attr::custom::custom_attribute;
use leptos::html;
use leptos::prelude::*;

/// What may be picked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    Pictures,
    Picture,
    Folder,
    Zip,
    Project,
    Model,
}

const PICTURES: &str = "image/png,image/jpeg,image/webp,image/gif,.png,.jpg,.jpeg,.webp,.gif";

/// The field gets `testid`, its button `testid-button`.
#[component]
pub fn PickButton(
    what: What,
    testid: String,
    #[prop(default = "button")] class: &'static str,
    #[prop(optional, into)] label: Option<Signal<String>>,
    on_files: impl Fn(Vec<Incoming>) + 'static,
    children: Children,
) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let accept = match what {
        What::Pictures | What::Picture => PICTURES,
        What::Zip => ".zip,application/zip",
        What::Project => ".fieldtest",
        What::Model => ".onnx",
        What::Folder => "",
    };
    view! {
        <button class=class data-testid=format!("{testid}-button") aria-label=move || label.map(|l| l.get()) title=move || label.map(|l| l.get())
            on:click=move |_| if let Some(input) = input.get_untracked() { input.click() }
        >{children()}</button>
        <input node_ref=input type="file" class="hidden" hidden=true tabindex="-1" aria-hidden="true" data-testid=testid
            accept=accept
            multiple=matches!(what, What::Pictures | What::Zip)
            {..custom_attribute("webkitdirectory", what == What::Folder)}
            on:change=move |_| if let Some(input) = input.get_untracked() {
                let files = files::take(&input);
                if !files.is_empty() {
                    on_files(files);
                }
            }
        />
    }
}
