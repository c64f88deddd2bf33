//! Relaxed JSON: JSON whose keys and simple words need no quotes, and which may refer to what earlier steps answered.
//!
//! A word ends at `,`, `]`, `}` or the end of its line, and is a number, `true`, `false` or `null` if it reads as one. `$N.path` is a
//! reference; in quotes it is `${N.path}`, or the whole of the text. `zip:{…}` and `json:{…}` are bytes made of what follows.

use serde_json::{Number, Value as Json};

use super::ParseError;
use super::cursor::Cursor;

/// A value as it was written.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// `null`
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text, perhaps with `${N.path}` in it.
    Text(String),
    /// `$N.path`: number of the step, and the path into its answer.
    Reference(usize, Vec<String>),
    /// A list; open if it ends with `...`.
    List(Vec<Node>, Ending),
    /// A map.
    Map(Vec<(String, Node)>),
    /// `zip:{…}` or `json:…`, without quotes.
    Tagged(&'static str, Box<Node>),
}

/// How a list ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With its last item.
    Closed,
    /// `...`: further items may follow.
    Open,
}

impl Node {
    /// An empty map.
    pub fn empty() -> Node {
        Node::Map(Vec::new())
    }

    /// Reads a text that is one value.
    pub fn parse(text: &str) -> Result<Node, ParseError> {
        whole(text)
    }

    /// The member `name` of a map.
    pub fn get(&self, name: &str) -> Option<&Node> {
        match self {
            Node::Map(members) => members.iter().find(|(key, _)| key == name).map(|(_, node)| node),
            _ => None,
        }
    }

