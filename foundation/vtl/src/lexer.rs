//! Text to tokens, by the lexical states of Velocity 1.7.
//!
//! Velocity's surprises live here: which state is current decides what a character means, the longest token wins, and of equally long ones the first in
//! Velocity's own order. Tokens are made one at a time, because the parser changes the state between them.
//!
//! What always holds: every call either advances, or pops a state, or fails; the images of tokens are slices of the source, in order.

mod scan;

use crate::parser::Fault;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Default,
    PreDirective,
    Directive,
    Reference,
    RefModifier,
    RefMod2,
    RefIndex,
    LineComment,
    BlockComment,
    FormalComment,
    TextBlock,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Eof,
    IndexLBracket,
    IndexRBracket,
    LBracket,
    RBracket,
    Comma,
    DoubleDot,
    Colon,
    LeftCurly,
    RightCurly,
    LParen,
    RParen,
    RefMod2RParen,
    EscapeDirective,
    Set,
    LineCommentStart,
    DoubleEscape,
    Escape,
    Text,
    LineCommentEnd,
    CommentEnd,
    TextBlockEnd,
    Whitespace,
    String,
    True,
    False,
    Minus,
    Plus,
    Multiply,
    Divide,
    Modulus,
    And,
    Or,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
    Not,
    Assign,
    End,
    If,
    ElseIf,
    Else,
    Integer,
    Float,
    Word,
    BracketedWord,
    Identifier,
    Dot,
    LCurly,
    RCurly,
    EmptyIndex,
}

/// What a match is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Token(Kind),
    /// Part of the next token.
    More(More),
    /// Thrown away.
    Skip,
    /// Ends a reference or directive without being part of it.
    Terminator,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum More {
    Dollar,
    TextBlock,
    FormalComment,
    BlockComment,
    Hash,
    Character,
}

#[derive(Debug, Clone)]
pub(crate) struct Token<'s> {
    pub kind: Kind,
    pub image: &'s str,
    /// Where the image begins in the source, in bytes.
    pub start: usize,
    /// What preceded the token and still counts as text: `$` and `#` that begin nothing.
    pub special: Option<String>,
}

pub(crate) struct Lexer<'s> {
    source: &'s str,
    at: usize,
    state: State,
    stack: Vec<(usize, usize, State)>,
    lparen: usize,
    rparen: usize,
    in_comment: bool,
    pub in_set: bool,
}

/// States that a template may stack: a bound for sources made of nothing but openings.
const STATES_MAX: usize = 10_000;

impl<'s> Lexer<'s> {
    pub fn new(source: &'s str) -> Lexer<'s> {
        Lexer {
            source,
            at: 0,
            state: State::Default,
            stack: Vec::new(),
            lparen: 0,
            rparen: 0,
            in_comment: false,
            in_set: false,
        }
    }

    pub fn switch_to_directive(&mut self) {
        self.state = State::Directive;
    }

    fn push(&mut self, next: State) {
        self.stack.push((self.lparen, self.rparen, self.state));
        self.lparen = 0;
        self.state = next;
    }

    pub fn pop(&mut self) -> bool {
        match self.stack.pop() {
            Some((lparen, rparen, state)) => {
                (self.lparen, self.rparen, self.state) = (lparen, rparen, state);
                true
            }
            None => {
                self.lparen = 0;
                self.state = State::Default;
                false
            }
        }
    }

    /// Whether a left parenthesis follows, spaces aside.
    pub fn parenthesis_follows(&self) -> bool {
        self.source[self.at..].trim_start_matches([' ', '\t', '\n', '\r']).starts_with('(')
    }

    pub fn next(&mut self) -> Result<Token<'s>, Fault> {
        let mut start = self.at;
        let mut more = false;
        let mut special: Option<String> = None;
        loop {
            if self.stack.len() > STATES_MAX {
                return Err(Fault::at(self.at, "the template is nested too deeply"));
            }
            let rest = &self.source[self.at..];
            if rest.is_empty() {
                if more {
                    return Err(Fault::at(self.at, "Lexical error: the template ends inside an element"));
                }
                return Ok(Token { kind: Kind::Eof, image: "", start: self.at, special });
            }
            let Some((length, action)) = scan::longest(self.state, rest) else {
                let c = rest.chars().next().unwrap_or(' ');
                return Err(Fault::at(self.at, format!("Lexical error: '{c}' is not expected here")));
            };
            match action {
                Action::Token(kind) => {
                    self.at += length;
                    self.act(kind, start);
                    // A dot is only itself: what led to it is lost, in Velocity too.
                    if kind == Kind::Dot {
                        start = self.at - 1;
                    }
                    return Ok(Token { kind, image: &self.source[start..self.at], start, special });
                }
                Action::More(which) => {
                    self.at += length;
                    self.act_more(which);
                    more = true;
                }
                Action::Skip => {
                    self.at += length;
                    start = self.at;
                    more = false;
                }
                Action::Terminator => {
                    // The character is not consumed. What came before it, a lone `$` or `#`, is text.
                    let pending = &self.source[start..self.at];
                    special.get_or_insert_default().push_str(&special_text(pending));
                    start = self.at;
                    more = false;
                    self.pop();
                }
            }
        }
    }

