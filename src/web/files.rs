//! Files from pickers, the clipboard and memory.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
pub use web_sys::Blob;
use web_sys::{BlobPropertyBag, ClipboardEvent, File, FileList, HtmlInputElement};

/// A file on its way in.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// File name without folders.
    pub name: String,
    /// The folder it was in, by itself, if any.
    pub folder: Option<String>,
    pub blob: Blob,
}

impl Incoming {
    pub fn is_zip(&self) -> bool {
        self.ends_with(".zip")
            || ["application/zip", "application/x-zip-compressed"].contains(&self.blob.type_().as_str())
    }

    /// A project saved by this page.
    pub fn is_project(&self) -> bool {
        self.ends_with(".fieldtest")
    }

    fn ends_with(&self, ending: &str) -> bool {
        let end = self.name.len().checked_sub(ending.len()).and_then(|at| self.name.get(at..));
        end.is_some_and(|e| e.eq_ignore_ascii_case(ending))
    }

    /// Something an operating system left behind, which nobody meant to bring.
    pub fn is_left_behind(&self) -> bool {
        self.name.starts_with("._") || [".DS_Store", "Thumbs.db", "desktop.ini"].contains(&self.name.as_str())
    }
}

impl From<File> for Incoming {
    fn from(file: File) -> Self {
        // A folder picker gives "folder/sub/name"; a file picker gives nothing.
        let path = js_sys::Reflect::get(&file, &"webkitRelativePath".into()).ok().and_then(|p| p.as_string());
        let path = path.unwrap_or_default();
        let folder = path.rsplit('/').nth(1).filter(|f| !f.is_empty()).map(ToOwned::to_owned);
        Self { name: file.name(), folder, blob: file.into() }
    }
}

/// Takes what a file input holds, and empties it so that the same choice works again.
pub fn take(input: &HtmlInputElement) -> Vec<Incoming> {
    let files = input.files().map(|list| all(&list)).unwrap_or_default();
    input.set_value("");
    files
}

pub fn all(list: &FileList) -> Vec<Incoming> {
    (0..list.length()).filter_map(|i| list.get(i)).map(Incoming::from).collect()
}

/// Files on the clipboard; a screenshot is one, too.
pub fn pasted(event: &ClipboardEvent) -> Vec<Incoming> {
    event.clipboard_data().and_then(|data| data.files()).map(|list| all(&list)).unwrap_or_default()
}

/// A blob of bytes.
pub fn blob(bytes: &[u8], mime: &str) -> Blob {
    let options = BlobPropertyBag::new();
    options.set_type(mime);
    let parts = Array::of1(&Uint8Array::from(bytes));
    Blob::new_with_u8_array_sequence_and_options(&parts, &options)
        .unwrap_or_else(|_| Blob::new().unwrap_or_else(|_| parts.unchecked_into()))
}

/// One blob of several, one after the other.
pub fn joined(parts: &[Blob], mime: &str) -> Blob {
    let options = BlobPropertyBag::new();
    options.set_type(mime);
    let parts: Array = parts.iter().collect();
    Blob::new_with_blob_sequence_and_options(&parts, &options)
        .unwrap_or_else(|_| Blob::new().unwrap_or_else(|_| parts.unchecked_into()))
}

/// What a file holds; `None` if it was moved or changed since it was picked.
pub async fn bytes(blob: &Blob) -> Option<Vec<u8>> {
    let buffer = JsFuture::from(blob.array_buffer()).await.ok()?;
    Some(Uint8Array::new(&buffer).to_vec())
}
