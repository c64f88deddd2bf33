//! Frames: layout, limits, and that no bytes whatever make the decoder panic.

use super::*;
use proptest::prelude::*;

fn decode(chunks: &[&[u8]]) -> Result<Vec<FromBootstrap>, FrameError> {
    let mut decoder = Decoder::default();
    let mut found = Vec::new();
    for chunk in chunks {
        decoder.buffer().put_slice(chunk);
        while let Some(frame) = decoder.next_frame()? {
            found.push(frame);
        }
    }
    Ok(found)
}

fn frame(kind: u8, flags: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = ((HEADER_LEN + payload.len()) as u32).to_le_bytes().to_vec();
    bytes.extend([kind, flags, 0, 0]);
    bytes.extend(payload);
    bytes
}

fn result(flags: u8, json: &[u8], body: &[u8]) -> Vec<u8> {
    let mut payload = (json.len() as u32).to_le_bytes().to_vec();
    payload.extend(json);
    payload.extend(body);
    frame(RESULT, flags, &payload)
}

fn check(bytes: &[u8], expect: Result<FromBootstrap, FrameError>) {
    assert_eq!(decode(&[bytes]), expect.clone().map(|frame| vec![frame]), "whole");
    let single: Vec<&[u8]> = bytes.chunks(1).collect();
    assert_eq!(decode(&single), expect.map(|frame| vec![frame]), "byte by byte");
}

#[test]
fn frames_are_read() {
    let text = Bytes::from_static;
    check(&frame(READY, 0, b""), Ok(FromBootstrap::Ready));
    check(&frame(INIT_ERROR, 0, b"{}"), Ok(FromBootstrap::InitError(text(b"{}"))));
    check(&frame(ERROR, 0, b"{}"), Ok(FromBootstrap::Error { json: text(b"{}"), is_last: false }));
    check(&frame(ERROR, 1, b"{}"), Ok(FromBootstrap::Error { json: text(b"{}"), is_last: true }));
    check(&frame(ERROR, 2, b"{}"), Ok(FromBootstrap::Ending(text(b"{}"))));
    check(&result(0, b"[1]", b""), Ok(FromBootstrap::Result { json: text(b"[1]"), body: None }));
    check(&result(1, b"{}", b""), Ok(FromBootstrap::Result { json: text(b"{}"), body: Some(text(b"")) }));
    check(&result(1, b"{}", b"hi"), Ok(FromBootstrap::Result { json: text(b"{}"), body: Some(text(b"hi")) }));
    check(
        &frame(LOG, 5, b"\x01\0\0\0\0\0\0\0no"),
        Ok(FromBootstrap::Log { time_ms: 1, level: Level::Error, message: text(b"no") }),
    );
    check(&frame(OUT, 2, b"x"), Ok(FromBootstrap::Out { stream: Stream::Stderr, data: text(b"x") }));
}

#[test]
fn broken_frames_are_refused() {
    check(&frame(0x55, 0, b""), Err(FrameError::UnknownKind(0x55)));
    check(&frame(INVOKE, 0, b""), Err(FrameError::UnknownKind(INVOKE)));
    check(&[7, 0, 0, 0, READY, 0, 0, 0], Err(FrameError::TooShort { kind: READY, len: 7 }));
    check(&[0xff, 0xff, 0xff, 0xff, READY, 0, 0, 0], Err(FrameError::TooLong(u32::MAX as usize)));
    check(&frame(LOG, 0, b"1234567"), Err(FrameError::TooShort { kind: LOG, len: 15 }));
    check(&frame(LOG, 7, b"12345678"), Err(FrameError::Malformed(LOG)));
    check(&frame(ERROR, 3, b"{}"), Err(FrameError::Malformed(ERROR)));
    check(&frame(OUT, 3, b""), Err(FrameError::Malformed(OUT)));
    check(&frame(RESULT, 0, b"\x01\0\0"), Err(FrameError::TooShort { kind: RESULT, len: 11 }));
    check(&frame(RESULT, 0, b"\xff\xff\xff\xffx"), Err(FrameError::Malformed(RESULT)));
    check(&result(0, b"[1]", b"more"), Err(FrameError::Malformed(RESULT)));
    check(&result(2, b"[1]", b""), Err(FrameError::Malformed(RESULT)));
}

#[test]
fn a_half_frame_is_waited_for() {
    let mut decoder = Decoder::default();
    let bytes = frame(ERROR, 0, &[b'x'; 100_000]);
    decoder.buffer().put_slice(&bytes[..50]);
    assert_eq!(decoder.next_frame(), Ok(None));
    assert!(decoder.is_partial());
    assert!(decoder.buffer().capacity() >= bytes.len(), "room for the rest of the frame");
    decoder.buffer().put_slice(&bytes[50..]);
    assert!(matches!(decoder.next_frame(), Ok(Some(FromBootstrap::Error { .. }))));
    assert!(!decoder.is_partial());
}

#[test]
fn an_invocation_has_the_documented_layout() {
    let invoke = Invoke {
        request_id: "id",
        deadline_ms: 0x0102,
        trace_id: "t",
        invoked_arn: "arn",
        client_context: b"{}",
        identity: b"",
        event: b"{\"body\":null}",
        body: RequestBody::Base64(Bytes::from_static(b"\xff")),
        wants_split: true,
    };
    let mut out = BytesMut::new();
    invoke.encode_head(&mut out).unwrap();
    assert_eq!(&out[..8], &[40 + 8 + 13 + 1, 0, 0, 0, INVOKE, FLAG_BODY_BINARY | FLAG_SPLIT, 0, 0]);
    assert_eq!(&out[8..16], &[2, 1, 0, 0, 0, 0, 0, 0]);
    assert_eq!(&out[16..40], &[13, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0, 3, 0, 0, 0]);
    assert_eq!(&out[40..], b"idtarn{}");
    assert_eq!(invoke.body_bytes(), b"\xff");
}

#[test]
fn what_does_not_fit_is_refused_before_anything_is_written() {
    let long = "x".repeat(NAME_LEN_MAX + 1);
    let big = vec![b' '; FRAME_LEN_MAX];
    let mut out = BytesMut::new();
    let named = Invoke { invoked_arn: &long, ..Invoke::default() };
    assert_eq!(named.encode_head(&mut out), Err(FrameError::TooLong(NAME_LEN_MAX + 1)));
    let heavy = Invoke { event: &big, ..Invoke::default() };
    assert_eq!(heavy.encode_head(&mut out), Err(FrameError::TooLong(FRAME_LEN_MAX + INVOKE_FIXED_LEN)));
    assert!(encode_init(&big, &mut out).is_err());
    assert!(out.is_empty());
}

proptest! {
    #[test]
    fn any_bytes_decode_or_fail_alike_however_they_are_cut(bytes in proptest::collection::vec(any::<u8>(), 0..400), at in 0usize..400) {
        let at = at.min(bytes.len());
        prop_assert_eq!(decode(&[&bytes]), decode(&[&bytes[..at], &bytes[at..]]));
    }

    #[test]
    fn any_payload_of_a_known_kind_is_answered(kind in 0x11u8..0x18, flags in 0u8..9, payload in proptest::collection::vec(any::<u8>(), 0..40)) {
        let _ = decode(&[&frame(kind, flags, &payload)]);
    }
}
