//! Small settings that outlive the page. A browser may forbid storage: then they do not.

/// The value kept under `key`.
pub fn get(key: &str) -> Option<String> {
    web_sys::window()?.local_storage().ok()??.get_item(key).ok()?
}

/// Keeps a value; `None` forgets it.
pub fn set(key: &str, value: Option<&str>) {
    let Some(storage) = web_sys::window().and_then(|w| w.local_storage().ok().flatten()) else { return };
    let _ = match value {
        Some(value) => storage.set_item(key, value),
        None => storage.remove_item(key),
    };
}

/// The value kept under `key` for this tab alone.
pub fn get_of_tab(key: &str) -> Option<String> {
    web_sys::window()?.session_storage().ok()??.get_item(key).ok()?
}

/// Keeps a value for as long as this tab lives.
pub fn set_of_tab(key: &str, value: &str) {
    if let Some(storage) = web_sys::window().and_then(|w| w.session_storage().ok().flatten()) {
        let _ = storage.set_item(key, value);
    }
}

/// Languages that the browser asks for, the dearest first.
pub fn languages() -> Vec<String> {
    web_sys::window().map_or(Vec::new(), |w| w.navigator().languages().iter().filter_map(|l| l.as_string()).collect())
}

/// Sets an attribute of the document's root element; `None` removes it.
pub fn root_attribute(name: &str, value: Option<&str>) {
    let Some(root) = web_sys::window().and_then(|w| w.document()).and_then(|d| d.document_element()) else { return };
    let _ = match value {
        Some(value) => root.set_attribute(name, value),
        None => root.remove_attribute(name),
    };
}
