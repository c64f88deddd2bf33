//! Finding interpreters in a made-up file system: shims skipped, versions read, mounts named.

use super::*;
use std::os::unix::fs::{PermissionsExt, symlink};

fn put(root: &Path, file: &str, text: &[u8]) {
    let path = root.join(file);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn shims_are_skipped_and_versions_come_from_paths() {
    let home = tempfile::tempdir().unwrap();
    let root = home.path().canonicalize().unwrap();
    put(&root, ".pyenv/shims/python3", b"#!/bin/sh\nexec pyenv\n");
    put(&root, ".pyenv/shims/python3.12", b"#!/bin/sh\nexec pyenv\n");
    put(&root, ".pyenv/versions/3.12.1/bin/python3.12", b"\x7fELF");
    symlink("python3.12", root.join(".pyenv/versions/3.12.1/bin/python3")).unwrap();
    put(&root, ".nvm/versions/node/v22.4.1/bin/node", b"\x7fELF");
    put(&root, ".volta/bin/volta-shim", b"\x7fELF");
    symlink("volta-shim", root.join(".volta/bin/node")).unwrap();
    put(&root, ".local/share/uv/python/cpython-3.13.2-linux-x86_64-gnu/bin/python3.13", b"\x7fELF");
    let search = Search {
        path: format!("{0}/.pyenv/shims:{0}/.volta/bin:relative/bin", root.display()),
        home: Some(root.clone()),
        system: Vec::new(),
    };
    let found = find_interpreters(&search).found;
    let expect = [
        (Family::Python, (3, 12, 1), ".pyenv/versions/3.12.1/bin/python3.12", ".pyenv/versions/3.12.1"),
        (Family::Node, (22, 4, 1), ".nvm/versions/node/v22.4.1/bin/node", ".nvm/versions/node/v22.4.1"),
        (
            Family::Python,
            (3, 13, 2),
            ".local/share/uv/python/cpython-3.13.2-linux-x86_64-gnu/bin/python3.13",
            ".local/share/uv/python/cpython-3.13.2-linux-x86_64-gnu",
        ),
    ]
    .map(|(family, version, path, mount)| Interpreter {
        family,
        version,
        path: root.join(path),
        mount: Some(root.join(mount)),
    });
    assert_eq!(found, expect);
}

#[test]
fn versions_are_parsed() {
    let check = |text: &str, expect| assert_eq!(parse_version(text), expect, "{text}");
    check("20.1.2", Some((20, 1, 2)));
    check("3.13.0rc1\n", Some((3, 13, 0)));
    check("24", Some((24, 0, 0)));
    check("x", None);
    check("", None);
}

#[test]
fn a_file_that_hides_its_version_is_asked() {
    let found = find_interpreters(&Search::this_machine()).found;
    let system: Vec<_> = found.iter().filter(|it| it.path.starts_with("/usr/bin")).collect();
    assert!(!system.is_empty(), "this machine has an interpreter in /usr/bin: {found:?}");
    for interpreter in system {
        assert!(interpreter.version.0 >= 3 && interpreter.mount.is_none(), "{interpreter:?}");
    }
}
