//! Reads a `.case` file.
//!
//! A line that begins with white space goes on with the step before it; `#` begins a comment line. Errors say where.

use std::path::Path;

use super::cursor::Cursor;
use super::relaxed::{Node, quoted, value};
use super::{Action, By, Call, Case, Expect, Http, Line, ParseError, resolve};
use crate::behaviour::Behaviour;

/// Sources that need no page.
const SOURCES: [&str; 3] = ["aws-docs", "aws-recorded", "inferred"];

/// Reads a case.
pub fn parse(path: &Path, text: &str) -> Result<Case, ParseError> {
    let bare = without_comments(text);
    let nowhere = Cursor::new(&bare, 0, bare.len());
    let mut case = Case {
        path: path.to_owned(),
        title: title(text),
        source: String::new(),
        needs_stillness: false,
        lines: Vec::new(),
    };
    let mut gap: Option<(usize, String)> = None;
    let mut steps = 0;
    for (start, end) in entries(&bare)? {
        let mut cursor = Cursor::new(&bare, start, end);
        if cursor.eat("source:") {
            case.source = source(&cursor)?;
        } else if cursor.rest().trim() == "clock still" {
            case.needs_stillness = true;
        } else if cursor.eat("gap:") {
            gap = Some((start, cursor.rest().trim().to_owned()));
        } else {
            let line = step(cursor, gap.take().map(|(_, text)| text))?;
            resolve::check_references(&line, steps).map_err(|problem| nowhere.error_at(start, problem))?;
            steps += usize::from(matches!(line.action, Action::Call(_) | Action::Http(_)));
            case.lines.push(line);
        }
    }
    if case.title.is_empty() {
        return Err(nowhere.error_at(0, "the first line is a comment that tells the behaviour: `# …`"));
    }
    if case.source.is_empty() {
        return Err(
            nowhere.error_at(0, "`source:` is missing: aws-docs <page title> | aws-recorded | inferred")
        );
    }
    if let Some((at, _)) = gap {
        return Err(nowhere.error_at(at, "`gap:` stands before the step whose answer is known to be wrong"));
    }
    if case.lines.iter().all(|line| line.expect.is_none()) {
        return Err(nowhere.error_at(0, "the case expects nothing: some step needs a `=>`"));
    }
    Ok(case)
}

fn title(text: &str) -> String {
    let comment = text.lines().next().and_then(|line| line.strip_prefix('#'));
    comment.map(|comment| comment.trim().to_owned()).unwrap_or_default()
}

/// The text with comment lines made blank, so that positions stay.
fn without_comments(text: &str) -> String {
    let blank = |line: &str| {
        line.chars().map(|c| if c == '\n' { "\n".to_owned() } else { " ".repeat(c.len_utf8()) }).collect()
    };
    let clean = |line: &str| if line.starts_with('#') { blank(line) } else { line.to_owned() };
    text.split_inclusive('\n').map(clean).collect()
}

/// Where each entry begins and ends.
fn entries(text: &str) -> Result<Vec<(usize, usize)>, ParseError> {
    let mut entries: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        if line.trim().is_empty() {
            // Neither begins nor ends anything.
        } else if line.starts_with([' ', '\t']) || line.starts_with("=>") {
            let Some(last) = entries.last_mut() else {
                return Err(
                    Cursor::new(text, at, end).error("there is no step that this line could go on with")
                );
            };
            last.1 = end;
        } else {
            entries.push((at, end));
        }
        at = end;
    }
    Ok(entries)
}

fn source(cursor: &Cursor<'_>) -> Result<String, ParseError> {
    let source = cursor.rest().trim();
    let kind = source.split_whitespace().next().unwrap_or_default();
    if !SOURCES.contains(&kind) {
        return Err(cursor.error(format!("the source is one of {}", SOURCES.join(", "))));
    }
    if kind == "aws-docs" && source == kind {
        return Err(cursor.error("aws-docs is followed by the page's title"));
    }
    Ok(source.to_owned())
}

fn step(mut cursor: Cursor<'_>, gap: Option<String>) -> Result<Line, ParseError> {
    let start = cursor.position();
    let line = cursor.error("").line;
    let action = match cursor.word() {
        "clock" => Action::Clock(clock(&mut cursor)?),
        "fn" => function(&mut cursor)?,
        "http" => Action::Http(http(&mut cursor, None)?),
        "as" => {
            let by = by(&mut cursor)?;
            match cursor.word() {
                "http" => Action::Http(http(&mut cursor, Some(by))?),
                service => Action::Call(call(&mut cursor, service, Some(by))?),
            }
        }
        service => Action::Call(call(&mut cursor, service, None)?),
    };
    cursor.skip_space();
    let expect = match cursor.eat("=>") {
        true => Some(expectation(&mut cursor, &action)?),
        false => None,
    };
    cursor.skip_space();
    let gap = match cursor.eat("gap:") {
        true => Some(cursor.until(|_| false).trim().to_owned()),
        false => gap,
    };
    if !cursor.is_at_end() {
        return Err(cursor.error(format!(
            "`{}` was not expected here",
            cursor.rest().lines().next().unwrap_or_default().trim_end()
        )));
    }
    if gap.is_some() && expect.is_none() {
        return Err(cursor.error_at(start, "a known gap is asserted: this step needs a `=>`"));
    }
    Ok(Line { line, action, expect, gap })
}

