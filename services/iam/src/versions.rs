//! Versions of managed policies, as they are answered.

use wire::Timestamp;

use crate::documents::encoded;
use crate::generated::PolicyVersion;
use crate::managed::Found;

/// A policy or a version that is not there.
pub fn no_version(arn: &str, version: &str) -> String {
    format!("Policy {arn} version {version} does not exist or is not attachable.")
}

/// All versions that are known, oldest first, with their documents.
pub fn versions(found: &Found) -> Vec<PolicyVersion> {
    let shape = |id: String, document: &str, is_default: bool, created_ms: i64| PolicyVersion {
        document: Some(encoded(document)),
        version_id: Some(id),
        is_default_version: Some(is_default),
        create_date: Some(Timestamp(created_ms)),
    };
    match found {
        Found::Own(own) => {
            let of = |version: &crate::entities::Version| {
                let is_default = version.number == own.default_version;
                shape(format!("v{}", version.number), &version.document, is_default, version.created_ms)
            };
            own.versions.iter().map(of).collect()
        }
        Found::Aws(aws) => vec![shape(aws.version.clone(), &aws.document, true, aws.updated_ms)],
    }
}

/// A version's number.
pub fn number(version: &PolicyVersion) -> i64 {
    version.version_id.as_deref().and_then(|id| id.strip_prefix('v')?.parse().ok()).unwrap_or(0)
}
