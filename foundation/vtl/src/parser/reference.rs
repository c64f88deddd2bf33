//! References: `$a`, `${a.b}`, `$!a.b(1)[2]`, and what their first token drags along.

use super::{Fault, Parser};
use crate::ast::{Expr, Part, PartKind, Reference};
use crate::lexer::Kind;

impl Parser<'_, '_> {
    pub(super) fn reference(&mut self) -> Result<Reference, Fault> {
        let first = self.next;
        let opening = self.take()?;
        let (image, start, formal) = (opening.image, opening.start, opening.kind == Kind::LCurly);
        if !formal && opening.kind != Kind::Identifier {
            self.next -= 1;
            return Err(self.unexpected());
        }
        let root = if formal { self.expect(Kind::Identifier)?.image } else { image };
        let mut parts = Vec::new();
        self.indexes(&mut parts)?;
        while self.kind()? == Kind::Dot && self.peek(1)?.kind == Kind::Identifier {
            self.take()?;
            self.part(&mut parts)?;
            self.indexes(&mut parts)?;
        }
        if formal {
            self.expect(Kind::RCurly)?;
        }
        let literal = self.literal(first);
        let at = self.place(start + image.find('$').unwrap_or(0));
        let mut reference = shape(image, root, formal, &literal);
        reference.parts = parts;
        reference.at = at;
        Ok(reference)
    }

    fn indexes(&mut self, parts: &mut Vec<Part>) -> Result<(), Fault> {
        while self.kind()? == Kind::IndexLBracket {
            let start = self.take()?.start;
            self.deeper()?;
            self.skip_spaces()?;
            let index = match self.kind()? {
                Kind::String | Kind::Integer | Kind::True | Kind::False | Kind::Identifier | Kind::LCurly => {
                    self.value()?
                }
                _ => return Err(self.unexpected()),
            };
            self.skip_spaces()?;
            self.expect(Kind::IndexRBracket)?;
            self.shallower();
            parts.push(Part { kind: PartKind::Index(index), at: self.place(start) });
        }
        Ok(())
    }

    /// A property or a method, its name next.
    fn part(&mut self, parts: &mut Vec<Part>) -> Result<(), Fault> {
        let is_method = self.peek(1)?.kind == Kind::LParen
            && matches!(
                self.peek(2)?.kind,
                Kind::Whitespace
                    | Kind::String
                    | Kind::Integer
                    | Kind::Float
                    | Kind::LBracket
                    | Kind::LeftCurly
                    | Kind::True
                    | Kind::False
                    | Kind::Identifier
                    | Kind::LCurly
                    | Kind::RefMod2RParen
            );
        let name = self.take()?;
        let (name, start): (Box<str>, usize) = (name.image.into(), name.start);
        let at = self.place(start);
        if !is_method {
            parts.push(Part { kind: PartKind::Property(name), at });
            return Ok(());
        }
        self.expect(Kind::LParen)?;
        self.deeper()?;
        let mut arguments: Vec<Expr> = Vec::new();
        if self.kind()? != Kind::RefMod2RParen {
            loop {
                arguments.push(self.parameter()?);
                if !self.eat(Kind::Comma)? {
                    break;
                }
            }
        }
        self.expect(Kind::RefMod2RParen)?;
        self.shallower();
        parts.push(Part { kind: PartKind::Method(name, arguments), at });
        Ok(())
    }
}

/// Reads escapes, quietness and stray text off the first token of a reference.
fn shape(image: &str, root: &str, formal: bool, literal: &str) -> Reference {
    let mut reference = Reference {
        root: root.into(),
        parts: Vec::new(),
        quiet: false,
        escaped: false,
        escapes: "".into(),
        prefix: "".into(),
        null_text: "".into(),
        literal: literal.into(),
        computable: true,
        runt: false,
        settable: true,
        at: Default::default(),
    };
    // `$\!x` is text; one of its backslashes goes away.
    if image.contains("\\!")
        && let Some(dollar) = image.find('$')
    {
        let slash = image[dollar..].find('\\').map_or(image.len(), |i| dollar + i);
        let count = image[slash..].len() - image[slash..].trim_start_matches('\\').len();
        let kept = &image[slash..slash + count.saturating_sub(1)];
        let rest = &image[slash + count..];
        reference.null_text =
            format!("{}{kept}{rest}{}", &image[..slash], &literal[image.len().min(literal.len())..]).into();
        reference.computable = false;
        return reference;
    }
    let slashes = image.len() - image.trim_start_matches('\\').len();
    reference.escaped = slashes % 2 == 1;
    reference.escapes = image[..slashes / 2].into();
    let mut token = &image[slashes..];
    if let Some(dollar) = token.rfind('$')
        && dollar > 0
    {
        reference.prefix = token[..dollar].into();
        token = &token[dollar..];
    }
    let tail = literal.strip_prefix(image).unwrap_or_default();
    let null_text = format!("{token}{tail}");
    reference.literal = null_text.clone().into();
    reference.quiet = token.starts_with("$!");
    reference.settable = !formal && !reference.quiet;
    if !reference.quiet || reference.escaped {
        reference.null_text = null_text.into();
    }
    if !formal {
        reference.root = match token.strip_prefix("$!").or_else(|| token.strip_prefix('$')) {
            Some(name) => name.into(),
            None => {
                reference.runt = true;
                token.into()
            }
        };
    }
    reference
}
