//! Where a request is meant to go: a closed list, decided by host and path forms of deployed APIs first, then by signing scope, target,
//! action, host and path.
//!
//! Hosts are recognised by their first labels, whatever the suffix, so that `*.localhost`, `*.localhost.localstack.cloud` and
//! `*.amazonaws.com` all work. Forms of deployed APIs come first because a client of such an API may send any header it likes.

use kernel::exchange::ApiAddress;

/// Where a request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// A deployed API.
    Execute(ApiAddress),
    /// A deployed API behind the custom domain name that the host is.
    Domain,
    /// An AWS service, by endpoint id.
    Service(String),
    /// Loggia's own pages: the path below `/_loggia`, without it.
    Own(String),
    /// LocalStack's health page.
    LocalStackHealth,
    /// Nothing that we know; the text says what was looked at.
    Unknown,
}

/// What of a request decides its route.
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts<'a> {
    /// Host, with or without its port.
    pub host: &'a str,
    /// Path as sent.
    pub path: &'a str,
    /// Service of the signing scope, if the request is signed.
    pub signing_service: Option<&'a str>,
    /// `X-Amz-Target`.
    pub target: Option<&'a str>,
    /// `Action` of a query-protocol request.
    pub action: Option<&'a str>,
}

/// What the models know, as the router asks it.
pub trait Directory {
    /// Endpoint id of the service that signs with this name.
    fn by_signing_name(&self, name: &str, target: Option<&str>) -> Option<String>;
    /// Endpoint id of the service with this target prefix.
    fn by_target(&self, prefix: &str) -> Option<String>;
    /// Endpoint id of the service that has this query action.
    fn by_action(&self, action: &str) -> Option<String>;
    /// Endpoint id of the service with this host label.
    fn by_host_label(&self, label: &str) -> Option<String>;
    /// Endpoint id of the REST service one of whose operations has this path.
    fn by_path(&self, path: &str) -> Option<String>;
}

/// Decides the route.
pub fn route(facts: Facts<'_>, directory: &dyn Directory) -> Route {
    if let Some(address) = api_by_host(facts.host, facts.path).or_else(|| api_by_path(facts.path)) {
        return Route::Execute(address);
    }
    if let Some(rest) = facts.path.strip_prefix("/_loggia")
        && (rest.is_empty() || rest.starts_with('/'))
    {
        return Route::Own(rest.to_owned());
    }
    if matches!(facts.path, "/_localstack/health" | "/health") && facts.signing_service.is_none() {
        return Route::LocalStackHealth;
    }
    let target_prefix =
        facts.target.map(|target| target.rsplit_once('.').map_or(target, |(prefix, _)| prefix));
    let by_host = || labels(facts.host).find_map(|label| directory.by_host_label(label));
    facts
        .signing_service
        .map(|name| directory.by_signing_name(name, target_prefix).unwrap_or_else(|| name.to_owned()))
        .or_else(|| target_prefix.and_then(|prefix| directory.by_target(prefix)))
        .or_else(|| facts.action.and_then(|action| directory.by_action(action)))
        .or_else(by_host)
        .or_else(|| directory.by_path(facts.path))
        .map_or(Route::Unknown, Route::Service)
}

/// False for hosts that are never custom domain names: addresses, `localhost`, single labels, and those that name an API themselves.
pub fn may_be_domain(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    name.contains('.')
        && !name.starts_with('[')
        && name.parse::<std::net::IpAddr>().is_err()
        && api_by_host(host, "/").is_none()
}

/// `{api}.execute-api.…`
fn api_by_host(host: &str, path: &str) -> Option<ApiAddress> {
    let (api_id, rest) = host.split_once('.')?;
    let rest = rest
        .get(.."execute-api".len())
        .filter(|label| label.eq_ignore_ascii_case("execute-api"))
        .map(|_| &rest["execute-api".len()..])?;
    if !(rest.starts_with('.') || rest.starts_with(':') || rest.is_empty()) || api_id.is_empty() {
        return None;
    }
    // AWS: a private API's `{api}-{vpce}` form names the endpoint after the API.
    let api_id = api_id.split_once("-vpce-").map_or(api_id, |(api_id, _)| api_id);
    Some(ApiAddress { api_id: api_id.to_ascii_lowercase(), stage: None, path: path.to_owned() })
}

/// `/_aws/execute-api/{api}/{stage}/…` and `/restapis/{api}/{stage}/_user_request_/…`
fn api_by_path(path: &str) -> Option<ApiAddress> {
    let address = |api_id: &str, stage: &str, rest: &str| {
        let path = if rest.is_empty() { "/".to_owned() } else { rest.to_owned() };
        (!api_id.is_empty() && !stage.is_empty()).then(|| ApiAddress {
            api_id: api_id.to_owned(),
            stage: Some(stage.to_owned()),
            path,
        })
    };
    if let Some(rest) = path.strip_prefix("/_aws/execute-api/") {
        let (api_id, rest) = rest.split_once('/').unwrap_or((rest, ""));
        let end = rest.find('/').unwrap_or(rest.len());
        if api_id.is_empty() {
            return None;
        }
        return match &rest[..end] {
            "" => Some(ApiAddress { api_id: api_id.to_owned(), stage: None, path: "/".to_owned() }),
            stage => address(api_id, stage, &rest[end..]),
        };
    }
    let rest = path.strip_prefix("/restapis/")?;
    let (api_id, rest) = rest.split_once('/')?;
    let (stage, rest) = rest.split_once('/')?;
    let rest = rest.strip_prefix("_user_request_")?;
    if !(rest.is_empty() || rest.starts_with('/')) {
        return None;
    }
    address(api_id, stage, rest)
}

fn labels(host: &str) -> impl Iterator<Item = &str> {
    let name = host.split(':').next().unwrap_or_default();
    // `sqs.us-east-1.…`, `{bucket}.s3.…`, `{bucket}.s3.us-east-1.…`: the service is among the first labels.
    let is_address = name.parse::<std::net::IpAddr>().is_ok();
    name.split('.').take(if is_address { 0 } else { 2 })
}

#[cfg(test)]
mod tests;
