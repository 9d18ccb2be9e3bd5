//! Fetches one file of the site, for a feature that is not needed from the start.

use super::load;

/// How fetching a file goes on.
#[derive(Debug, Clone, PartialEq)]
pub enum News {
    /// Bytes received and, where known, expected.
    Loading(u64, Option<u64>),
    Here(Vec<u8>),
    /// The sentence says why not.
    Failed(String),
}

/// Downloads `url`, which is relative to the page.
pub fn fetch(url: &'static str, listener: impl Fn(News) + 'static) {
    let listener = std::rc::Rc::new(listener);
    let progress = {
        let listener = listener.clone();
        move |received, total| listener(News::Loading(received, total))
    };
    wasm_bindgen_futures::spawn_local(async move {
        listener(match load::file(url, progress).await {
            Ok(bytes) => News::Here(bytes),
            Err(reason) => News::Failed(reason),
        });
    });
}
