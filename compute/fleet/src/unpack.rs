//! Deployment packages: what a zip may hold, and writing it out. Blocking work.
//!
//! What always holds: nothing leaves the target folder, not by `..`, absolute paths, links, or entries below a link; sizes are counted
//! while unpacking, so a zip that lies about them is refused like one that does not; a folder appears whole or not at all.
//!
//! Known differences from AWS: every file is readable and every folder open whatever the zip's mode bits say (AWS keeps them, and
//! functions fail with "permission denied"); the execute bits are kept.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::{self, Cursor, Read, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Component, Path, PathBuf};

use kernel::functions::{CodeFacts, CodeRefused};
use zip::ZipArchive;

use crate::limits::{UNZIPPED_BYTES_MAX, ZIP_ENTRIES_MAX, ZIP_NAME_LEN_MAX};

const TYPE_MASK: u32 = 0o170_000;
const TYPE_FILE: u32 = 0o100_000;
const TYPE_FOLDER: u32 = 0o040_000;
const TYPE_LINK: u32 = 0o120_000;
/// Longest target of a symbolic link, in bytes.
const LINK_LEN_MAX: u64 = 4_096;

/// Checks a zip by reading all of it; nothing is written.
///
/// # Errors
/// [`CodeRefused`] with AWS's text for `InvalidParameterValueException`.
pub fn inspect(zip: &[u8]) -> Result<CodeFacts, CodeRefused> {
    inspect_within(zip, UNZIPPED_BYTES_MAX)
}

fn inspect_within(zip: &[u8], limit: u64) -> Result<CodeFacts, CodeRefused> {
    if zip.is_empty() {
        return Err(CodeRefused("Uploaded file must be a non-empty zip".to_owned()));
    }
    let mut sink = Count;
    walk(zip, &mut sink, limit).map_err(|problem| match problem {
        Problem::Refused(refused) => refused,
        Problem::Io(_) => unreadable(),
    })
}

/// Unpacks a zip as `target`, which must not exist yet; its parent must. What was there half-way is removed on failure.
///
/// # Errors
/// What the file system answers; a zip that [`inspect`] refuses is [`io::ErrorKind::InvalidData`].
pub fn unpack(zip: &[u8], target: &Path, unique: u64) -> io::Result<()> {
    unpack_within(zip, target, unique, UNZIPPED_BYTES_MAX)
}

fn unpack_within(zip: &[u8], target: &Path, unique: u64, limit: u64) -> io::Result<()> {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let staging = target.with_file_name(format!("{STAGING_PREFIX}{name}-{}-{unique}", std::process::id()));
    fs::create_dir(&staging)?;
    let written = write_out(zip, &staging, limit).and_then(|()| match fs::rename(&staging, target) {
        Err(_) if target.is_dir() => fs::remove_dir_all(&staging),
        other => other,
    });
    if written.is_err() {
        // The first error is the one that matters.
        let _ = fs::remove_dir_all(&staging);
    }
    written
}

/// Names of folders that are being unpacked begin so; what a killed server left is recognised by it.
pub const STAGING_PREFIX: &str = ".unpacking-";

fn write_out(zip: &[u8], staging: &Path, limit: u64) -> io::Result<()> {
    let mut writer = Writer { root: staging, made: HashSet::new(), links: Vec::new() };
    walk(zip, &mut writer, limit).map_err(|problem| match problem {
        Problem::Refused(refused) => io::Error::new(io::ErrorKind::InvalidData, refused.0),
        Problem::Io(error) => error,
    })?;
    for (path, target) in std::mem::take(&mut writer.links) {
        writer.make_parents(&path)?;
        symlink(target, staging.join(path))?;
    }
    fs::set_permissions(staging, fs::Permissions::from_mode(0o755))
}

enum Problem {
    Refused(CodeRefused),
    Io(io::Error),
}

fn unreadable() -> CodeRefused {
    CodeRefused("Could not unzip uploaded file. Please check your file, then try to upload again.".to_owned())
}

fn too_large() -> CodeRefused {
    CodeRefused(format!("Unzipped size must be smaller than {UNZIPPED_BYTES_MAX} bytes"))
}

/// Takes what a walk finds.
trait Sink {
    fn folder(&mut self, path: &Path) -> io::Result<()>;
    fn file(&mut self, path: &Path, is_executable: bool, content: &mut dyn Read) -> io::Result<()>;
    fn link(&mut self, path: &Path, target: &Path);
}

