//! `loggia invoke` and `loggia logs`: small clients of a running server (or of AWS), signed with the caller's own credentials.

use std::io::{Read, Write};
use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Uri};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client as HyperClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use sigv4::{Credentials, Payload, RequestView, Rules, SecretKey, Signer};

use crate::cli::{Endpoint, InvokeFlags, LogsFlags};

/// How often `--follow` asks for new lines.
const FOLLOW_PERIOD: Duration = Duration::from_millis(500);

/// `loggia invoke`.
pub(crate) fn invoke(flags: &InvokeFlags) -> Result<ExitCode> {
    let event = match &flags.event {
        None => b"{}".to_vec(),
        Some(path) if path.as_os_str() == "-" => {
            let mut event = Vec::new();
            std::io::stdin().read_to_end(&mut event).context("reading the event from standard input")?;
            event
        }
        Some(path) => std::fs::read(path).with_context(|| format!("reading {}", path.display()))?,
    };
    block_on(async {
        let client = Client::new(&flags.endpoint)?;
        let function = percent_encode(&flags.function);
        let mut headers = HeaderMap::new();
        if flags.tail {
            headers.insert("x-amz-log-type", HeaderValue::from_static("Tail"));
        }
        let path = format!("/2015-03-31/functions/{function}/invocations");
        let (headers, body) = client.call("lambda", Method::POST, &path, headers, event.into()).await?;
        if let Some(tail) = headers.get("x-amz-log-result") {
            let tail = STANDARD.decode(tail.as_bytes()).context("reading the log's tail")?;
            std::io::stderr().write_all(&tail)?;
        }
        std::io::stdout().write_all(&body)?;
        println!();
        Ok(if headers.contains_key("x-amz-function-error") { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    })
}

/// `loggia logs`.
pub(crate) fn logs(flags: &LogsFlags) -> Result<ExitCode> {
    block_on(async {
        let client = Client::new(&flags.endpoint)?;
        let mut start_ms = 0;
        // Events of the newest millisecond seen, which may be asked for again.
        let mut shown: Vec<String> = Vec::new();
        loop {
            let mut token: Option<String> = None;
            loop {
                let mut request = json!({ "logGroupName": format!("/aws/lambda/{}", flags.function), "startTime": start_ms });
                if let Some(token) = &token {
                    request["nextToken"] = token.as_str().into();
                }
                let page = client.json("logs", "Logs_20140328.FilterLogEvents", &request).await?;
                for event in page["events"].as_array().into_iter().flatten() {
                    let (id, at) = (
                        event["eventId"].as_str().unwrap_or_default(),
                        event["timestamp"].as_i64().unwrap_or_default(),
                    );
                    if shown.iter().any(|known| known == id) {
                        continue;
                    }
                    if at > start_ms {
                        start_ms = at;
                        shown.clear();
                    }
                    shown.push(id.to_owned());
                    println!("{}", event["message"].as_str().unwrap_or_default().trim_end_matches('\n'));
                }
                token = page["nextToken"].as_str().map(str::to_owned);
                if token.is_none() {
                    break;
                }
            }
            if !flags.follow {
                return Ok(ExitCode::SUCCESS);
            }
            tokio::time::sleep(FOLLOW_PERIOD).await;
        }
    })
}

fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("starting")?;
    runtime.block_on(work)
}

/// A caller of AWS APIs.
struct Client {
    http: HyperClient<HttpConnector, Full<Bytes>>,
    base: Uri,
    region: String,
    credentials: Credentials,
}

impl Client {
    fn new(endpoint: &Endpoint) -> Result<Client> {
        let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let base = endpoint.endpoint_url.clone().or_else(|| set("AWS_ENDPOINT_URL"));
        let base = base.unwrap_or_else(|| "http://127.0.0.1:4566".to_owned());
        let base: Uri = base.parse().with_context(|| format!("{base} is no URL"))?;
        if base.scheme_str() != Some("http") {
            bail!("{base}: only http:// endpoints are supported by this command");
        }
        let region =
            endpoint.region.clone().or_else(|| set("AWS_REGION")).or_else(|| set("AWS_DEFAULT_REGION"));
        Ok(Client {
            http: HyperClient::builder(TokioExecutor::new()).build_http(),
            base,
            region: region.unwrap_or_else(|| "us-east-1".to_owned()),
            credentials: Credentials {
                access_key: set("AWS_ACCESS_KEY_ID").unwrap_or_else(|| "test".to_owned()),
                secret: SecretKey::new(set("AWS_SECRET_ACCESS_KEY").unwrap_or_else(|| "test".to_owned())),
                session_token: set("AWS_SESSION_TOKEN"),
            },
        })
    }

    /// A JSON-protocol call.
    async fn json(&self, service: &str, target: &str, request: &Value) -> Result<Value> {
        let mut headers = HeaderMap::new();
        headers.insert("x-amz-target", HeaderValue::from_str(target)?);
        headers.insert("content-type", HeaderValue::from_static("application/x-amz-json-1.1"));
        let (_, body) = self.call(service, Method::POST, "/", headers, request.to_string().into()).await?;
        serde_json::from_slice(&body).context("reading the answer")
    }

    async fn call(
        &self,
        service: &str,
        method: Method,
        path: &str,
        mut headers: HeaderMap,
        body: Bytes,
    ) -> Result<(HeaderMap, Bytes)> {
        let authority = self.base.authority().map(ToString::to_string).unwrap_or_default();
        headers.insert("host", HeaderValue::from_str(&authority)?);
        let rules = Rules::for_service(service);
        let now_s = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs() as i64;
        let signer =
            Signer { credentials: &self.credentials, region: &self.region, service, now_s, rules: &rules };
        let view =
            RequestView { method: method.as_str(), path, query: "", headers: &headers, authority: None };
        let signature =
            sigv4::sign(&view, Payload::Sha256(sigv4::sha256(&body)), &signer).context("signing")?;
        headers.extend(signature.into_iter().map(|(name, value)| (Some(name), value)));
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.uri_mut() = format!("http://{authority}{path}").parse().context("making the URL")?;
        *request.headers_mut() = headers;
        let answer = self
            .http
            .request(request)
            .await
            .with_context(|| format!("calling {authority}: is a server running there?"))?;
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.context("reading the answer")?.to_bytes();
        if !parts.status.is_success() {
            let error: Value = serde_json::from_slice(&body).unwrap_or_default();
            let text = error["message"].as_str().or(error["Message"].as_str()).unwrap_or_default();
            let code = parts
                .headers
                .get("x-amzn-errortype")
                .and_then(|value| value.to_str().ok())
                .or(error["__type"].as_str());
            bail!("{}: {text}", code.unwrap_or(parts.status.as_str()));
        }
        Ok((parts.headers, body))
    }
}

/// A path segment.
fn percent_encode(text: &str) -> String {
    sigv4::uri_encode(text.as_bytes())
}
