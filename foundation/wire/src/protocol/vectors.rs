//! The published protocol data, both directions: requests are decoded to the parameters a client had, results are encoded so that
//! a client reads them back.
//!
//! A response is first compared with the published one as a tree. Where the published one is written in a way that only tests a
//! client's patience (other time zones, unknown members), both are read by the reader below, and must give the same result.

use std::collections::BTreeMap;
use std::path::PathBuf;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::{HeaderMap, Method};
use serde_json::{Value as Json, json};

use super::*;
use crate::model::Location;
use crate::params::from_json;

const EVERY: &str = "a server's map of query parameters holds all of them, also those with a member of their own, which this client left out";
const STREAM: &str = "events are written one by one, not as a value";
const UNKNOWN: &str = "only a client has an unknown member of a union";

/// Where our answer is knowingly not the published one; each must fail, so that a repair is noticed.
const GAPS: &[(&str, &str)] = &[
    ("input AllQueryStringTypes", EVERY),
    ("input RestJsonQueryParamsStringListMap", EVERY),
    ("input RestXmlQueryParamsStringListMap", EVERY),
    ("input RestXmlQueryStringEscaping", EVERY),
    ("input RestXmlSupportsInfinityFloatQueryValues", EVERY),
    ("input RestXmlSupportsNaNFloatQueryValues", EVERY),
    ("input RestXmlSupportsNegativeInfinityFloatQueryValues", EVERY),
    ("input RestXmlZeroAndFalseQueryValues", EVERY),
    (
        "input legacy rest-json 25.7 Content-Type and JSON body",
        "the client fills in a content type that its user did not give",
    ),
    ("output legacy json 3.1 Lists", "the shape is called a map and typed a string"),
    ("output legacy json 6.0 RPC JSON Event Stream", STREAM),
    ("output legacy rest-xml 14.0 REST XML Event Stream", STREAM),
    ("output legacy rest-xml 14.1 REST XML Event Stream", STREAM),
    ("output legacy rest-xml 14.2 REST XML Event Stream", STREAM),
    ("output legacy rest-json 17.2 Tagged Unions", UNKNOWN),
    ("output legacy rest-xml 16.2 Unions", UNKNOWN),
];

fn folder() -> Option<PathBuf> {
    let root = match std::env::var_os("LOGGIA_VECTORS") {
        Some(set) => PathBuf::from(set),
        None => PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors")),
    };
    let folder = root.join("protocols");
    match folder.is_dir() {
        true => Some(folder),
        false => {
            eprintln!("skipped: no protocol data at {}; set LOGGIA_VECTORS", folder.display());
            None
        }
    }
}

struct Case {
    file: String,
    id: String,
    model: Model,
    operation: String,
    json: Json,
}

/// All cases of a direction that botocore itself does not skip.
fn cases(folder: &std::path::Path, direction: &str) -> Vec<Case> {
    let read = |path: PathBuf| -> Json { serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap() };
    let ignored = read(folder.join("protocol-tests-ignore-list.json"));
    let listed =
        |list: &Json, name: &str| list.as_array().is_some_and(|names| names.iter().any(|one| one == name));
    let mut cases = Vec::new();
    let mut files: Vec<PathBuf> = Vec::new();
    for part in [direction.to_owned(), format!("legacy/{direction}")] {
        files.extend(std::fs::read_dir(folder.join(part)).unwrap().map(|entry| entry.unwrap().path()));
    }
    files.sort();
    for path in files {
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        let legacy = path.components().any(|part| part.as_os_str() == "legacy");
        let skips = &ignored["protocols"][&stem][direction]["cases"];
        for (number, suite) in read(path).as_array().unwrap().iter().enumerate() {
            let description = suite["description"].as_str().unwrap_or_default();
            if listed(&ignored["general"][direction]["suites"], description) {
                continue;
            }
            for (at, case) in suite["cases"].as_array().unwrap().iter().enumerate() {
                let id = case["id"].as_str().map(str::to_owned);
                let id = id.unwrap_or_else(|| format!("legacy {stem} {number}.{at} {description}"));
                if listed(skips, &id) {
                    continue;
                }
                let operation = case["given"]["name"].as_str().unwrap_or("OperationName").to_owned();
                let (mut shapes, mut given) = (suite["shapes"].clone(), case["given"].clone());
                if legacy {
                    modernise(&mut shapes, &mut given);
                }
                let mut metadata = suite["metadata"].clone();
                if metadata["protocol"].is_null() {
                    metadata["protocol"] = metadata["protocols"][0].clone();
                }
                let model = json!({
                    "metadata": metadata,
                    "operations": { &operation: given },
                    "shapes": shapes,
                });
                let model = Model::load(model.to_string().as_bytes()).unwrap_or_else(|e| panic!("{id}: {e}"));
                let file = format!("{}{stem}", if legacy { "legacy " } else { "" });
                cases.push(Case { file, id, model, operation, json: case.clone() });
            }
        }
    }
    cases
}

/// Older cases say on the shape or on the operation what models say on the member and on the shape.
fn modernise(shapes: &mut Json, given: &mut Json) {
    for side in ["input", "output"] {
        if let (Some(payload), Some(shape)) =
            (given[side]["payload"].as_str(), given[side]["shape"].as_str().map(str::to_owned))
        {
            shapes[&shape]["payload"] = json!(payload);
        }
    }
    let original = shapes.clone();
    for shape in shapes.as_object_mut().unwrap().values_mut() {
        let members = shape.get_mut("members").and_then(Json::as_object_mut);
        for member in members.into_iter().flat_map(|members| members.values_mut()) {
            let target = &original[member["shape"].as_str().unwrap()];
            for name in ["location", "locationName"] {
                if member.get(name).is_none() && !target["location"].is_null() && !target[name].is_null() {
                    member[name] = target[name].clone();
                }
            }
        }
    }
}

/// Without nulls and empty lists and maps, which some places cannot hold; with maps sorted and NaN comparable. Header names of maps
/// lose their case on the way.
fn canonical(value: &Value) -> String {
    match value {
        Value::Map(pairs) => {
            let pairs = pairs.iter().filter(|(_, value)| !is_empty(value));
            let sorted: BTreeMap<_, _> =
                pairs.map(|(name, value)| (name.to_lowercase(), canonical(value))).collect();
            format!("{sorted:?}")
        }
        Value::List(items) => format!("{:?}", items.iter().map(canonical).collect::<Vec<_>>()),
        other => format!("{other:?}"),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::List(items) => items.is_empty(),
        Value::Map(pairs) => pairs.iter().all(|(_, value)| is_empty(value)),
        _ => false,
    }
}

fn report(direction: &str, run: &BTreeMap<String, usize>, failures: &BTreeMap<String, String>, least: usize) {
    let total: usize = run.values().sum();
    eprintln!("{direction}: {total} cases: {run:?}");
    let unexpected: Vec<_> =
        failures.iter().filter(|(id, _)| !GAPS.iter().any(|(gap, _)| gap == id)).collect();
    for (id, why) in &unexpected {
        eprintln!("FAILED {id}: {why}");
    }
    let repaired: Vec<_> =
        GAPS.iter().filter(|(gap, _)| gap.starts_with(direction) && !failures.contains_key(*gap)).collect();
    assert!(unexpected.is_empty(), "{} of {total} cases fail", unexpected.len());
    assert!(repaired.is_empty(), "no longer a gap: {repaired:?}");
    assert!(total >= least, "only {total} cases were found");
}

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

fn headers(json: &Json) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in json.as_object().into_iter().flatten() {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let name: http::HeaderName = name.parse().unwrap();
        map.insert(name, http::HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    map
}

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
