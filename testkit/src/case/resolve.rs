//! Puts what earlier steps answered into a value.

use serde_json::{Map, Value as Json};

use super::relaxed::{Node, split_reference};
use super::{Action, Call, Expect, Http, Line};
use crate::blob;

/// The value that a node stands for. `{base64: …}` stands for the bytes of a `zip:` or `json:`.
pub fn resolve(node: &Node, results: &[Json]) -> Result<Json, String> {
    Ok(match node {
        Node::Null => Json::Null,
        Node::Bool(flag) => Json::Bool(*flag),
        Node::Number(number) => Json::Number(number.clone()),
        Node::Text(text) => Json::String(interpolate(text, results)?),
        Node::Reference(step, path) => lookup(results, *step, path)?,
        Node::List(items, _) => {
            Json::Array(items.iter().map(|item| resolve(item, results)).collect::<Result<_, _>>()?)
        }
        Node::Map(members) => {
            let members =
                members.iter().map(|(name, node)| Ok((interpolate(name, results)?, resolve(node, results)?)));
            Json::Object(members.collect::<Result<Map<_, _>, String>>()?)
        }
        Node::Tagged(tag, inner) => blob::json(&blob::tagged(tag, &resolve(inner, results)?)?),
    })
}

/// A text with each `${N.path}` replaced. Other `${…}`, such as stage variables, stay.
pub(crate) fn interpolate(text: &str, results: &[Json]) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, reference, after)) = next_reference(rest) {
        out.push_str(before);
        let (step, path) = reference;
        match lookup(results, step, &path)? {
            Json::String(text) => out.push_str(&text),
            other => out.push_str(&other.to_string()),
        }
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

type Reference = (usize, Vec<String>);

/// What comes before the next `${N.path}`, the reference, and what comes after.
fn next_reference(text: &str) -> Option<(&str, Reference, &str)> {
    let mut from = 0;
    loop {
        let start = from + text[from..].find("${")?;
        let end = start + text[start..].find('}')?;
        match split_reference(&text[start + 2..end]) {
            Some(reference) => return Some((&text[..start], reference, &text[end + 1..])),
            None => from = start + 2,
        }
    }
}

/// What step `step` (from 1) answered at `path`; looks into texts that are JSON.
pub fn lookup(results: &[Json], step: usize, path: &[String]) -> Result<Json, String> {
    let name = || format!("${step}{}", path.iter().map(|part| format!(".{part}")).collect::<String>());
    let missing = || format!("{} does not exist", name());
    let mut value = step.checked_sub(1).and_then(|at| results.get(at)).cloned().ok_or_else(missing)?;
    for part in path {
        if let Json::String(text) = &value {
            value = serde_json::from_str(text).map_err(|_| missing())?;
        }
        let found = match &value {
            Json::Array(items) => part.parse::<usize>().ok().and_then(|at| items.get(at)),
            Json::Object(members) => members.get(part),
            _ => None,
        };
        value = found.cloned().ok_or_else(|| {
            format!("{}; the step answered {}", missing(), crate::run::shorten(&results[step - 1]))
        })?;
    }
    Ok(value)
}

/// Refuses references to steps that are not before this line; `steps` are before it.
pub(super) fn check_references(line: &Line, steps: usize) -> Result<(), String> {
    let mut used = Vec::new();
    match &line.action {
        Action::Call(Call { params, by, .. }) => {
            collect(params, &mut used);
            if let Some(super::By::Step(step)) = by {
                used.push(*step);
            }
        }
        Action::Http(Http { url, options, .. }) => {
            collect_text(url, &mut used);
            collect(options, &mut used);
        }
        Action::Clock(_) | Action::Function { .. } => {}
    }
    match &line.expect {
        Some(Expect::Result(node)) => collect(node, &mut used),
        Some(Expect::Error { message, fields, .. }) => {
            collect_text(message, &mut used);
            fields.iter().for_each(|node| collect(node, &mut used));
        }
        Some(Expect::Http { answer, .. }) => answer.iter().for_each(|node| collect(node, &mut used)),
        None => {}
    }
    match used.into_iter().find(|step| *step == 0 || *step > steps) {
        Some(step) => Err(format!("${step} is no earlier step; this one is number {}", steps + 1)),
        None => Ok(()),
    }
}

fn collect(node: &Node, used: &mut Vec<usize>) {
    match node {
        Node::Reference(step, _) => used.push(*step),
        Node::Text(text) => collect_text(text, used),
        Node::List(items, _) => items.iter().for_each(|item| collect(item, used)),
        Node::Map(members) => members.iter().for_each(|(name, node)| {
            collect_text(name, used);
            collect(node, used);
        }),
        Node::Tagged(_, inner) => collect(inner, used),
        Node::Null | Node::Bool(_) | Node::Number(_) => {}
    }
}

fn collect_text(text: &str, used: &mut Vec<usize>) {
    let mut rest = text;
    while let Some((_, (step, _), after)) = next_reference(rest) {
        used.push(step);
        rest = after;
    }
}
