//! Names of blobs, and prefixes to list below.

use kernel::blobs::BlobError;

/// Longest name, bytes.
pub(crate) const NAME_BYTES_MAX: usize = 1024;
/// Longest segment of a name, bytes: file systems take 255, and one byte is ours.
pub(crate) const SEGMENT_BYTES_MAX: usize = 200;

/// Refuses what is not slash-separated segments of `[A-Za-z0-9._=-]`, none of them `.` or `..`.
pub(crate) fn check(name: &str) -> Result<(), BlobError> {
    let is_segment = |segment: &str| {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'=' | b'-');
        (1..=SEGMENT_BYTES_MAX).contains(&segment.len())
            && segment != "."
            && segment != ".."
            && segment.bytes().all(is_allowed)
    };
    if name.len() <= NAME_BYTES_MAX && name.split('/').all(is_segment) {
        Ok(())
    } else {
        Err(BlobError::BadName(name.to_owned()))
    }
}

/// A prefix as the segments to list below, without the slash that it may end in. Empty for everything.
pub(crate) fn check_prefix(prefix: &str) -> Result<&str, BlobError> {
    if prefix.is_empty() {
        return Ok(prefix);
    }
    let segments = prefix.strip_suffix('/').unwrap_or(prefix);
    check(segments).map_err(|_| BlobError::BadName(prefix.to_owned())).map(|()| segments)
}
