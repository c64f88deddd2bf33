//! A path walked over a tree.
//!
//! Everything found goes to one list in document order. The budget counts each node looked at, so that `$..*..*..*` ends.

use std::cell::Cell;

use crate::{DOCUMENT_DEPTH_MAX, Error, Found, Function, Kind, Node, Path, RESULTS_MAX, Step, VISITS_MAX};

/// What is left of the work that one evaluation may do.
pub(crate) struct Budget {
    visits: Cell<usize>,
}

impl Budget {
    pub fn new() -> Budget {
        Budget { visits: Cell::new(VISITS_MAX) }
    }

    pub fn visit(&self) -> Result<(), Error> {
        self.spend(1)
    }

    pub fn spend(&self, visits: usize) -> Result<(), Error> {
        let left =
            self.visits.get().checked_sub(visits).ok_or_else(|| Error::new("a path takes too many steps"))?;
        self.visits.set(left);
        Ok(())
    }
}

struct Walk<'a, N> {
    steps: &'a [Step],
    root: &'a N,
    budget: &'a Budget,
    found: Vec<N>,
}

pub(crate) fn find<N: Node>(path: &Path, start: &N, root: &N, budget: &Budget) -> Result<Found<N>, Error> {
    let mut walk = Walk { steps: &path.steps, root, budget, found: Vec::new() };
    walk.step(0, start)?;
    let definite =
        path.steps.iter().all(|s| matches!(s, Step::Names(_) | Step::Index(_) | Step::FromLength(_)));
    let found = match definite {
        true => walk.found.into_iter().next().map_or(Found::Missing, Found::One),
        false => Found::Many(walk.found),
    };
    match path.function {
        None => Ok(found),
        Some(function) => Ok(apply(function, found).map_or(Found::Missing, Found::One)),
    }
}

