//! What the data plane is told by configuration: an account's limit, which keys count, which private networks and what links into them
//! there are, and where issuers keep their keys.

use std::collections::BTreeMap;
use std::net::IpAddr;

use access::UnknownKeys;
use kernel::exchange::AccountThrottle;
use policy::AddressRange;

/// What the data plane is told by configuration.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// What an account may ask of all its APIs in a region.
    pub throttle: AccountThrottle,
    /// What an access key that Loggia never issued stands for at methods with `AWS_IAM`.
    pub unknown_keys: UnknownKeys,
    /// The interface endpoints through which private APIs are reached. Without any, no private API is.
    pub vpc_endpoints: Vec<VpcEndpoint>,
    /// By the URL of a token issuer (a user pool's is `https://cognito-idp.{region}.amazonaws.com/{pool}`): the URL of its JWKS.
    pub issuer_keys: BTreeMap<String, String>,
    /// By a VPC link's id or name, or by the ARN of an integration's target: the base URL of the backend behind it.
    pub vpc_links: BTreeMap<String, String>,
}

/// An interface endpoint: requests from its clients' addresses come through it.
#[derive(Clone, Debug)]
pub struct VpcEndpoint {
    /// `vpce-…`.
    pub id: String,
    /// `vpc-…`.
    pub vpc_id: String,
    /// The addresses of its clients.
    pub clients: Vec<AddressRange>,
}

impl VpcEndpoint {
    /// An endpoint for clients in these ranges, such as `10.0.0.0/16`; the error is the text that is none.
    pub fn parse(id: String, vpc_id: String, clients: &[String]) -> Result<VpcEndpoint, String> {
        let range = |text: &String| AddressRange::parse(text).ok_or_else(|| text.clone());
        Ok(VpcEndpoint { id, vpc_id, clients: clients.iter().map(range).collect::<Result<_, _>>()? })
    }
}

impl Settings {
    /// The base URL behind a VPC link.
    pub(crate) fn link(&self, id: &str, target: Option<&str>) -> Option<&str> {
        let found = target.and_then(|target| self.vpc_links.get(target)).or_else(|| self.vpc_links.get(id));
        found.map(String::as_str)
    }

    /// The endpoint that a client's connection comes through: of those that have its address the named one, or the first. A name that a
    /// client writes into its `Host` never suffices.
    pub(crate) fn endpoint_of(&self, peer: IpAddr, named: Option<&str>) -> Option<&VpcEndpoint> {
        let mut having =
            self.vpc_endpoints.iter().filter(|endpoint| endpoint.clients.iter().any(|range| range.has(peer)));
        match named {
            Some(named) => having.find(|endpoint| endpoint.id.eq_ignore_ascii_case(named)),
            None => having.next(),
        }
    }
}

#[cfg(test)]
mod tests;
