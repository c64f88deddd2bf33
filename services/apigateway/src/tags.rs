//! Tags of APIs and stages, by the ARN of what they are on.
//!
//! AWS: Tag restrictions: at most 50, keys of up to 128 characters that do not begin with `aws:`, values of up to 256.

use plan::definition::Strings;

use crate::error::Error;

const TAGS_MAX: usize = 50;

/// What an ARN names.
pub(crate) enum Target {
    /// `/restapis/{id}`.
    Api(String),
    /// `/restapis/{id}/stages/{name}`.
    Stage(String, String),
    /// `/domainnames/{name}`.
    Domain(String),
    /// `/vpclinks/{id}`.
    VpcLink(String),
    /// `/clientcertificates/{id}`.
    ClientCertificate(String),
}

impl Target {
    /// Reads `arn:aws:apigateway:{region}::/restapis/{id}` with or without a stage.
    pub(crate) fn parse(arn: &str) -> Result<Target, Error> {
        let arn = kernel::Arn::parse(arn).filter(|arn| arn.service == "apigateway").ok_or(Error::Arn)?;
        let parts: Vec<&str> = arn.resource.trim_start_matches('/').split('/').collect();
        match parts[..] {
            ["restapis", id] => Ok(Target::Api(id.to_owned())),
            ["restapis", id, "stages", name] => Ok(Target::Stage(id.to_owned(), name.to_owned())),
            // The ARN of a private domain name ends with its id.
            ["domainnames", name] => {
                Ok(Target::Domain(name.split_once('+').map_or(name, |(name, _)| name).to_owned()))
            }
            ["vpclinks", id] => Ok(Target::VpcLink(id.to_owned())),
            ["clientcertificates", id] => Ok(Target::ClientCertificate(id.to_owned())),
            _ => Err(Error::Arn),
        }
    }
}

/// Adds tags to those that are there.
pub(crate) fn add(tags: &mut Strings, more: Strings) -> Result<(), Error> {
    tags.extend(more);
    checked(std::mem::take(tags)).map(|checked| *tags = checked)
}

/// Checks all tags.
pub(crate) fn checked(tags: Strings) -> Result<Strings, Error> {
    for (key, value) in &tags {
        let length = key.chars().count();
        if length == 0
            || length > 128
            || key.to_ascii_lowercase().starts_with("aws:")
            || value.chars().count() > 256
        {
            return Err(Error::TagKey(key.clone()));
        }
    }
    if tags.len() > TAGS_MAX { Err(Error::TooMany("tags")) } else { Ok(tags) }
}
