//! Text to a path.
//!
//! Names after a dot run to the next `.`, `[`, `(` or space and may hold any other character; names in brackets are quoted in either quote.

use crate::literal::quoted;
use crate::{Error, Function, PATH_LEN_MAX, PATH_STEPS_MAX, Path, Step, filter};

/// A place in a text.
pub(crate) struct Cursor<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Cursor<'t> {
    pub fn new(text: &'t str) -> Cursor<'t> {
        Cursor { text, at: 0 }
    }

    pub fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    pub fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    pub fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    pub fn skip_spaces(&mut self) {
        self.take_while(char::is_whitespace);
    }

    pub fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let end = rest.find(|c| !wanted(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }
}

/// Parses a whole text as a path; `depth` counts the filters around it.
pub(crate) fn path(text: &str, depth: usize) -> Result<Path, Error> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::new("a path is empty"));
    }
    if text.len() > PATH_LEN_MAX {
        return Err(Error::new(format!("a path is longer than {PATH_LEN_MAX} bytes")));
    }
    let prefixed;
    let text = if text.starts_with(['$', '@']) {
        text
    } else {
        prefixed = format!("$.{text}");
        &prefixed
    };
    let mut cursor = Cursor::new(text);
    let path = steps(&mut cursor, depth)?;
    match cursor.peek() {
        None => Ok(path),
        Some(c) => Err(Error::new(format!("'{c}' is not expected in path {text}"))),
    }
}

/// A path inside a filter: ends where something else begins.
pub(crate) fn steps(cursor: &mut Cursor<'_>, depth: usize) -> Result<Path, Error> {
    let from_root = cursor.next() == Some('$');
    let mut steps: Vec<Step> = Vec::new();
    let mut function = None;
    while let Some(c) = cursor.peek() {
        if function.is_some() {
            match c {
                '.' | '[' => return Err(Error::new("a function stands at the end of a path")),
                _ => break,
            }
        }
        match c {
            '.' if cursor.rest().starts_with("..") => {
                cursor.eat("..");
                steps.push(Step::Scan);
                match cursor.peek() {
                    Some('[') => {}
                    Some('.') | None => return Err(Error::new("a path cannot end with a scan")),
                    Some(_) => name_or_function(cursor, &mut steps, &mut function)?,
                }
            }
            '.' => {
                cursor.eat(".");
                if cursor.peek() != Some('[') {
                    name_or_function(cursor, &mut steps, &mut function)?;
                }
            }
            '[' => {
                cursor.eat("[");
                let step = bracket(cursor, depth)?;
                steps.push(step);
            }
            _ => break,
        }
        if steps.len() > PATH_STEPS_MAX {
            return Err(Error::new(format!("a path has more than {PATH_STEPS_MAX} steps")));
        }
    }
    if matches!(steps.last(), Some(Step::Scan)) {
        return Err(Error::new("a path cannot end with a scan"));
    }
    Ok(Path::new(steps, function, from_root))
}

fn name_or_function(
    cursor: &mut Cursor<'_>,
    steps: &mut Vec<Step>,
    function: &mut Option<Function>,
) -> Result<(), Error> {
    // Inside a filter a name also ends where an operator or a bracket of the filter begins.
    let name = cursor.take_while(|c| {
        !matches!(c, '.' | '[' | ']' | '(' | ')' | ',' | '=' | '!' | '<' | '>' | '&' | '|')
            && !c.is_whitespace()
    });
    if name.is_empty() {
        return Err(Error::new("a name is missing in a path"));
    }
    if !cursor.eat("(") {
        steps.push(if name == "*" { Step::Wildcard } else { Step::Names(vec![name.to_owned()]) });
        return Ok(());
    }
    cursor.skip_spaces();
    if !cursor.eat(")") {
        return Err(Error::new(format!("function {name} takes no arguments here")));
    }
    *function = Some(match name {
        "length" | "size" => Function::Length,
        "min" => Function::Min,
        "max" => Function::Max,
        "sum" => Function::Sum,
        "avg" => Function::Average,
        "stddev" => Function::StandardDeviation,
        "keys" => Function::Keys,
        "first" => Function::First,
        "last" => Function::Last,
        other => return Err(Error::new(format!("Function with name: {other} does not exist."))),
    });
    Ok(())
}

