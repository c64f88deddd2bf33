//! Patch operations: a JSON pointer each, checked against the entity's table of paths and what may be done to them.
//!
//! In a path `~1` stands for `/` and `~0` for `~`. AWS has two ways of refusing, kept apart here because each entity has its own:
//! [`check`] and [`check_by_op`]. Stages have a third, in `stage`. AWS: Patch Operations.

use std::collections::BTreeMap;

use crate::error::Error;
use crate::generated::PatchOperation;

/// What is done to a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Add,
    Replace,
    Remove,
    Copy,
    /// `move` and `test`, which no entity supports.
    Other(&'static str),
}

impl Op {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Op::Add => "add",
            Op::Replace => "replace",
            Op::Remove => "remove",
            Op::Copy => "copy",
            Op::Other(name) => name,
        }
    }

    fn parse(text: &str) -> Op {
        match text {
            "add" => Op::Add,
            "replace" => Op::Replace,
            "remove" => Op::Remove,
            "copy" => Op::Copy,
            "move" => Op::Other("move"),
            _ => Op::Other("test"),
        }
    }
}

/// One operation, its path taken apart.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Patch {
    pub(crate) op: Op,
    /// As the client wrote it.
    pub(crate) path: String,
    /// Its parts, `~1` and `~0` resolved.
    pub(crate) parts: Vec<String>,
    pub(crate) value: Option<String>,
    /// Where a copy comes from.
    pub(crate) from: Option<String>,
}

impl Patch {
    /// The operations of a request, in order.
    pub(crate) fn parse(operations: Option<Vec<PatchOperation>>) -> Vec<Patch> {
        operations.unwrap_or_default().into_iter().map(Patch::from_wire).collect()
    }

    fn from_wire(operation: PatchOperation) -> Patch {
        // What AWS's texts call a path that is not there.
        let path = operation.path.unwrap_or_else(|| "null".to_owned());
        let parts = path.strip_prefix('/').unwrap_or(&path).split('/').map(unescape).collect();
        Patch {
            op: Op::parse(operation.op.as_deref().unwrap_or("test")),
            path,
            parts,
            value: operation.value,
            from: operation.from,
        }
    }

    /// The value, or nothing where it is absent or empty: both take a member away.
    pub(crate) fn filled(&self) -> Option<String> {
        self.value.clone().filter(|value| !value.is_empty())
    }

    /// The value, empty if it is absent.
    pub(crate) fn text(&self) -> &str {
        self.value.as_deref().unwrap_or_default()
    }

    /// True for `true` in any case; AWS takes everything else as false.
    pub(crate) fn flag(&self) -> bool {
        self.text().eq_ignore_ascii_case("true")
    }

    /// The last part of the path.
    pub(crate) fn last(&self) -> &str {
        self.parts.last().map(String::as_str).unwrap_or_default()
    }

    /// An error for a value that does not fit.
    pub(crate) fn misfit(&self, wanted: &'static str) -> Error {
        Error::PatchValue { path: self.path.clone(), value: self.text().to_owned(), wanted }
    }
}

fn unescape(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~")
}

/// A row of an entity's table: a path, in which `{}` stands for any one part, and what may be done to it.
pub(crate) type Rule = (&'static str, &'static [Op]);

/// What most rows allow.
pub(crate) const REPLACE: &[Op] = &[Op::Replace];
/// What rows about an entry of a map allow.
pub(crate) const ENTRY: &[Op] = &[Op::Add, Op::Replace, Op::Remove];
/// What rows about an element of a set allow.
pub(crate) const ELEMENT: &[Op] = &[Op::Add, Op::Remove];

/// Finds the row of a patch; an unknown path and a known one with a wrong operation are told apart.
pub(crate) fn check(rules: &[Rule], patch: &Patch) -> Result<&'static str, Error> {
    let rule = rules.iter().find(|(pattern, _)| fits(pattern, &patch.parts));
    let (pattern, ops) = rule.ok_or_else(|| Error::PatchPath(patch.path.clone()))?;
    if !ops.contains(&patch.op) {
        let allowed: Vec<_> = ops.iter().map(|op| op.name()).collect();
        return Err(Error::PatchOp(allowed.join(", ")));
    }
    Ok(pattern)
}

/// Finds the row of a patch among those that allow its operation; if there are none, that is what is said.
pub(crate) fn check_by_op(rules: &[Rule], patch: &Patch) -> Result<&'static str, Error> {
    let (path, op) = (patch.path.clone(), patch.op.name());
    let allowed: Vec<_> =
        rules.iter().filter(|(_, ops)| ops.contains(&patch.op)).map(|(path, _)| *path).collect();
    if allowed.is_empty() {
        return Err(Error::PatchOpOf { path, op });
    }
    let found = allowed.iter().find(|pattern| fits(pattern, &patch.parts)).copied();
    found.ok_or_else(|| Error::PatchPathOf { path, op, allowed: allowed.join(", ") })
}

fn fits(pattern: &str, parts: &[String]) -> bool {
    let mut wanted = pattern.split('/').skip(1);
    let all = parts.iter().all(|part| match wanted.next() {
        Some("{}") => !part.is_empty(),
        Some(name) => name == part,
        None => false,
    });
    all && wanted.next().is_none()
}

/// Does to a map's entry what the patch says; taking away what is not there is `missing`.
pub(crate) fn entry<T>(
    map: &mut BTreeMap<String, T>,
    patch: &Patch,
    value: T,
    missing: Error,
) -> Result<(), Error> {
    match patch.op {
        Op::Remove => map.remove(patch.last()).map(drop).ok_or(missing),
        _ => {
            map.insert(patch.last().to_owned(), value);
            Ok(())
        }
    }
}

/// Does to a set's element what the patch says.
pub(crate) fn element(list: &mut Vec<String>, patch: &Patch, name: &str) {
    list.retain(|other| other != name);
    if patch.op != Op::Remove {
        list.push(name.to_owned());
    }
}

#[cfg(test)]
mod tests;
