//! Methods of lists, sets and arrays.

use std::cell::RefCell;
use std::rc::Rc;

use super::{Called, Outcome, value};
use crate::budget::Budget;
use crate::text::{equals, to_text};
use crate::value::{Flavor, List, Value, check_acyclic};

/// What an element costs in memory.
const ELEMENT_BYTES: usize = 48;

pub(super) fn call(list: &List, name: &str, arguments: &[Value], budget: &Budget) -> Called {
    let flavor = list.0.flavor;
    let grows = matches!(flavor, Flavor::List | Flavor::Json);
    match (name, arguments) {
        ("size", []) => value(list.len()),
        ("isEmpty", []) => value(list.is_empty()),
        ("contains", [wanted]) => value(position(list, wanted, budget)?.is_some()),
        ("containsAll", [Value::List(wanted)]) => {
            for item in wanted.items() {
                if position(list, &item, budget)?.is_none() {
                    return value(false);
                }
            }
            value(true)
        }
        ("iterator", []) => {
            budget.charge(ELEMENT_BYTES * list.len())?;
            Ok(Outcome::Value(Value::Iterator(Rc::new(RefCell::new(list.items().into_iter())))))
        }
        ("toArray", []) => {
            budget.charge(ELEMENT_BYTES * list.len())?;
            Ok(Outcome::Value(Value::array(list.items())))
        }
        ("add" | "addAll" | "remove" | "removeAll" | "retainAll" | "clear", _) if !grows => {
            Err("java.lang.UnsupportedOperationException".to_owned())
        }
        _ if matches!(flavor, Flavor::Set | Flavor::Collection) => Ok(Outcome::Unknown),
        _ => match positions(list, name, arguments, budget)? {
            Outcome::Unknown if grows => change(list, name, arguments, budget),
            outcome => Ok(outcome),
        },
    }
}

/// Methods of what has positions: lists and arrays.
fn positions(list: &List, name: &str, arguments: &[Value], budget: &Budget) -> Called {
    match (name, arguments) {
        ("get", [Value::Integer(at)]) => get(list, *at).map(Outcome::Value),
        ("indexOf", [wanted]) => value(position(list, wanted, budget)?.map_or(-1, |i| i as i128)),
        ("lastIndexOf", [wanted]) => {
            let mut found = -1i128;
            for (i, item) in list.0.items.borrow().iter().enumerate() {
                if equals(item, wanted, budget, 0)? {
                    found = i as i128;
                }
            }
            value(found)
        }
        ("set", [Value::Integer(at), new]) => set(list, *at, new.clone(), budget).map(Outcome::Value),
        ("subList", [Value::Integer(from), Value::Integer(to)]) => {
            let range = range(*from, *to, list.len()).ok_or_else(|| out_of_bounds(*to, list.len()))?;
            budget.charge(ELEMENT_BYTES * range.len())?;
            Ok(Outcome::Value(Value::list(list.0.items.borrow()[range].to_vec())))
        }
        _ => Ok(Outcome::Unknown),
    }
}

/// `String.join` over the elements.
pub(super) fn join(list: &List, separator: &str, budget: &Budget) -> Called {
    let mut text = String::new();
    for (i, item) in list.0.items.borrow().iter().enumerate() {
        text.push_str(if i == 0 { "" } else { separator });
        text.push_str(&to_text(item, budget)?.unwrap_or_else(|| "null".to_owned()));
        budget.charge(separator.len())?;
    }
    value(text)
}

fn changed(list: &List) {
    list.0.changes.set(list.0.changes.get().wrapping_add(1));
}

