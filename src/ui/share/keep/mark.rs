//! In the strip: whether the work is saved.

use super::{Keep, Role, Saving};
use crate::ui::strip::Item;
use leptos::prelude::*;

#[component]
pub fn Kept() -> impl IntoView {
    let keep = expect_context::<Keep>();
    let value = Signal::derive(move || {
        let said = match (keep.role.get(), keep.saving.get()) {
            _ if !keep.restored.get() => "Opening",
            (Role::Reader | Role::Ousted, _) => "Read only",
            (_, Saving::Nothing) => "\u{2013}",
            (_, Saving::Saved) => "Saved",
            (_, Saving::Busy) => "Saving",
            (_, Saving::Full | Saving::Failed(_) | Saving::Off(_)) => "Not saved",
        };
        said.to_owned()
    });
    let detail = Signal::derive(move || match (keep.role.get(), keep.saving.get()) {
        (Role::Reader | Role::Ousted, _) => "another tab has it".to_owned(),
        (_, Saving::Full) => "no room left".into(),
        (_, Saving::Failed(_)) => "see above".into(),
        (_, Saving::Off(_)) => "not possible here".into(),
        _ => keep.name.get().chars().take(24).collect(),
    });
    view! { <Item name="Project" testid="strip-saved" value=value detail=detail /> }
}
