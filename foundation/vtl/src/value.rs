//! Values of templates: Java's, as far as templates see them.
//!
//! Lists and maps are shared and mutable, as in Java: two variables may hold one list. What always holds: a collection never contains itself, so that nothing
//! leaks; dropping a deeply nested one does not recurse.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::ast::Block;
use crate::budget::Budget;

/// A value. Cloning is cheap: collections are shared.
#[derive(Clone, Default)]
pub enum Value {
    /// Nothing: a reference to it prints its own source.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// Any of Java's integers.
    Integer(i128),
    /// `Double`.
    Float(f64),
    /// `String`.
    Text(Arc<str>),
    /// A list, set or array.
    List(List),
    /// A map.
    Map(Map),
    /// An entry of a map: key and value.
    Entry(Rc<(Value, Value)>),
    /// What `iterator()` gives.
    Iterator(Rc<RefCell<std::vec::IntoIter<Value>>>),
    /// What `#define` makes; rendered wherever it is printed.
    #[doc(hidden)]
    Block(Deferred),
    /// Something of the host's.
    Object(Rc<dyn Object>),
}

/// A block to render later.
#[derive(Clone)]
pub struct Deferred {
    pub(crate) block: Arc<Block>,
    pub(crate) frame: usize,
    pub(crate) depth: Rc<Cell<usize>>,
}

/// What a host gives to templates: `$input`, for example.
pub trait Object {
    /// `$object.name` and `$object["name"]`. Null when there is nothing of that name.
    fn property(&self, name: &str) -> Value {
        let _ = name;
        Value::Null
    }

    /// `#set($object.name = value)`. False when it cannot be set, which is no error.
    fn set_property(&self, name: &str, value: &Value) -> bool {
        let _ = (name, value);
        false
    }

    /// `$object.name(…)`. None when there is no such method, which prints the reference's source.
    ///
    /// # Errors
    /// What stops the template.
    fn call(&self, name: &str, arguments: &[Value]) -> Result<Option<Value>, String> {
        let _ = (name, arguments);
        Ok(None)
    }

    /// A list or map that stands for it when its methods are called or `#foreach` walks over it.
    fn plain(&self) -> Option<Value> {
        None
    }

    /// What it prints. None prints the reference's source.
    fn text(&self) -> Option<String> {
        None
    }
}

/// What a list is in Java, which decides how it prints and whether it grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flavor {
    List,
    /// An array of a JSON document: prints JSON.
    Json,
    /// An array: elements can be replaced, but not added or removed.
    Array,
    /// The keys or entries of a map: a set.
    Set,
    /// The values of a map: a collection without positions.
    Collection,
}

/// A shared, mutable list.
#[derive(Clone)]
pub struct List(pub(crate) Rc<ListCell>);

pub(crate) struct ListCell {
    pub items: RefCell<Vec<Value>>,
    pub flavor: Flavor,
    /// How often elements were added or removed.
    pub changes: Cell<u32>,
}

/// A shared, mutable map that keeps the order of its keys.
#[derive(Clone)]
pub struct Map(pub(crate) Rc<MapCell>);

pub(crate) struct MapCell {
    pub entries: RefCell<IndexMap<Key, Value>>,
    /// How often entries were added or removed.
    pub changes: Cell<u32>,
}

/// A key of a map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// Java's null is a key like any other.
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer.
    Integer(i128),
    /// A floating point number, by its bits.
    Float(u64),
    /// A string; anything else is a key by what it prints.
    Text(Arc<str>),
}

impl Value {
    /// A string.
    pub fn text(text: impl Into<Arc<str>>) -> Value {
        Value::Text(text.into())
    }

    /// A new list.
    pub fn list(items: Vec<Value>) -> Value {
        Value::List(List::new(items, Flavor::List))
    }

    /// A new map from names to values, in the order given.
    pub fn map<K: Into<Arc<str>>>(entries: impl IntoIterator<Item = (K, Value)>) -> Value {
        let map = Map::default();
        for (name, value) in entries {
            map.0.entries.borrow_mut().insert(Key::Text(name.into()), value);
        }
        Value::Map(map)
    }

