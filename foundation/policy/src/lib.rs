//! IAM policies: parse and validate, compile once, evaluate often, say why not. Pure functions.
//!
//! Always holds: an explicit deny wins over everything; without an allow the answer is no; a statement that cannot be
//! decided (a policy variable without a value) never allows. Matching takes at most pattern length times text length
//! and never recurses on input. Documents have a size limit; nothing here panics on input.
//!
//! The way of a decision: [`Policy::parse`] (once per document) -> [`evaluate()`] -> [`Decision::message`].
//!
//! AWS: IAM User Guide, Policy evaluation logic; IAM JSON policy element reference.
//!
//! Known differences from AWS: a repeated key of a JSON object counts once (the last); a wildcard principal counts as
//! naming the user, and for a role's session as naming the role; service and resource control policies do not exist.

mod condition;
mod context;
mod document;
mod evaluate;
mod message;
mod pattern;
mod policy;
mod principal;
mod validate;
mod value;

pub use context::{Context, Principal, Request};
pub use document::{Kind, MalformedPolicy, POLICY_BYTES_MAX, quota_chars};
pub use evaluate::{Decision, Outcome, Policies, PolicyType, ResourceRule, evaluate};
pub use message::MessageForm;
pub use policy::Policy;
pub use value::AddressRange;
