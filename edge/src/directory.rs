//! What the models tell the router.
//!
//! Names in signing scopes, targets and hosts come from the static table; only a request that shows none of them (an unsigned query or
//! REST request) makes models be parsed, and then only those of services that exist here.

use kernel::Endpoints;
use models::{MODELS, Row};

use crate::route::Directory;

/// The directory over the embedded models; `endpoints` are the services that exist.
pub(crate) struct Models<'a> {
    pub(crate) endpoints: &'a Endpoints,
    pub(crate) path: &'a str,
    pub(crate) method: &'a http::Method,
}

impl Models<'_> {
    fn existing(&self) -> impl Iterator<Item = &'static Row> {
        let ids: Vec<&str> = self.endpoints.all().iter().map(|service| service.id()).collect();
        MODELS.iter().filter(move |row| ids.contains(&row.id))
    }
}

impl Directory for Models<'_> {
    fn by_signing_name(&self, name: &str, target: Option<&str>) -> Option<String> {
        if let Some(id) = target.and_then(|target| self.by_target(target)) {
            return Some(id);
        }
        // Both API Gateway models sign alike; version 2 lives below /v2.
        if name == "apigateway" && (self.path.starts_with("/v2/") || self.path == "/v2") {
            return Some("apigatewayv2".to_owned());
        }
        MODELS.iter().find(|row| row.signing_name == name).map(|row| row.id.to_owned())
    }

    fn by_target(&self, prefix: &str) -> Option<String> {
        MODELS.iter().find(|row| row.target_prefix == Some(prefix)).map(|row| row.id.to_owned())
    }

    fn by_action(&self, action: &str) -> Option<String> {
        self.existing().find(|row| row.model().operation(action).is_some()).map(|row| row.id.to_owned())
    }

    fn by_host_label(&self, label: &str) -> Option<String> {
        if label == "apigateway" {
            return self.by_signing_name(label, None);
        }
        MODELS.iter().find(|row| row.host_label == label).map(|row| row.id.to_owned())
    }

    fn by_path(&self, path: &str) -> Option<String> {
        let routed = |row: &&Row| {
            row.model().routes().find(row.model().operations(), self.method, path, &[]).is_some()
        };
        self.existing().filter(|row| row.id != "s3").find(routed).map(|row| row.id.to_owned())
    }
}
