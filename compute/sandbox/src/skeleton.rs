//! The root file system that every sandbox starts from, assembled once per server in the spawner's mount namespace.
//!
//! It is a small tmpfs: the host's own `/usr`, `/bin`, `/lib*` bound read-only, a synthetic `/etc`, a minimal `/dev`,
//! and empty directories to mount on. Nobody outside the spawner's mount namespace sees it. Each start gets a copy of
//! the namespace, adds its own mounts, and makes the tree read-only for itself.

use std::fs;
use std::io;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Component, Path, PathBuf};

use crate::error::{At, Failure};
use crate::features::{Feature, Features};
use crate::plan::{GID_INSIDE, UID_INSIDE};
use crate::sys;

const TREES: &[&str] = &["usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "nix", "gnu"];
const EMPTY: &[&str] = &[
    "proc",
    "sys",
    "tmp",
    "run",
    "opt",
    "dev",
    "dev/shm",
    "etc",
    "var",
    "var/task",
    "var/runtime",
    "var/lang",
];
const DEVICES: &[&str] = &["null", "zero", "full", "random", "urandom"];
/// Small files of the host that libc and common libraries read, copied.
const ETC_COPIED: &[&str] = &[
    "ld.so.cache",
    "ld.so.conf",
    "services",
    "protocols",
    "mime.types",
    "gai.conf",
    "host.conf",
    "hosts",
    "resolv.conf",
    "locale.alias",
    "ssl/openssl.cnf",
    "pki/tls/openssl.cnf",
];
/// Directories of the host bound read-only: certificates, links that packages make, configuration that `/usr` links to.
const ETC_BOUND: &[&str] = &[
    "alternatives",
    "ssl/certs",
    "ca-certificates",
    "pki/tls/certs",
    "pki/ca-trust",
    "crypto-policies",
    "fonts",
    "ld.so.conf.d",
];
const NSSWITCH: &str = "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\nnetworks: files\n\
                        protocols: files\nservices: files\n";

/// Assembles the tree on `root` (an existing directory) and returns `features` less what this kernel cannot do.
pub(crate) fn build(root: &Path, features: Features) -> Result<Features, Failure> {
    let flags = libc::MS_NOSUID | libc::MS_NODEV;
    sys::mount(Some(Path::new("tmpfs")), root, Some(c"tmpfs"), flags, Some(c"mode=755,size=16m"))
        .at(|| format!("mount tmpfs on {}", root.display()))?;
    let mut deep = true;
    for name in TREES {
        deep &= add_tree(&Path::new("/").join(name), &root.join(name))?;
    }
    for name in EMPTY {
        make_dir(&root.join(name))?;
    }
    for name in DEVICES {
        let (source, target) = (Path::new("/dev").join(name), root.join("dev").join(name));
        fs::write(&target, b"").at(|| format!("create {}", target.display()))?;
        sys::mount(Some(&source), &target, None, libc::MS_BIND, None).at(|| format!("bind /dev/{name}"))?;
    }
    for (name, target) in [
        ("fd", "/proc/self/fd"),
        ("stdin", "/proc/self/fd/0"),
        ("stdout", "/proc/self/fd/1"),
        ("stderr", "/proc/self/fd/2"),
    ] {
        symlink(target, root.join("dev").join(name)).at(|| format!("link /dev/{name}"))?;
    }
    deep &= build_etc(&root.join("etc"))?;
    Ok(if deep { features } else { features.without(Feature::DeepReadOnly) })
}

/// Shows one of the host's top directories, as the symbolic link it may be; absent ones are left out.
fn add_tree(host: &Path, target: &Path) -> Result<bool, Failure> {
    let Ok(metadata) = fs::symlink_metadata(host) else { return Ok(true) };
    if metadata.is_symlink() {
        let link = fs::read_link(host).at(|| format!("read link {}", host.display()))?;
        symlink(link, target).at(|| format!("link {}", target.display()))?;
        return Ok(true);
    }
    make_dir(target)?;
    bind_read_only(host, target)
}

fn build_etc(etc: &Path) -> Result<bool, Failure> {
    let user = format!(
        "root:x:0:0:root:/root:/sbin/nologin\nsbx_user1051:x:{UID_INSIDE}:{GID_INSIDE}::/home/sbx_user1051:/sbin/nologin\n\
         nobody:x:65534:65534:nobody:/:/sbin/nologin\n"
    );
    write(&etc.join("passwd"), user.as_bytes())?;
    write(
        &etc.join("group"),
        format!("root:x:0:\nsbx_user1051:x:{GID_INSIDE}:\nnogroup:x:65534:\n").as_bytes(),
    )?;
    write(&etc.join("nsswitch.conf"), NSSWITCH.as_bytes())?;
    // AWS: Lambda's clock runs in UTC whatever the region; TZ, where set, finds its data below /usr.
    symlink("/usr/share/zoneinfo/UTC", etc.join("localtime")).at(|| "link /etc/localtime")?;
    symlink("/proc/self/mounts", etc.join("mtab")).at(|| "link /etc/mtab")?;
    symlink("../usr/lib/os-release", etc.join("os-release")).at(|| "link /etc/os-release")?;
    for name in ETC_COPIED {
        if let Ok(content) = fs::read(Path::new("/etc").join(name)) {
            make_parents(etc, name)?;
            write(&etc.join(name), &content)?;
        }
    }
    if !etc.join("hosts").exists() {
        write(&etc.join("hosts"), b"127.0.0.1 localhost\n::1 localhost\n")?;
    }
    let mut deep = true;
    let java = fs::read_dir("/etc").into_iter().flatten().flatten().map(|e| e.file_name());
    let java: Vec<_> = java.filter(|n| n.to_string_lossy().starts_with("java")).collect();
    let java = java.iter().filter_map(|n| n.to_str());
    for name in ETC_BOUND.iter().copied().chain(java) {
        let source = Path::new("/etc").join(name);
        if source.is_dir() {
            make_parents(etc, name)?;
            make_dir(&etc.join(name))?;
            deep &= bind_read_only(&source, &etc.join(name))?;
        }
    }
    Ok(deep)
}

fn make_parents(base: &Path, name: &str) -> Result<(), Failure> {
    match Path::new(name).parent() {
        Some(parent) if !parent.as_os_str().is_empty() => make_dir(&base.join(parent)),
        _ => Ok(()),
    }
}

/// A directory that everybody may pass, whatever the umask; an existing one is left as it is.
fn make_dir(path: &Path) -> Result<(), Failure> {
    if path.is_dir() {
        return Ok(());
    }
    let made =
        fs::create_dir_all(path).and_then(|()| fs::set_permissions(path, fs::Permissions::from_mode(0o755)));
    made.at(|| format!("create directory {}", path.display()))
}

fn write(path: &Path, content: &[u8]) -> Result<(), Failure> {
    let written =
        fs::write(path, content).and_then(|()| fs::set_permissions(path, fs::Permissions::from_mode(0o644)));
    written.at(|| format!("write {}", path.display()))
}

/// Binds `source` (directory or file) to the existing `target`, read-only, nosuid, nodev. Returns whether that holds
/// for mounts below `source`, too: before Linux 5.12 it does not.
pub(crate) fn bind_read_only(source: &Path, target: &Path) -> Result<bool, Failure> {
    let step = || format!("bind {} to {}", source.display(), target.display());
    sys::mount(Some(source), target, None, libc::MS_BIND | libc::MS_REC, None).at(step)?;
    match sys::mount_seal_tree(target) {
        Ok(()) => Ok(true),
        Err(e) if e.raw_os_error() == Some(libc::ENOSYS) => {
            let flags = libc::MS_REMOUNT | libc::MS_BIND | libc::MS_RDONLY | libc::MS_NOSUID | libc::MS_NODEV;
            let flags = flags | sys::mount_flags(target).at(|| format!("statvfs {}", target.display()))?;
            sys::mount(None, target, None, flags, None)
                .at(|| format!("mount {} read-only", source.display()))?;
            Ok(false)
        }
        Err(e) => Err(e).at(|| format!("mount {} read-only", source.display())),
    }
}

/// Where `target`, a path inside, is on the tree at `root`; made (as a directory or an empty file) if absent.
///
/// Symbolic links on the way are refused: they would be followed out of the tree.
pub(crate) fn mount_point(root: &Path, target: &Path, is_dir: bool) -> Result<PathBuf, Failure> {
    let mut path = root.to_path_buf();
    let step = |path: &Path| format!("make mount point {} for {}", path.display(), target.display());
    let names: Vec<_> = target.components().filter(|c| *c != Component::RootDir).collect();
    for (i, name) in names.iter().enumerate() {
        let Component::Normal(name) = name else {
            return Err(Failure { step: step(&path), errno: libc::EINVAL });
        };
        path.push(name);
        match fs::symlink_metadata(&path) {
            Ok(m) if m.is_symlink() => return Err(Failure { step: step(&path), errno: libc::ELOOP }),
            Ok(_) => continue,
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            Err(e) => return Err(e).at(|| step(&path)),
        }
        let is_last = i + 1 == names.len();
        let made = if is_last && !is_dir {
            fs::OpenOptions::new().write(true).create(true).truncate(false).open(&path).map(drop)
        } else {
            match fs::create_dir(&path) {
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(()), // another start was faster
                Ok(()) => fs::set_permissions(&path, fs::Permissions::from_mode(0o755)),
                other => other,
            }
        };
        made.at(|| step(&path))?;
    }
    Ok(path)
}

/// Copies `/etc/resolv.conf` and `/etc/hosts` again: the machine may have moved to another network.
pub(crate) fn refresh_network_files(root: &Path) {
    for name in ["resolv.conf", "hosts"] {
        let (host, ours) = (Path::new("/etc").join(name), root.join("etc").join(name));
        let Ok(content) = fs::read(&host) else { continue };
        if fs::read(&ours).is_ok_and(|now| now == content) {
            continue;
        }
        // Written beside and renamed, since running programs may be reading it.
        let fresh = root.join("etc").join(format!("{name}.new"));
        if write(&fresh, &content).is_ok() {
            let _ = fs::rename(&fresh, &ours);
        }
    }
}