fn walk(zip: &[u8], sink: &mut dyn Sink, limit: u64) -> Result<CodeFacts, Problem> {
    let refused = || Problem::Refused(unreadable());
    let mut archive = ZipArchive::new(Cursor::new(zip)).map_err(|_| refused())?;
    if archive.len() > ZIP_ENTRIES_MAX {
        return Err(refused());
    }
    if archive.is_empty() {
        return Err(Problem::Refused(CodeRefused("Uploaded file must be a non-empty zip".to_owned())));
    }
    let mut tree = Tree::default();
    let mut left = limit;
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(|_| refused())?;
        let path = inside(entry.name()).ok_or_else(refused)?;
        let mode = entry.unix_mode().unwrap_or(0);
        let is_folder = entry.is_dir();
        let kind = match mode & TYPE_MASK {
            TYPE_LINK if !is_folder => Kind::Link,
            0 | TYPE_FILE | TYPE_FOLDER if is_folder => Kind::Folder,
            0 | TYPE_FILE => Kind::File,
            _ => return Err(refused()),
        };
        if entry.size() > left {
            return Err(Problem::Refused(too_large()));
        }
        if !tree.admits(&path, kind) {
            return Err(refused());
        }
        match kind {
            Kind::Folder => sink.folder(&path).map_err(Problem::Io)?,
            Kind::Link => {
                let target = read_link(entry, &path).ok_or_else(refused)?;
                sink.link(&path, &target);
            }
            Kind::File => {
                let mut content = Bounded { inner: entry, left };
                let is_executable = mode & 0o111 != 0;
                match sink.file(&path, is_executable, &mut content) {
                    Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                        return Err(Problem::Refused(too_large()));
                    }
                    Err(error) if error.kind() == io::ErrorKind::InvalidData => return Err(refused()),
                    Err(error) => return Err(Problem::Io(error)),
                    Ok(()) => left = content.left,
                }
            }
        }
    }
    Ok(CodeFacts { unzipped_bytes: limit - left, entries: archive.len() as u64 })
}

/// A path of plain names, or nothing: no `..`, no root, no drive, no NUL, not too long.
fn inside(name: &str) -> Option<PathBuf> {
    if name.is_empty() || name.len() > ZIP_NAME_LEN_MAX || name.contains(['\0', '\\']) {
        return None;
    }
    let mut path = PathBuf::new();
    for component in Path::new(name).components() {
        match component {
            Component::Normal(part) => path.push(part),
            Component::CurDir => {}
            _ => return None,
        }
    }
    Some(path)
}

/// A link's target, if it stays inside: leading `..` up to the root, then plain names.
fn read_link(entry: impl Read, path: &Path) -> Option<PathBuf> {
    let mut text = String::new();
    entry.take(LINK_LEN_MAX + 1).read_to_string(&mut text).ok()?;
    if text.is_empty() || text.len() as u64 > LINK_LEN_MAX || text.contains('\0') {
        return None;
    }
    let target = PathBuf::from(text);
    let mut depth = path.components().count() - 1;
    let mut is_leading = true;
    for component in target.components() {
        match component {
            Component::ParentDir if is_leading && depth > 0 => depth -= 1,
            Component::Normal(_) => is_leading = false,
            Component::CurDir => {}
            _ => return None,
        }
    }
    Some(target)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Folder,
    File,
    Link,
}

/// What the entries seen so far are, so that nothing lies below a file or a link, and nothing changes its kind.
#[derive(Default)]
struct Tree {
    seen: HashMap<PathBuf, Kind>,
}

impl Tree {
    fn admits(&mut self, path: &Path, kind: Kind) -> bool {
        for above in path.ancestors().skip(1) {
            match self.seen.get(above) {
                Some(Kind::Folder) => break,
                Some(_) => return false,
                None => self.seen.insert(above.to_owned(), Kind::Folder),
            };
        }
        *self.seen.entry(path.to_owned()).or_insert(kind) == kind
    }
}

/// Ends with an error, not quietly, where a limit is passed.
struct Bounded<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count =
            self.inner.read(buffer).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?
                as u64;
        self.left = self.left.checked_sub(count).ok_or(io::ErrorKind::FileTooLarge)?;
        Ok(count as usize)
    }
}

struct Count;

impl Sink for Count {
    fn folder(&mut self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn file(&mut self, _: &Path, _: bool, content: &mut dyn Read) -> io::Result<()> {
        io::copy(content, &mut io::sink()).map(|_| ())
    }

    fn link(&mut self, _: &Path, _: &Path) {}
}

struct Writer<'a> {
    root: &'a Path,
    made: HashSet<PathBuf>,
    links: Vec<(PathBuf, PathBuf)>,
}

impl Writer<'_> {
    fn make_parents(&mut self, path: &Path) -> io::Result<()> {
        match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => self.folder(parent),
            _ => Ok(()),
        }
    }
}

impl Sink for Writer<'_> {
    fn folder(&mut self, path: &Path) -> io::Result<()> {
        if path.as_os_str().is_empty() || !self.made.insert(path.to_owned()) {
            return Ok(());
        }
        self.make_parents(path)?;
        let whole = self.root.join(path);
        match fs::create_dir(&whole) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        fs::set_permissions(whole, fs::Permissions::from_mode(0o755))
    }

    fn file(&mut self, path: &Path, is_executable: bool, content: &mut dyn Read) -> io::Result<()> {
        self.make_parents(path)?;
        let mut file = fs::File::create(self.root.join(path))?;
        io::copy(content, &mut file)?;
        file.flush()?;
        file.set_permissions(fs::Permissions::from_mode(if is_executable { 0o755 } else { 0o644 }))
    }

    fn link(&mut self, path: &Path, target: &Path) {
        self.links.push((path.to_owned(), target.to_owned()));
    }
}

#[cfg(test)]
mod tests;
