//! `#if`, `#set`, and every directive that is written as a word.

use std::sync::Arc;

use super::{DIRECTIVES, Fault, Parser};
use crate::ast::{Argument, Call, Expr, Macro, Node, Parameter};
use crate::lexer::Kind;

/// An argument of a directive as parsed.
enum Arg {
    Word(Box<str>),
    Value(Argument, usize),
}

impl Parser<'_, '_> {
    pub(super) fn if_statement(&mut self) -> Result<Node, Fault> {
        self.expect(Kind::If)?;
        let mut branches = Vec::new();
        loop {
            self.skip_spaces()?;
            self.expect(Kind::LParen)?;
            let condition = self.expression()?;
            self.expect(Kind::RParen)?;
            branches.push((condition, self.block()?));
            if !self.eat(Kind::ElseIf)? {
                break;
            }
        }
        let otherwise = if self.eat(Kind::Else)? { self.block()? } else { Vec::new() };
        self.expect(Kind::End)?;
        Ok(Node::If { branches, otherwise })
    }

    pub(super) fn set_directive(&mut self) -> Result<Node, Fault> {
        let start = self.expect(Kind::Set)?.start;
        let at = self.place(start);
        self.skip_spaces()?;
        let target = self.reference()?;
        self.skip_spaces()?;
        self.expect(Kind::Assign)?;
        let value = self.expression()?;
        self.expect(Kind::RParen)?;
        self.lexer.in_set = false;
        Ok(Node::Set { target, value, at })
    }

    pub(super) fn directive(&mut self) -> Result<Node, Fault> {
        let first = self.next;
        let token = self.take()?;
        let (image, start) = (token.image, token.start);
        let name = match token.kind {
            Kind::BracketedWord => image.get(2..image.len() - 1),
            _ => image.get(1..),
        }
        .unwrap_or_default();
        self.lexer.switch_to_directive();
        if !self.lexer.parenthesis_follows() {
            if name == "macro" {
                return Err(Fault::at(start, "A macro declaration requires at least a name argument"));
            }
            self.lexer.pop();
            return match name {
                "break" => Ok(Node::Break(None)),
                "stop" => Ok(Node::Stop),
                _ if DIRECTIVES.contains(&name) => {
                    Err(Fault::at(start, format!("#{name} needs its arguments")))
                }
                _ => Ok(self.call(name, Vec::new(), first, start, None)),
            };
        }
        self.skip_spaces()?;
        self.expect(Kind::LParen)?;
        let arguments = self.arguments(name, start)?;
        match name {
            "break" => Ok(Node::Break(values(arguments).next().map(|a| a.value))),
            "stop" => Ok(Node::Stop),
            "include" | "parse" => {
                Ok(Node::Load { source: values(arguments).next().map(|a| a.value), at: self.place(start) })
            }
            "evaluate" => self.evaluate(arguments, start),
            "foreach" => self.foreach(arguments, start),
            "define" => self.define(arguments, start),
            "literal" => self.literal_directive(),
            "macro" => self.macro_definition(arguments, start),
            _ if name.starts_with('@') => {
                let body = self.block()?;
                self.expect(Kind::End)?;
                Ok(self.call(&name[1..], arguments, first, start, Some(body)))
            }
            _ => Ok(self.call(name, arguments, first, start, None)),
        }
    }

    fn arguments(&mut self, name: &str, start: usize) -> Result<Vec<Arg>, Fault> {
        let mut arguments = Vec::new();
        let own = DIRECTIVES.contains(&name) || self.macros.iter().any(|m| &*m.name == name);
        loop {
            self.skip_spaces()?;
            if self.eat(Kind::RParen)? {
                return Ok(arguments);
            }
            if self.eat(Kind::Comma)? {
                self.skip_spaces()?;
            }
            let first = self.next;
            let offset = self.peek(0)?.start;
            let position = arguments.len();
            if self.kind()? == Kind::Word {
                let allowed = (name == "macro" && position == 0) || (name == "foreach" && position == 1);
                if own && !allowed {
                    return Err(Fault::at(start, format!("Invalid arg #{position} in directive #{name}")));
                }
                let word = self.take()?.image;
                arguments.push(Arg::Word(word.into()));
                continue;
            }
            if name == "macro" && position == 0 {
                return Err(Fault::at(
                    start,
                    "Invalid first arg in #macro() directive - must be a word token (no ' or \" surrounding)",
                ));
            }
            let value = self.value()?;
            let literal = self.literal(first).into();
            arguments.push(Arg::Value(Argument { value, literal }, offset));
        }
    }

