//! What a deployment *is*: the definition that the control plane snapshots, and the immutable plan it is compiled to.
//!
//! Pure: no socket, no clock. REST and HTTP APIs both compile to a plan. The control plane writes [`definition`] records; the data plane
//! reads nothing else of it, and compiles each published stage once, with the stage's variables already filled in.

mod access_log;
mod authorizer;
mod beside;
mod cache;
mod compile;
pub mod definition;
pub mod domain;
mod gateway_response;
mod integration;
mod mapping;
mod media;
mod router;
mod source;
mod template;
mod validator;

pub use access_log::{AccessLog, LogPiece};
pub use authorizer::{ApiPolicy, Asks, Authorizer, AuthorizerFunction, IdentitySource, Issuer, Protection};
pub use beside::Beside;
pub use cache::{CacheRule, KeySource, Unauthorized};
pub use compile::{Method, Plan, Throttle};
pub use gateway_response::{GatewayResponsePlan, GatewayResponses, TemplatePiece};
pub use integration::{Ask, Function, HttpTarget, Integration, ServiceTarget};
pub use mapping::{ContentHandling, Mapping, Parameters, Passthrough, ResponseRule};
pub use media::MediaTypes;
pub use router::{Matched, Router};
pub use source::{BodyPart, Source, UriPiece};
pub use template::{Template, VelocityTemplate, fill_stage_variables};
pub use validator::{Misfit, Model, Required, Validation};