/// What stands in brackets, the opening one already eaten.
fn bracket(cursor: &mut Cursor<'_>, depth: usize) -> Result<Step, Error> {
    cursor.skip_spaces();
    let step = match cursor.peek() {
        Some('*') => {
            cursor.eat("*");
            Step::Wildcard
        }
        Some('\'' | '"') => names(cursor)?,
        Some('?') => {
            cursor.eat("?");
            cursor.skip_spaces();
            if cursor.peek() != Some('(') {
                return Err(Error::new("a filter is written [?(…)]"));
            }
            Step::Filter(filter::parse(cursor, depth + 1)?)
        }
        Some('(' | '@') => from_length(cursor)?,
        Some(c) if c == '-' || c == ':' || c.is_ascii_digit() => indexes(cursor)?,
        Some(c) => return Err(Error::new(format!("'{c}' is not expected in brackets"))),
        None => return Err(Error::new("a bracket is not closed")),
    };
    cursor.skip_spaces();
    if !cursor.eat("]") {
        return Err(Error::new("a bracket is not closed"));
    }
    Ok(step)
}

fn names(cursor: &mut Cursor<'_>) -> Result<Step, Error> {
    let mut names = Vec::new();
    loop {
        cursor.skip_spaces();
        if !matches!(cursor.peek(), Some('\'' | '"')) {
            return Err(Error::new("a quoted name is missing in brackets"));
        }
        names.push(quoted(cursor)?);
        cursor.skip_spaces();
        if !cursor.eat(",") {
            return Ok(Step::Names(names));
        }
    }
}

fn indexes(cursor: &mut Cursor<'_>) -> Result<Step, Error> {
    let mut list = Vec::new();
    loop {
        cursor.skip_spaces();
        let first = index(cursor)?;
        cursor.skip_spaces();
        if list.is_empty() && cursor.eat(":") {
            cursor.skip_spaces();
            let to = index(cursor)?;
            if first.is_none() && to.is_none() {
                return Err(Error::new("a slice needs a beginning or an end"));
            }
            return Ok(Step::Slice { from: first, to });
        }
        list.push(first.ok_or_else(|| Error::new("an index is missing in brackets"))?);
        if !cursor.eat(",") {
            break;
        }
    }
    Ok(if list.len() == 1 { Step::Index(list[0]) } else { Step::Indexes(list) })
}

fn index(cursor: &mut Cursor<'_>) -> Result<Option<i64>, Error> {
    let text = cursor.take_while(|c| c == '-' || c.is_ascii_digit());
    if text.is_empty() {
        return Ok(None);
    }
    text.parse::<i32>()
        .map(|i| Some(i64::from(i)))
        .map_err(|_| Error::new(format!("'{text}' is not an index")))
}

/// `(@.length-1)`, `(@.size()-1)` or `@.length-1`.
fn from_length(cursor: &mut Cursor<'_>) -> Result<Step, Error> {
    let parenthesis = cursor.eat("(");
    cursor.skip_spaces();
    if !cursor.eat("@.length") && !cursor.eat("@.size") {
        return Err(Error::new("only [(@.length-n)] can be computed in brackets"));
    }
    let _ = cursor.eat("()");
    cursor.skip_spaces();
    if !cursor.rest().starts_with('-') {
        return Err(Error::new("only [(@.length-n)] can be computed in brackets"));
    }
    cursor.eat("-");
    cursor.skip_spaces();
    let text = cursor.take_while(|c| c.is_ascii_digit());
    let back: i32 = text.parse().map_err(|_| Error::new(format!("'{text}' is not an index")))?;
    cursor.skip_spaces();
    if parenthesis && !cursor.eat(")") {
        return Err(Error::new("a bracket is not closed"));
    }
    Ok(Step::FromLength(-i64::from(back)))
}
