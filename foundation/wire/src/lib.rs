//! The AWS protocols, interpreted from compact models.
//!
//! `decode(model, request) -> (operation, Value)` and `encode(model, operation, Value) -> response`; nothing here knows a service's
//! meaning, a socket or a clock. The model's own constraints are checked here, with AWS's texts.

mod error;
pub mod event_stream;
mod http;
pub mod model;
pub mod params;
mod protocol;
mod scalar;
mod shape;
mod validate;
mod value;

pub use error::{Exception, Rejection};
pub use http::{HttpRequest, HttpResponse};
pub use model::{LazyModel, Model, Operation, Protocol};
pub use protocol::{
    DEPTH_MAX, Decoded, PARAMETERS_MAX, VALUES_MAX, decode, encode, encode_error, protocol_of,
};
pub use shape::{Mismatch, Reader, Request, Shape, Timestamp, Writer};
pub use validate::{SHOWN_MAX, VIOLATIONS_MAX, Violation, check, describe, validate};
pub use value::Value;
