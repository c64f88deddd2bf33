//! Requests to deployed APIs, and what they answer.

use serde_json::{Value as Json, json};

use super::Credentials;
use crate::case::{Http, Node, Pattern, interpolate, resolve};

/// A request to a deployed API, ready to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct HttpRequest {
    /// Method.
    pub method: String,
    /// `http` or `https`.
    pub scheme: String,
    /// Host, with its port if the URL names one.
    pub host: String,
    /// Path as written.
    pub path: String,
    /// Query as written.
    pub query: Option<String>,
    /// Headers, in order.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl HttpRequest {
    /// The request that a line stands for; `{api}` in its URL is `api`.
    pub(super) fn new(http: &Http, results: &[Json], api: Option<String>) -> Result<HttpRequest, String> {
        let mut url = interpolate(&http.url, results)?;
        if url.contains("{api}") {
            url = url.replace("{api}", &api.ok_or("no step before this one made an API for {api}")?);
        }
        let (scheme, rest) = url.split_once("://").ok_or("the URL has no scheme")?;
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (host, rest) = rest.split_at(end);
        let (path, query) =
            rest.split_once('?').map_or((rest, None), |(path, query)| (path, Some(query.to_owned())));
        let path = if path.is_empty() { "/" } else { path };
        let headers =
            http.options.get("headers").map(|node| headers(node, results)).transpose()?.unwrap_or_default();
        let body = match http.options.get("body").map(|node| resolve(node, results)).transpose()? {
            None | Some(Json::Null) => Vec::new(),
            Some(Json::String(text)) => crate::blob::parse(&text)?,
            Some(other) => crate::blob::of_json(&other).unwrap_or_else(|| other.to_string().into_bytes()),
        };
        Ok(HttpRequest {
            method: http.method.clone(),
            scheme: scheme.to_owned(),
            host: host.to_owned(),
            path: path.to_owned(),
            query,
            headers,
            body,
        })
    }

    /// Signs it for `execute-api` in the first region.
    pub(super) fn sign(&mut self, by: &Credentials, now_s: i64) -> Result<(), String> {
        let credentials = sigv4::Credentials {
            access_key: by.access_key.clone(),
            secret: sigv4::SecretKey::new(by.secret.as_str()),
            session_token: by.token.clone(),
        };
        let rules = sigv4::Rules::for_service("execute-api");
        let signer = sigv4::Signer {
            credentials: &credentials,
            region: "us-east-1",
            service: "execute-api",
            now_s,
            rules: &rules,
        };
        let headers = http::HeaderMap::new();
        let view = sigv4::RequestView {
            method: &self.method,
            path: &self.path,
            query: self.query.as_deref().unwrap_or_default(),
            headers: &headers,
            authority: Some(&self.host),
        };
        let payload = sigv4::Payload::Sha256(sigv4::sha256(&self.body));
        let added = sigv4::sign(&view, payload, &signer).map_err(|_| "the session token is no header")?;
        let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        self.headers.extend(added.iter().map(|(name, value)| (name.to_string(), text(value))));
        Ok(())
    }

    /// Path and query.
    pub fn target(&self) -> String {
        match &self.query {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path.clone(),
        }
    }
}

/// A header with a list of values is sent once for each.
fn headers(node: &Node, results: &[Json]) -> Result<Vec<(String, String)>, String> {
    let Json::Object(map) = resolve(node, results)? else { return Err("headers are a map".to_owned()) };
    let text = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let pairs = map.iter().flat_map(|(name, value)| match value {
        Json::Array(values) => values.iter().map(|value| (name.clone(), text(value))).collect(),
        other => vec![(name.clone(), text(other))],
    });
    Ok(pairs.collect())
}

/// An answer as cases see it: several headers of one name are a list.
pub fn answer(status: u16, headers: impl Iterator<Item = (String, String)>, body: &[u8]) -> Json {
    let mut map = serde_json::Map::new();
    for (name, value) in headers {
        match map.get_mut(&name.to_lowercase()) {
            None => {
                map.insert(name.to_lowercase(), value.into());
            }
            Some(Json::Array(values)) => values.push(value.into()),
            Some(first) => *first = json!([first.take(), value]),
        }
    }
    let text = std::str::from_utf8(body).ok();
    let json: Json = text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or(Json::Null);
    json!({ "status": status, "headers": map, "body": text.map_or_else(|| crate::blob::json(body), Json::from), "json": json })
}

/// What an answer must be.
pub(super) fn pattern(status: u16, node: Option<&Node>, results: &[Json]) -> Result<Pattern, String> {
    let mut members = vec![("status".to_owned(), Pattern::Exact(status.into()))];
    let Some(Node::Map(parts)) = node else { return Ok(Pattern::Map(members)) };
    for (name, node) in parts {
        let pattern = match (name.as_str(), node) {
            ("headers", Node::Map(headers)) => {
                let headers = headers
                    .iter()
                    .map(|(name, node)| Ok((name.to_lowercase(), Pattern::new(node, results)?)));
                Pattern::Map(headers.collect::<Result<_, String>>()?)
            }
            _ => Pattern::new(node, results)?,
        };
        members.push((name.clone(), pattern));
    }
    Ok(Pattern::Map(members))
}
