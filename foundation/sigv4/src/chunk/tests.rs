//! AWS's two worked examples, split in every way, and what must be refused.

use bytes::Bytes;
use proptest::prelude::*;

use super::{ChunkError, Decoder};
use crate::key::{Scope, SecretKey, SigningKey};
use crate::parse::{Algorithm, Form, Payload, Signed};

// AWS: Transferring Payload in Multiple Chunks (Chunked Upload), "Example: Chunked upload".
const SEED: &str = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9";
const CHUNKS: [&str; 3] = [
    "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
    "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
    "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
];
// AWS: Signature calculations for trailing headers, the same upload with a CRC-32C.
const TRAILER_SEED: &str = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e";
const TRAILER_CHUNKS: [&str; 3] = [
    "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
    "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
    "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
];
const TRAILER: &str = "x-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n";

fn body(chunks: [&str; 3], trailer: &str) -> Vec<u8> {
    let a = "a".repeat(65536);
    let b = "a".repeat(1024);
    format!(
        "10000;chunk-signature={}\r\n{a}\r\n400;chunk-signature={}\r\n{b}\r\n0;chunk-signature={}\r\n{trailer}\r\n",
        chunks[0], chunks[1], chunks[2]
    )
    .into_bytes()
}

fn decoder(payload: Payload, seed: &str, declared_bytes: Option<u64>) -> Decoder {
    let scope = Scope { date: "20130524".into(), region: "us-east-1".into(), service: "s3".into() };
    let key = SigningKey::derive(&SecretKey::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), &scope);
    let signed = Signed {
        form: Form::Header,
        algorithm: Algorithm::HmacSha256,
        access_key: "AKIAIOSFODNN7EXAMPLE".into(),
        scope,
        date_s: 1_369_353_600,
        signed_headers: Vec::new(),
        signature: seed.into(),
        payload,
        session_token: None,
        expires_s: None,
        region_set: None,
        terminator: "aws4_request".into(),
    };
    Decoder::new(&signed, &key, declared_bytes).unwrap().unwrap()
}

type Decoded = Result<(Vec<u8>, Vec<(String, String)>), ChunkError>;

fn decode(mut decoder: Decoder, body: &[u8], piece: usize) -> Decoded {
    let mut out = Vec::new();
    for part in body.chunks(piece) {
        decoder.push(Bytes::copy_from_slice(part), &mut out)?;
    }
    Ok((out.concat(), decoder.finish()?))
}

#[test]
fn the_worked_examples() {
    for piece in [1, 7, 1024, 1 << 20] {
        let plain = decode(decoder(Payload::Streaming, SEED, Some(66560)), &body(CHUNKS, ""), piece);
        assert_eq!(plain, Ok((vec![b'a'; 66560], vec![])));
        let trailed = decoder(Payload::StreamingTrailer, TRAILER_SEED, Some(66560));
        let checksum = ("x-amz-checksum-crc32c".to_owned(), "sOO8/Q==".to_owned());
        assert_eq!(
            decode(trailed, &body(TRAILER_CHUNKS, TRAILER), piece),
            Ok((vec![b'a'; 66560], vec![checksum]))
        );
    }
}

#[test]
fn unsigned_with_trailer() {
    let body = b"5\r\nhello\r\n0\r\nX-Amz-Checksum-CRC32: abc=\r\n\r\n";
    for piece in [1, 3, 100] {
        let decoded = decode(decoder(Payload::StreamingUnsignedTrailer, "", Some(5)), body, piece);
        let checksum = ("x-amz-checksum-crc32".to_owned(), "abc=".to_owned());
        assert_eq!(decoded, Ok((b"hello".to_vec(), vec![checksum])));
    }
}

#[test]
fn refused_signatures() {
    let good = body(CHUNKS, "");
    for at in [20, 200, 65_700, 66_300, good.len() - 10] {
        let mut bad = good.clone();
        bad[at] ^= 1;
        let result = decode(decoder(Payload::Streaming, SEED, None), &bad, 1 << 20);
        assert!(result.is_err(), "{at}");
    }
    let trailed = String::from_utf8(body(TRAILER_CHUNKS, TRAILER)).unwrap();
    let forged = trailed.replace("sOO8", "sOO9").into_bytes();
    let result = decode(decoder(Payload::StreamingTrailer, TRAILER_SEED, None), &forged, 1 << 20);
    assert!(matches!(result, Err(ChunkError::Signature { .. })));
    let unsigned = body(TRAILER_CHUNKS, "x-amz-checksum-crc32c:sOO8/Q==\r\n");
    let result = decode(decoder(Payload::StreamingTrailer, TRAILER_SEED, None), &unsigned, 1 << 20);
    assert_eq!(result, Err(ChunkError::MalformedTrailer));
    // Chunks may not be left out: each signature covers the one before.
    let without_second = trailed.replace(&trailed[65_623..66_735], "").into_bytes();
    assert!(
        decode(decoder(Payload::StreamingTrailer, TRAILER_SEED, None), &without_second, 1 << 20).is_err()
    );
}

#[test]
fn refused_framing() {
    let long = format!("{}\r\n", "1".repeat(2000));
    let trailers = format!("0\r\n{}\r\n", "a:b\r\n".repeat(4000));
    for (text, declared, expect) in [
        ("5\r\nhel", None, ChunkError::Incomplete),
        ("", None, ChunkError::Incomplete),
        ("5\r\nhello\r\n0\r\n\r\n", Some(6), ChunkError::Incomplete),
        ("5\r\nhello\r\n0\r\n\r\n", Some(4), ChunkError::Incomplete),
        ("5\r\nhelloXX0\r\n\r\n", None, ChunkError::Malformed),
        ("5\nhello\r\n0\r\n\r\n", None, ChunkError::Malformed),
        ("+5\r\nhello\r\n0\r\n\r\n", None, ChunkError::Malformed),
        ("\r\n", None, ChunkError::Malformed),
        ("0\r\n\r\nmore", None, ChunkError::Malformed),
        ("ffffffffffffffffff\r\n", None, ChunkError::Malformed),
        ("5\r\nhello\r\n5\r\nhello\r\n0\r\n\r\n", None, ChunkError::TooSmall { bytes: 5 }),
        ("0\r\nnonsense\r\n\r\n", None, ChunkError::MalformedTrailer),
        (&long, None, ChunkError::Malformed),
        (&trailers, None, ChunkError::MalformedTrailer),
    ] {
        let result = decode(decoder(Payload::StreamingUnsignedTrailer, "", declared), text.as_bytes(), 64);
        assert_eq!(result, Err(expect), "{text:.40}");
    }
    let result = decode(decoder(Payload::Streaming, SEED, None), b"5\r\nhello\r\n0\r\n\r\n", 64);
    assert_eq!(result, Err(ChunkError::Malformed));
}

proptest! {
    #[test]
    fn nothing_panics(body in proptest::collection::vec(any::<u8>(), 0..200), text in "([0-9a-f]{1,3}(;[a-z=-]{0,20})?\r\n[a-z]{0,9}\r\n){0,4}", piece in 1usize..50) {
        for payload in [Payload::Streaming, Payload::StreamingTrailer, Payload::StreamingUnsignedTrailer] {
            let _ = decode(decoder(payload, SEED, None), &body, piece);
            let _ = decode(decoder(payload, SEED, None), text.as_bytes(), piece);
        }
    }
}
