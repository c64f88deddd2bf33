//! Results and errors to responses that a client reads back, here with a reader of our own that first has to read the published ones.

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::Method;
use serde_json::Value as Json;

use super::super::{cbor, encode, encode_error, json, rest, xml};
use super::{Case, canonical, cases, folder, headers, report};
use crate::error::{Exception, Malformed};
use crate::http::{HttpRequest, HttpResponse};
use crate::model::{Location, Model, Operation, Protocol, Structure};
use crate::params::from_json;
use crate::value::Value;

#[test]
fn results_encode_to_their_responses() {
    let Some(folder) = folder() else { return };
    let mut run = BTreeMap::new();
    let mut failures = BTreeMap::new();
    let mut alike = 0;
    for case in cases(&folder, "output") {
        *run.entry(case.file.clone()).or_insert(0) += 1;
        let checked = match case.json["errorCode"].is_null() {
            true => check_output(&case),
            false => check_error(&case),
        };
        match checked {
            Ok(same) => alike += usize::from(same),
            Err(why) => {
                failures.insert(format!("output {}", case.id), why);
            }
        }
    }
    eprintln!("output: {alike} bodies are the published tree, the others read the same");
    report("output", &run, &failures, 300);
}

/// True if the body is the published one as a tree.
fn check_output(case: &Case) -> Result<bool, String> {
    let model = &case.model;
    let operation = model.operation(&case.operation).unwrap();
    let result = match operation.output {
        Some(id) => {
            let mut result = case.json["result"].clone();
            // The client's own bookkeeping.
            if let Some(map) = result.as_object_mut()
                && model.structure(id).unwrap().member("ResponseMetadata").is_none()
            {
                map.remove("ResponseMetadata");
            }
            from_json(model, id, result).map_err(|why| why.to_string())?
        }
        None => Value::empty(),
    };
    let protocol = model.protocols()[0];
    let published = &case.json["response"];
    let theirs = HttpResponse {
        status: published["status_code"].as_u64().unwrap() as u16,
        headers: headers(&published["headers"]),
        body: body_of(protocol, published),
    };
    let ours = encode(model, protocol, operation, &result, "request-id");
    let structure = operation.output.and_then(|id| model.structure(id));
    let read = |response: &HttpResponse| match structure {
        Some(structure) => read_response(model, protocol, operation, structure, response),
        None => Ok(Value::empty()),
    };
    let mut ours = ours;
    if structure.is_some_and(|shape| shape.members.iter().any(|member| member.location == Location::Headers))
    {
        // A map of all headers is published without those that every response has.
        ours.headers = ours
            .headers
            .into_iter()
            .filter_map(|(name, value)| Some((name?, value)))
            .filter(|(name, _)| theirs.headers.contains_key(name))
            .collect();
    }
    let ours_read = read(&ours)?;
    if canonical(&ours_read) != canonical(&result) {
        return Err(format!("\n  ours     {:?}\n  reads    {ours_read:?}\n  expected {result:?}", ours.body));
    }
    let theirs_read = read(&theirs)?;
    if canonical(&theirs_read) != canonical(&result) {
        return Err(format!(
            "\n  theirs   {:?}\n  reads    {theirs_read:?}\n  expected {result:?}",
            theirs.body
        ));
    }
    if ours.status != theirs.status {
        return Err(format!("status {} instead of {}", ours.status, theirs.status));
    }
    for (name, value) in &theirs.headers {
        let is_member =
            name != "content-type" && name != "content-length" && !name.as_str().starts_with("x-amz");
        if is_member && !ours.headers.contains_key(name) && !value.is_empty() {
            return Err(format!("header {name}: {value:?} is missing"));
        }
    }
    Ok(tree(protocol, &ours.body) == tree(protocol, &theirs.body))
}

fn body_of(protocol: Protocol, response: &Json) -> Bytes {
    let text = response["body"].as_str().unwrap_or_default().to_owned();
    match protocol {
        Protocol::Cbor => BASE64_STANDARD.decode(text).unwrap().into(),
        _ => text.into(),
    }
}

