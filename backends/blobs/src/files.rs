//! Blobs in files.
//!
//! ```text
//! ROOT/data/a/b/c@     the blob `a/b/c`; the `@`, which no name has, tells it from the folder of `a/b/c/d`
//! ROOT/unfinished/N    being written
//! ```
//! One process at a time uses a folder; the lock of the database beside it sees to that. Folders that become empty are removed.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use kernel::blobs::{BlobError, Blobs};

use crate::name;

/// Ends the file name of a blob.
const BLOB_MARK: &str = "@";

/// A blob store in the files below one folder. Clones are the same store.
#[derive(Clone)]
pub struct FileBlobs {
    shared: Arc<Shared>,
}

struct Shared {
    data: PathBuf,
    unfinished: PathBuf,
    /// Whether nothing waits for the disk.
    is_ephemeral: bool,
    next_unfinished: AtomicU64,
    /// Held for reading while a blob is moved into a folder that is there and synced, for writing while folders are made or removed: so no
    /// blob is acknowledged in a folder that might not survive, and no folder is removed beneath a blob.
    folders: RwLock<()>,
}

impl FileBlobs {
    /// Opens or creates a blob store, and removes what an earlier process left unfinished. Blocks for some milliseconds.
    /// An ephemeral one does not wait for the disk: what a power failure leaves is undefined.
    pub fn open(root: &Path, ephemeral: bool) -> Result<FileBlobs, BlobError> {
        let shared = Shared {
            data: root.join("data"),
            unfinished: root.join("unfinished"),
            is_ephemeral: ephemeral,
            next_unfinished: AtomicU64::new(0),
            folders: RwLock::new(()),
        };
        shared.prepare(root).map_err(|error| failed("opening", &root.display().to_string(), &error))?;
        Ok(FileBlobs { shared: Arc::new(shared) })
    }

    /// Does blocking work in the pool for it.
    async fn blocking<T: Send + 'static>(
        &self,
        doing: &'static str,
        name: &str,
        work: impl FnOnce(&Shared, &str) -> io::Result<T> + Send + 'static,
    ) -> Result<T, BlobError> {
        let (shared, owned) = (self.shared.clone(), name.to_owned());
        let done = tokio::task::spawn_blocking(move || work(&shared, &owned)).await;
        done.unwrap_or_else(|error| Err(io::Error::other(error))).map_err(|error| failed(doing, name, &error))
    }
}

fn failed(doing: &str, name: &str, error: &io::Error) -> BlobError {
    BlobError::Failed(format!("{doing} blob {name}: {error}").into())
}

impl Blobs for FileBlobs {
    fn put<'a>(&'a self, name: &'a str, bytes: Bytes) -> BoxFuture<'a, Result<(), BlobError>> {
        async move {
            name::check(name)?;
            self.blocking("writing", name, move |shared, name| shared.put(name, &bytes)).await
        }
        .boxed()
    }

    fn get<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<Bytes>, BlobError>> {
        self.get_range(name, 0, u64::MAX)
    }

    fn get_range<'a>(
        &'a self,
        name: &'a str,
        start: u64,
        end: u64,
    ) -> BoxFuture<'a, Result<Option<Bytes>, BlobError>> {
        async move {
            name::check(name)?;
            self.blocking("reading", name, move |shared, name| shared.get_range(name, start, end)).await
        }
        .boxed()
    }

    fn delete<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<(), BlobError>> {
        async move {
            name::check(name)?;
            self.blocking("deleting", name, Shared::delete).await
        }
        .boxed()
    }

    fn list<'a>(
        &'a self,
        prefix: &'a str,
        after: Option<&'a str>,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<String>, BlobError>> {
        async move {
            let prefix = name::check_prefix(prefix)?;
            let after = after.map(str::to_owned);
            let list = move |shared: &Shared, prefix: &str| {
                let mut listing = Listing { after: after.as_deref(), limit, names: Vec::new() };
                let (folder, path) = match prefix {
                    "" => (shared.data.clone(), String::new()),
                    segments => (shared.data.join(segments), format!("{segments}/")),
                };
                listing.add_folder(&folder, &path).map(|()| listing.names)
            };
            self.blocking("listing", prefix, list).await
        }
        .boxed()
    }
}

impl Shared {
    fn prepare(&self, root: &Path) -> io::Result<()> {
        fs::create_dir_all(&self.data)?;
        fs::create_dir_all(&self.unfinished)?;
        for left_over in fs::read_dir(&self.unfinished)? {
            fs::remove_file(left_over?.path())?;
        }
        self.sync_folder(root)
    }

    /// Where a blob is. Its name was checked, so the path stays below the root.
    fn path(&self, name: &str) -> PathBuf {
        self.data.join(format!("{name}{BLOB_MARK}"))
    }

