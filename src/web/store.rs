//! The browser's database, as records under keys of numbers: a header anyone can read beside
//! bulk that is never serialised. What is put in one [`Write`] is there entirely or not at all.

use super::files::Blob;
use js_sys::{Array, Float32Array, Object, Promise, Reflect};
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DomException, IdbDatabase, IdbFactory, IdbKeyRange, IdbOpenDbRequest, IdbRequest, IdbTransaction,
    IdbTransactionMode,
};

/// Why something could not be kept or read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// There is no database, or the browser forbids it: some private windows do.
    Forbidden,
    /// There is no room left.
    Full,
    /// A newer version of the page made it.
    Newer,
    /// Anything else, in the browser's words.
    Broken(String),
}

impl Trouble {
    fn of(error: &JsValue) -> Self {
        let (name, message) = match error.dyn_ref::<DomException>() {
            Some(e) => (e.name(), e.message()),
            None => {
                let read = |key: &str| Reflect::get(error, &key.into()).ok().and_then(|v| v.as_string());
                (read("name").unwrap_or_default(), read("message").unwrap_or_default())
            }
        };
        match name.as_str() {
            "QuotaExceededError" => Self::Full,
            "VersionError" => Self::Newer,
            "SecurityError" | "InvalidAccessError" => Self::Forbidden,
            _ if message.is_empty() => Self::Broken(name),
            _ => Self::Broken(message.trim_end_matches('.').to_owned()),
        }
    }
}

/// One record.
#[derive(Debug, Clone, Default)]
pub struct Record {
    header: JsValue,
    pub blobs: Vec<Blob>,
    pub floats: Vec<f32>,
}

impl Record {
    pub fn new<T: Serialize>(header: &T) -> Self {
        let header = serde_wasm_bindgen::to_value(header).unwrap_or(JsValue::NULL);
        Self { header, ..Self::default() }
    }

    pub fn with_blobs(mut self, blobs: Vec<Blob>) -> Self {
        self.blobs = blobs;
        self
    }

    pub fn with_floats(mut self, floats: Vec<f32>) -> Self {
        self.floats = floats;
        self
    }

    /// `None` if the header is not a `T`.
    pub fn header<T: DeserializeOwned>(&self) -> Option<T> {
        serde_wasm_bindgen::from_value(self.header.clone()).ok()
    }

    fn write(&self) -> JsValue {
        let value = Object::new();
        let set = |key: &str, part: &JsValue| {
            // Setting a property of a fresh plain object cannot fail.
            let _ = Reflect::set(&value, &key.into(), part);
        };
        set("header", &self.header);
        set("blobs", &self.blobs.iter().collect::<Array>());
        set("floats", &Float32Array::from(self.floats.as_slice()));
        value.into()
    }

    /// `None` for anything that is not one of ours.
    fn read(value: &JsValue) -> Option<Self> {
        let get = |key: &str| Reflect::get(value, &key.into()).ok();
        let blobs = get("blobs")?.dyn_into::<Array>().ok()?;
        let blobs = blobs.iter().map(|b| b.dyn_into::<Blob>().ok()).collect::<Option<Vec<_>>>()?;
        Some(Self { header: get("header")?, blobs, floats: get("floats")?.dyn_into::<Float32Array>().ok()?.to_vec() })
    }
}

/// An open database.
pub struct Database(IdbDatabase);