fn tree(protocol: Protocol, body: &Bytes) -> String {
    match protocol {
        Protocol::Cbor => format!("{:?}", ciborium::from_reader::<ciborium::Value, _>(&body[..]).ok()),
        Protocol::Json10 | Protocol::Json11 | Protocol::RestJson => {
            let json: Option<Json> = serde_json::from_slice(body).ok();
            json.map_or_else(|| format!("{body:?}"), |json| canonical(&json::document(json)))
        }
        _ => match xml::Element::parse(body) {
            Ok(element) => outline(&element),
            Err(_) => format!("{body:?}"),
        },
    }
}

fn outline(element: &xml::Element) -> String {
    if element.name == "ResponseMetadata" || element.name == "requestId" {
        return String::new();
    }
    let children: Vec<String> = element.children.iter().map(outline).collect();
    let text = if children.is_empty() { element.text.as_str() } else { "" };
    format!("<{}>{text}{}", element.name, children.join(""))
}

/// A client's reading of a response.
fn read_response(
    model: &Model,
    protocol: Protocol,
    operation: &Operation,
    structure: &Structure,
    response: &HttpResponse,
) -> Result<Value, String> {
    let fault = |why: Malformed| format!("{why:?}");
    let body = &response.body;
    match protocol {
        Protocol::Json10 | Protocol::Json11 => {
            json::decode_body(model, structure, body, json::Members::All).map_err(fault)
        }
        Protocol::Cbor => match body.is_empty() {
            true => Ok(Value::empty()),
            false => cbor::read_structure(model, structure, body).map_err(fault),
        },
        Protocol::Query | Protocol::Ec2 => {
            if body.is_empty() {
                return Ok(Value::empty());
            }
            let root = xml::Element::parse(body).map_err(fault)?;
            let wrapper = operation.result_wrapper.as_deref().unwrap_or_default();
            let wrapper = match wrapper {
                "" if protocol == Protocol::Query => format!("{}Result", operation.name),
                given => given.to_owned(),
            };
            let inner = root.children.iter().find(|child| child.name == wrapper).unwrap_or(&root);
            xml::read_structure(model, structure, inner, json::Members::All).map_err(fault)
        }
        Protocol::RestJson | Protocol::RestXml => {
            let method = Method::GET;
            let request =
                HttpRequest { method: &method, path: "/", query: "", headers: &response.headers, body };
            let mut read = rest::read_message(model, protocol, structure, &request).map_err(fault)?;
            let Value::Map(members) = &mut read else { unreachable!() };
            push_status(structure, response, members);
            // A streamed body is there even if it is empty.
            if let Some(at) = structure.payload {
                let member = &structure.members[at];
                let schema = model.schema(member.schema);
                if (member.is_streaming || schema.is_streaming) && body.is_empty() {
                    members.push((member.name.to_string(), Value::Blob(Bytes::new())));
                }
            }
            Ok(read)
        }
    }
}

fn push_status(structure: &Structure, response: &HttpResponse, members: &mut Vec<(String, Value)>) {
    for member in structure.members.iter().filter(|member| member.location == Location::StatusCode) {
        members.push((member.name.to_string(), Value::Int(response.status.into())));
    }
}

