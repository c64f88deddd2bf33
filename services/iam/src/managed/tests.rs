//! What `managed.json` holds is usable.

use super::AWS;
use crate::documents::check_identity;

#[test]
fn every_document_is_valid_and_every_id_is_its_own() {
    assert!(AWS.is_sorted_by(|a, b| a.name < b.name));
    let mut ids: Vec<String> = AWS.iter().map(super::AwsPolicy::id).collect();
    for aws in AWS.iter() {
        check_identity(&aws.document).unwrap_or_else(|error| panic!("{}: {error}", aws.name));
        assert!(
            aws.path.starts_with('/') && aws.path.ends_with('/') && aws.version.starts_with('v'),
            "{}",
            aws.name
        );
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), AWS.len());
    assert!(ids.iter().all(|id| id.len() == 21));
}
