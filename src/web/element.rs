//! What the page does to elements beyond describing them.

use wasm_bindgen::JsCast;
use web_sys::{DragEvent, Element, Event, HtmlDialogElement, HtmlElement, HtmlInputElement, PointerEvent};

pub fn show_modal(dialog: &HtmlDialogElement) {
    if !dialog.open() {
        let _ = dialog.show_modal();
    }
}

/// The click was on the dialog itself: on its backdrop, since its content fills it.
pub fn on_backdrop(event: &Event) -> bool {
    match (event.target(), event.current_target()) {
        (Some(target), Some(current)) => target == current && target.dyn_ref::<HtmlDialogElement>().is_some(),
        _ => false,
    }
}

/// Opens a popover under (or above) the element that asked for it, inside the window.
pub fn open_popover(popover: &HtmlElement, anchor: &Element) {
    if popover.show_popover().is_err() {
        return;
    }
    let Some(window) = web_sys::window() else { return };
    let size = |value: Result<wasm_bindgen::JsValue, _>| value.ok().and_then(|v| v.as_f64()).unwrap_or(0.0);
    let (width, height) = (size(window.inner_width()), size(window.inner_height()));
    let (at, own) = (anchor.get_bounding_client_rect(), popover.get_bounding_client_rect());
    const GAP: f64 = 6.0;
    let below = at.bottom() + GAP;
    let top = if below + own.height() + GAP <= height { below } else { (at.top() - own.height() - GAP).max(GAP) };
    let left = (at.right() - own.width()).clamp(GAP, (width - own.width() - GAP).max(GAP));
    let style = popover.style();
    let _ = style.set_property("top", &format!("{top}px"));
    let _ = style.set_property("left", &format!("{left}px"));
}

pub fn close_popover(popover: &HtmlElement) {
    let _ = popover.hide_popover();
}

/// Moves the focus by `step` among the elements inside `container` that match; wraps around.
pub fn move_focus(container: &Element, selector: &str, step: i32) {
    let Ok(found) = container.query_selector_all(selector) else { return };
    let items: Vec<HtmlElement> = (0..found.length()).filter_map(|i| found.get(i)?.dyn_into().ok()).collect();
    if items.is_empty() {
        return;
    }
    let active = web_sys::window().and_then(|w| w.document()).and_then(|d| d.active_element());
    let at = items.iter().position(|item| active.as_ref().is_some_and(|a| a.is_same_node(Some(item))));
    let count = items.len() as i32;
    let next = at.map_or(if step < 0 { count - 1 } else { 0 }, |at| (at as i32 + step).rem_euclid(count));
    let _ = items[next as usize].focus();
}

/// Puts the focus on the element with this `data-testid`, if it is on the page.
pub fn focus_test_id(id: &str) {
    let document = web_sys::window().and_then(|w| w.document());
    let found = document.and_then(|d| d.query_selector(&format!("[data-testid=\"{id}\"]")).ok().flatten());
    if let Some(element) = found.and_then(|e| e.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

/// Chooses the whole text of a field.
pub fn select_text(input: &HtmlInputElement) {
    input.select();
}

/// Keeps a pointer's events coming to this element until it is let go.
pub fn capture_pointer(event: &PointerEvent) {
    if let Some(element) = event.current_target().and_then(|t| t.dyn_into::<Element>().ok()) {
        let _ = element.set_pointer_capture(event.pointer_id());
    }
}

/// The pointer has really left the element, not just gone to a child of it.
pub fn left_for_good(event: &DragEvent) -> bool {
    let current = event.current_target().and_then(|t| t.dyn_into::<web_sys::Node>().ok());
    let to = event.related_target().and_then(|t| t.dyn_into::<web_sys::Node>().ok());
    !current.is_some_and(|c| c.contains(to.as_ref()))
}

/// Takes what was painted before the page was ready off the document.
pub fn remove_shell() {
    if let Some(shell) = web_sys::window().and_then(|w| w.document()).and_then(|d| d.get_element_by_id("shell")) {
        shell.remove();
    }
}

/// Where in its element a pointer is: 0..=1 from the left and from the top.
pub fn share_of(event: &PointerEvent) -> Option<(f32, f32)> {
    let element = event.current_target()?.dyn_into::<Element>().ok()?;
    let frame = element.get_bounding_client_rect();
    let (x, y) = (f64::from(event.client_x()) - frame.left(), f64::from(event.client_y()) - frame.top());
    (frame.width() > 0.0 && frame.height() > 0.0).then(|| ((x / frame.width()) as f32, (y / frame.height()) as f32))
}
