//! The longest match of a lexical state.
//!
//! Each function answers the length in bytes of its token at the beginning of a text, or 0. The order of the candidates is Velocity's: of two equally
//! long ones the earlier is taken.

use super::Action::{self, More as M, Skip, Terminator, Token};
use super::{Kind, More, State};

/// The longest token of a state at the beginning of `rest`, which is not empty.
pub(super) fn longest(state: State, rest: &str) -> Option<(usize, Action)> {
    let mut best = Best { length: 0, action: Skip };
    match state {
        State::Default => {
            best.offer(escape_directive(rest), Token(Kind::EscapeDirective));
            best.offer(set(rest), Token(Kind::Set));
            best.everywhere(rest);
            best.offer(literal(rest, "##"), Token(Kind::LineCommentStart));
            best.offer(literal(rest, "\\\\"), Token(Kind::DoubleEscape));
            best.offer(literal(rest, "\\"), Token(Kind::Escape));
            best.offer(rest.find(['$', '#', '\\']).unwrap_or(rest.len()), Token(Kind::Text));
            best.offer(empty_index(rest), Token(Kind::EmptyIndex));
        }
        State::Reference => {
            best.offer(literal(rest, "["), Token(Kind::IndexLBracket));
            best.offer(set(rest), Token(Kind::Set));
            best.everywhere(rest);
            best.offer(literal(rest, "##"), Token(Kind::LineCommentStart));
            best.reference(rest);
            best.offer(literal(rest, "{"), Token(Kind::LCurly));
            best.offer(literal(rest, "}"), Token(Kind::RCurly));
            best.offer(character(rest), Terminator);
            best.offer(empty_index(rest), Token(Kind::EmptyIndex));
        }
        State::RefModifier => {
            best.offer(literal(rest, "["), Token(Kind::IndexLBracket));
            best.offer(literal(rest, "("), Token(Kind::LParen));
            best.offer(set(rest), Token(Kind::Set));
            best.everywhere(rest);
            best.reference(rest);
            best.offer(literal(rest, "{"), Token(Kind::LCurly));
            best.offer(literal(rest, "}"), Token(Kind::RCurly));
            best.offer(character(rest), Terminator);
        }
        State::RefMod2 => {
            best.symbols(rest);
            best.offer(literal(rest, ")"), Token(Kind::RefMod2RParen));
            best.offer(set(rest), Token(Kind::Set));
            best.everywhere(rest);
            best.values(rest);
            best.reference(rest);
        }
        State::RefIndex => {
            best.offer(literal(rest, "]"), Token(Kind::IndexRBracket));
            best.everywhere(rest);
            best.values(rest);
        }
        State::Directive => {
            best.symbols(rest);
            best.offer(literal(rest, "("), Token(Kind::LParen));
            best.offer(with_line_end(rest, ")"), Token(Kind::RParen));
            best.everywhere(rest);
            best.offer(literal(rest, "##"), Token(Kind::LineCommentStart));
            best.values(rest);
            for (image, kind) in OPERATORS {
                best.offer(literal(rest, image), Token(kind));
            }
            best.words(rest);
        }
        State::PreDirective => {
            best.everywhere(rest);
            best.offer(literal(rest, "##"), Token(Kind::LineCommentStart));
            for name in ["end", "{end}"] {
                best.offer(with_line_end(rest, name), Token(Kind::End));
            }
            for (name, kind) in
                [("if", Kind::If), ("{if}", Kind::If), ("elseif", Kind::ElseIf), ("{elseif}", Kind::ElseIf)]
            {
                best.offer(literal(rest, name), Token(kind));
            }
            for name in ["else", "{else}"] {
                best.offer(with_line_end(rest, name), Token(Kind::Else));
            }
            best.numbers(rest);
            best.words(rest);
            best.offer(character(rest), Terminator);
        }
        State::LineComment => {
            best.everywhere(rest);
            best.offer(line_end(rest), Token(Kind::LineCommentEnd));
            best.offer(character(rest), Skip);
        }
        State::BlockComment | State::FormalComment => {
            best.everywhere(rest);
            best.offer(literal(rest, "*#"), Token(Kind::CommentEnd));
            best.offer(character(rest), Skip);
        }
        State::TextBlock => {
            best.everywhere(rest);
            best.offer(literal(rest, "]]#"), Token(Kind::TextBlockEnd));
            best.offer(character(rest), M(More::Character));
        }
    }
    (best.length > 0).then_some((best.length, best.action))
}

