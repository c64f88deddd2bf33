//! Paths of the REST protocols: `/2015-03-31/functions/{FunctionName}/invocations?Qualifier`.
//!
//! A route is chosen by method, path and constant query parameters. A literal segment beats a label, a label beats a greedy
//! label, and a route with constant query parameters beats the same path without.

use http::Method;

use super::Operation;

/// A path with labels, and the query parameters that must be there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UriPattern {
    /// In order, without the slashes.
    pub segments: Vec<Segment>,
    /// Constant parameters: name and, if it has one, value.
    pub query: Vec<(Box<str>, Option<Box<str>>)>,
}

/// A part of a path.
#[derive(Clone, Debug, PartialEq)]
pub enum Segment {
    /// Itself.
    Literal(Box<str>),
    /// `{Name}`: one segment.
    Label(Box<str>),
    /// `{Name+}`: one or more segments, slashes included.
    Greedy(Box<str>),
}

impl UriPattern {
    /// Reads the `requestUri` of a model.
    pub fn parse(text: &str) -> UriPattern {
        let (path, query) = text.split_once('?').unwrap_or((text, ""));
        let segments = path.split('/').filter(|segment| !segment.is_empty()).map(|segment| {
            match segment.strip_prefix('{').and_then(|label| label.strip_suffix('}')) {
                Some(label) => match label.strip_suffix('+') {
                    Some(greedy) => Segment::Greedy(greedy.into()),
                    None => Segment::Label(label.into()),
                },
                None => Segment::Literal(segment.into()),
            }
        });
        let query = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| match pair.split_once('=') {
            Some((name, value)) if !value.is_empty() => (name.into(), Some(value.into())),
            Some((name, _)) => (name.into(), None),
            None => (pair.into(), None),
        });
        UriPattern { segments: segments.collect(), query: query.collect() }
    }

    /// The raw texts of the labels, if the path fits.
    pub fn match_path<'p>(&self, path: &'p str) -> Option<Vec<(&str, &'p str)>> {
        let mut labels = Vec::new();
        let mut rest = path.strip_prefix('/').unwrap_or(path);
        let mut ended = rest.is_empty();
        for (at, segment) in self.segments.iter().enumerate() {
            if ended {
                return None;
            }
            if let Segment::Greedy(name) = segment {
                // What follows a greedy label is literal and of known length.
                let after = self.segments.len() - at - 1;
                let mut end = rest.len();
                for _ in 0..after {
                    end = rest[..end].rfind('/')?;
                }
                if end == 0 {
                    return None;
                }
                labels.push((&**name, &rest[..end]));
                ended = end == rest.len();
                rest = rest[end..].strip_prefix('/').unwrap_or_default();
                continue;
            }
            let (here, after) = match rest.split_once('/') {
                Some((here, after)) => (here, Some(after)),
                None => (rest, None),
            };
            match segment {
                Segment::Literal(literal) if **literal == *here => {}
                Segment::Literal(_) => return None,
                Segment::Label(name) | Segment::Greedy(name) => {
                    if here.is_empty() {
                        return None;
                    }
                    labels.push((&**name, here));
                }
            }
            ended = after.is_none_or(str::is_empty);
            rest = after.unwrap_or_default();
        }
        ended.then_some(labels)
    }

    fn match_query(&self, query: &[(String, String)]) -> bool {
        self.query.iter().all(|(name, value)| {
            query
                .iter()
                .any(|(key, given)| **key == **name && value.as_deref().is_none_or(|value| value == given))
        })
    }

    /// Bigger is more specific.
    fn rank(&self) -> (Vec<u8>, usize) {
        let weight = |segment: &Segment| match segment {
            Segment::Literal(_) => 2,
            Segment::Label(_) => 1,
            Segment::Greedy(_) => 0,
        };
        (self.segments.iter().map(weight).collect(), self.query.len())
    }
}

/// The operations of a REST service, the most specific first.
#[derive(Debug, Default)]
pub struct Routes(Vec<(Method, u32)>);

impl Routes {
    pub(super) fn of(operations: &[Operation]) -> Routes {
        let mut order: Vec<u32> = (0..operations.len() as u32).collect();
        order.sort_by_key(|&at| std::cmp::Reverse(operations[at as usize].uri.rank()));
        Routes(order.into_iter().map(|at| (operations[at as usize].method.clone(), at)).collect())
    }

    /// The operation for a request, with the raw texts of its labels. `query` is decoded.
    pub fn find<'m, 'p>(
        &self,
        operations: &'m [Operation],
        method: &Method,
        path: &'p str,
        query: &[(String, String)],
    ) -> Option<(&'m Operation, Vec<(&'m str, &'p str)>)> {
        self.0.iter().filter(|(verb, _)| verb == method).find_map(|(_, at)| {
            let operation = &operations[*at as usize];
            let labels = operation.uri.match_path(path)?;
            operation.uri.match_query(query).then_some((operation, labels))
        })
    }
}