fn check_error(case: &Case) -> Result<bool, String> {
    let model = &case.model;
    let protocol = model.protocols()[0];
    let expected_code = case.json["errorCode"].as_str().unwrap();
    let status = case.json["response"]["status_code"].as_u64().unwrap() as u16;
    let id = model.exception(expected_code);
    let structure = id.and_then(|id| model.structure(id));
    let code = id.map_or(expected_code, |id| &model.schema(id).name);
    let members = match id {
        Some(id) => from_json(model, id, case.json["error"].clone()).map_err(|why| why.to_string())?,
        None => Value::empty(),
    };
    let Value::Map(pairs) = &members else { unreachable!() };
    let fields: Vec<(&'static str, Value)> =
        pairs.iter().map(|(name, value)| (&*name.clone().leak(), value.clone())).collect();
    let message = case.json["errorMessage"].as_str();
    let error = Exception { code, status, message, fields: &fields };
    let ours = encode_error(model, protocol, &error, "foo-id");
    let (told, read) = read_error(model, protocol, structure, &ours)?;
    if told != expected_code {
        return Err(format!("code {told} instead of {expected_code}: {ours:?}"));
    }
    if ours.status != status {
        return Err(format!("status {}", ours.status));
    }
    let mut read = read;
    if let (Some(structure), Value::Map(read)) = (structure, &mut read) {
        push_status(structure, &ours, read);
    }
    match structure.is_none() || canonical(&read) == canonical(&members) {
        true => Ok(tree(protocol, &ours.body) == tree(protocol, &body_of(protocol, &case.json["response"]))),
        false => Err(format!("\n  ours     {ours:?}\n  reads    {read:?}\n  expected {members:?}")),
    }
}

/// The code and members that a client reads.
fn read_error(
    model: &Model,
    protocol: Protocol,
    structure: Option<&Structure>,
    response: &HttpResponse,
) -> Result<(String, Value), String> {
    let fault = |why: Malformed| format!("{why:?}");
    let header = |name: &str| response.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    let query_error = header("x-amzn-query-error").map(|text| text.split(';').next().unwrap().to_owned());
    let short = |code: String| code.rsplit_once('#').map_or(code.clone(), |(_, code)| code.to_owned());
    let empty = Structure::default();
    let structure = structure.unwrap_or(&empty);
    match protocol {
        Protocol::Json10 | Protocol::Json11 => {
            let json: Json = serde_json::from_slice(&response.body).map_err(|why| why.to_string())?;
            let code = json["__type"].as_str().unwrap_or_default().to_owned();
            let read =
                json::decode_body(model, structure, &response.body, json::Members::All).map_err(fault)?;
            Ok((query_error.unwrap_or_else(|| short(code)), read))
        }
        Protocol::Cbor => {
            let cbor: ciborium::Value = ciborium::from_reader(&response.body[..]).unwrap();
            let pairs = cbor.into_map().unwrap();
            let code = pairs.iter().find(|(name, _)| name.as_text() == Some("__type")).unwrap();
            let read = cbor::read_structure(model, structure, &response.body).map_err(fault)?;
            Ok((query_error.unwrap_or_else(|| short(code.1.as_text().unwrap().to_owned())), read))
        }
        Protocol::RestJson => {
            let method = Method::GET;
            let (headers, body) = (&response.headers, &response.body);
            let request = HttpRequest { method: &method, path: "/", query: "", headers, body };
            let read = rest::read_message(model, protocol, structure, &request).map_err(fault)?;
            Ok((header("x-amzn-errortype").unwrap_or_default(), read))
        }
        Protocol::Query | Protocol::Ec2 | Protocol::RestXml => {
            let root = xml::Element::parse(&response.body).map_err(fault)?;
            let find = |element: &xml::Element, name: &str| -> Option<usize> {
                element.children.iter().position(|child| child.name == name)
            };
            let outer = match find(&root, "Errors") {
                Some(at) => &root.children[at],
                None => &root,
            };
            let error = &outer.children[find(outer, "Error").ok_or("no Error")?];
            let code = error.children[find(error, "Code").ok_or("no Code")?].text.clone();
            let mut read =
                xml::read_structure(model, structure, error, json::Members::Response).map_err(fault)?;
            let method = Method::GET;
            let (headers, body) = (&response.headers, &Bytes::new());
            let request = HttpRequest { method: &method, path: "/", query: "", headers, body };
            let bound = rest::read_message(model, Protocol::RestXml, structure, &request).map_err(fault)?;
            if let (Value::Map(read), Value::Map(bound)) = (&mut read, bound) {
                read.extend(bound);
            }
            Ok((code, read))
        }
    }
}
