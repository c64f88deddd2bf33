//! A place beside something compiled, where the data plane keeps what it found for it.
//!
//! A plan is compiled without knowing of buckets or caches; whoever serves it looks them up once and finds them here at every later
//! request, without a table between. Filled once; whoever comes second finds what the first one left.

use std::any::Any;
use std::fmt;
use std::sync::OnceLock;

/// The place. Empty at first.
#[derive(Default)]
pub struct Beside(OnceLock<Box<dyn Any + Send + Sync>>);

impl Beside {
    /// What is kept here; made by `make` the first time.
    ///
    /// # Panics
    /// If something of another type is kept here: each place holds one type.
    pub fn get<T: Any + Send + Sync>(&self, make: impl FnOnce() -> T) -> &T {
        let kept = self.0.get_or_init(|| Box::new(make()));
        kept.downcast_ref().expect("each place holds one type")
    }
}

impl fmt::Debug for Beside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.get().is_some() { "kept" } else { "empty" })
    }
}