impl<N: Node> Walk<'_, N> {
    /// Walks the steps from `at` on over a node.
    fn step(&mut self, at: usize, node: &N) -> Result<(), Error> {
        self.budget.visit()?;
        let Some(step) = self.steps.get(at) else {
            if self.found.len() >= RESULTS_MAX {
                return Err(Error::new(format!("a path finds more than {RESULTS_MAX} values")));
            }
            self.found.push(node.clone());
            return Ok(());
        };
        match step {
            Step::Names(names) => self.names(at, node, names),
            Step::Index(index) => self.element(at, node, *index),
            Step::FromLength(back) => {
                let index = length(node) + back;
                if index >= 0 { self.element(at, node, index) } else { Ok(()) }
            }
            Step::Indexes(indexes) => indexes.iter().try_for_each(|index| self.element(at, node, *index)),
            Step::Slice { from, to } => self.slice(at, node, *from, *to),
            Step::Wildcard => {
                for (_, member) in node.members() {
                    self.step(at + 1, &member)?;
                }
                node.elements().iter().try_for_each(|element| self.step(at + 1, element))
            }
            Step::Filter(filter) => match node.kind() {
                Kind::Object if filter.accepts(node, self.root, self.budget)? => self.step(at + 1, node),
                Kind::Array => {
                    for element in node.elements() {
                        if filter.accepts(&element, self.root, self.budget)? {
                            self.step(at + 1, &element)?;
                        }
                    }
                    Ok(())
                }
                _ => Ok(()),
            },
            Step::Scan => self.scan(at + 1, node, 0),
        }
    }

    fn names(&mut self, at: usize, node: &N, names: &[String]) -> Result<(), Error> {
        if node.kind() != Kind::Object {
            return Ok(());
        }
        if let [name] = names {
            return match node.member(name) {
                Some(member) => self.step(at + 1, &member),
                None => Ok(()),
            };
        }
        if at + 1 < self.steps.len() {
            return Err(Error::new("several names can only stand at the end of a path"));
        }
        let mut merged: Vec<(String, N)> = Vec::new();
        for name in names {
            if let Some(member) = node.member(name)
                && !merged.iter().any(|(known, _)| known == name)
            {
                merged.push((name.clone(), member));
            }
        }
        self.step(at + 1, &N::object(merged))
    }

    fn element(&mut self, at: usize, node: &N, index: i64) -> Result<(), Error> {
        if node.kind() != Kind::Array {
            return Ok(());
        }
        let index = if index < 0 { length(node) + index } else { index };
        match usize::try_from(index).ok().and_then(|index| node.element(index)) {
            Some(element) => self.step(at + 1, &element),
            None => Ok(()),
        }
    }

    fn slice(&mut self, at: usize, node: &N, from: Option<i64>, to: Option<i64>) -> Result<(), Error> {
        if node.kind() != Kind::Array {
            return Ok(());
        }
        let length = length(node);
        let (from, to) = match (from, to) {
            (Some(from), None) => (if from < 0 { (length + from).max(0) } else { from }, length),
            (None, Some(to)) => (0, if to < 0 { length + to } else { to.min(length) }),
            // Jayway takes both ends as they are: [-2:2] of a long list is its last two and its first two.
            (Some(from), Some(to)) => (from.max(-length), to.min(length)),
            (None, None) => (0, length),
        };
        for index in from..to {
            self.element(at, node, index)?;
        }
        Ok(())
    }

    /// Applies the step at `at` to a node and to all that is beneath it.
    fn scan(&mut self, at: usize, node: &N, depth: usize) -> Result<(), Error> {
        self.budget.visit()?;
        if depth > DOCUMENT_DEPTH_MAX {
            return Err(Error::new("a document is nested too deeply for a path"));
        }
        match node.kind() {
            Kind::Object => {
                if self.takes(at, node)? {
                    self.step(at, node)?;
                }
                for (_, member) in node.members() {
                    self.scan(at, &member, depth + 1)?;
                }
            }
            Kind::Array => {
                let elements = node.elements();
                if self.takes(at, node)? {
                    if at + 1 == self.steps.len() {
                        self.step(at, node)?;
                    } else {
                        // Jayway goes on from every element here, whatever the step itself would choose.
                        for element in &elements {
                            self.step(at + 1, element)?;
                        }
                    }
                }
                for element in &elements {
                    self.scan(at, element, depth + 1)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether a step after `..` has something to do with a node.
    fn takes(&self, at: usize, node: &N) -> Result<bool, Error> {
        Ok(match &self.steps[at] {
            Step::Names(names) => {
                node.kind() == Kind::Object && names.iter().all(|name| node.member(name).is_some())
            }
            Step::Index(_) | Step::FromLength(_) | Step::Indexes(_) | Step::Slice { .. } => {
                node.kind() == Kind::Array
            }
            Step::Wildcard => true,
            Step::Filter(filter) => filter.accepts(node, self.root, self.budget)?,
            Step::Scan => false,
        })
    }
}

fn length<N: Node>(node: &N) -> i64 {
    i64::try_from(node.len()).unwrap_or(i64::MAX)
}

fn apply<N: Node>(function: Function, found: Found<N>) -> Option<N> {
    let input = match found {
        Found::One(node) => node,
        Found::Many(nodes) => N::array(nodes),
        Found::Missing => return None,
    };
    let numbers = || -> Vec<f64> {
        let elements = input.elements();
        elements.iter().filter_map(|e| if let Kind::Number(n) = e.kind() { Some(n) } else { None }).collect()
    };
    let aggregate = |fold: fn(&[f64]) -> f64| {
        let numbers = numbers();
        (!numbers.is_empty()).then(|| N::number(fold(&numbers), false))
    };
    match function {
        Function::Length => match input.kind() {
            Kind::Array | Kind::Object => Some(N::number(input.len() as f64, true)),
            Kind::String(s) => Some(N::number(s.encode_utf16().count() as f64, true)),
            _ => None,
        },
        Function::Min => aggregate(|all| all.iter().copied().fold(f64::INFINITY, f64::min)),
        Function::Max => aggregate(|all| all.iter().copied().fold(f64::NEG_INFINITY, f64::max)),
        Function::Sum => aggregate(|all| all.iter().sum()),
        Function::Average => aggregate(|all| all.iter().sum::<f64>() / all.len() as f64),
        Function::StandardDeviation => aggregate(|all| {
            let mean = all.iter().sum::<f64>() / all.len() as f64;
            (all.iter().map(|n| (n - mean) * (n - mean)).sum::<f64>() / all.len() as f64).sqrt()
        }),
        Function::Keys => (input.kind() == Kind::Object)
            .then(|| N::array(input.members().into_iter().map(|(name, _)| N::string(name)).collect())),
        Function::First => input.element(0),
        Function::Last => input.element(input.len().checked_sub(1)?),
    }
}
