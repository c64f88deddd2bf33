//! Methods of maps.

use std::rc::Rc;

use super::list::nothing;
use super::{Called, Outcome, to_key, value};
use crate::budget::Budget;
use crate::text::equals;
use crate::value::{Flavor, Key, List, Map, Value, check_acyclic};

/// What an entry costs in memory, its key's text aside.
const ENTRY_BYTES: usize = 96;

pub(super) fn call(map: &Map, name: &str, arguments: &[Value], budget: &Budget) -> Called {
    let get = |key: &Key| map.0.entries.borrow().get(key).cloned();
    match (name, arguments) {
        ("get", [key]) => Ok(Outcome::Value(get(&to_key(key, budget)?).unwrap_or(Value::Null))),
        ("put", [key, new]) => Ok(Outcome::Value(put(map, to_key(key, budget)?, new.clone(), budget)?)),
        ("size", []) => value(map.len()),
        ("isEmpty", []) => value(map.is_empty()),
        ("containsKey", [key]) => value(get(&to_key(key, budget)?).is_some()),
        ("containsValue", [wanted]) => {
            for item in map.0.entries.borrow().values() {
                if equals(item, wanted, budget, 0)? {
                    return value(true);
                }
            }
            value(false)
        }
        ("getOrDefault", [key, default]) => {
            Ok(Outcome::Value(get(&to_key(key, budget)?).unwrap_or_else(|| default.clone())))
        }
        ("putIfAbsent", [key, new]) => {
            let key = to_key(key, budget)?;
            match get(&key).filter(|v| !v.is_null()) {
                Some(old) => Ok(Outcome::Value(old)),
                None => put(map, key, new.clone(), budget).map(Outcome::Value),
            }
        }
        ("putAll", [Value::Map(other)]) => {
            for (key, item) in other.entries() {
                put(map, key, item, budget)?;
            }
            nothing()
        }
        ("remove", [key]) => {
            budget.step(map.len())?;
            let removed = map.0.entries.borrow_mut().shift_remove(&to_key(key, budget)?);
            if removed.is_some() {
                changed(map);
            }
            Ok(Outcome::Value(removed.unwrap_or(Value::Null)))
        }
        ("clear", []) => {
            let entries = std::mem::take(&mut *map.0.entries.borrow_mut());
            changed(map);
            let gone = Map::default();
            *gone.0.entries.borrow_mut() = entries;
            nothing()
        }
        ("keySet", []) => view(map, Flavor::Set, budget, |key, _| key.to_value()),
        ("values", []) => view(map, Flavor::Collection, budget, |_, item| item.clone()),
        ("entrySet", []) => {
            view(map, Flavor::Set, budget, |key, item| Value::Entry(Rc::new((key.to_value(), item.clone()))))
        }
        ("clone", []) => {
            let copy = Map::default();
            for (key, item) in map.entries() {
                put(&copy, key, item, budget)?;
            }
            Ok(Outcome::Value(Value::Map(copy)))
        }
        _ => Ok(Outcome::Unknown),
    }
}

fn changed(map: &Map) {
    map.0.changes.set(map.0.changes.get().wrapping_add(1));
}

/// Puts an entry and gives the value before, null if there was none.
pub(super) fn put(map: &Map, key: Key, new: Value, budget: &Budget) -> Result<Value, String> {
    check_acyclic(Rc::as_ptr(&map.0).cast(), &new, budget)?;
    budget.charge(ENTRY_BYTES)?;
    let old = map.0.entries.borrow_mut().insert(key, new);
    if old.is_none() {
        changed(map);
    }
    Ok(old.unwrap_or(Value::Null))
}

fn view(map: &Map, flavor: Flavor, budget: &Budget, each: impl Fn(&Key, &Value) -> Value) -> Called {
    budget.charge(ENTRY_BYTES * map.len())?;
    let items = map.0.entries.borrow().iter().map(|(key, item)| each(key, item)).collect();
    Ok(Outcome::Value(Value::List(List::new(items, flavor))))
}
