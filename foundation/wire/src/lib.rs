//! The AWS protocols, interpreted from compact models.
//!
//! `decode(model, request) -> (operation, Value)` and `encode(model, operation, Value) -> response`; nothing here knows a service's
//! meaning, a socket or a clock. The model's own constraints are checked here, with AWS's texts.

pub mod model;
mod shape;
mod value;

pub use model::{LazyModel, Model};
pub use shape::{Mismatch, Reader, Request, Shape, Timestamp, Writer};
pub use value::Value;
