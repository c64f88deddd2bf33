//! Structs written as codegen writes them, there and back.

use super::*;

#[derive(Clone, Debug, Default, PartialEq)]
struct Leaf {
    name: String,
    size: Option<i64>,
}

impl Shape for Leaf {
    fn from_value(value: Value) -> Result<Self, Mismatch> {
        let mut r = Reader::new(value)?;
        Ok(Self { name: r.take("Name")?, size: r.take("Size")? })
    }
    fn into_value(self) -> Value {
        let mut w = Writer::with_capacity(2);
        w.put("Name", self.name);
        w.put("Size", self.size);
        w.finish()
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Tree {
    leaf: Leaf,
    leaves: Option<Vec<Leaf>>,
    by_name: Option<BTreeMap<String, f64>>,
}

impl Shape for Tree {
    fn from_value(value: Value) -> Result<Self, Mismatch> {
        let mut r = Reader::new(value)?;
        Ok(Self { leaf: r.take("Leaf")?, leaves: r.take("Leaves")?, by_name: r.take("ByName")? })
    }
    fn into_value(self) -> Value {
        let mut w = Writer::with_capacity(3);
        w.put("Leaf", self.leaf);
        w.put("Leaves", self.leaves);
        w.put("ByName", self.by_name);
        w.finish()
    }
}

fn map(pairs: &[(&str, Value)]) -> Value {
    Value::Map(pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

#[test]
fn structs_come_back_and_absent_members_are_not_written() {
    let leaf = Leaf { name: "a".to_owned(), size: None };
    let tree = Tree {
        leaf: leaf.clone(),
        leaves: Some(vec![leaf.clone(), Leaf { size: Some(2), ..leaf }]),
        by_name: Some(BTreeMap::from([("x".to_owned(), 1.5)])),
    };
    let value = tree.clone().into_value();
    assert_eq!(value.get("Leaf"), Some(&map(&[("Name", text("a"))])));
    assert_eq!(Tree::from_value(value), Ok(tree));
}

#[test]
fn a_mismatch_names_its_place() {
    let check = |value: Value, expect: &str| {
        assert_eq!(Tree::from_value(value).unwrap_err().to_string(), expect);
    };
    check(text("x"), "member : expected structure, found string");
    check(map(&[]), "member Leaf: expected a value, found nothing");
    check(map(&[("Leaf", map(&[]))]), "member Leaf.Name: expected a value, found nothing");
    check(
        map(&[("Leaf", map(&[("Name", Value::Int(1))]))]),
        "member Leaf.Name: expected string, found integer",
    );
    check(map(&[("Leaf", Value::Null)]), "member Leaf: expected a value, found nothing");
}

#[test]
fn nulls_in_lists_and_maps_are_left_out() {
    let value = map(&[
        ("Leaf", map(&[("Name", text("a"))])),
        ("Leaves", Value::List(vec![Value::Null, map(&[("Name", text("b"))])])),
        ("ByName", map(&[("x", Value::Null), ("y", Value::Int(2))])),
    ]);
    let tree = Tree::from_value(value).unwrap();
    assert_eq!(tree.leaves.unwrap().len(), 1);
    assert_eq!(tree.by_name.unwrap(), BTreeMap::from([("y".to_owned(), 2.0)]));
}
