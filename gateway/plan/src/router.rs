//! From a path to a resource: literal parts before `{name}`, `{name}` before `{name+}`, part by part.
//!
//! A resource that lacks the request's method does not hide a less specific one that has it. A final slash is ignored, as API Gateway
//! ignores it; parts are compared after percent-decoding, and parameters are given as they were sent. Matching walks the parts once for
//! APIs without overlapping variables, whatever the number of resources; with overlaps it goes back at most once for each kind of part.

use std::borrow::Cow;
use std::collections::HashMap;

use percent_encoding::percent_decode_str;

/// Most parts of a path that are looked at; longer paths match only greedily.
const PARTS_MAX: usize = 256;

/// Resources by path. `T` is what a resource holds for one HTTP method.
#[derive(Debug)]
pub struct Router<T> {
    nodes: Vec<Node<T>>,
}

#[derive(Debug)]
struct Node<T> {
    literal: HashMap<Box<str>, usize>,
    variable: Option<(Box<str>, usize)>,
    greedy: Option<(Box<str>, usize)>,
    methods: HashMap<Box<str>, T>,
}

/// What a path matched.
#[derive(Debug, PartialEq)]
pub struct Matched<'r, 'p, T> {
    /// The method's entry, or that of `ANY`.
    pub entry: &'r T,
    /// Path parameters in the order of the path, raw.
    pub parameters: Vec<(&'r str, &'p str)>,
}

impl<T> Default for Router<T> {
    fn default() -> Self {
        Router { nodes: vec![Node::default()] }
    }
}

impl<T> Default for Node<T> {
    fn default() -> Self {
        Node { literal: HashMap::new(), variable: None, greedy: None, methods: HashMap::new() }
    }
}

impl<T> Router<T> {
    /// Adds a method (or `ANY`) of the resource at `path`, such as `/users/{id}`.
    pub fn add(&mut self, path: &str, method: &str, entry: T) {
        let mut at = 0;
        for part in path.split('/').filter(|part| !part.is_empty()) {
            at = self.child(at, part);
        }
        self.nodes[at].methods.insert(method.into(), entry);
    }

    fn child(&mut self, at: usize, part: &str) -> usize {
        let next = self.nodes.len();
        let inner = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
        let node = &mut self.nodes[at];
        let found = match inner {
            None => *node.literal.entry(part.into()).or_insert(next),
            Some(name) => match name.strip_suffix('+') {
                Some(name) => node.greedy.get_or_insert((name.into(), next)).1,
                None => node.variable.get_or_insert((name.into(), next)).1,
            },
        };
        if found == next {
            self.nodes.push(Node::default());
        }
        found
    }

    /// Finds the most specific resource that has `method` or `ANY`.
    pub fn find<'r, 'p>(&'r self, method: &str, path: &'p str) -> Option<Matched<'r, 'p, T>> {
        let path = path.strip_prefix('/').unwrap_or(path);
        let path = path.strip_suffix('/').unwrap_or(path);
        let mut parameters = Vec::new();
        let entry = self.walk(0, method, Some(path).filter(|path| !path.is_empty()), 0, &mut parameters)?;
        Some(Matched { entry, parameters })
    }

    fn walk<'r, 'p>(
        &'r self,
        at: usize,
        method: &str,
        rest: Option<&'p str>,
        depth: usize,
        parameters: &mut Vec<(&'r str, &'p str)>,
    ) -> Option<&'r T> {
        let node = &self.nodes[at];
        let Some(rest) = rest else {
            return node.methods.get(method).or_else(|| node.methods.get("ANY"));
        };
        let (part, tail) = match rest.split_once('/') {
            Some((part, tail)) => (part, Some(tail)),
            None => (rest, None),
        };
        if depth < PARTS_MAX && !part.is_empty() {
            let decoded: Cow<'_, str> = percent_decode_str(part).decode_utf8_lossy();
            if let Some(&next) = node.literal.get(&*decoded)
                && let Some(entry) = self.walk(next, method, tail, depth + 1, parameters)
            {
                return Some(entry);
            }
            if let Some((name, next)) = &node.variable {
                parameters.push((name, part));
                if let Some(entry) = self.walk(*next, method, tail, depth + 1, parameters) {
                    return Some(entry);
                }
                parameters.pop();
            }
        }
        let (name, next) = node.greedy.as_ref()?;
        let methods = &self.nodes[*next].methods;
        let entry = methods.get(method).or_else(|| methods.get("ANY"))?;
        parameters.push((name, rest));
        Some(entry)
    }
}

#[cfg(test)]
mod tests;