fn call(cursor: &mut Cursor<'_>, service: &str, by: Option<By>) -> Result<Call, ParseError> {
    let at = cursor.position();
    let operation = cursor.until(|c| c.is_whitespace() || c == '{').to_owned();
    let is_name =
        |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if !is_name(service) || !is_name(&operation) {
        return Err(cursor.error_at(
            at,
            "expected `SERVICE OPERATION {PARAMETERS}`, `http`, `clock`, `fn`, `as`, `gap:` or `source:`",
        ));
    }
    Ok(Call { by, service: service.to_owned(), operation, params: options(cursor)? })
}

/// A map, or nothing.
fn options(cursor: &mut Cursor<'_>) -> Result<Node, ParseError> {
    cursor.skip_space();
    if cursor.peek() != Some('{') {
        return Ok(Node::empty());
    }
    value(cursor)
}

fn by(cursor: &mut Cursor<'_>) -> Result<By, ParseError> {
    let at = cursor.position();
    let name = cursor.word();
    match name.strip_prefix('$') {
        Some(step) => step
            .parse()
            .map(By::Step)
            .map_err(|_| cursor.error_at(at, "expected `as $N` with the number of a step")),
        None if name.is_empty() => Err(cursor.error_at(at, "expected the name of a user or role")),
        None => Ok(By::Name(name.to_owned())),
    }
}

fn http(cursor: &mut Cursor<'_>, by: Option<By>) -> Result<Http, ParseError> {
    let at = cursor.position();
    let method = cursor.word().to_owned();
    let url = cursor.word().to_owned();
    if method.is_empty() || !method.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Err(cursor.error_at(at, "expected `http METHOD URL`"));
    }
    if !url.starts_with("http://") && !url.starts_with("https://") {
        return Err(cursor.error_at(at, "expected a URL that begins with http:// or https://"));
    }
    let options = options(cursor)?;
    if let Node::Map(members) = &options
        && let Some((name, _)) =
            members.iter().find(|(name, _)| !["headers", "body"].contains(&name.as_str()))
    {
        return Err(cursor.error_at(at, format!("a request has `headers` and `body`, not `{name}`")));
    }
    Ok(Http { by, method, url, options })
}

fn clock(cursor: &mut Cursor<'_>) -> Result<u64, ParseError> {
    let at = cursor.position();
    let text = cursor.word();
    let refused = || cursor.error_at(at, "expected `clock +6s`, with ms, s, m, h or d");
    let amount = text.strip_prefix('+').ok_or_else(refused)?;
    let digits = amount.find(|c: char| !c.is_ascii_digit()).unwrap_or(amount.len());
    let number: u64 = amount[..digits].parse().map_err(|_| refused())?;
    let unit = match &amount[digits..] {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err(refused()),
    };
    number.checked_mul(unit).ok_or_else(refused)
}

fn function(cursor: &mut Cursor<'_>) -> Result<Action, ParseError> {
    let at = cursor.position();
    let name = cursor.word().to_owned();
    if name.is_empty() || cursor.word() != "=" {
        return Err(cursor.error_at(at, "expected `fn NAME = BEHAVIOUR`"));
    }
    let at = cursor.position();
    let word = cursor.until(|c| c.is_whitespace() || "{[\"".contains(c));
    cursor.skip_space();
    let has_value = !cursor.is_at_end();
    let given = if has_value { Some(value(cursor)?) } else { None };
    let json = given
        .map(|node| resolve::resolve(&node, &[]))
        .transpose()
        .map_err(|problem| cursor.error_at(at, problem))?;
    let behaviour = Behaviour::parse(word, json).map_err(|problem| cursor.error_at(at, problem))?;
    Ok(Action::Function { name, behaviour })
}

fn expectation(cursor: &mut Cursor<'_>, action: &Action) -> Result<Expect, ParseError> {
    cursor.skip_space();
    let at = cursor.position();
    match action {
        Action::Clock(_) | Action::Function { .. } => {
            Err(cursor.error_at(at, "this line answers nothing that could be expected"))
        }
        Action::Http(_) => {
            let status = status(cursor)?;
            cursor.skip_space();
            let answer = if cursor.peek() == Some('{') { Some(value(cursor)?) } else { None };
            if let Some(Node::Map(members)) = &answer
                && let Some((name, _)) =
                    members.iter().find(|(name, _)| !["headers", "body", "json"].contains(&name.as_str()))
            {
                return Err(
                    cursor.error_at(at, format!("an answer has `headers`, `body` and `json`, not `{name}`"))
                );
            }
            Ok(Expect::Http { status, answer })
        }
        Action::Call(_) => {
            let mut ahead = cursor.clone();
            if ahead.word() != "error" {
                return value(cursor).map(Expect::Result);
            }
            *cursor = ahead;
            error(cursor)
        }
    }
}

fn error(cursor: &mut Cursor<'_>) -> Result<Expect, ParseError> {
    let at = cursor.position();
    let code = cursor.word().to_owned();
    if code.is_empty() || code.starts_with(['"', '{']) {
        return Err(cursor.error_at(at, "expected `=> error CODE STATUS \"text\"`"));
    }
    let status = status(cursor)?;
    cursor.skip_space();
    if cursor.peek() != Some('"') {
        return Err(cursor.error("the error's text is missing, in quotes (\"*\" for any)"));
    }
    let message = quoted(cursor)?;
    cursor.skip_space();
    let fields = if cursor.peek() == Some('{') { Some(value(cursor)?) } else { None };
    Ok(Expect::Error { code, status, message, fields })
}

fn status(cursor: &mut Cursor<'_>) -> Result<u16, ParseError> {
    let at = cursor.position();
    let word = cursor.until(|c| c.is_whitespace() || c == '{');
    let status = word.parse().ok().filter(|status| (100..600).contains(status));
    status.ok_or_else(|| cursor.error_at(at, format!("expected an HTTP status, found `{word}`")))
}