    fn act_more(&mut self, more: More) {
        if self.in_comment {
            return;
        }
        match more {
            More::Dollar => {
                if self.state == State::Reference {
                    self.pop();
                }
                self.push(State::Reference);
            }
            More::Hash => {
                if matches!(self.state, State::Reference | State::RefModifier) {
                    self.pop();
                }
                self.push(State::PreDirective);
            }
            More::TextBlock => {
                self.in_comment = true;
                self.push(State::TextBlock);
            }
            More::FormalComment => {
                // The character after `#**` is looked at, not taken.
                let taken = self.source[..self.at].chars().next_back().map_or(0, char::len_utf8);
                self.at -= taken;
                self.in_comment = true;
                self.push(State::FormalComment);
            }
            More::BlockComment => {
                self.in_comment = true;
                self.push(State::BlockComment);
            }
            More::Character => {}
        }
    }

    fn act(&mut self, kind: Kind, start: usize) {
        match kind {
            Kind::IndexLBracket => self.push(State::RefIndex),
            Kind::IndexRBracket => {
                self.pop();
            }
            Kind::LParen => {
                self.lparen += 1;
                if self.state == State::RefModifier {
                    self.state = State::RefMod2;
                }
            }
            Kind::RParen => self.close_parenthesis(),
            Kind::RefMod2RParen => self.state = State::Reference,
            Kind::Set => {
                self.push(State::Directive);
                self.in_set = true;
                self.lparen += 1;
            }
            Kind::LineCommentStart => {
                if self.state == State::Reference {
                    self.pop();
                }
                self.in_comment = true;
                self.push(State::LineComment);
            }
            Kind::LineCommentEnd | Kind::CommentEnd | Kind::TextBlockEnd => {
                self.in_comment = false;
                self.pop();
            }
            Kind::String if self.state == State::Directive && !self.in_set && self.lparen == 0 => {
                self.pop();
            }
            Kind::If | Kind::ElseIf => self.state = State::Directive,
            Kind::End | Kind::Else | Kind::RCurly => {
                self.pop();
            }
            Kind::Integer => {
                if self.source[start..self.at].ends_with("..") {
                    self.at -= 2;
                }
                if self.lparen == 0 && !self.in_set && !matches!(self.state, State::RefMod2 | State::RefIndex)
                {
                    self.pop();
                }
            }
            Kind::Float if self.lparen == 0 && !self.in_set && self.state != State::RefMod2 => {
                self.pop();
            }
            Kind::Dot => {
                self.at -= 1;
                self.state = State::RefModifier;
            }
            _ => {}
        }
    }

    /// Drops states until the one that opened a parenthesis.
    fn close_parenthesis(&mut self) {
        if self.in_comment {
            return;
        }
        loop {
            if self.lparen > 0 {
                if self.lparen == self.rparen + 1 {
                    self.pop();
                } else {
                    self.rparen += 1;
                }
                return;
            }
            if !self.pop() {
                return;
            }
        }
    }
}

/// Of characters that turned out to begin nothing, those that Velocity still prints: `$`, `#`, and backslashes before `$`.
fn special_text(pending: &str) -> String {
    let mut text = String::new();
    let mut slashes = 0;
    for c in pending.chars() {
        match c {
            '\\' => slashes += 1,
            '$' => {
                text.extend(std::iter::repeat_n('\\', slashes));
                text.push('$');
                slashes = 0;
            }
            '#' => {
                text.push('#');
                slashes = 0;
            }
            _ => slashes = 0,
        }
    }
    text
}
