//! Compact service models: botocore's, without what a server does not need.
//!
//! The form stays botocore's own (so its protocol test data loads the same way), one operation or shape per line, so that
//! an update reads as a diff. `models/overlay/<service>.json` holds our additions; they are copied into the model as its
//! last member, `overlay`, so that a service embeds one file.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use serde_json::{Map, Value};

/// The pinned source of all models.
const BOTOCORE: &str = "1.44.5";

/// Services whose models are kept, by botocore's name.
const SERVICES: &[&str] = &[
    "acm",
    "apigateway",
    "apigatewayv2",
    "cloudformation",
    "cloudfront",
    "cloudwatch",
    "cognito-idp",
    "dynamodb",
    "ecr",
    "events",
    "iam",
    "kinesis",
    "kms",
    "lambda",
    "logs",
    "route53",
    "s3",
    "scheduler",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
    "stepfunctions",
    "sts",
    "wafv2",
    "xray",
];

/// Members that no server needs, wherever they stand in a trait position.
const DROPPED: &[&str] = &[
    "documentation",
    "documentationUrl",
    "examples",
    "deprecated",
    "deprecatedMessage",
    "deprecatedSince",
    "contextParam",
    "staticContextParams",
    "operationContextParams",
    "endpointdiscovery",
    "endpointoperation",
    "httpChecksum",
    "readonly",
    "idempotent",
    "retryable",
    "synthetic",
    "xmlOrder",
];

const METADATA: &[&str] = &[
    "apiVersion",
    "endpointPrefix",
    "globalEndpoint",
    "jsonVersion",
    "protocol",
    "protocols",
    "awsQueryCompatible",
    "serviceFullName",
    "serviceAbbreviation",
    "serviceId",
    "signingName",
    "targetPrefix",
    "xmlNamespace",
];

/// Downloads botocore once and writes `models/<service>.json` for every service.
pub fn derive(root: &Path) -> anyhow::Result<()> {
    let cache = root.join(".cache/botocore");
    std::fs::create_dir_all(&cache)?;
    let wheel = cache.join(format!("botocore-{BOTOCORE}-py3-none-any.whl"));
    if !wheel.is_file() {
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "download", "--quiet", "--no-deps", "-d"]).arg(&cache);
        run(pip.arg(format!("botocore=={BOTOCORE}")))?;
    }
    for service in SERVICES {
        let original = cache.join(format!("{service}.json"));
        extract(&wheel, service, &original)?;
        let text = std::fs::read_to_string(&original)?;
        let model: Value = serde_json::from_str(&text).with_context(|| format!("botocore's {service}"))?;
        let compact = write(&strip(model)?)?;
        println!("{service}: {} KB -> {} KB", text.len() / 1024, compact.len() / 1024);
        std::fs::write(path_of(root, service), compact)?;
    }
    Ok(())
}

/// Every model as it has to be for the overlays that are there now.
pub fn with_overlays(root: &Path) -> anyhow::Result<Vec<(PathBuf, String)>> {
    let mut all = Vec::new();
    for service in SERVICES {
        let path = path_of(root, service);
        let mut model = read(root, service)?;
        let members = model.as_object_mut().context("a model is an object")?;
        members.shift_remove("overlay");
        let overlay = root.join("models/overlay").join(format!("{service}.json"));
        if let Ok(text) = std::fs::read_to_string(&overlay) {
            let parsed = serde_json::from_str(&text).with_context(|| overlay.display().to_string())?;
            members.insert("overlay".to_owned(), parsed);
        }
        all.push((path, write(&model)?));
    }
    Ok(all)
}

/// The compact model of a service.
pub fn read(root: &Path, service: &str) -> anyhow::Result<Value> {
    let path = path_of(root, service);
    let text = std::fs::read_to_string(&path).with_context(|| {
        format!("{}: add the service to xtask/src/codegen/models.rs, run with --models", path.display())
    })?;
    Ok(serde_json::from_str(&text)?)
}

fn path_of(root: &Path, service: &str) -> PathBuf {
    root.join("models").join(format!("{service}.json"))
}