    fn call(
        &mut self,
        name: &str,
        arguments: Vec<Arg>,
        first: usize,
        start: usize,
        body: Option<Vec<Node>>,
    ) -> Node {
        let bad_word =
            arguments.iter().find_map(|a| if let Arg::Word(word) = a { Some(word.clone()) } else { None });
        let mut literal = String::new();
        for token in &self.tokens[first..self.next] {
            literal.push_str(token.image);
        }
        Node::Call(Arc::new(Call {
            name: name.into(),
            arguments: values(arguments).collect(),
            body: body.map(Arc::new),
            literal: literal.into(),
            bad_word,
            at: self.place(start),
        }))
    }

    fn evaluate(&mut self, arguments: Vec<Arg>, start: usize) -> Result<Node, Fault> {
        let at = self.place(start);
        let mut arguments = values(arguments);
        match (arguments.next(), arguments.next()) {
            (
                Some(Argument {
                    value: source @ (Expr::Text(_) | Expr::Interpolated { .. } | Expr::Reference(_)),
                    ..
                }),
                None,
            ) => Ok(Node::Evaluate { source, at }),
            (Some(_), None) => {
                Err(Fault::at(start, "#evaluate()  argument must be a string literal or reference"))
            }
            _ => Err(Fault::at(start, "#evaluate() requires exactly one argument")),
        }
    }

    fn foreach(&mut self, arguments: Vec<Arg>, start: usize) -> Result<Node, Fault> {
        let at = self.place(start);
        let body = self.block()?;
        self.expect(Kind::End)?;
        let mut arguments = arguments.into_iter();
        match (arguments.next(), arguments.next(), arguments.next(), arguments.next()) {
            (
                Some(Arg::Value(Argument { value: Expr::Reference(variable), .. }, _)),
                Some(Arg::Word(_)),
                Some(Arg::Value(list, _)),
                None,
            ) => Ok(Node::Foreach { variable: variable.root.clone(), list: list.value, body, at }),
            _ => Err(Fault::at(start, "#foreach is written #foreach($item in $list)")),
        }
    }

    fn define(&mut self, arguments: Vec<Arg>, start: usize) -> Result<Node, Fault> {
        let body = self.block()?;
        self.expect(Kind::End)?;
        match values(arguments).next() {
            Some(Argument { value: Expr::Reference(name), .. }) => {
                if !name.settable {
                    return Ok(Node::Text("".into()));
                }
                Ok(Node::Define { name: name.root.clone(), body: Arc::new(body) })
            }
            _ => Err(Fault::at(start, "#define is written #define($name)")),
        }
    }

    fn literal_directive(&mut self) -> Result<Node, Fault> {
        let first = self.next;
        self.block()?;
        let text = self.literal(first);
        self.expect(Kind::End)?;
        Ok(Node::Text(text.into()))
    }

    fn macro_definition(&mut self, arguments: Vec<Arg>, start: usize) -> Result<Node, Fault> {
        let mut name = None;
        let mut parameters: Vec<Parameter> = Vec::new();
        for argument in arguments {
            match argument {
                Arg::Word(word) => name = Some(word),
                Arg::Value(Argument { value: Expr::Reference(reference), literal }, _) => {
                    parameters.push(Parameter { name: reference.root.clone(), literal });
                }
                Arg::Value(_, offset) => {
                    return Err(Fault::at(offset, "a macro's parameters are references"));
                }
            }
        }
        let Some(name) = name else {
            return Err(Fault::at(start, "A macro declaration requires at least a name argument"));
        };
        let body = self.block()?;
        self.expect(Kind::End)?;
        // The first definition of a name holds.
        if !self.macros.iter().any(|m| m.name == name) {
            self.macros.push(Arc::new(Macro { name, parameters, body: Arc::new(body) }));
        }
        Ok(Node::Text("".into()))
    }
}

fn values(arguments: Vec<Arg>) -> impl Iterator<Item = Argument> {
    arguments.into_iter().filter_map(|a| if let Arg::Value(value, _) = a { Some(value) } else { None })
}
