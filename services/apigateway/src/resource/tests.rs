//! Path parts and their places.

use plan::definition::ResourceDefinition;

use super::{Tree, is_path_part};
use crate::tables::ResourceRecord;

fn tree(rows: &[(&str, Option<&str>, Option<&str>)]) -> Tree {
    let row = |(id, parent, part): &(&str, Option<&str>, Option<&str>)| ResourceRecord {
        api_id: "api".into(),
        resource: ResourceDefinition {
            id: (*id).into(),
            parent_id: parent.map(str::to_owned),
            path_part: part.map(str::to_owned),
            path: part.map_or("/".into(), |part| format!("/{part}")),
            ..Default::default()
        },
    };
    Tree(rows.iter().map(row).collect())
}

#[test]
fn path_parts() {
    for part in ["pets", "a.b_c-d:e", "{id}", "{proxy+}", "0"] {
        assert!(is_path_part(part), "{part}");
    }
    for part in ["", "a/b", "{", "{}", "{+}", "{a}b", "a{b}", "{a+b}", "pe ts", "p\u{e4}"] {
        assert!(!is_path_part(part), "{part}");
    }
}

#[test]
fn places() {
    let tree = tree(&[
        ("root", None, None),
        ("pets", Some("root"), Some("pets")),
        ("id", Some("root"), Some("{id}")),
        ("deep", Some("pets"), Some("{all+}")),
    ]);
    let place = |parent: usize, part: &str, own: &str| {
        tree.place(&tree.0[parent].resource, part, own).unwrap_or_else(|error| error.to_string())
    };
    assert_eq!(place(0, "new", ""), "/new");
    assert_eq!(place(1, "new", ""), "/pets/new");
    assert_eq!(place(0, "pets", "pets"), "/pets");
    assert_eq!(place(0, "pets", ""), "Another resource with the same parent already has this name: pets");
    let text = "A sibling ({id}) of this resource already has a variable path part -- only one is allowed";
    assert_eq!(place(0, "{other}", ""), text);
    assert_eq!(place(0, "{other}", "id"), "/{other}");
    assert_eq!(place(3, "x", ""), "Cannot create a child of a resource with a greedy path variable: {all+}");
    assert_eq!(tree.below("root"), ["pets", "id", "deep"]);
}
