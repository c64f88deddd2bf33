//! A stage's access log: where it goes, and its format taken apart once.
//!
//! AWS: Set up CloudWatch logging for REST APIs: a format holds `$context` variables between fixed texts; a variable without a value is
//! `-`. Destinations are log groups of CloudWatch Logs.

/// Longest format, in bytes (AWS: 3 KB).
const FORMAT_BYTES_MAX: usize = 3 * 1024;

/// An access log.
#[derive(Clone, Debug, PartialEq)]
pub struct AccessLog {
    /// Log group.
    pub group: String,
    /// The format.
    pub pieces: Vec<LogPiece>,
}

/// A piece of a format.
#[derive(Clone, Debug, PartialEq)]
pub enum LogPiece {
    /// As it is.
    Text(String),
    /// `$context.NAME`.
    Variable(String),
}

impl AccessLog {
    /// The log of a destination's ARN and a format; `None` if the destination is no log group.
    pub fn compile(destination: &str, format: &str) -> Option<AccessLog> {
        let (_, group) = destination.split_once(":log-group:").filter(|_| destination.contains(":logs:"))?;
        let group = group.strip_suffix(":*").unwrap_or(group);
        Some(AccessLog { group: group.to_owned(), pieces: pieces(format) })
    }
}

fn pieces(format: &str) -> Vec<LogPiece> {
    let mut pieces = Vec::new();
    let end = (0..=format.len().min(FORMAT_BYTES_MAX)).rev().find(|&at| format.is_char_boundary(at));
    let mut rest = &format[..end.unwrap_or_default()];
    while let Some(at) = rest.find("$context.") {
        let name = &rest[at + "$context.".len()..];
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-');
        let length = name.find(|letter| !is_part(letter)).unwrap_or(name.len());
        // A full stop at the end belongs to the text.
        let name = name[..length].trim_end_matches(['.', '-']);
        if at > 0 {
            pieces.push(LogPiece::Text(rest[..at].to_owned()));
        }
        pieces.push(LogPiece::Variable(name.to_owned()));
        rest = &rest[at + "$context.".len() + name.len()..];
    }
    if !rest.is_empty() {
        pieces.push(LogPiece::Text(rest.to_owned()));
    }
    pieces
}

#[cfg(test)]
mod tests;