    /// A text that refers to nothing.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Node::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// How deep lists and maps may lie in each other.
const DEPTH_MAX: usize = 64;

/// What makes bytes of a value, unquoted.
const TAGS: [&str; 2] = ["zip:", "json:"];

/// Reads one value.
pub(super) fn value(cursor: &mut Cursor<'_>) -> Result<Node, ParseError> {
    nested(cursor, 0)
}

fn whole(text: &str) -> Result<Node, ParseError> {
    let mut cursor = Cursor::new(text, 0, text.len());
    let node = value(&mut cursor)?;
    cursor.skip_space();
    match cursor.is_at_end() {
        true => Ok(node),
        false => Err(cursor.error("something follows the value")),
    }
}

fn nested(cursor: &mut Cursor<'_>, depth: usize) -> Result<Node, ParseError> {
    cursor.skip_space();
    if depth > DEPTH_MAX {
        return Err(cursor.error(format!("more than {DEPTH_MAX} lists and maps in each other")));
    }
    for tag in TAGS {
        let rest = cursor.rest();
        if rest.starts_with(tag) && rest[tag.len()..].starts_with(['{', '[']) {
            cursor.eat(tag);
            return Ok(Node::Tagged(tag, Box::new(nested(cursor, depth + 1)?)));
        }
    }
    match cursor.peek() {
        None => Err(cursor.error("a value is missing")),
        Some('{') => map(cursor, depth),
        Some('[') => list(cursor, depth),
        Some('"') => {
            let text = quoted(cursor)?;
            Ok(reference(&text).unwrap_or(Node::Text(text)))
        }
        Some(_) => word(cursor),
    }
}

fn map(cursor: &mut Cursor<'_>, depth: usize) -> Result<Node, ParseError> {
    let start = cursor.position();
    cursor.bump();
    let mut members: Vec<(String, Node)> = Vec::new();
    loop {
        cursor.skip_space();
        if cursor.eat("}") {
            return Ok(Node::Map(members));
        }
        if cursor.is_at_end() {
            return Err(cursor.error_at(start, "this { is never closed"));
        }
        let at = cursor.position();
        let key = match cursor.peek() {
            Some('"') => quoted(cursor)?,
            _ => cursor.until(|c| c == ':' || c == '\n' || "{}[],\"".contains(c)).trim().to_owned(),
        };
        cursor.skip_space();
        if key.is_empty() && cursor.peek() != Some(':') {
            return Err(cursor.error_at(at, "a key is missing"));
        }
        if !cursor.eat(":") {
            return Err(cursor.error(format!("expected `:` after the key {key}")));
        }
        if members.iter().any(|(other, _)| *other == key) {
            return Err(cursor.error_at(at, format!("the key {key} is there twice")));
        }
        members.push((key, nested(cursor, depth + 1)?));
        separator(cursor, '}')?;
    }
}

fn list(cursor: &mut Cursor<'_>, depth: usize) -> Result<Node, ParseError> {
    let start = cursor.position();
    cursor.bump();
    let mut items = Vec::new();
    loop {
        cursor.skip_space();
        if cursor.eat("]") {
            let is_open = items.last() == Some(&Node::Text("...".to_owned()));
            if is_open {
                items.pop();
            }
            return Ok(Node::List(items, if is_open { Ending::Open } else { Ending::Closed }));
        }
        if cursor.is_at_end() {
            return Err(cursor.error_at(start, "this [ is never closed"));
        }
        items.push(nested(cursor, depth + 1)?);
        separator(cursor, ']')?;
    }
}

fn separator(cursor: &mut Cursor<'_>, close: char) -> Result<(), ParseError> {
    cursor.skip_space();
    match cursor.peek() {
        Some(',') => {
            cursor.bump();
            Ok(())
        }
        Some(next) if next == close => Ok(()),
        None => Ok(()),
        Some(next) => Err(cursor.error(format!("expected `,` or `{close}`, found `{next}`"))),
    }
}

/// A JSON string.
pub(super) fn quoted(cursor: &mut Cursor<'_>) -> Result<String, ParseError> {
    let start = cursor.position();
    let rest = cursor.rest();
    let mut is_escaped = false;
    let close = rest.char_indices().skip(1).find(|&(_, c)| {
        let ends = c == '"' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        ends
    });
    let Some((close, _)) = close else { return Err(cursor.error_at(start, "this quote is never closed")) };
    let literal = &rest[..=close];
    let text = serde_json::from_str(literal)
        .map_err(|error| cursor.error_at(start, format!("not a JSON string: {error}")))?;
    cursor.eat(literal);
    Ok(text)
}

fn word(cursor: &mut Cursor<'_>) -> Result<Node, ParseError> {
    let at = cursor.position();
    let word = cursor.until(|c| matches!(c, ',' | ']' | '}' | '\n')).trim();
    if word.is_empty() {
        return Err(cursor.error_at(at, "a value is missing"));
    }
    if let Some(odd) = word.find(['{', '[', '"']) {
        return Err(
            cursor.error_at(at + odd, format!("a text with `{}` in it needs quotes", &word[odd..=odd]))
        );
    }
    if let Some(reference) = reference(word) {
        return Ok(reference);
    }
    if word.starts_with('$') {
        return Err(cursor.error_at(at, format!("{word} is no reference; they look like $2.Member.0.Name")));
    }
    Ok(match serde_json::from_str(word) {
        Ok(Json::Null) => Node::Null,
        Ok(Json::Bool(flag)) => Node::Bool(flag),
        Ok(Json::Number(number)) => Node::Number(number),
        _ => Node::Text(word.to_owned()),
    })
}

/// `$N`, `$N.path`.
fn reference(text: &str) -> Option<Node> {
    let (step, path) = split_reference(text.strip_prefix('$')?)?;
    Some(Node::Reference(step, path))
}

/// `N.path` into its parts.
pub(super) fn split_reference(text: &str) -> Option<(usize, Vec<String>)> {
    let mut parts = text.split('.');
    let step = parts.next()?;
    let step = step.parse().ok().filter(|_| step.bytes().all(|byte| byte.is_ascii_digit()))?;
    let path: Vec<String> = parts.map(str::to_owned).collect();
    let is_name =
        |part: &String| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || "_-".contains(c));
    path.iter().all(is_name).then_some((step, path))
}
