//! Reads a request's body whole, within a size and without waiting for ever.

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};

use crate::limits::{BODY_PAUSE, PASSED_OVER_MAX, PASSED_OVER_PAUSE, PASSED_OVER_TIME};

/// Why a body could not be read.
#[derive(Debug, PartialEq)]
pub(crate) enum BodyError {
    /// More than the limit.
    TooLarge,
    /// Nothing came for [`BODY_PAUSE`].
    Slow,
    /// The client went away or broke the framing.
    Broken,
}

/// Reads at most `limit` bytes.
pub(crate) async fn read(mut body: Incoming, limit: usize) -> Result<Bytes, BodyError> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    if body.size_hint().lower() > limit as u64 {
        pass_over(body).await;
        return Err(BodyError::TooLarge);
    }
    let mut first: Option<Bytes> = None;
    let mut rest = BytesMut::new();
    loop {
        let frame = match tokio::time::timeout(BODY_PAUSE, body.frame()).await {
            Err(_) => return Err(BodyError::Slow),
            Ok(None) => break,
            Ok(Some(Err(_))) => return Err(BodyError::Broken),
            Ok(Some(Ok(frame))) => frame,
        };
        let Ok(data) = frame.into_data() else { continue };
        if first.as_ref().map_or(0, Bytes::len) + rest.len() + data.len() > limit {
            pass_over(body).await;
            return Err(BodyError::TooLarge);
        }
        match &first {
            None => first = Some(data),
            Some(_) => rest.extend_from_slice(&data),
        }
    }
    // One frame, as most bodies are, is not copied.
    Ok(match first {
        None => Bytes::new(),
        Some(first) if rest.is_empty() => first,
        Some(first) => [&first, &rest[..]].concat().into(),
    })
}

/// Reads on for a while, so that a client that is still sending meets the answer and not a broken connection.
async fn pass_over(mut body: Incoming) {
    let pass = async {
        let mut passed = 0;
        while let Ok(Some(Ok(frame))) = tokio::time::timeout(PASSED_OVER_PAUSE, body.frame()).await {
            passed += frame.data_ref().map_or(0, Bytes::len);
            if passed > PASSED_OVER_MAX {
                break;
            }
        }
    };
    // Whoever is slower than this, or sends more, finds the connection closed.
    let _ = tokio::time::timeout(PASSED_OVER_TIME, pass).await;
}
