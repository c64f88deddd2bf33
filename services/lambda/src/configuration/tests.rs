//! Forms of dates and digests.

use super::*;

#[test]
fn a_date_has_milliseconds_and_no_colon_in_its_offset() {
    assert_eq!(format_date(1_704_067_200_000), "2024-01-01T00:00:00.000+0000");
    assert_eq!(format_date(1_704_067_200_123), "2024-01-01T00:00:00.123+0000");
}

#[test]
fn a_digest_is_shown_in_base64() {
    let code =
        Code { blob: String::new(), sha256: hex(digest(&SHA256, b"hello").as_ref()), bytes: 5, unzipped: 5 };
    assert_eq!(code.sha256, "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
    assert_eq!(code.sha256_base64(), "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=");
}
