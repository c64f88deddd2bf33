//! From text to an expression: `OR`, `AND`, comparisons, `+ -`, `* /`, `^` (to the right), and minus, from loosest to tightest.

use super::{DEPTH_MAX, Expr, Op};

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Number(f64),
    Text(String),
    Name(String),
    Sign(&'static str),
}

/// Longest signs first.
const SIGNS: [&str; 18] =
    ["==", "!=", "<=", ">=", "&&", "||", "<", ">", "+", "-", "*", "/", "^", "(", ")", "[", "]", ","];

/// Parses an expression; the error says what is wrong with it.
pub fn parse(text: &str) -> Result<Expr, String> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0 };
    let expr = parser.expression(0)?;
    match parser.peek() {
        None => Ok(expr),
        Some(token) => Err(unexpected(Some(token))),
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = if first.is_ascii_digit() || first == '.' {
            let length = number_length(rest);
            let number = rest[..length].parse().map_err(|_| format!("{} is no number", &rest[..length]))?;
            tokens.push(Token::Number(number));
            length
        } else if first.is_ascii_alphabetic() || first == '_' {
            let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
            let length = rest.find(|letter| !is_word(letter)).unwrap_or(rest.len());
            tokens.push(Token::Name(rest[..length].to_owned()));
            length
        } else if first == '"' || first == '\'' {
            let end = rest[1..].find(first).ok_or("a text is not closed")?;
            tokens.push(Token::Text(rest[1..=end].to_owned()));
            end + 2
        } else {
            let sign = SIGNS.into_iter().find(|sign| rest.starts_with(sign));
            let sign = sign.ok_or_else(|| format!("Unexpected character {first}"))?;
            tokens.push(Token::Sign(sign));
            sign.len()
        };
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

/// `12`, `1.5`, `.5`, `1e-3`.
fn number_length(text: &str) -> usize {
    let digits = |from: usize| from + text[from..].bytes().take_while(u8::is_ascii_digit).count();
    let mut end = digits(0);
    if text[end..].starts_with('.') {
        end = digits(end + 1);
    }
    if text[end..].starts_with(['e', 'E']) {
        let sign = usize::from(text[end + 1..].starts_with(['+', '-']));
        let with_exponent = digits(end + 1 + sign);
        if with_exponent > end + 1 + sign {
            end = with_exponent;
        }
    }
    end
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn takes(&mut self, sign: &'static str) -> bool {
        let is_here = self.peek() == Some(&Token::Sign(sign));
        self.at += usize::from(is_here);
        is_here
    }

    fn expects(&mut self, sign: &'static str) -> Result<(), String> {
        if self.takes(sign) { Ok(()) } else { Err(unexpected(self.peek())) }
    }

    /// Operators that bind at least as tightly as `floor`.
    fn expression(&mut self, floor: u8) -> Result<Expr, String> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err("too many expressions lie in each other".to_owned());
        }
        let mut left = self.operand()?;
        while let Some((op, tightness)) =
            self.peek().and_then(operator).filter(|(_, tightness)| *tightness >= floor)
        {
            self.at += 1;
            // Powers go to the right.
            let right = self.expression(tightness + u8::from(op != Op::Power))?;
            left = Expr::Binary(op, Box::new(left), Box::new(right));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn operand(&mut self) -> Result<Expr, String> {
        let token = self.peek().cloned();
        self.at += 1;
        match token {
            Some(Token::Number(number)) => Ok(Expr::Number(number)),
            Some(Token::Text(text)) => Ok(Expr::Text(text)),
            // Tighter than a product, looser than a power.
            Some(Token::Sign("-")) => Ok(Expr::Minus(Box::new(self.expression(POWER)?))),
            Some(Token::Sign("+")) => self.expression(POWER),
            Some(Token::Sign("(")) => {
                let inner = self.expression(0)?;
                self.expects(")")?;
                Ok(inner)
            }
            Some(Token::Sign("[")) => Ok(Expr::List(self.items("]")?)),
            Some(Token::Name(name)) if self.takes("(") => {
                Ok(Expr::Call(name.to_ascii_uppercase(), self.items(")")?))
            }
            Some(Token::Name(name)) => Ok(Expr::Name(name)),
            other => Err(unexpected(other.as_ref())),
        }
    }

    fn items(&mut self, end: &'static str) -> Result<Vec<Expr>, String> {
        let mut items = Vec::new();
        if self.takes(end) {
            return Ok(items);
        }
        loop {
            items.push(self.expression(0)?);
            if self.takes(end) {
                return Ok(items);
            }
            self.expects(",")?;
        }
    }
}

const POWER: u8 = 6;

fn operator(token: &Token) -> Option<(Op, u8)> {
    Some(match token {
        Token::Name(name) if name.eq_ignore_ascii_case("or") => (Op::Or, 1),
        Token::Name(name) if name.eq_ignore_ascii_case("and") => (Op::And, 2),
        Token::Sign("||") => (Op::Or, 1),
        Token::Sign("&&") => (Op::And, 2),
        Token::Sign("==") => (Op::Equal, 3),
        Token::Sign("!=") => (Op::Unequal, 3),
        Token::Sign("<") => (Op::Less, 3),
        Token::Sign("<=") => (Op::LessOrEqual, 3),
        Token::Sign(">") => (Op::Greater, 3),
        Token::Sign(">=") => (Op::GreaterOrEqual, 3),
        Token::Sign("+") => (Op::Plus, 4),
        Token::Sign("-") => (Op::Minus, 4),
        Token::Sign("*") => (Op::Times, 5),
        Token::Sign("/") => (Op::Over, 5),
        Token::Sign("^") => (Op::Power, POWER),
        _ => return None,
    })
}

fn unexpected(token: Option<&Token>) -> String {
    match token {
        None => "Unexpected end of the expression".to_owned(),
        Some(Token::Number(number)) => format!("Unexpected {number}"),
        Some(Token::Text(text)) => format!("Unexpected \"{text}\""),
        Some(Token::Name(name)) => format!("Unexpected {name}"),
        Some(Token::Sign(sign)) => format!("Unexpected {sign}"),
    }
}
