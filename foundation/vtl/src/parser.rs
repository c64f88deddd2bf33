//! Tokens to a syntax tree, by Velocity 1.7's grammar: where that grammar refuses a text, so does this parser.
//!
//! What always holds: recursion is bounded by [`NESTING_MAX`], and a fault names the place.

mod directive;
mod expression;
mod reference;

use std::sync::Arc;

use crate::ast::{At, Block, Macro, Node};
use crate::lexer::{Kind, Lexer, Token};

/// Levels of blocks, parentheses, lists and strings within strings that a template may nest.
pub const NESTING_MAX: usize = 64;

/// What is wrong, and where in the text.
#[derive(Debug)]
pub(crate) struct Fault {
    pub offset: usize,
    pub message: String,
}

impl Fault {
    pub fn at(offset: usize, message: impl Into<String>) -> Fault {
        Fault { offset, message: message.into() }
    }
}

/// Names that Velocity's own directives have.
pub(super) const DIRECTIVES: [&str; 9] =
    ["foreach", "include", "parse", "macro", "literal", "evaluate", "break", "define", "stop"];

pub(crate) struct Parser<'s, 'm> {
    lexer: Lexer<'s>,
    /// Every token so far, the ones looked at ahead included.
    tokens: Vec<Token<'s>>,
    /// The next token to consume.
    next: usize,
    depth: usize,
    /// Where lines begin; empty for a string within a template.
    lines: Vec<usize>,
    source: &'s str,
    /// The place that everything in a string within a template has.
    base: Option<At>,
    macros: &'m mut Vec<Arc<Macro>>,
}

/// Parses a whole text. Macros that it defines are appended to `macros`.
pub(crate) fn parse(
    source: &str,
    base: Option<At>,
    depth: usize,
    macros: &mut Vec<Arc<Macro>>,
) -> Result<Block, (Fault, At)> {
    let lines = match base {
        Some(_) => Vec::new(),
        None => std::iter::once(0)
            .chain(source.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i + 1))
            .collect(),
    };
    let mut parser =
        Parser { lexer: Lexer::new(source), tokens: Vec::new(), next: 0, depth, lines, source, base, macros };
    let parsed = parser.block().and_then(|block| match parser.peek(0)?.kind {
        Kind::Eof => Ok(block),
        _ => Err(parser.unexpected()),
    });
    parsed.map_err(|fault| {
        let at = parser.place(fault.offset);
        (fault, at)
    })
}

