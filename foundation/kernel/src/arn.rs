//! Amazon Resource Names: `arn:partition:service:region:account:resource`.
//!
//! AWS: Identify AWS resources with Amazon Resource Names (ARNs). The resource part may itself hold colons and slashes.

use std::fmt;

/// A parsed name. Parts may be empty, as in `arn:aws:s3:::bucket`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Arn {
    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: String,
    /// Service namespace, such as `lambda`.
    pub service: String,
    /// Region, or empty.
    pub region: String,
    /// Twelve digits, or empty.
    pub account: String,
    /// Everything after the fifth colon.
    pub resource: String,
}

impl Arn {
    /// A name in the `aws` partition.
    pub fn new(service: &str, region: &str, account: &str, resource: impl Into<String>) -> Arn {
        Arn {
            partition: "aws".to_owned(),
            service: service.to_owned(),
            region: region.to_owned(),
            account: account.to_owned(),
            resource: resource.into(),
        }
    }

    /// Parses a name; `None` if it is none.
    pub fn parse(text: &str) -> Option<Arn> {
        let mut parts = text.splitn(6, ':');
        if parts.next()? != "arn" {
            return None;
        }
        let [partition, service, region, account, resource] =
            [(); 5].map(|()| parts.next().map(str::to_owned));
        Some(Arn {
            partition: partition?,
            service: service?,
            region: region?,
            account: account?,
            resource: resource?,
        })
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Arn { partition, service, region, account, resource } = self;
        write!(f, "arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}
