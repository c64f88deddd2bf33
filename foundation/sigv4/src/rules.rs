//! What differs between services: path encoding, payload hash, clock skew.
//!
//! Always holds: a service that is not listed follows the general rules of Signature Version 4.

/// How a service writes the path into the canonical request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathRule {
    /// Amazon S3: encoded once, never normalised (an object key may be `a//../b`).
    SingleEncoded,
    /// Encoded again on top of what the client sent, not normalised.
    DoubleEncoded,
    /// Normalised (RFC 3986) and then encoded again: every service but S3.
    NormalizedDoubleEncoded,
}

/// The rules of one service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The canonical path.
    pub path: PathRule,
    /// Whether `x-amz-content-sha256` is required, goes into the canonical request as sent, and may say
    /// `UNSIGNED-PAYLOAD` or a `STREAMING-…` form (Amazon S3). Elsewhere the hash is that of the body received.
    pub declared_payload: bool,
    /// Whether each `x-amz-*` header of the request must be signed (Amazon S3).
    pub amz_headers_signed: bool,
    /// Whether a presigned URL may carry an `X-Amz-Security-Token` that was added after signing (AWS IoT).
    pub token_after_signing: bool,
    /// Whether a presigned URL must say `X-Amz-Expires` (Amazon S3). Elsewhere one without is good for `skew_s`.
    pub expires_required: bool,
    /// How far the time of a request may be from now, either way, in seconds.
    pub skew_s: i64,
}

/// The longest life of a presigned URL, in seconds: seven days.
pub const PRESIGN_EXPIRES_S_MAX: i64 = 604_800;

// Services whose "Signature expired: … (… - 5 min.)" texts were seen in public reports; others say 15 min.
const FIVE_MINUTES: &[&str] =
    &["bedrock", "cloudformation", "eks", "elasticmapreduce", "es", "execute-api", "kms", "lambda"];

impl Rules {
    /// The rules for a signing name, such as `s3` or `lambda`.
    pub fn for_service(signing_name: &str) -> Rules {
        let general = Rules {
            path: PathRule::NormalizedDoubleEncoded,
            declared_payload: false,
            amz_headers_signed: false,
            token_after_signing: false,
            expires_required: false,
            skew_s: if FIVE_MINUTES.contains(&signing_name) { 300 } else { 900 },
        };
        match signing_name {
            "s3" | "s3express" | "s3-object-lambda" | "s3-outposts" => Rules {
                path: PathRule::SingleEncoded,
                declared_payload: true,
                amz_headers_signed: true,
                expires_required: true,
                ..general
            },
            "iotdata" | "iotdevicegateway" => Rules { token_after_signing: true, ..general },
            _ => general,
        }
    }
}