    pub(crate) fn array(items: Vec<Value>) -> Value {
        Value::List(List::new(items, Flavor::Array))
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// Its text, if it is a string.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl List {
    pub(crate) fn new(items: Vec<Value>, flavor: Flavor) -> List {
        List(Rc::new(ListCell { items: RefCell::new(items), flavor, changes: Cell::new(0) }))
    }

    /// The elements now.
    pub fn items(&self) -> Vec<Value> {
        self.0.items.borrow().clone()
    }

    /// How many elements there are.
    pub fn len(&self) -> usize {
        self.0.items.borrow().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Default for Map {
    fn default() -> Map {
        Map(Rc::new(MapCell { entries: RefCell::new(IndexMap::new()), changes: Cell::new(0) }))
    }
}

impl Map {
    /// The entries now, in order.
    pub fn entries(&self) -> Vec<(Key, Value)> {
        self.0.entries.borrow().iter().map(|(k, v)| (k.clone(), v.clone())).collect()
    }

    /// The value of a string key.
    pub fn get(&self, name: &str) -> Option<Value> {
        self.0.entries.borrow().get(&TextKey(name)).cloned()
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.0.entries.borrow().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A string that finds `Key::Text` without being made into one.
struct TextKey<'a>(&'a str);

impl std::hash::Hash for TextKey<'_> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl std::hash::Hash for Key {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        match self {
            Key::Null => state.write_u8(0),
            Key::Bool(b) => b.hash(state),
            Key::Integer(i) => i.hash(state),
            Key::Float(bits) => bits.hash(state),
            // As `TextKey`.
            Key::Text(text) => text.hash(state),
        }
    }
}

impl indexmap::Equivalent<Key> for TextKey<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        matches!(key, Key::Text(text) if **text == *self.0)
    }
}

impl Key {
    /// The key as a value again.
    pub fn to_value(&self) -> Value {
        match self {
            Key::Null => Value::Null,
            Key::Bool(b) => Value::Bool(*b),
            Key::Integer(i) => Value::Integer(*i),
            Key::Float(bits) => Value::Float(f64::from_bits(*bits)),
            Key::Text(text) => Value::Text(text.clone()),
        }
    }
}

/// Refuses to put a value into the collection at `target` if that collection is within the value.
pub(crate) fn check_acyclic(target: *const (), value: &Value, budget: &Budget) -> Result<(), String> {
    let mut pending = vec![value.clone()];
    while let Some(value) = pending.pop() {
        match &value {
            Value::List(list) => {
                if Rc::as_ptr(&list.0).cast() == target {
                    return Err("a collection cannot contain itself".to_owned());
                }
                budget.step(list.len())?;
                pending.extend(list.0.items.borrow().iter().filter(|v| v.is_collection()).cloned());
            }
            Value::Map(map) => {
                if Rc::as_ptr(&map.0).cast() == target {
                    return Err("a collection cannot contain itself".to_owned());
                }
                budget.step(map.len())?;
                pending.extend(map.0.entries.borrow().values().filter(|v| v.is_collection()).cloned());
            }
            Value::Entry(entry) => {
                budget.step(1)?;
                pending.push(entry.1.clone());
            }
            Value::Iterator(rest) => match rest.try_borrow() {
                Ok(rest) => {
                    budget.step(rest.len())?;
                    pending.extend(rest.as_slice().iter().filter(|v| v.is_collection()).cloned());
                }
                Err(_) => return Err("an iterator is in use".to_owned()),
            },
            _ => {}
        }
    }
    Ok(())
}

impl Value {
    fn is_collection(&self) -> bool {
        matches!(self, Value::List(_) | Value::Map(_) | Value::Entry(_) | Value::Iterator(_))
    }
}

/// Empties collections one after the other instead of within each other.
fn drop_flat(mut pending: Vec<Value>) {
    while let Some(value) = pending.pop() {
        match value {
            Value::List(list) => {
                if let Some(mut cell) = Rc::into_inner(list.0) {
                    pending.append(cell.items.get_mut());
                }
            }
            Value::Map(map) => {
                if let Some(mut cell) = Rc::into_inner(map.0) {
                    pending.extend(cell.entries.get_mut().drain(..).map(|(_, v)| v));
                }
            }
            Value::Entry(entry) => {
                if let Some((key, value)) = Rc::into_inner(entry) {
                    pending.extend([key, value]);
                }
            }
            Value::Iterator(rest) => {
                if let Some(rest) = Rc::into_inner(rest) {
                    pending.extend(rest.into_inner());
                }
            }
            _ => {}
        }
    }
}

impl Drop for ListCell {
    fn drop(&mut self) {
        if self.items.get_mut().iter().any(Value::is_collection) {
            drop_flat(std::mem::take(self.items.get_mut()));
        }
    }
}

impl Drop for MapCell {
    fn drop(&mut self) {
        if self.entries.get_mut().values().any(Value::is_collection) {
            drop_flat(self.entries.get_mut().drain(..).map(|(_, v)| v).collect());
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::text::to_text_unbounded(self))
    }
}