const OPERATORS: [(&str, Kind); 24] = [
    ("-", Kind::Minus),
    ("+", Kind::Plus),
    ("*", Kind::Multiply),
    ("/", Kind::Divide),
    ("%", Kind::Modulus),
    ("&&", Kind::And),
    ("and", Kind::And),
    ("||", Kind::Or),
    ("or", Kind::Or),
    ("<", Kind::Less),
    ("lt", Kind::Less),
    ("<=", Kind::LessOrEqual),
    ("le", Kind::LessOrEqual),
    (">", Kind::Greater),
    ("gt", Kind::Greater),
    (">=", Kind::GreaterOrEqual),
    ("ge", Kind::GreaterOrEqual),
    ("==", Kind::Equal),
    ("eq", Kind::Equal),
    ("!=", Kind::NotEqual),
    ("ne", Kind::NotEqual),
    ("!", Kind::Not),
    ("not", Kind::Not),
    ("=", Kind::Assign),
];

struct Best {
    length: usize,
    action: Action,
}

impl Best {
    fn offer(&mut self, length: usize, action: Action) {
        if length > self.length {
            *self = Best { length, action };
        }
    }

    /// What begins an element in every state.
    fn everywhere(&mut self, rest: &str) {
        let slashes = rest.len() - rest.trim_start_matches('\\').len();
        if rest[slashes..].starts_with('$') {
            self.offer(slashes + 1, M(More::Dollar));
            let after = &rest[slashes + 1..];
            let more = after.len() - after.trim_start_matches('\\').len();
            if after[more..].starts_with('!') {
                self.offer(slashes + 1 + more + 1, M(More::Dollar));
            }
        }
        self.offer(literal(rest, "#[["), M(More::TextBlock));
        if let Some(after) = rest.strip_prefix("#**")
            && !after.is_empty()
            && !after.starts_with('#')
        {
            self.offer(3 + character(after), M(More::FormalComment));
        }
        self.offer(literal(rest, "#*"), M(More::BlockComment));
        self.offer(literal(rest, "#"), M(More::Hash));
    }

    fn symbols(&mut self, rest: &str) {
        let kind = match rest.as_bytes()[0] {
            b'[' => Kind::LBracket,
            b']' => Kind::RBracket,
            b',' => Kind::Comma,
            b':' => Kind::Colon,
            b'{' => Kind::LeftCurly,
            b'}' => Kind::RightCurly,
            b'.' if rest.starts_with("..") => return self.offer(2, Token(Kind::DoubleDot)),
            _ => return,
        };
        self.offer(1, Token(kind));
    }

    /// Spaces, strings, booleans and numbers.
    fn values(&mut self, rest: &str) {
        self.offer(
            rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len(),
            Token(Kind::Whitespace),
        );
        self.offer(string(rest), Token(Kind::String));
        self.offer(literal(rest, "true"), Token(Kind::True));
        self.offer(literal(rest, "false"), Token(Kind::False));
        self.numbers(rest);
    }

    fn numbers(&mut self, rest: &str) {
        let (integer, float) = number(rest);
        self.offer(integer, Token(Kind::Integer));
        self.offer(float, Token(Kind::Float));
    }

    fn words(&mut self, rest: &str) {
        self.offer(word(rest), Token(Kind::Word));
        self.offer(bracketed_word(rest), Token(Kind::BracketedWord));
    }

    fn reference(&mut self, rest: &str) {
        self.offer(literal(rest, "true"), Token(Kind::True));
        self.offer(literal(rest, "false"), Token(Kind::False));
        if rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            let end = rest
                .find(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'))
                .unwrap_or(rest.len());
            self.offer(end, Token(Kind::Identifier));
        }
        let bytes = rest.as_bytes();
        if bytes.len() > 1 && bytes[0] == b'.' && bytes[1].is_ascii_alphabetic() {
            self.offer(2, Token(Kind::Dot));
        }
    }
}

