//! What every blob store promises: immutable bytes under a name, written whole or not at all.
//!
//! Names are slash-separated segments of `[A-Za-z0-9._=-]`, never `.` or `..`. A blob is never changed, only replaced or deleted.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;

/// Why a blob could not be had.
#[derive(Clone, Debug, thiserror::Error)]
pub enum BlobError {
    /// The name is not of the form that names have.
    #[error("not a blob name: {0}")]
    BadName(String),
    /// The store failed; the text tells what it was doing.
    #[error("{0}")]
    Failed(Arc<str>),
}

/// A store of blobs.
pub trait Blobs: Send + Sync + 'static {
    /// Writes a whole blob, durably (unless the store was opened as ephemeral), replacing an earlier one of that name.
    fn put<'a>(&'a self, name: &'a str, bytes: Bytes) -> BoxFuture<'a, Result<(), BlobError>>;
    /// The whole blob, or `None`.
    fn get<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<Bytes>, BlobError>>;
    /// The bytes `start..end` of a blob, cut at its end, or `None`.
    fn get_range<'a>(
        &'a self,
        name: &'a str,
        start: u64,
        end: u64,
    ) -> BoxFuture<'a, Result<Option<Bytes>, BlobError>>;
    /// Removes a blob; one that is not there is no error.
    fn delete<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<(), BlobError>>;
    /// Names below a prefix of whole segments, sorted, at most `limit`, after `after`.
    fn list<'a>(
        &'a self,
        prefix: &'a str,
        after: Option<&'a str>,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<String>, BlobError>>;
}
