//! Listeners on the window and document, and observers of elements.

use wasm_bindgen::prelude::*;
use web_sys::{ClipboardEvent, DragEvent, Element, Event, EventTarget, KeyboardEvent, ResizeObserver};

/// A listener that is taken off when dropped.
pub struct Listener {
    target: EventTarget,
    event: &'static str,
    closure: Closure<dyn FnMut(Event)>,
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.target.remove_event_listener_with_callback(self.event, self.closure.as_ref().unchecked_ref());
    }
}

/// Listens on any target.
pub fn on(target: &EventTarget, event: &'static str, then: impl FnMut(Event) + 'static) -> Listener {
    let closure = Closure::<dyn FnMut(Event)>::new(then);
    let _ = target.add_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
    Listener { target: target.clone(), event, closure }
}

fn window() -> EventTarget {
    web_sys::window().expect("a page has a window").unchecked_into()
}

pub fn on_key(mut then: impl FnMut(&KeyboardEvent) + 'static) -> Listener {
    on(&window(), "keydown", move |event| then(event.unchecked_ref()))
}

pub fn on_paste(mut then: impl FnMut(&ClipboardEvent) + 'static) -> Listener {
    on(&window(), "paste", move |event| then(event.unchecked_ref()))
}

/// One of `dragenter`, `dragover`, `dragleave`, `drop` anywhere on the page.
pub fn on_drag(event: &'static str, mut then: impl FnMut(&DragEvent) + 'static) -> Listener {
    on(&window(), event, move |event| then(event.unchecked_ref()))
}

/// The tab is shown (`true`) or hidden.
pub fn on_visibility(mut then: impl FnMut(bool) + 'static) -> Option<Listener> {
    let document = web_sys::window()?.document()?;
    let target: EventTarget = document.clone().unchecked_into();
    Some(on(&target, "visibilitychange", move |_| then(!document.hidden())))
}

/// Asks before the page is left, for as long as `unsaved` says so.
pub fn before_leaving(unsaved: impl Fn() -> bool + 'static) -> Listener {
    on(&window(), "beforeunload", move |event| {
        if unsaved() {
            event.prevent_default();
        }
    })
}

/// Watches an element's size until dropped.
pub struct SizeWatch {
    observer: ResizeObserver,
    _closure: Closure<dyn FnMut()>,
}

impl Drop for SizeWatch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

pub fn on_resize(element: &Element, then: impl FnMut() + 'static) -> Option<SizeWatch> {
    let closure = Closure::<dyn FnMut()>::new(then);
    let observer = ResizeObserver::new(closure.as_ref().unchecked_ref()).ok()?;
    observer.observe(element);
    Some(SizeWatch { observer, _closure: closure })
}

/// The person is writing: keys belong to the field.
pub fn in_text_field(event: &Event) -> bool {
    let Some(element) = event.target().and_then(|t| t.dyn_into::<Element>().ok()) else { return false };
    let kind = element.get_attribute("type").unwrap_or_default();
    match element.tag_name().as_str() {
        "TEXTAREA" => true,
        "INPUT" => !["range", "color", "file", "checkbox", "radio", "button"].contains(&kind.as_str()),
        _ => false,
    }
}