    fn put(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let unfinished =
            self.unfinished.join(self.next_unfinished.fetch_add(1, Ordering::Relaxed).to_string());
        let put = self.write(&unfinished, bytes).and_then(|()| self.move_to(&unfinished, &self.path(name)));
        if put.is_err() {
            // It may never have come to be, or be in its place already; then there is nothing to remove.
            let _ = fs::remove_file(&unfinished);
        }
        put
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut file = File::create_new(path)?;
        file.write_all(bytes)?;
        if self.is_ephemeral { Ok(()) } else { file.sync_all() }
    }

    fn move_to(&self, unfinished: &Path, path: &Path) -> io::Result<()> {
        let folder = path.parent().unwrap_or(&self.data);
        {
            let _folders_stay = self.folders.read().unwrap_or_else(PoisonError::into_inner);
            match fs::rename(unfinished, path) {
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                moved => return moved.and_then(|()| self.sync_folder(folder)),
            }
        }
        let _alone = self.folders.write().unwrap_or_else(PoisonError::into_inner);
        self.make_folder(folder)?;
        fs::rename(unfinished, path)?;
        self.sync_folder(folder)
    }

    /// Makes a folder and those above it, each synced into its parent.
    fn make_folder(&self, folder: &Path) -> io::Result<()> {
        match fs::create_dir(folder) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(()),
            Err(error) if error.kind() == ErrorKind::NotFound && folder != self.data => {
                if let Some(parent) = folder.parent() {
                    self.make_folder(parent)?;
                }
                fs::create_dir(folder)?;
            }
            Err(error) => return Err(error),
        }
        folder.parent().map_or(Ok(()), |parent| self.sync_folder(parent))
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        if self.is_ephemeral { Ok(()) } else { File::open(folder)?.sync_all() }
    }

    fn get_range(&self, name: &str, start: u64, end: u64) -> io::Result<Option<Bytes>> {
        let mut file = match File::open(self.path(name)) {
            Ok(file) => file,
            // A segment that is a blob and not a folder has no blobs below it.
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        // The file that was opened never changes, whatever is put in its place.
        let length = file.metadata()?.len();
        let (start, end) = (start.min(length), end.min(length));
        let wanted = end.saturating_sub(start);
        let mut bytes = Vec::with_capacity(usize::try_from(wanted).map_err(io::Error::other)?);
        if start > 0 {
            file.seek(SeekFrom::Start(start))?;
        }
        file.take(wanted).read_to_end(&mut bytes)?;
        if bytes.len() as u64 != wanted {
            return Err(io::Error::new(
                ErrorKind::UnexpectedEof,
                format!("{} of {wanted} bytes are there", bytes.len()),
            ));
        }
        Ok(Some(Bytes::from(bytes)))
    }

    fn delete(&self, name: &str) -> io::Result<()> {
        let path = self.path(name);
        let _alone = self.folders.write().unwrap_or_else(PoisonError::into_inner);
        match fs::remove_file(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            removed => removed?,
        }
        let mut folder = path.parent().unwrap_or(&self.data);
        while folder != self.data && fs::remove_dir(folder).is_ok() {
            folder = folder.parent().unwrap_or(&self.data);
        }
        self.sync_folder(folder)
    }
}

/// Names that are being gathered, in their order.
struct Listing<'a> {
    after: Option<&'a str>,
    limit: usize,
    names: Vec<String>,
}

impl Listing<'_> {
    /// Adds the blobs of a folder and of those below it; `path` is what their names begin with.
    fn add_folder(&mut self, folder: &Path, path: &str) -> io::Result<()> {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        // A folder sorts as its name with the slash, which is how the names of its blobs sort among the others.
        let mut items = Vec::new();
        for entry in entries {
            let entry = entry?;
            if let Some(file_name) = entry.file_name().to_str() {
                match file_name.strip_suffix(BLOB_MARK) {
                    Some(segment) => items.push(format!("{path}{segment}")),
                    None => items.push(format!("{path}{file_name}/")),
                }
            }
        }
        items.sort_unstable();
        for item in items {
            if self.names.len() >= self.limit {
                break;
            }
            match item.strip_suffix('/') {
                // All below it are passed by if the last name that there could be is not after what was asked for.
                Some(below)
                    if self.after.is_none_or(|after| after < item.as_str() || after.starts_with(&item)) =>
                {
                    let segment = below.rsplit('/').next().unwrap_or(below);
                    self.add_folder(&folder.join(OsStr::new(segment)), &item)?;
                }
                Some(_) => {}
                None if self.after.is_none_or(|after| item.as_str() > after) => self.names.push(item),
                None => {}
            }
        }
        Ok(())
    }
}