impl<'s> Parser<'s, '_> {
    fn place(&self, offset: usize) -> At {
        if let Some(base) = self.base {
            return base;
        }
        let line = self.lines.partition_point(|start| *start <= offset);
        let start = self.lines[line - 1];
        let column = self.source.get(start..offset).map_or(0, |text| text.chars().count()) + 1;
        At { line: line as u32, column: column as u32 }
    }

    fn peek(&mut self, ahead: usize) -> Result<&Token<'s>, Fault> {
        while self.tokens.len() <= self.next + ahead {
            let token = self.lexer.next()?;
            self.tokens.push(token);
        }
        Ok(&self.tokens[self.next + ahead])
    }

    fn kind(&mut self) -> Result<Kind, Fault> {
        Ok(self.peek(0)?.kind)
    }

    fn take(&mut self) -> Result<&Token<'s>, Fault> {
        self.peek(0)?;
        self.next += 1;
        Ok(&self.tokens[self.next - 1])
    }

    fn expect(&mut self, kind: Kind) -> Result<&Token<'s>, Fault> {
        if self.kind()? != kind {
            return Err(self.unexpected());
        }
        self.take()
    }

    fn eat(&mut self, kind: Kind) -> Result<bool, Fault> {
        let found = self.kind()? == kind;
        if found {
            self.next += 1;
        }
        Ok(found)
    }

    fn skip_spaces(&mut self) -> Result<(), Fault> {
        self.eat(Kind::Whitespace).map(|_| ())
    }

    fn unexpected(&mut self) -> Fault {
        match self.tokens.get(self.next) {
            Some(token) if token.kind == Kind::Eof => Fault::at(token.start, "Encountered \"<EOF>\""),
            Some(token) => Fault::at(token.start, format!("Encountered \"{}\"", token.image.escape_debug())),
            None => Fault::at(self.source.len(), "Encountered \"<EOF>\""),
        }
    }

    fn deeper(&mut self) -> Result<(), Fault> {
        self.depth += 1;
        if self.depth > NESTING_MAX {
            let offset = self.tokens.get(self.next).map_or(self.source.len(), |t| t.start);
            return Err(Fault::at(
                offset,
                format!("the template is nested more than {NESTING_MAX} levels deep"),
            ));
        }
        Ok(())
    }

    fn shallower(&mut self) {
        self.depth -= 1;
    }

    /// The source of the tokens since `first`, with the text that went along with them.
    fn literal(&self, first: usize) -> String {
        let mut text = String::new();
        for token in &self.tokens[first..self.next] {
            if let Some(special) = &token.special {
                text.push_str(special);
            }
            text.push_str(token.image);
        }
        text
    }

    /// Statements until something that no statement begins with.
    fn block(&mut self) -> Result<Block, Fault> {
        self.deeper()?;
        let mut block = Block::new();
        while let Some(node) = self.statement()? {
            match (block.last_mut(), node) {
                (_, Node::Text(text)) if text.is_empty() => {}
                (Some(Node::Text(before)), Node::Text(text)) => {
                    let mut joined = std::mem::take(before).into_string();
                    joined.push_str(&text);
                    *before = joined.into();
                }
                (_, node) => block.push(node),
            }
        }
        self.shallower();
        Ok(block)
    }

    fn statement(&mut self) -> Result<Option<Node>, Fault> {
        Ok(Some(match self.kind()? {
            Kind::If => self.if_statement()?,
            Kind::Identifier => Node::Reference(self.reference()?),
            Kind::LCurly if self.peek(1)?.kind == Kind::Identifier => Node::Reference(self.reference()?),
            Kind::LineCommentStart | Kind::CommentEnd => self.comment()?,
            Kind::TextBlockEnd => self.text_block()?,
            Kind::Set => self.set_directive()?,
            Kind::EscapeDirective => self.escaped_directive()?,
            Kind::DoubleEscape => self.escape()?,
            Kind::Word | Kind::BracketedWord => self.directive()?,
            Kind::Text
            | Kind::Dot
            | Kind::RParen
            | Kind::LParen
            | Kind::Integer
            | Kind::Float
            | Kind::String
            | Kind::Escape
            | Kind::LCurly
            | Kind::RCurly
            | Kind::EmptyIndex => {
                let token = self.take()?;
                let special = token.special.as_deref().unwrap_or_default();
                Node::Text(format!("{special}{}", token.image).into())
            }
            _ => return Ok(None),
        }))
    }

    /// A comment prints what came before its mark in the same token: the `$` of `$## …`.
    fn comment(&mut self) -> Result<Node, Fault> {
        let token = self.take()?;
        let image = token.image;
        let text = match (image.find("##"), image.find("#*")) {
            (Some(mark), _) | (None, Some(mark)) => &image[..mark],
            (None, None) => "",
        };
        if token.kind == Kind::LineCommentStart {
            self.eat(Kind::LineCommentEnd)?;
        }
        Ok(Node::Text(text.into()))
    }

    fn text_block(&mut self) -> Result<Node, Fault> {
        let token = self.take()?;
        let image = token.image;
        let inner = image.find("#[[").and_then(|mark| image.get(mark + 3..image.len() - 3));
        let start = token.start;
        inner
            .map(|text| Node::Text(text.into()))
            .ok_or_else(|| Fault::at(start, "a text block is not closed"))
    }

    /// `\#if`: half of the backslashes, if the word is a directive; as it stands otherwise.
    fn escaped_directive(&mut self) -> Result<Node, Fault> {
        let image = self.take()?.image;
        let slashes = image.len() - image.trim_start_matches('\\').len();
        let directive = &image[slashes..];
        let name = directive[1..].trim_start_matches('{').trim_end_matches('}');
        let known = DIRECTIVES.contains(&name)
            || ["if", "end", "set", "else", "elseif"].contains(&name)
            || self.macros.iter().any(|m| &*m.name == name);
        Ok(Node::Text(match known {
            true => format!("{}{directive}", &image[..(slashes - 1) / 2]).into(),
            false => image.into(),
        }))
    }

    /// Pairs of backslashes: halved before a directive.
    fn escape(&mut self) -> Result<Node, Fault> {
        let mut count = 0;
        while self.eat(Kind::DoubleEscape)? {
            count += 1;
        }
        let next = self.peek(0)?;
        let name = next.image.get(1..).unwrap_or_default();
        let control = matches!(next.kind, Kind::If | Kind::Else | Kind::ElseIf | Kind::End)
            || DIRECTIVES.contains(&name)
            || self.macros.iter().any(|m| &*m.name == name);
        Ok(Node::Text("\\".repeat(if control { count } else { 2 * count }).into()))
    }
}
