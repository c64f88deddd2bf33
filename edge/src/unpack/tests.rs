//! Packed bodies unpack to what they were, within the limit.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn within_the_limit() {
    let text = b"MetricData ".repeat(100);
    assert_eq!(gunzip(&gzip(&text), text.len()).unwrap(), text);
    assert!(gunzip(&gzip(&text), text.len() - 1).unwrap_err().contains("more than 1099 bytes"));
}

#[test]
fn no_gzip() {
    let packed = gzip(b"text");
    for broken in [&b"text"[..], &packed[..packed.len() - 1], &[]] {
        assert!(gunzip(broken, 100).is_err(), "{broken:?}");
    }
}
