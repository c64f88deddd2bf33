//! Unpacked code on this machine: one folder for each package, named by the package's SHA-256.
//!
//! What always holds: a folder that exists is whole; a package is unpacked once however many ask for it at the same time; the name is
//! checked before it becomes part of a path. Folders are never changed; one that no environment uses is removed after an hour.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kernel::blobs::Blobs;
use kernel::error::Internal;
use kernel::functions::CodeRef;
use tokio::sync::OnceCell;

use crate::unpack::{STAGING_PREFIX, unpack};

/// A folder that nobody asked for in this time, and that no environment uses, is removed.
const UNUSED_MAX: Duration = Duration::from_secs(3600);

/// The folders of unpacked code.
pub struct CodeStore {
    folder: PathBuf,
    known: Mutex<HashMap<String, Known>>,
    counter: AtomicU64,
}

#[derive(Default)]
struct Known {
    cell: Arc<OnceCell<PathBuf>>,
    used: Duration,
}

impl CodeStore {
    /// Opens `folder`, and removes what a killed predecessor left half-way.
    ///
    /// # Errors
    /// What the file system answers.
    pub fn open(folder: PathBuf) -> std::io::Result<CodeStore> {
        std::fs::create_dir_all(&folder)?;
        let mut known = HashMap::new();
        for entry in std::fs::read_dir(&folder)?.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with(STAGING_PREFIX) {
                std::fs::remove_dir_all(entry.path())?;
            } else {
                known.insert(name, Known::default());
            }
        }
        Ok(CodeStore { folder, known: Mutex::new(known), counter: AtomicU64::new(0) })
    }

    /// The folder of a package, unpacked now if it is not there. `now` is monotonic.
    ///
    /// # Errors
    /// A missing blob, a package that cannot be unpacked, a full disk.
    pub async fn folder(
        &self,
        blobs: &Arc<dyn Blobs>,
        code: &CodeRef,
        now: Duration,
    ) -> Result<PathBuf, Internal> {
        if code.sha256.len() != 64 || !code.sha256.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(Internal::because(format!(
                "not a SHA-256 of a deployment package: {:?}",
                code.sha256
            )));
        }
        let cell = {
            let mut known = self.lock();
            let entry = known.entry(code.sha256.clone()).or_default();
            entry.used = entry.used.max(now);
            Arc::clone(&entry.cell)
        };
        let path = cell.get_or_try_init(|| self.fetch(blobs, code)).await?;
        Ok(path.clone())
    }

    async fn fetch(&self, blobs: &Arc<dyn Blobs>, code: &CodeRef) -> Result<PathBuf, Internal> {
        let target = self.folder.join(&code.sha256);
        if is_folder(&target).await {
            return Ok(target);
        }
        let bytes = blobs
            .get(&code.blob)
            .await
            .map_err(|error| Internal::new("reading a deployment package", error))?;
        let bytes = bytes
            .ok_or_else(|| Internal::because(format!("the deployment package {} is gone", code.blob)))?;
        let unique = self.counter.fetch_add(1, Ordering::Relaxed);
        let path = target.clone();
        tokio::task::spawn_blocking(move || unpack(&bytes, &path, unique))
            .await
            .map_err(|error| Internal::new("unpacking a deployment package", error))?
            .map_err(|error| {
                Internal::new(format!("unpacking the deployment package {}", code.blob), error)
            })?;
        Ok(target)
    }

    /// Removes folders that nobody needs; `in_use` are the SHA-256 of packages of living environments. Blocking.
    pub fn sweep(&self, in_use: &HashSet<String>, now: Duration) {
        let mut removed = Vec::new();
        {
            let mut known = self.lock();
            known.retain(|sha256, entry| {
                if in_use.contains(sha256) || now.saturating_sub(entry.used) < UNUSED_MAX {
                    return true;
                }
                // Out of the way at once: whoever asks from now on unpacks anew.
                let unique = self.counter.fetch_add(1, Ordering::Relaxed);
                let away =
                    self.folder.join(format!("{STAGING_PREFIX}{sha256}-{}-{unique}", std::process::id()));
                if std::fs::rename(self.folder.join(sha256), &away).is_ok() {
                    removed.push(away);
                }
                false
            });
        }
        for folder in removed {
            if let Err(error) = std::fs::remove_dir_all(&folder) {
                tracing::warn!(%error, folder = %folder.display(), "unpacked code could not be removed");
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn is_folder(path: &Path) -> bool {
    tokio::fs::metadata(path).await.is_ok_and(|found| found.is_dir())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_needs_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["old", "used", ".unpacking-x-1-1"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        let store = CodeStore::open(folder.path().to_owned()).unwrap();
        let names = || {
            let mut names: Vec<_> =
                std::fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap().file_name()).collect();
            names.sort();
            names
        };
        assert_eq!(names(), ["old", "used"], "what was half-way is gone");
        let in_use = HashSet::from(["used".to_owned()]);
        store.sweep(&in_use, Duration::from_secs(10));
        assert_eq!(names(), ["old", "used"]);
        store.sweep(&in_use, UNUSED_MAX);
        assert_eq!(names(), ["used"]);
    }
}