/// Takes the newest version of a service's model out of the wheel; python is here anyway, because of pip.
fn extract(wheel: &Path, service: &str, to: &Path) -> anyhow::Result<()> {
    const SCRIPT: &str = "import sys, zipfile, gzip
wheel, service, to = sys.argv[1:]
archive = zipfile.ZipFile(wheel)
start, end = f'botocore/data/{service}/', '/service-2.json.gz'
newest = max(n for n in archive.namelist() if n.startswith(start) and n.endswith(end))
open(to, 'wb').write(gzip.decompress(archive.read(newest)))";
    run(Command::new("python3").args(["-c", SCRIPT]).arg(wheel).arg(service).arg(to))
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let status = command.status().with_context(|| format!("start {command:?}"))?;
    if !status.success() {
        bail!("{command:?}: {status}");
    }
    Ok(())
}

fn strip(model: Value) -> anyhow::Result<Value> {
    let Value::Object(mut model) = model else { bail!("a model is an object") };
    let mut take = |name: &str| match model.remove(name) {
        Some(Value::Object(map)) => Ok(map),
        _ => Err(anyhow::anyhow!("the model has no {name}")),
    };
    let mut metadata = take("metadata")?;
    metadata.retain(|name, _| METADATA.contains(&name.as_str()));
    let operations = sorted(take("operations")?.into_iter().map(|(name, mut operation)| {
        strip_traits(&mut operation);
        if let Some(operation) = operation.as_object_mut() {
            operation.shift_remove("name");
            // Only "needs no signature" says something to a server.
            let unsigned = operation.get("authtype").is_some_and(|kind| kind == "none");
            operation.shift_remove("auth");
            if !unsigned {
                operation.shift_remove("authtype");
            }
            for error in operation.get_mut("errors").and_then(Value::as_array_mut).into_iter().flatten() {
                strip_traits(error);
            }
        }
        (name, operation)
    }));
    let shapes = sorted(take("shapes")?.into_iter().map(|(name, mut shape)| {
        strip_traits(&mut shape);
        if let Some(members) = shape.get_mut("members").and_then(Value::as_object_mut) {
            members.values_mut().for_each(strip_traits);
        }
        (name, shape)
    }));
    let mut compact = Map::new();
    compact.insert("metadata".to_owned(), Value::Object(metadata));
    compact.insert("operations".to_owned(), Value::Object(operations));
    compact.insert("shapes".to_owned(), Value::Object(shapes));
    Ok(Value::Object(compact))
}

/// Drops unneeded traits of an operation, shape or member, and of the references directly in it; never looks into
/// `members`, whose keys are names that may be spelled like a trait.
fn strip_traits(holder: &mut Value) {
    let Some(holder) = holder.as_object_mut() else { return };
    holder.retain(|name, _| !DROPPED.contains(&name.as_str()));
    for reference in ["input", "output", "member", "key", "value"] {
        if let Some(reference) = holder.get_mut(reference).and_then(Value::as_object_mut) {
            reference.retain(|name, _| !DROPPED.contains(&name.as_str()));
        }
    }
}

fn sorted(entries: impl Iterator<Item = (String, Value)>) -> Map<String, Value> {
    let mut entries: Vec<_> = entries.collect();
    entries.sort_by(|one, other| one.0.cmp(&other.0));
    entries.into_iter().collect()
}

/// JSON with one line for each operation and shape.
fn write(model: &Value) -> anyhow::Result<String> {
    let mut sections = Vec::new();
    for (name, section) in model.as_object().context("a model is an object")? {
        let body = match (name.as_str(), section) {
            ("operations" | "shapes", Value::Object(entries)) => {
                let lines: Vec<String> =
                    entries.iter().map(|(name, entry)| format!("\"{name}\":{entry}")).collect();
                format!("{{\n{}\n}}", lines.join(",\n"))
            }
            _ => section.to_string(),
        };
        sections.push(format!("\"{name}\":{body}"));
    }
    Ok(format!("{{\n{}\n}}\n", sections.join(",\n")))
}
