//! What a tree must offer for a path to walk it: JSON as serde keeps it, or as a template engine does.
//!
//! A node is a handle: cloning it is cheap and never copies the tree beneath.

use std::borrow::Cow;

use serde_json::Value;

/// A handle on a value of a JSON-like tree.
pub trait Node: Clone {
    /// What kind of value it is, with its scalar.
    fn kind(&self) -> Kind<'_>;
    /// The member of an object.
    fn member(&self, name: &str) -> Option<Self>;
    /// The element of an array.
    fn element(&self, index: usize) -> Option<Self>;
    /// The members of an object in order, or an empty list.
    fn members(&self) -> Vec<(String, Self)>;
    /// The elements of an array in order, or an empty list.
    fn elements(&self) -> Vec<Self>;
    /// How many members or elements there are.
    fn len(&self) -> usize;
    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// A new object.
    fn object(members: Vec<(String, Self)>) -> Self;
    /// A new array.
    fn array(elements: Vec<Self>) -> Self;
    /// A new number; a whole one prints without a fraction when `whole`.
    fn number(number: f64, whole: bool) -> Self;
    /// A new string.
    fn string(text: String) -> Self;
}

/// The kind of a node, with its scalar.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind<'a> {
    /// JSON's null.
    Null,
    /// True or false.
    Bool(bool),
    /// A number, and its text as the document's printer writes it.
    Number(f64),
    /// A string.
    String(&'a str),
    /// A list of values.
    Array,
    /// A map of names to values.
    Object,
}

impl<'a> Node for Cow<'a, Value> {
    fn kind(&self) -> Kind<'_> {
        match self.as_ref() {
            Value::Null => Kind::Null,
            Value::Bool(b) => Kind::Bool(*b),
            Value::Number(n) => Kind::Number(n.as_f64().unwrap_or(f64::NAN)),
            Value::String(s) => Kind::String(s),
            Value::Array(_) => Kind::Array,
            Value::Object(_) => Kind::Object,
        }
    }

    fn member(&self, name: &str) -> Option<Self> {
        match self {
            Cow::Borrowed(v) => v.as_object()?.get(name).map(Cow::Borrowed),
            Cow::Owned(v) => v.as_object()?.get(name).cloned().map(Cow::Owned),
        }
    }

    fn element(&self, index: usize) -> Option<Self> {
        match self {
            Cow::Borrowed(v) => v.as_array()?.get(index).map(Cow::Borrowed),
            Cow::Owned(v) => v.as_array()?.get(index).cloned().map(Cow::Owned),
        }
    }

    fn members(&self) -> Vec<(String, Self)> {
        match self {
            Cow::Borrowed(Value::Object(o)) => o.iter().map(|(k, v)| (k.clone(), Cow::Borrowed(v))).collect(),
            Cow::Owned(Value::Object(o)) => {
                o.iter().map(|(k, v)| (k.clone(), Cow::Owned(v.clone()))).collect()
            }
            _ => Vec::new(),
        }
    }

    fn elements(&self) -> Vec<Self> {
        match self {
            Cow::Borrowed(Value::Array(a)) => a.iter().map(Cow::Borrowed).collect(),
            Cow::Owned(Value::Array(a)) => a.iter().cloned().map(Cow::Owned).collect(),
            _ => Vec::new(),
        }
    }

    fn len(&self) -> usize {
        match self.as_ref() {
            Value::Array(a) => a.len(),
            Value::Object(o) => o.len(),
            _ => 0,
        }
    }

    fn object(members: Vec<(String, Self)>) -> Self {
        Cow::Owned(Value::Object(members.into_iter().map(|(k, v)| (k, v.into_owned())).collect()))
    }

    fn array(elements: Vec<Self>) -> Self {
        Cow::Owned(Value::Array(elements.into_iter().map(Cow::into_owned).collect()))
    }

    fn number(number: f64, whole: bool) -> Self {
        // `as` saturates, which is what a count that large deserves.
        Cow::Owned(if whole { Value::from(number as i64) } else { Value::from(number) })
    }

    fn string(text: String) -> Self {
        Cow::Owned(Value::String(text))
    }
}