impl Database {
    /// Opens or makes a database with these stores. One that lacks a store gets it; the rest of it
    /// stays as it is.
    ///
    /// # Errors
    /// See [`Trouble`].
    pub async fn open(name: &str, version: u32, stores: &'static [&'static str]) -> Result<Self, Trouble> {
        let database = Self::try_open(name, Some(version), stores).await?;
        if stores.iter().all(|store| database.0.object_store_names().contains(store)) {
            return Ok(database);
        }
        let next = database.0.version() as u32 + 1;
        database.0.close();
        Self::try_open(name, Some(next), stores).await
    }

    async fn try_open(name: &str, version: Option<u32>, stores: &'static [&'static str]) -> Result<Self, Trouble> {
        let factory = factory().ok_or(Trouble::Forbidden)?;
        let request = match version {
            Some(version) => factory.open_with_u32(name, version),
            None => factory.open(name),
        };
        let request = request.map_err(|e| Trouble::of(&e))?;
        let upgrade = Closure::once_into_js({
            let request: IdbOpenDbRequest = request.clone();
            move || {
                let Some(database) = request.result().ok().and_then(|r| r.dyn_into::<IdbDatabase>().ok()) else {
                    return;
                };
                for store in stores {
                    if !database.object_store_names().contains(store) {
                        let _ = database.create_object_store(store);
                    }
                }
            }
        });
        request.set_onupgradeneeded(Some(upgrade.unchecked_ref()));
        match answer(&request).await {
            Ok(opened) => {
                let database: IdbDatabase = opened.unchecked_into();
                // A newer page in another tab may change the database: this one must not stand in its way.
                let close = Closure::<dyn Fn(web_sys::Event)>::new(|event: web_sys::Event| {
                    if let Some(database) = event.target().and_then(|t| t.dyn_into::<IdbDatabase>().ok()) {
                        database.close();
                    }
                });
                database.set_onversionchange(Some(close.into_js_value().unchecked_ref()));
                Ok(Self(database))
            }
            // The database had to be raised to mend it: open it as it is.
            Err(Trouble::Newer) if version == Some(1) => {
                let asis = Box::pin(Self::try_open(name, None, stores)).await?;
                if asis.0.version() < NEWER { Ok(asis) } else { Err(Trouble::Newer) }
            }
            Err(trouble) => Err(trouble),
        }
    }

    /// Begins to write to `stores`.
    ///
    /// # Errors
    /// The database was closed or is damaged.
    pub fn write(&self, stores: &[&str]) -> Result<Write, Trouble> {
        let names: Array = stores.iter().map(|s| JsValue::from_str(s)).collect();
        self.0
            .transaction_with_str_sequence_and_mode(&names, IdbTransactionMode::Readwrite)
            .map(Write)
            .map_err(|e| Trouble::of(&e))
    }

    /// # Errors
    /// The database cannot be read. A record that is not one of ours is `None`.
    pub async fn get(&self, store: &str, at: &[u32]) -> Result<Option<Record>, Trouble> {
        let store = self.reading(store)?;
        let value = answer(&store.get(&key(at)).map_err(|e| Trouble::of(&e))?).await?;
        Ok(Record::read(&value))
    }

    /// Keys that begin with `prefix`, in order.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn keys(&self, store: &str, prefix: &[u32]) -> Result<Vec<Vec<u32>>, Trouble> {
        self.keys_in(store, range(prefix)).await
    }

    /// Keys from `from` to `to`, both included, in order: those of [`Database::between`].
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn keys_between(&self, store: &str, from: &[u32], to: &[u32]) -> Result<Vec<Vec<u32>>, Trouble> {
        self.keys_in(store, IdbKeyRange::bound(&key(from), &key(to))).await
    }

    async fn keys_in(&self, store: &str, range: Result<IdbKeyRange, JsValue>) -> Result<Vec<Vec<u32>>, Trouble> {
        let store = self.reading(store)?;
        let request = range.and_then(|range| store.get_all_keys_with_key(&range)).map_err(|e| Trouble::of(&e))?;
        let keys: Array = answer(&request).await?.unchecked_into();
        Ok(keys.iter().map(|k| numbers(&k).unwrap_or_default()).collect())
    }

    /// Records from key `from` to key `to`, both included, in order.
    ///
    /// # Errors
    /// The database cannot be read. A record that is not one of ours is `None`.
    pub async fn between(&self, store: &str, from: &[u32], to: &[u32]) -> Result<Vec<Option<Record>>, Trouble> {
        let store = self.reading(store)?;
        let range = IdbKeyRange::bound(&key(from), &key(to)).map_err(|e| Trouble::of(&e))?;
        let request = store.get_all_with_key(&range).map_err(|e| Trouble::of(&e))?;
        let values: Array = answer(&request).await?.unchecked_into();
        Ok(values.iter().map(|v| Record::read(&v)).collect())
    }

    fn reading(&self, store: &str) -> Result<web_sys::IdbObjectStore, Trouble> {
        let transaction = self.0.transaction_with_str(store).map_err(|e| Trouble::of(&e))?;
        transaction.object_store(store).map_err(|e| Trouble::of(&e))
    }
}

