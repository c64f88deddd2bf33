//! Folders in every state in which a killed process, another server or another version may leave them.

use super::*;
use crate::EmbeddedStore;

/// Prepares the folder of the database `control`, opens it, and compares the error; `""` stands for success.
fn check(prepare: impl Fn(&Path), expect: &str) {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().join("control");
    fs::create_dir_all(&folder).unwrap();
    prepare(&folder);
    let before = listing(&folder);
    match EmbeddedStore::open(data.path(), Options::new("control")) {
        Ok(_) => {
            assert_eq!(expect, "");
            assert_eq!(fs::read_to_string(folder.join("store/format")).unwrap(), "1\n");
            assert_eq!(listing(&folder), ["store"]);
        }
        Err(error) => {
            let text = error.to_string().replace(folder.to_str().unwrap(), "FOLDER");
            assert_eq!(text, expect);
            assert_eq!(listing(&folder), before, "a refused folder is left as it was");
        }
    }
}

fn listing(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|item| item.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name != "lock").collect();
    names.sort();
    names
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

#[test]
fn states_of_a_folder() {
    let open =
        |folder: &Path| drop(EmbeddedStore::open(folder.parent().unwrap(), Options::new("control")).unwrap());
    check(|_| {}, "");
    check(open, "");
    // Killed while it was being made.
    check(|folder| write(folder, "unfinished/engine/0.jnl", "half"), "");
    check(
        |folder| {
            open(folder);
            write(folder, "store/format", "2\n");
        },
        "the database FOLDER has format 2, and this program knows formats up to 1: it was written by a newer version",
    );
    check(
        |folder| write(folder, "store/format", "new\n"),
        "FOLDER is not a database of this program: its file `store/format` says \"new\", which is not a number",
    );
    check(
        |folder| write(folder, "store/engine/0.jnl", "of whom?"),
        "FOLDER is not a database of this program: it has no file `store/format`",
    );
}

#[test]
fn one_process_at_a_time() {
    let data = tempfile::tempdir().unwrap();
    let first = EmbeddedStore::open(data.path(), Options::new("control")).unwrap();
    let refused = EmbeddedStore::open(data.path(), Options::new("control")).err().unwrap().to_string();
    assert!(refused.contains(&format!("in use by process {}", std::process::id())), "{refused}");
    // Another database of the same data folder is another matter.
    let other = EmbeddedStore::open(data.path(), Options::new("telemetry")).unwrap();
    drop(first);
    EmbeddedStore::open(data.path(), Options::new("control")).unwrap();
    drop(other);
}

#[test]
fn names_stay_in_the_data_folder() {
    let data = tempfile::tempdir().unwrap();
    for name in ["", ".", "..", "../x", "a/b", "A", "a b"] {
        let refused = EmbeddedStore::open(data.path(), Options::new(name)).err().unwrap().to_string();
        assert!(refused.contains("is not a name of a database"), "{refused}");
    }
}
