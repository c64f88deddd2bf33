//! Blobs in files, and in memory for tests.
//!
//! A blob in files is written beside its place, synced, renamed into its place, and its folder synced: whole or not at all, also when the
//! process is killed or the machine loses power. What a killed process left unfinished is removed when the folder is opened again.

pub use crate::files::FileBlobs;
pub use crate::memory::MemoryBlobs;

mod files;
mod memory;
mod name;
