//! Whether bytes are JSON, and what is wrong with them in the words of the parser that Lambda uses (Jackson).
//!
//! The texts are those of the mistakes that people make: a bare word, a wrong quote, an end that comes too early, bytes that are no UTF-8.
//! For others the kind of text is the same and its details may differ.

use serde::de::IgnoredAny;

const WANTED: &str = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
/// Most characters of the source that the text shows.
const SHOWN_MAX: usize = 500;

/// What is wrong, or `None` if the bytes are one JSON value.
pub(crate) fn fault(bytes: &[u8]) -> Option<String> {
    let error = serde_json::from_slice::<IgnoredAny>(bytes).err()?;
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let byte = bytes.get(error.valid_up_to()).copied().unwrap_or(0);
            return Some(format!(
                "Invalid UTF-8 start byte 0x{byte:02x}{}",
                place(&String::from_utf8_lossy(bytes), 1, error.valid_up_to() + 1)
            ));
        }
    };
    if error.is_eof() {
        return Some(format!("Unexpected end-of-input{}", place(text, error.line(), error.column() + 1)));
    }
    let line = text.lines().nth(error.line() - 1).unwrap_or_default();
    let at = line.floor_char_boundary(error.column().saturating_sub(1));
    let before = line[..at].trim_end_matches(|c: char| c.is_ascii_alphanumeric());
    let token: String =
        line[before.len()..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    if token.starts_with(|c: char| c.is_ascii_alphabetic()) {
        let column = before.chars().count() + token.chars().count() + 1;
        return Some(format!(
            "Unrecognized token '{token}': was expecting {WANTED}{}",
            place(text, error.line(), column)
        ));
    }
    let found = line[at..].chars().next().unwrap_or('\n');
    let code = u32::from(found);
    let column = line[..at].chars().count() + 2;
    Some(format!(
        "Unexpected character ('{found}' (code {code})): expected a valid value {WANTED}{}",
        place(text, error.line(), column)
    ))
}

fn place(text: &str, line: usize, column: usize) -> String {
    let shown: String = text.chars().take(SHOWN_MAX).collect();
    let rest = text.chars().count() - shown.chars().count();
    let more = if rest > 0 { format!("[truncated {rest} bytes]") } else { String::new() };
    format!("\n at [Source: (byte[])\"{shown}\"{more}; line: {line}, column: {column}]")
}

#[cfg(test)]
mod tests;
