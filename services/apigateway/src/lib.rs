//! Amazon API Gateway, the control plane of REST APIs.
//!
//! What AWS promises: an API is a tree of resources with methods, each with an integration; a deployment fixes a snapshot of the whole,
//! and a stage publishes one deployment under a name with its own variables and settings. Here every change of the tree, of deployments
//! and of stages also rewrites the API's record, so that such changes to one API happen one after another. A deployment and a stage are
//! written for the data plane (`plan::definition`) in the commit that answers the client.
//!
//! OpenAPI documents are read and written in `openapi`, and put into the tables by `import`. A domain name with its mappings is published
//! with each change of it.
//! Known gaps, each answered by an error that names it: VPC links in integrations, streamed responses, security policies of an API other
//! than the default, routing rules, JWT authorizers, labels of API keys, SDKs in other languages than JavaScript.
//! Recorded but not acted on here: whatever a request meets (method settings, authorizers, validators, usage plans, access logs, the
//! resource policy), which is the data plane's to enforce.
//! Differences from AWS: an empty map of a method or integration response reads as absent; stages do not inherit an API's tags;
//! `GetResources` answers in the order of paths and the other lists in the order of creation, where AWS promises none.

mod access;
mod account;
mod api;
mod api_key;
mod authorizer;
mod canary;
mod client_certificate;
mod copy;
mod deployment;
mod documentation;
mod domain;
mod domain_access;
mod error;
mod gateway_response;
mod generated;
mod import;
mod integration;
mod integration_response;
mod mapping;
mod method;
mod method_response;
mod method_settings;
mod model;
mod openapi;
mod ops;
mod page;
mod patch;
mod published;
mod references;
mod resource;
mod sdk;
mod stage;
mod tables;
mod tags;
mod tried;
mod usage;
mod usage_plan;
mod validator;
mod violations;
mod vpc_link;

use std::sync::Arc;

pub use generated::*;

/// The service keeps nothing in memory.
pub struct ApiGateway;

/// The context of its operations.
pub(crate) type Cx = kernel::Ctx<ApiGateway>;

/// The service, for the binary's list of endpoints.
pub fn service() -> kernel::Service<ApiGateway> {
    kernel::Service::new("apigateway", Arc::new(ApiGateway), ops::table())
}

#[cfg(test)]
mod tests;
