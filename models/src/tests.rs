//! The table agrees with the models it points to.

use super::*;

#[test]
fn rows_say_what_their_models_say() {
    assert!(MODELS.is_sorted_by_key(|row| row.id), "rows are sorted by id");
    for row in &MODELS {
        let metadata = &row.model().metadata;
        assert_eq!(row.signing_name, &*metadata.signing_name, "signing name of {}", row.id);
        assert_eq!(row.host_label, &*metadata.endpoint_prefix, "host label of {}", row.id);
        assert_eq!(row.target_prefix, metadata.target_prefix.as_deref(), "target prefix of {}", row.id);
    }
}
