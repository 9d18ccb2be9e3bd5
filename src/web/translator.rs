//! Texts of the page in other words, from when they appear until the translator is dropped.
//!
//! What is inside `bdi` or `translate="no"` is left as it is: names that people gave. Whoever wrote a text keeps
//! writing it in English; the element remembers both, so that its own words are not taken for new ones.

use js_sys::{Array, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::{Document, Element, MutationObserver, MutationObserverInit, MutationRecord, Node};

/// Attributes that people read or hear.
const ATTRIBUTES: [&str; 5] = ["alt", "aria-label", "aria-valuetext", "placeholder", "title"];
/// What is nobody's language.
const LEFT: &str = "[translate=no], bdi, script, style, code, pre";

pub struct Translator {
    observer: MutationObserver,
    _hear: Closure<dyn FnMut(Array, MutationObserver)>,
}

impl Translator {
    /// `say` gives a text in other words, `None` where it knows none. `None` where there is no page.
    pub fn start(say: impl Fn(&str) -> Option<String> + 'static) -> Option<Self> {
        let root = document()?.document_element()?;
        let translate = move |node: &Node, attribute: Option<&str>| translate(node, attribute, &say);
        each(&root, &translate);
        let hear =
            Closure::<dyn FnMut(Array, MutationObserver)>::new(move |records: Array, observer: MutationObserver| {
                for record in records.iter().filter_map(|record| record.dyn_into::<MutationRecord>().ok()) {
                    changed(&record, &translate);
                }
                // Those are of what was just written.
                observer.take_records();
            });
        let observer = MutationObserver::new(hear.as_ref().unchecked_ref()).ok()?;
        let what = MutationObserverInit::new();
        what.set_subtree(true);
        what.set_child_list(true);
        what.set_character_data(true);
        what.set_attribute_filter(&ATTRIBUTES.map(JsValue::from).iter().collect::<Array>());
        observer.observe_with_options(&root, &what).ok()?;
        Some(Self { observer, _hear: hear })
    }
}

impl Drop for Translator {
    /// Everything is as it was written.
    fn drop(&mut self) {
        self.observer.disconnect();
        document().and_then(|d| d.document_element()).into_iter().for_each(|root| each(&root, &restore));
    }
}

fn document() -> Option<Document> {
    web_sys::window()?.document()
}

fn changed(record: &MutationRecord, translate: &dyn Fn(&Node, Option<&str>)) {
    let Some(target) = record.target() else { return };
    let element = target.dyn_ref::<Element>().cloned().or_else(|| target.parent_element());
    if element.is_none_or(|element| element.closest(LEFT).is_ok_and(|found| found.is_some())) {
        return;
    }
    match record.type_().as_str() {
        "childList" => {
            let added = record.added_nodes();
            (0..added.length()).filter_map(|at| added.get(at)).for_each(|node| each(&node, translate));
        }
        "attributes" => translate(&target, record.attribute_name().as_deref()),
        _ => translate(&target, None),
    }
}

/// Visits each text under a node, and each attribute that is text.
fn each(node: &Node, visit: &dyn Fn(&Node, Option<&str>)) {
    if node.node_type() == Node::TEXT_NODE {
        return visit(node, None);
    }
    if let Some(element) = node.dyn_ref::<Element>() {
        if element.matches(LEFT).unwrap_or(false) {
            return;
        }
        ATTRIBUTES.iter().filter(|name| element.has_attribute(name)).for_each(|name| visit(node, Some(name)));
    }
    let mut child = node.first_child();
    while let Some(node) = child {
        each(&node, visit);
        child = node.next_sibling();
    }
}

fn translate(node: &Node, attribute: Option<&str>, say: &dyn Fn(&str) -> Option<String>) {
    let Some(now) = read(node, attribute) else { return };
    if remembered(node, attribute).is_some_and(|(shown, _)| shown == now) {
        return;
    }
    if let Some(said) = say(&now).filter(|said| *said != now) {
        let both = Array::of2(&JsValue::from(&said), &JsValue::from(&now));
        let _ = Reflect::set(node, &memory(attribute), &both);
        write(node, attribute, &said);
    }
}

fn restore(node: &Node, attribute: Option<&str>) {
    match (read(node, attribute), remembered(node, attribute)) {
        (Some(now), Some((shown, english))) if now == shown => write(node, attribute, &english),
        _ => {}
    }
}

fn read(node: &Node, attribute: Option<&str>) -> Option<String> {
    match attribute {
        Some(name) => node.dyn_ref::<Element>()?.get_attribute(name),
        None => node.node_value(),
    }
}

fn write(node: &Node, attribute: Option<&str>, text: &str) {
    match (attribute, node.dyn_ref::<Element>()) {
        (Some(name), Some(element)) => drop(element.set_attribute(name, text)),
        _ => node.set_node_value(Some(text)),
    }
}

/// Where a node keeps what it shows and what was written.
fn memory(attribute: Option<&str>) -> JsValue {
    format!("fieldtest {}", attribute.unwrap_or_default()).into()
}

fn remembered(node: &Node, attribute: Option<&str>) -> Option<(String, String)> {
    let both: Array = Reflect::get(node, &memory(attribute)).ok()?.dyn_into().ok()?;
    Some((both.get(0).as_string()?, both.get(1).as_string()?))
}
