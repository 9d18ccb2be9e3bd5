//! What the page holds for as long as it is open.

use std::ops::Deref;

/// One store of the page: made once, never dropped, and no larger than a pointer, because every closure
/// of a view keeps copies of those it reads. By value, stores inside stores made frames of megabytes.
pub struct Store<T: 'static>(&'static T);

impl<T> Store<T> {
    /// Only for what is made once: it is never given back.
    pub fn of(parts: T) -> Self {
        Self(Box::leak(Box::new(parts)))
    }
}

impl<T> Clone for Store<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Store<T> {}

impl<T> Deref for Store<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0
    }
}
