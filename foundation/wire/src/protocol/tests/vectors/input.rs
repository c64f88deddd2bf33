//! Requests as clients write them, to the parameters their users had.

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::Method;
use serde_json::Value as Json;

use super::super::decode;
use super::{Case, canonical, cases, folder, headers, report};
use crate::http::HttpRequest;
use crate::model::Protocol;
use crate::params::from_json;
use crate::value::Value;

#[test]
fn requests_decode_to_their_parameters() {
    let Some(folder) = folder() else { return };
    let mut run = BTreeMap::new();
    let mut failures = BTreeMap::new();
    for case in cases(&folder, "input") {
        *run.entry(case.file.clone()).or_insert(0) += 1;
        if let Err(why) = check_input(&case) {
            failures.insert(format!("input {}", case.id), why);
        }
    }
    report("input", &run, &failures, 300);
}

fn check_input(case: &Case) -> Result<(), String> {
    let serialized = &case.json["serialized"];
    let uri = serialized["uri"].as_str().unwrap_or("/");
    let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
    let method = serialized["method"].as_str().or(case.json["given"]["http"]["method"].as_str());
    let method = Method::from_bytes(method.unwrap_or("POST").as_bytes()).unwrap();
    let text = match &serialized["body"] {
        Json::String(text) => text.clone(),
        Json::Null => String::new(),
        other => other.to_string(),
    };
    let model = &case.model;
    let body: Bytes = match model.protocols()[0] {
        Protocol::Cbor => BASE64_STANDARD.decode(text).unwrap().into(),
        Protocol::Query | Protocol::Ec2 if serialized["body"].is_object() => {
            let pairs = serialized["body"].as_object().unwrap().iter().map(|(name, value)| {
                let encode = |text: &str| {
                    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC)
                        .to_string()
                };
                format!("{}={}", encode(name), encode(value.as_str().unwrap_or(&value.to_string())))
            });
            pairs.collect::<Vec<_>>().join("&").into()
        }
        _ => text.into(),
    };
    let mut headers = headers(&serialized["headers"]);
    if matches!(model.protocols()[0], Protocol::Json10 | Protocol::Json11) {
        // Some of the older cases leave the target out.
        let target = format!("Service.{}", case.operation).parse().unwrap();
        headers.entry("x-amz-target").or_insert(target);
    }
    let request = HttpRequest { method: &method, path, query, headers: &headers, body: &body };
    let decoded = decode(model, &request).map_err(|why| format!("{why:?}"))?;
    let expected = match decoded.operation.input {
        Some(id) => from_json(model, id, case.json["params"].clone()).map_err(|why| why.to_string())?,
        None => Value::empty(),
    };
    match canonical(&decoded.input) == canonical(&expected) {
        true => Ok(()),
        false => Err(format!("\n  decoded  {:?}\n  expected {expected:?}", decoded.input)),
    }
}