/// Methods that only lists have: they add and remove.
fn change(list: &List, name: &str, arguments: &[Value], budget: &Budget) -> Called {
    let target = Rc::as_ptr(&list.0).cast();
    match (name, arguments) {
        ("add", [new]) => {
            check_acyclic(target, new, budget)?;
            budget.charge(ELEMENT_BYTES)?;
            list.0.items.borrow_mut().push(new.clone());
            changed(list);
            value(true)
        }
        ("add", [Value::Integer(at), new]) => {
            check_acyclic(target, new, budget)?;
            budget.charge(ELEMENT_BYTES)?;
            let length = list.len();
            budget.step(length)?;
            let at = usize::try_from(*at)
                .ok()
                .filter(|i| *i <= length)
                .ok_or_else(|| out_of_bounds(*at, length))?;
            list.0.items.borrow_mut().insert(at, new.clone());
            changed(list);
            nothing()
        }
        ("addAll", [new]) => {
            let Some(items) = super::iterate(new)?.filter(|_| matches!(new, Value::List(_))) else {
                return Ok(Outcome::Unknown);
            };
            for item in &items {
                check_acyclic(target, item, budget)?;
            }
            budget.charge(ELEMENT_BYTES * items.len())?;
            let more = !items.is_empty();
            list.0.items.borrow_mut().extend(items);
            changed(list);
            value(more)
        }
        ("addAll", [Value::Integer(at), Value::List(new)]) => {
            let items = new.items();
            for item in &items {
                check_acyclic(target, item, budget)?;
            }
            let length = list.len();
            budget.charge(ELEMENT_BYTES * items.len())?;
            budget.step(length)?;
            let at = usize::try_from(*at)
                .ok()
                .filter(|i| *i <= length)
                .ok_or_else(|| out_of_bounds(*at, length))?;
            list.0.items.borrow_mut().splice(at..at, items);
            changed(list);
            value(true)
        }
        ("remove", [Value::Integer(at)]) => {
            let length = list.len();
            budget.step(length)?;
            let at = usize::try_from(*at)
                .ok()
                .filter(|i| *i < length)
                .ok_or_else(|| out_of_bounds(*at, length))?;
            changed(list);
            Ok(Outcome::Value(list.0.items.borrow_mut().remove(at)))
        }
        ("remove", [wanted]) => match position(list, wanted, budget)? {
            Some(at) => {
                list.0.items.borrow_mut().remove(at);
                changed(list);
                value(true)
            }
            None => value(false),
        },
        ("removeAll", [Value::List(unwanted)]) => keep(list, unwanted, false, budget),
        ("retainAll", [Value::List(wanted)]) => keep(list, wanted, true, budget),
        ("clear", []) => {
            let items = std::mem::take(&mut *list.0.items.borrow_mut());
            changed(list);
            drop(List::new(items, Flavor::List));
            nothing()
        }
        ("clone", []) => {
            budget.charge(ELEMENT_BYTES * list.len())?;
            Ok(Outcome::Value(Value::List(List::new(list.items(), list.0.flavor))))
        }
        _ => Ok(Outcome::Unknown),
    }
}

/// What a method without result leaves in Velocity: the empty string.
pub(super) fn nothing() -> Called {
    value(String::new())
}

fn get(list: &List, at: i128) -> Result<Value, String> {
    let items = list.0.items.borrow();
    usize::try_from(at).ok().and_then(|i| items.get(i).cloned()).ok_or_else(|| out_of_bounds(at, items.len()))
}

/// Replaces an element and gives the one before.
pub(super) fn set(list: &List, at: i128, new: Value, budget: &Budget) -> Result<Value, String> {
    check_acyclic(Rc::as_ptr(&list.0).cast(), &new, budget)?;
    let length = list.len();
    let mut items = list.0.items.borrow_mut();
    match usize::try_from(at).ok().and_then(|i| items.get_mut(i)) {
        Some(item) => Ok(std::mem::replace(item, new)),
        None => Err(out_of_bounds(at, length)),
    }
}

fn keep(list: &List, others: &List, wanted: bool, budget: &Budget) -> Called {
    let mut kept = Vec::new();
    for item in list.items() {
        if position(others, &item, budget)?.is_some() == wanted {
            kept.push(item);
        }
    }
    let fewer = kept.len() != list.len();
    if fewer {
        changed(list);
    }
    *list.0.items.borrow_mut() = kept;
    value(fewer)
}

fn position(list: &List, wanted: &Value, budget: &Budget) -> Result<Option<usize>, String> {
    for (i, item) in list.0.items.borrow().iter().enumerate() {
        if equals(item, wanted, budget, 0)? {
            return Ok(Some(i));
        }
    }
    Ok(None)
}

fn range(from: i128, to: i128, length: usize) -> Option<std::ops::Range<usize>> {
    let (from, to) = (usize::try_from(from).ok()?, usize::try_from(to).ok()?);
    (from <= to && to <= length).then_some(from..to)
}

fn out_of_bounds(at: i128, length: usize) -> String {
    format!("java.lang.IndexOutOfBoundsException: Index {at} out of bounds for length {length}")
}