/// Versions from here on are not ours to open: a page that changes the shape of records raises the
/// database to it.
const NEWER: f64 = 1000.0;

/// What is written together. Dropped without [`Write::done`] it is still written.
pub struct Write(IdbTransaction);

impl Write {
    /// # Errors
    /// The record cannot be kept; then nothing of this write is.
    pub fn put(&self, store: &str, at: &[u32], record: &Record) -> Result<(), Trouble> {
        self.in_store(store, |s| s.put_with_key(&record.write(), &key(at)).map(drop))
    }

    /// # Errors
    /// As [`Write::put`].
    pub fn delete(&self, store: &str, at: &[u32]) -> Result<(), Trouble> {
        self.in_store(store, |s| s.delete(&key(at)).map(drop))
    }

    /// Deletes everything whose key begins with `prefix`.
    ///
    /// # Errors
    /// As [`Write::put`].
    pub fn delete_all(&self, store: &str, prefix: &[u32]) -> Result<(), Trouble> {
        self.in_store(store, |s| s.delete(range(prefix)?.as_ref()).map(drop))
    }

    /// Waits until it is kept.
    ///
    /// # Errors
    /// Nothing of it is kept.
    pub async fn done(self) -> Result<(), Trouble> {
        let transaction = self.0;
        let finished = Promise::new(&mut |resolve, reject| {
            transaction.set_oncomplete(Some(&resolve));
            let abort = Closure::once_into_js({
                let transaction = transaction.clone();
                move || {
                    let error = transaction.error().map_or(JsValue::UNDEFINED, Into::into);
                    let _ = reject.call1(&JsValue::UNDEFINED, &error);
                }
            });
            transaction.set_onabort(Some(abort.unchecked_ref()));
        });
        JsFuture::from(finished).await.map(drop).map_err(|e| Trouble::of(&e))
    }

    fn in_store(
        &self,
        store: &str,
        change: impl FnOnce(&web_sys::IdbObjectStore) -> Result<(), JsValue>,
    ) -> Result<(), Trouble> {
        let result = self.0.object_store(store).and_then(|s| change(&s));
        result.map_err(|e| {
            let _ = self.0.abort();
            Trouble::of(&e)
        })
    }
}

/// Asks the browser not to clear what is kept when room is short. `None` where it cannot be asked.
pub async fn persist() -> Option<bool> {
    let storage = web_sys::window()?.navigator().storage();
    JsFuture::from(storage.persist().ok()?).await.ok()?.as_bool()
}

/// The browser has promised not to clear what is kept.
pub async fn persisted() -> Option<bool> {
    let storage = web_sys::window()?.navigator().storage();
    JsFuture::from(storage.persisted().ok()?).await.ok()?.as_bool()
}

fn factory() -> Option<IdbFactory> {
    web_sys::window()?.indexed_db().ok().flatten()
}

/// Waits for a request's result.
async fn answer(request: &IdbRequest) -> Result<JsValue, Trouble> {
    let happened = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    match JsFuture::from(happened).await {
        Ok(_) => request.result().map_err(|e| Trouble::of(&e)),
        Err(event) => {
            // A read that fails is told here; it need not end in the console as well.
            if let Some(event) = event.dyn_ref::<web_sys::Event>() {
                event.prevent_default();
            }
            let error = request.error().ok().flatten().map_or(JsValue::UNDEFINED, Into::into);
            Err(Trouble::of(&error))
        }
    }
}

fn key(at: &[u32]) -> JsValue {
    at.iter().map(|n| JsValue::from_f64(f64::from(*n))).collect::<Array>().into()
}

fn numbers(key: &JsValue) -> Option<Vec<u32>> {
    let key = key.dyn_ref::<Array>()?;
    key.iter().map(|n| n.as_f64().map(|n| n as u32)).collect()
}

/// Every key that begins with `prefix`: an array sorts after any number.
fn range(prefix: &[u32]) -> Result<IdbKeyRange, JsValue> {
    let end: Array = prefix.iter().map(|n| JsValue::from_f64(f64::from(*n))).collect();
    end.push(&Array::new());
    IdbKeyRange::bound(&key(prefix), &end)
}
