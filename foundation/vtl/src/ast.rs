//! The syntax tree. Immutable and shareable; what is evaluated later than it is met (macro bodies, `#define`, macro arguments) sits behind an `Arc`.

use std::sync::Arc;

/// A place in a template, both counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct At {
    pub line: u32,
    pub column: u32,
}

pub(crate) type Block = Vec<Node>;

#[derive(Debug)]
pub(crate) enum Node {
    Text(Box<str>),
    Reference(Reference),
    Set {
        target: Reference,
        value: Expr,
        at: At,
    },
    If {
        branches: Vec<(Expr, Block)>,
        otherwise: Block,
    },
    Foreach {
        variable: Arc<str>,
        list: Expr,
        body: Block,
        at: At,
    },
    Define {
        name: Arc<str>,
        body: Arc<Block>,
    },
    Call(Arc<Call>),
    Evaluate {
        source: Expr,
        at: At,
    },
    Break(Option<Expr>),
    Stop,
    /// `#include` and `#parse`: there is nothing to load from.
    Load {
        source: Option<Expr>,
        at: At,
    },
}

/// A call of a macro, or text that looks like one.
#[derive(Debug)]
pub(crate) struct Call {
    pub name: Box<str>,
    pub arguments: Vec<Argument>,
    /// The body of `#@name() … #end`.
    pub body: Option<Arc<Block>>,
    /// What is printed when there is no such macro.
    pub literal: Box<str>,
    /// A bare word among the arguments, which no macro takes.
    pub bad_word: Option<Box<str>>,
    pub at: At,
}

#[derive(Debug)]
pub(crate) struct Argument {
    pub value: Expr,
    pub literal: Box<str>,
}

#[derive(Debug)]
pub(crate) struct Macro {
    pub name: Box<str>,
    pub parameters: Vec<Parameter>,
    pub body: Arc<Block>,
}

#[derive(Debug)]
pub(crate) struct Parameter {
    pub name: Arc<str>,
    /// How a reference to it is written, `$name`: what an argument without value prints instead.
    pub literal: Box<str>,
}

#[derive(Debug)]
pub(crate) struct Reference {
    pub root: Arc<str>,
    pub parts: Vec<Part>,
    /// `$!x`.
    pub quiet: bool,
    /// Preceded by an odd number of backslashes.
    pub escaped: bool,
    /// Half of the backslashes before it.
    pub escapes: Box<str>,
    /// Text that the reference's first token brought along.
    pub prefix: Box<str>,
    /// What it prints without value.
    pub null_text: Box<str>,
    /// Its source text.
    pub literal: Box<str>,
    /// False for `$\!x`, which only looks like a reference.
    pub computable: bool,
    /// A name that the grammar mistakes for a reference: prints itself.
    pub runt: bool,
    /// Whether `#set` and `#define` reach it: Velocity 1.7 sets another name for `${x}` and `$!x`.
    pub settable: bool,
    pub at: At,
}

#[derive(Debug)]
pub(crate) struct Part {
    pub kind: PartKind,
    pub at: At,
}

#[derive(Debug)]
pub(crate) enum PartKind {
    Property(Box<str>),
    Method(Box<str>, Vec<Expr>),
    Index(Expr),
}

#[derive(Debug)]
pub(crate) enum Expr {
    Integer(i128),
    Float(f64),
    Bool(bool),
    Text(Arc<str>),
    /// A string in double quotes with references or directives in it; `trim` removes the blank that parsing appended.
    Interpolated {
        block: Block,
        trim: bool,
    },
    List(Vec<Expr>),
    Map(Vec<(Expr, Expr)>),
    Range(Box<(Expr, Expr)>, At),
    Reference(Box<Reference>),
    Or(Vec<Expr>),
    And(Vec<Expr>),
    Not(Box<Expr>),
    /// Chains are lists, so that long ones do not nest.
    Chain(Box<Operand>, Vec<(Operator, Operand)>),
}

#[derive(Debug)]
pub(crate) struct Operand {
    pub value: Expr,
    /// Source text, for `"a" + $nothing`. Of an operation it is its last operand's, as Velocity's tree has it.
    pub literal: Box<str>,
    /// Everything from the operator before it to the next, for the operation that it ends.
    pub around: Box<str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}
