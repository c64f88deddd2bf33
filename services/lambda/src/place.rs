//! Where a function is: account, region, name and qualifier, out of whatever a client calls it by.
//!
//! AWS: API_GetFunction, FunctionName: a name, `123456789012:function:name`, `function:name` or an ARN, each with or without
//! a qualifier. A qualifier may also come beside the name; then both must agree.

use std::fmt;

use kernel::{Ctx, Host, Scope, Tx};

use crate::Lambda;
use crate::error::{Error, invalid};

/// The unpublished version's qualifier.
pub(crate) const LATEST: &str = "$LATEST";

/// A function, and perhaps a version or an alias of it. `Display` is its ARN.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    pub account: String,
    pub region: String,
    pub name: String,
    pub qualifier: Option<String>,
}

impl Place {
    /// Reads a name of any form; what it leaves out is `account` and `region`. `None` if it is no name.
    pub fn parse(text: &str, account: &str, region: &str) -> Option<Place> {
        let (mut account, mut region) = (account, region);
        let mut rest = text;
        if let Some(tail) = text.strip_prefix("arn:") {
            let mut parts = tail.splitn(4, ':');
            let (_, service) = (parts.next()?, parts.next()?);
            (region, rest) = (parts.next()?, parts.next()?);
            if service != "lambda" {
                return None;
            }
        } else if let Some((first, tail)) = text.split_once(':').filter(|(first, _)| is_region(first)) {
            (region, rest) = (first, tail);
        }
        if let Some((first, tail)) = rest.split_once(':').filter(|(first, _)| is_account(first)) {
            (account, rest) = (first, tail);
        }
        rest = rest.strip_prefix("function:").unwrap_or(rest);
        let (name, qualifier) =
            rest.split_once(':').map_or((rest, None), |(name, qualifier)| (name, Some(qualifier)));
        if name.is_empty()
            || qualifier.is_some_and(|qualifier| qualifier.is_empty() || qualifier.contains(':'))
        {
            return None;
        }
        Some(Place {
            account: account.to_owned(),
            region: region.to_owned(),
            name: name.to_owned(),
            qualifier: qualifier.map(str::to_owned),
        })
    }

    /// ARN without a qualifier.
    pub fn arn(&self) -> String {
        format!("arn:aws:lambda:{}:{}:function:{}", self.region, self.account, self.name)
    }

    /// ARN with this qualifier.
    pub fn qualified(&self, qualifier: &str) -> String {
        format!("{}:{qualifier}", self.arn())
    }

    /// ARN, with `$LATEST` where no qualifier is.
    pub fn with_latest(&self) -> String {
        self.qualified(self.qualifier.as_deref().unwrap_or(LATEST))
    }

    /// Account and region.
    pub fn scope(&self) -> Scope {
        Scope::new(&self.account, &self.region)
    }

    /// A transaction over the records of the function's account and region.
    pub fn begin(&self, host: &Host) -> Tx {
        host.begin(crate::ID, &self.scope())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { account, region, name, qualifier } = self;
        write!(f, "arn:aws:lambda:{region}:{account}:function:{name}")?;
        qualifier.as_ref().map_or(Ok(()), |qualifier| write!(f, ":{qualifier}"))
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_region(text: &str) -> bool {
    let mut parts = text.rsplit('-');
    let number =
        parts.next().is_some_and(|part| part.len() == 1 && part.bytes().all(|byte| byte.is_ascii_digit()));
    number && parts.count() >= 2
}

/// The function that a request names, if the caller may do `action` to it: one of another account only by its own policy.
pub(crate) async fn locate(
    cx: &Ctx<Lambda>,
    action: &'static str,
    name: &str,
    qualifier: Option<&str>,
) -> Result<Place, Error> {
    let Some(mut place) = Place::parse(name, cx.account(), cx.region()) else {
        return Err(Error::FunctionNotFound(name.to_owned()));
    };
    if place.region != cx.region() {
        return Err(Error::WrongRegion(place.region, cx.region().to_owned()));
    }
    match (qualifier, &place.qualifier) {
        (Some(beside), Some(inside)) if beside != inside => {
            return Err(invalid(
                "The derived qualifier from the function name does not match the specified qualifier.",
            ));
        }
        (Some(beside), _) => place.qualifier = Some(beside.to_owned()),
        (None, _) => {}
    }
    if place.account != cx.account() && !crate::access::policy_lets_in(cx, &place, action).await? {
        return Err(Error::AccessDenied(cx.call.principal.arn.clone(), action, place.to_string()));
    }
    Ok(place)
}

#[cfg(test)]
mod tests;
