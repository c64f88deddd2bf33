//! The JavaScript client of a deployed API, as a zip.
//!
//! The client is a file of ours with the API's methods put in, named as AWS names them: the words of the path and the verb, such as
//! `petsPetIdGet`. Known difference from AWS: it is one file without libraries beside it, and other languages are not generated.

use std::collections::BTreeSet;
use std::io::{Cursor, Write};

use kernel::Internal;
use plan::definition::{ApiDefinition, MethodDefinition, ResourceDefinition};
use serde_json::{Value as Json, json};

use crate::error::Error;
use crate::generated::SdkType;
use crate::openapi::import::path_parameters;

const CLIENT: &str = include_str!("sdk/apigClient.js");

/// Id of the one type that there is.
pub(crate) const JAVASCRIPT: &str = "javascript";

/// The one type that there is.
pub(crate) fn javascript() -> SdkType {
    SdkType {
        id: Some(JAVASCRIPT.to_owned()),
        friendly_name: Some("JavaScript".to_owned()),
        description: Some("JavaScript client SDK".to_owned()),
        configuration_properties: Some(Vec::new()),
    }
}

/// The zip of a client that calls the API at `invoke_url`.
pub(crate) fn zip(api: &ApiDefinition, invoke_url: &str) -> Result<Vec<u8>, Error> {
    let fault = |error: zip::result::ZipError| Error::Fault(Internal::new("writing an SDK", error).into());
    let write_fault = |error: std::io::Error| Error::Fault(Internal::new("writing an SDK", error).into());
    let methods = methods(api);
    let names: Vec<&str> = methods.iter().filter_map(|method| method["name"].as_str()).collect();
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for (name, text) in [
        ("apiGateway-js-sdk/apigClient.js", client(api, invoke_url, &methods)),
        ("apiGateway-js-sdk/README.md", readme(api, &names)),
    ] {
        archive.start_file(name, options).map_err(fault)?;
        archive.write_all(text.as_bytes()).map_err(write_fault)?;
    }
    Ok(archive.finish().map_err(fault)?.into_inner())
}

fn client(api: &ApiDefinition, invoke_url: &str, methods: &[Json]) -> String {
    let quoted = |text: &str| Json::from(text).to_string();
    CLIENT
        .replace("\"@INVOKE_URL@\"", &quoted(invoke_url))
        .replace("\"@REGION@\"", &quoted(&api.region))
        .replace("\"@METHODS@\"", &format!("{:#}", Json::from(methods.to_vec())))
}

fn readme(api: &ApiDefinition, names: &[&str]) -> String {
    let list: String =
        names.iter().map(|name| format!("- `{name}(params, body, additionalParams)`\n")).collect();
    format!(
        "# {}\n\n```html\n<script src=\"apigClient.js\"></script>\n```\n\n```js\nconst apigClient = apigClientFactory.newClient();\n```\n\n{list}",
        api.name
    )
}

/// One row per method of the API. Names that two methods would share get a number.
fn methods(api: &ApiDefinition) -> Vec<Json> {
    let mut taken = BTreeSet::new();
    let mut resources: Vec<_> = api.resources.iter().collect();
    resources.sort_by(|a, b| a.path.cmp(&b.path));
    let all = resources.into_iter().flat_map(|resource| {
        resource.methods.iter().map(move |(verb, method)| (resource, verb.as_str(), method))
    });
    let rows = all.map(|(resource, verb, method)| {
        let wanted = name(&resource.path, verb);
        let free = |name: &String| !taken.contains(name);
        let numbered = (2..).map(|number| format!("{wanted}{number}"));
        let name = std::iter::once(wanted.clone()).chain(numbered).find(free).unwrap_or(wanted.clone());
        taken.insert(name.clone());
        row(name, resource, verb, method)
    });
    rows.collect()
}

fn row(name: String, resource: &ResourceDefinition, verb: &str, method: &MethodDefinition) -> Json {
    let in_path: Vec<&str> = path_parameters(&resource.path).collect();
    let of = |kind: &str| -> Vec<&str> {
        let names = method.request_parameters.keys().filter_map(|key| {
            key.strip_prefix("method.request.").and_then(|rest| rest.strip_prefix(kind))?.strip_prefix('.')
        });
        names.collect()
    };
    let must = method
        .request_parameters
        .iter()
        .filter(|(key, is_required)| **is_required && !key.starts_with("method.request.path."));
    let must = must.filter_map(|(key, _)| key.splitn(4, '.').nth(3));
    let required: Vec<&str> = in_path.iter().copied().chain(must).collect();
    json!({
        "name": name,
        // A method for any verb is called with GET unless `additionalParams.verb` says otherwise.
        "verb": if verb == "ANY" { "GET" } else { verb },
        "path": resource.path,
        "query": of("querystring"),
        "headers": of("header"),
        "required": required,
    })
}

/// `petsPetIdGet` of `/pets/{petId}` and `GET`; `rootGet` of the root.
fn name(path: &str, verb: &str) -> String {
    let words = path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut name = String::new();
    for word in words {
        let (first, rest) = word.split_at(1);
        let first = if name.is_empty() { first.to_ascii_lowercase() } else { first.to_ascii_uppercase() };
        name.push_str(&first);
        name.push_str(rest);
    }
    if name.is_empty() {
        name.push_str("root");
    }
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        name.insert(0, '_');
    }
    let (first, rest) = verb.split_at(1);
    name + &first.to_ascii_uppercase() + &rest.to_ascii_lowercase()
}

#[cfg(test)]
mod tests;
