//! Two messages as AWS's documentation of the format gives them, every header type, damage, and Lambda's events.

use super::*;
use crate::model::Location;

fn check(message: &Message, expect: &[u8]) {
    let bytes = message.encode().unwrap();
    assert_eq!(&bytes[..], expect);
    assert_eq!(Message::decode(&bytes), Ok(Some((message.clone(), bytes.len()))));
}

#[test]
fn messages_have_the_documented_bytes() {
    check(&Message::default(), &[0, 0, 0, 16, 0, 0, 0, 0, 0x05, 0xc2, 0x48, 0xeb, 0x7d, 0x98, 0xc8, 0xff]);
    let payload = Bytes::from_static(b"{'foo':'bar'}");
    let mut expect = vec![0, 0, 0, 0x1d, 0, 0, 0, 0, 0xfd, 0x52, 0x8c, 0x5a];
    expect.extend_from_slice(&payload);
    expect.extend_from_slice(&[0xc3, 0x65, 0x39, 0x36]);
    check(&Message { headers: Vec::new(), payload }, &expect);
}

#[test]
fn every_header_type_comes_back_and_damage_is_noticed() {
    let values = [
        HeaderValue::Bool(true),
        HeaderValue::Bool(false),
        HeaderValue::Byte(-1),
        HeaderValue::Short(-2),
        HeaderValue::Int(40972),
        HeaderValue::Long(i64::MIN),
        HeaderValue::Bytes(Bytes::from_static(&[0, 255])),
        HeaderValue::String("é".to_owned()),
        HeaderValue::Timestamp(8_675_309),
        HeaderValue::Uuid([7; 16]),
    ];
    let headers = values.into_iter().enumerate().map(|(n, value)| (format!("h{n}"), value)).collect();
    let message = Message { headers, payload: Bytes::from_static(b"payload") };
    let bytes = message.encode().unwrap();
    for length in 0..bytes.len() {
        assert_eq!(Message::decode(&bytes[..length]), Ok(None), "{length} bytes");
    }
    let mut two = bytes.to_vec();
    two.extend_from_slice(&bytes);
    assert_eq!(Message::decode(&two), Ok(Some((message, bytes.len()))));
    for at in 0..bytes.len() {
        let mut damaged = bytes.to_vec();
        damaged[at] ^= 0x10;
        assert_eq!(Message::decode(&damaged), Err(EventStreamError::Checksum), "byte {at}");
    }
}

#[test]
fn lengths_have_limits() {
    let long = Message { headers: vec![("n".repeat(256), HeaderValue::Bool(true))], payload: Bytes::new() };
    assert_eq!(long.encode(), Err(EventStreamError::Length));
    let value = HeaderValue::String("v".repeat(40_000));
    let long = Message { headers: vec![("n".to_owned(), value)], payload: Bytes::new() };
    assert_eq!(long.encode(), Err(EventStreamError::Length));
    for (total, headers) in [(15u32, 0u32), (u32::MAX, 0), (16, 1), (u32::MAX, u32::MAX), (0, u32::MAX)] {
        let mut prelude = [total.to_be_bytes(), headers.to_be_bytes()].concat();
        prelude.extend_from_slice(&checksum(&prelude).to_be_bytes());
        assert_eq!(Message::decode(&prelude), Err(EventStreamError::Length), "{total} {headers}");
    }
}

#[test]
fn a_lambda_stream_is_chunks_and_an_end() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/lambda.json");
    let model = Model::load(&std::fs::read(path).unwrap()).unwrap();
    let output = model.operation("InvokeWithResponseStream").unwrap().output.unwrap();
    let output = model.structure(output).unwrap();
    let member = &output.members[output.payload.unwrap()];
    assert_eq!(member.location, Location::Body);
    let stream = model.structure(member.schema).unwrap();
    assert!(stream.is_event_stream);

    let chunk = Value::Map(vec![("Payload".to_owned(), Value::Blob(Bytes::from_static(b"part")))]);
    let chunk = Message::event(&model, stream, "PayloadChunk", &chunk);
    let text = |text: &str| HeaderValue::String(text.to_owned());
    assert_eq!(chunk.payload, "part");
    assert!(chunk.headers.contains(&(":event-type".to_owned(), text("PayloadChunk"))));
    assert!(chunk.headers.contains(&(":content-type".to_owned(), text("application/octet-stream"))));

    let end = Value::Map(vec![("ErrorCode".to_owned(), Value::String("Unhandled".to_owned()))]);
    let end = Message::event(&model, stream, "InvokeComplete", &end);
    assert_eq!(end.payload, r#"{"ErrorCode":"Unhandled"}"#);
    assert!(end.headers.contains(&(":message-type".to_owned(), text("event"))));
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_a_message_or_an_error(bytes: Vec<u8>) {
        let _ = Message::decode(&bytes);
        let _ = decode_headers(&bytes);
    }
}
