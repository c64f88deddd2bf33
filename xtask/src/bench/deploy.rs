//! What is measured: functions as real zip packages, and an API with a method for each, made by signed calls.

use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use zip::write::SimpleFileOptions;

use crate::bench::http::{Aws, REGION};

const ACCOUNT: &str = "000000000000";
/// The stage of the measured API.
pub const STAGE: &str = "prod";
/// How long a new function may take until it is active.
const ACTIVE_WAIT: Duration = Duration::from_secs(30);

/// A language, with a handler for proxy integrations and one for plain invocations.
pub struct Language {
    pub name: &'static str,
    /// Such as `nodejs20.x`.
    pub runtime: String,
    pub file: &'static str,
    pub proxy: &'static str,
    pub plain: &'static str,
}

pub fn node(version: &str) -> Language {
    Language {
        name: "node",
        runtime: format!("nodejs{}.x", version.split('.').next().unwrap_or_default()),
        file: "index.js",
        proxy: "exports.handler = async () => ({ statusCode: 200, headers: { 'content-type': 'application/json' }, body: '{\"hello\":\"you\"}' });\n",
        plain: "exports.handler = async () => ({ hello: 'you' });\n",
    }
}

pub fn python(version: &str) -> Language {
    let (major, rest) = version.split_once('.').unwrap_or((version, ""));
    Language {
        name: "python",
        runtime: format!("python{major}.{}", rest.split('.').next().unwrap_or_default()),
        file: "index.py",
        proxy: "def handler(event, context):\n    return {'statusCode': 200, 'headers': {'content-type': 'application/json'}, 'body': '{\"hello\":\"you\"}'}\n",
        plain: "def handler(event, context):\n    return {'hello': 'you'}\n",
    }
}

fn package(file: &str, code: &str) -> Result<String> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file(file, SimpleFileOptions::default().unix_permissions(0o644))?;
    zip.write_all(code.as_bytes())?;
    Ok(STANDARD.encode(zip.finish()?.into_inner()))
}

/// Makes a function and waits until it is active; its ARN.
pub async fn function(
    aws: &Aws,
    name: &str,
    language: &Language,
    code: &str,
    memory_mb: u32,
) -> Result<String> {
    let request = json!({
        "FunctionName": name,
        "Runtime": language.runtime,
        "Handler": "index.handler",
        "Role": format!("arn:aws:iam::{ACCOUNT}:role/bench"),
        "Code": { "ZipFile": package(language.file, code)? },
        "MemorySize": memory_mb,
        "Timeout": 30,
    });
    let made = aws.call("lambda", "POST", "/2015-03-31/functions", &request).await?;
    let arn = made["FunctionArn"].as_str().context("a function without an ARN")?.to_owned();
    let path = format!("/2015-03-31/functions/{name}/configuration");
    let until = Instant::now() + ACTIVE_WAIT;
    loop {
        let state = aws.call("lambda", "GET", &path, &Value::Null).await?;
        match state["State"].as_str() {
            Some("Active") => return Ok(arn),
            Some("Pending") => {}
            _ => anyhow::bail!("{name} does not become active: {state}"),
        }
        ensure!(Instant::now() < until, "{name} is still pending");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

pub async fn delete_function(aws: &Aws, name: &str) -> Result<()> {
    aws.call("lambda", "DELETE", &format!("/2015-03-31/functions/{name}"), &Value::Null).await.map(drop)
}

/// What answers a method of the measured API.
#[derive(Clone, Copy)]
pub enum Behind<'a> {
    /// The function of this ARN.
    Function(&'a str),
    /// A mock.
    Mock,
    /// The server at this URL.
    Http(&'a str),
}

/// An API with `GET /{name}` for each name, deployed; its id.
pub async fn api(aws: &Aws, methods: &[(&str, Behind<'_>)]) -> Result<String> {
    let call = |method, path: String, body| async move { aws.call("apigateway", method, &path, &body).await };
    let made = call("POST", "/restapis".to_owned(), json!({ "name": "bench" })).await?;
    let id = made["id"].as_str().context("an API without an id")?.to_owned();
    let resources = call("GET", format!("/restapis/{id}/resources"), Value::Null).await?;
    let items = resources["item"].as_array().or_else(|| resources["_embedded"]["item"].as_array());
    let root = items.and_then(|items| items.first()).and_then(|item| item["id"].as_str());
    let root = root.with_context(|| format!("an API without a root: {resources}"))?;
    for (name, behind) in methods.iter().copied() {
        let made =
            call("POST", format!("/restapis/{id}/resources/{root}"), json!({ "pathPart": name })).await?;
        let method = format!(
            "/restapis/{id}/resources/{}/methods/GET",
            made["id"].as_str().context("a resource without an id")?
        );
        call("PUT", method.clone(), json!({ "authorizationType": "NONE" })).await?;
        let arn = match behind {
            Behind::Function(arn) => arn,
            Behind::Http(url) => {
                let integration = json!({ "type": "HTTP_PROXY", "httpMethod": "GET", "uri": url });
                call("PUT", format!("{method}/integration"), integration).await?;
                continue;
            }
            Behind::Mock => {
                mock(aws, &method).await?;
                continue;
            }
        };
        let uri = format!("arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{arn}/invocations");
        let integration = json!({ "type": "AWS_PROXY", "httpMethod": "POST", "uri": uri });
        call("PUT", format!("{method}/integration"), integration).await?;
        let permission = json!({
            "StatementId": "bench",
            "Action": "lambda:InvokeFunction",
            "Principal": "apigateway.amazonaws.com",
            "SourceArn": format!("arn:aws:execute-api:{REGION}:{ACCOUNT}:{id}/*/GET/{name}"),
        });
        aws.call("lambda", "POST", &format!("/2015-03-31/functions/{arn}/policy"), &permission).await?;
    }
    call("POST", format!("/restapis/{id}/deployments"), json!({ "stageName": STAGE })).await?;
    Ok(id)
}

async fn mock(aws: &Aws, method: &str) -> Result<()> {
    let templates = json!({ "application/json": "{\"statusCode\": 200}" });
    let integration = json!({ "type": "MOCK", "requestTemplates": templates });
    let templates = json!({ "application/json": "{\"hello\":\"you\"}" });
    let response = json!({ "responseTemplates": templates });
    for (path, body) in
        [("integration", integration), ("responses/200", json!({})), ("integration/responses/200", response)]
    {
        aws.call("apigateway", "PUT", &format!("{method}/{path}"), &body).await?;
    }
    Ok(())
}
