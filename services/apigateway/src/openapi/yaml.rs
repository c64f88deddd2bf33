//! YAML as a JSON tree, from the parser's events.
//!
//! The core schema of YAML 1.2 decides what a plain scalar is; `<<` merges; aliases are copied, and counted so that a small document
//! cannot make a large tree. Only the first document of a stream counts.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, StrInput};
use serde_json::{Map, Number, Value as Json};

/// Deepest nesting.
const DEPTH_MAX: usize = 128;
/// Most nodes, those that aliases copy included.
const NODES_MAX: usize = 500_000;

/// Reads one document; the error tells what is wrong and where.
pub(super) fn tree(text: &str) -> Result<Json, String> {
    let mut reader = Reader { parser: Parser::new_from_str(text), anchors: HashMap::new(), nodes: 0 };
    loop {
        match reader.next()? {
            Event::StreamStart | Event::DocumentStart(_) | Event::Nothing => {}
            Event::StreamEnd | Event::DocumentEnd => return Ok(Json::Null),
            event => return reader.value(event, 0).map(|(value, _)| value),
        }
    }
}

struct Reader<'a> {
    parser: Parser<'a, StrInput<'a>>,
    /// By id: the value, and of how many nodes it is made.
    anchors: HashMap<usize, (Json, usize)>,
    nodes: usize,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<Event<'a>, String> {
        match self.parser.next_event() {
            Some(Ok((event, _))) => Ok(event),
            Some(Err(error)) => Err(format!("{error}")),
            None => Err("the document ends too early".to_owned()),
        }
    }

    /// The value that begins with `event`, and its number of nodes.
    fn value(&mut self, event: Event<'a>, depth: usize) -> Result<(Json, usize), String> {
        if depth > DEPTH_MAX {
            return Err(format!("it is nested deeper than {DEPTH_MAX} levels"));
        }
        self.count(1)?;
        let (anchor, value, nodes) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let is_text = tag.is_some_and(|tag| tag.suffix == "str" || tag.handle == "!");
                let value = match style {
                    ScalarStyle::Plain if !is_text => plain(&text),
                    _ => Json::String(text.into_owned()),
                };
                (anchor, value, 1)
            }
            Event::SequenceStart(anchor, _) => {
                let (list, nodes) = self.sequence(depth)?;
                (anchor, Json::Array(list), nodes)
            }
            Event::MappingStart(anchor, _) => {
                let (map, nodes) = self.mapping(depth)?;
                (anchor, Json::Object(map), nodes)
            }
            Event::Alias(id) => {
                let (value, nodes) = self.anchors.get(&id).cloned().ok_or("an alias has no anchor")?;
                self.count(nodes)?;
                (0, value, nodes)
            }
            _ => return Err("a value is missing".to_owned()),
        };
        if anchor != 0 {
            self.anchors.insert(anchor, (value.clone(), nodes));
        }
        Ok((value, nodes))
    }

    fn sequence(&mut self, depth: usize) -> Result<(Vec<Json>, usize), String> {
        let (mut list, mut total) = (Vec::new(), 1);
        loop {
            match self.next()? {
                Event::SequenceEnd => return Ok((list, total)),
                event => {
                    let (value, nodes) = self.value(event, depth + 1)?;
                    list.push(value);
                    total += nodes;
                }
            }
        }
    }

    fn mapping(&mut self, depth: usize) -> Result<(Map<String, Json>, usize), String> {
        let (mut map, mut merged, mut total) = (Map::new(), Vec::new(), 1);
        loop {
            let key = match self.next()? {
                Event::MappingEnd => break,
                Event::Scalar(text, ..) => text.into_owned(),
                _ => return Err("a key is not a scalar".to_owned()),
            };
            let event = self.next()?;
            let (value, nodes) = self.value(event, depth + 1)?;
            total += nodes;
            match (key.as_str(), value) {
                ("<<", Json::Object(other)) => merged.push(other),
                ("<<", Json::Array(list)) => {
                    merged.extend(list.into_iter().filter_map(|value| match value {
                        Json::Object(other) => Some(other),
                        _ => None,
                    }));
                }
                (_, value) => {
                    map.insert(key, value);
                }
            }
        }
        for (key, value) in merged.into_iter().flatten() {
            map.entry(key).or_insert(value);
        }
        Ok((map, total))
    }

    fn count(&mut self, nodes: usize) -> Result<(), String> {
        self.nodes += nodes;
        if self.nodes > NODES_MAX { Err(format!("it has more than {NODES_MAX} nodes")) } else { Ok(()) }
    }
}

fn plain(text: &str) -> Json {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Json::Null,
        "true" | "True" | "TRUE" => return Json::Bool(true),
        "false" | "False" | "FALSE" => return Json::Bool(false),
        _ => {}
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_number = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-'));
    if is_number {
        // Account ids and the like keep their zeros as texts.
        if let Ok(whole) = text.parse::<i64>() {
            let has_zeros = digits.len() > 1 && digits.starts_with('0');
            return if has_zeros { Json::String(text.to_owned()) } else { Json::from(whole) };
        }
        if let Some(number) = text.parse::<f64>().ok().and_then(Number::from_f64) {
            return Json::Number(number);
        }
    }
    Json::String(text.to_owned())
}
