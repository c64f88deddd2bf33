//! Where an authorizer finds out who the client is: the identity sources of a request.
//!
//! AWS: CreateAuthorizer, identitySource: each named part must be there and not be empty; if one is not, the client gets a 401 and the
//! function is not called.

use std::borrow::Cow;
use std::collections::BTreeMap;

use fancy_regex::Regex;
use plan::IdentitySource;

use crate::context::{self, Answered};
use crate::event::text;
use crate::exchange::Exchange;

/// The values of the sources, in their order; `None` if one is missing or empty. `given` are `$context` variables that go before the
/// request's own.
pub(crate) fn values(
    exchange: &Exchange,
    sources: &[IdentitySource],
    given: &BTreeMap<String, String>,
) -> Option<Vec<String>> {
    sources.iter().map(|source| value(exchange, source, given).filter(|value| !value.is_empty())).collect()
}

fn value(exchange: &Exchange, source: &IdentitySource, given: &BTreeMap<String, String>) -> Option<String> {
    match source {
        IdentitySource::Header(name) => {
            joined(exchange.inbound.headers.get_all(name.as_str()).iter().map(text))
        }
        IdentitySource::Query(name) => {
            let named = exchange.query.pairs().iter().filter(|(known, _)| known == name);
            joined(named.map(|(_, value)| value.as_str().into()))
        }
        IdentitySource::StageVariable(_, value) => value.clone(),
        IdentitySource::Context(name) => match given.get(name) {
            Some(value) => Some(value.clone()),
            None => context::value(exchange, Answered::default(), name).map(Cow::into_owned),
        },
    }
}

/// All values of one name: a function sees all of them, so its answer is remembered by all of them.
fn joined<'a>(values: impl Iterator<Item = Cow<'a, str>>) -> Option<String> {
    values.map(Cow::into_owned).reduce(|all, value| all + "," + &value)
}

/// The header with the token, if it is there, not empty, and as the expression wants it.
pub(crate) fn token(exchange: &Exchange, header: &str, expression: Option<&Regex>) -> Option<String> {
    let value = exchange.inbound.headers.get(header).map(|value| text(value).into_owned())?;
    (!value.is_empty() && is_match(expression, &value)).then_some(value)
}

/// Whether an expression is found in a text; one that takes too long is not.
pub(crate) fn is_match(expression: Option<&Regex>, text: &str) -> bool {
    expression.is_none_or(|expression| expression.is_match(text).unwrap_or(false))
}