fn literal(rest: &str, image: &str) -> usize {
    if rest.starts_with(image) { image.len() } else { 0 }
}

fn character(rest: &str) -> usize {
    rest.chars().next().map_or(0, char::len_utf8)
}

fn line_end(rest: &str) -> usize {
    if rest.starts_with("\r\n") { 2 } else { usize::from(rest.starts_with(['\n', '\r'])) }
}

/// A name, with the rest of its line if nothing but blanks is there.
fn with_line_end(rest: &str, name: &str) -> usize {
    let Some(after) = rest.strip_prefix(name) else { return 0 };
    let line = after.trim_start_matches([' ', '\t']);
    match line_end(line) {
        0 => name.len(),
        end => rest.len() - line.len() + end,
    }
}

fn is_word_start(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_'
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '@'
}

fn word(rest: &str) -> usize {
    if rest.starts_with(|c| is_word_start(c) || c == '@') {
        rest.find(|c| !is_word(c)).unwrap_or(rest.len())
    } else {
        0
    }
}

fn bracketed_word(rest: &str) -> usize {
    let Some(after) = rest.strip_prefix('{') else { return 0 };
    if !after.starts_with(is_word_start) {
        return 0;
    }
    let end = after.find(|c| !is_word(c)).unwrap_or(after.len());
    if after[end..].starts_with('}') { end + 2 } else { 0 }
}

/// Backslashes, then `#` and a word; an odd number of them.
fn escape_directive(rest: &str) -> usize {
    let slashes = rest.len() - rest.trim_start_matches('\\').len();
    if slashes.is_multiple_of(2) {
        return 0;
    }
    let Some(after) = rest[slashes..].strip_prefix('#') else { return 0 };
    match word(after).max(bracketed_word(after)) {
        0 => 0,
        length => slashes + 1 + length,
    }
}

/// `#set(` with the blanks before it.
fn set(rest: &str) -> usize {
    let body = rest.trim_start_matches([' ', '\t']);
    let Some(after) = body.strip_prefix("#set").or_else(|| body.strip_prefix("#{set}")) else { return 0 };
    let after = after.trim_start_matches([' ', '\t']);
    if after.starts_with('(') { rest.len() - after.len() + 1 } else { 0 }
}

fn empty_index(rest: &str) -> usize {
    ["$[", "$![", "$\\![", "$."].iter().map(|image| literal(rest, image)).max().unwrap_or(0)
}

/// A quoted string. A doubled quote is part of it wherever another quote closes it later.
fn string(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let quote = bytes[0];
    if quote != b'"' && quote != b'\'' {
        return 0;
    }
    let mut last = 0;
    let mut at = 1;
    while let Some(offset) = rest[at..].find(char::from(quote)) {
        at += offset;
        last = at + 1;
        if bytes.get(at + 1) != Some(&quote) {
            break;
        }
        at += 2;
    }
    last
}

/// The lengths of an integer (with `..` after it, if there) and of a floating point number.
fn number(rest: &str) -> (usize, usize) {
    let bytes = rest.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let sign = usize::from(bytes[0] == b'-');
    let whole = digits(sign.min(bytes.len()));
    let mut integer = 0;
    let mut float = 0;
    if whole > 0 {
        integer = sign + whole;
        if rest[integer..].starts_with("..") {
            integer += 2;
        }
    }
    let end = sign + whole;
    let exponent = |from: usize| -> usize {
        if !matches!(bytes.get(from), Some(b'e' | b'E')) {
            return 0;
        }
        let signed = usize::from(matches!(bytes.get(from + 1), Some(b'+' | b'-')));
        match from + 1 + signed {
            start if start <= bytes.len() => match digits(start) {
                0 => 0,
                count => 1 + signed + count,
            },
            _ => 0,
        }
    };
    if bytes.get(end) == Some(&b'.') {
        let fraction = digits(end + 1);
        if whole > 0 || fraction > 0 {
            let after = end + 1 + fraction;
            float = after + exponent(after);
        }
    } else if whole > 0 {
        match exponent(end) {
            0 => {}
            length => float = end + length,
        }
    }
    (integer, float)
}
