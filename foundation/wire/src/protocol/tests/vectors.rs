//! The published protocol data, both directions: requests are decoded to the parameters a client had, results are encoded so that
//! a client reads them back.
//!
//! A response is first compared with the published one as a tree. Where the published one is written in a way that only tests a
//! client's patience (other time zones, unknown members), both are read by the reader below, and must give the same result.

mod input;
mod output;

use std::collections::BTreeMap;
use std::path::PathBuf;

use http::HeaderMap;
use serde_json::{Value as Json, json};

use crate::model::Model;
use crate::value::Value;

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

fn headers(json: &Json) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in json.as_object().into_iter().flatten() {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let name: http::HeaderName = name.parse().unwrap();
        map.insert(name, http::HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    map
}
