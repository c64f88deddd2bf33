//! Bytes as cases write them: `text:hello`, `base64:AAAA`, `json:{…}`, `zip:{index.py: "…"}`, or plain text.
//!
//! In parameters and answers bytes that are not a text are `{"base64": "…"}`. A zip made here is the same for the same files.

use std::io::{Cursor, Write};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value as Json, json};
use wire::Model;
use wire::model::{Kind, SchemaId};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::case::Node;

/// The bytes that a text stands for.
pub fn parse(text: &str) -> Result<Vec<u8>, String> {
    if let Some(text) = text.strip_prefix("text:") {
        return Ok(text.as_bytes().to_vec());
    }
    if let Some(text) = text.strip_prefix("base64:") {
        return BASE64_STANDARD.decode(text).map_err(|error| format!("base64:{text}: {error}"));
    }
    for tag in ["zip:", "json:"] {
        if let Some(rest) = text.strip_prefix(tag) {
            let node = Node::parse(rest).map_err(|error| format!("in {tag}…: {error}"))?;
            return tagged(tag, &crate::case::resolve(&node, &[])?);
        }
    }
    Ok(text.as_bytes().to_vec())
}

/// The bytes of `zip:` or `json:` with this value.
pub fn tagged(tag: &str, value: &Json) -> Result<Vec<u8>, String> {
    match (tag, value) {
        ("zip:", Json::Object(files)) => {
            let texts = files.iter().map(|(name, content)| match content {
                Json::String(text) => Ok((name.as_str(), text.clone().into_bytes())),
                other => of_json(other)
                    .map(|bytes| (name.as_str(), bytes))
                    .ok_or_else(|| format!("{name}: a file's content is a text")),
            });
            zip(&texts.collect::<Result<Vec<_>, _>>()?)
        }
        ("zip:", _) => Err("zip: is followed by a map from files to texts".to_owned()),
        _ => Ok(value.to_string().into_bytes()),
    }
}

/// A zip of these files.
pub fn zip(files: &[(&str, Vec<u8>)]) -> Result<Vec<u8>, String> {
    let options = SimpleFileOptions::default().unix_permissions(0o755);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let failed = |what: &dyn std::fmt::Display| format!("making a zip: {what}");
    for (name, content) in files {
        writer.start_file(*name, options).map_err(|error| failed(&error))?;
        writer.write_all(content).map_err(|error| failed(&error))?;
    }
    let done = writer.finish().map_err(|error| failed(&error))?;
    Ok(done.into_inner())
}

/// Bytes in JSON: `{"base64": "…"}`.
pub fn json(bytes: &[u8]) -> Json {
    json!({ "base64": BASE64_STANDARD.encode(bytes) })
}

/// The bytes that a value of an answer stands for: a text, or `{"base64": "…"}`.
pub fn of_json(value: &Json) -> Option<Vec<u8>> {
    match value {
        Json::String(text) => Some(text.clone().into_bytes()),
        Json::Object(map) if map.len() == 1 => BASE64_STANDARD.decode(map.get("base64")?.as_str()?).ok(),
        _ => None,
    }
}

/// Turns what stands where the model has a blob into `{MARK: base64}`, for a client that takes bytes so.
pub fn mark(model: &Model, schema: SchemaId, value: Json, name: &str) -> Result<Json, String> {
    Ok(match (&model.schema(schema).kind, value) {
        (Kind::Blob, Json::Null) => Json::Null,
        (Kind::Blob, value) => {
            let bytes = match &value {
                Json::String(text) => parse(text)?,
                other => of_json(other).unwrap_or_else(|| other.to_string().into_bytes()),
            };
            json!({ name: BASE64_STANDARD.encode(bytes) })
        }
        (Kind::Structure(structure), Json::Object(members)) => {
            let members = members.into_iter().map(|(member, value)| {
                let value = match structure.member(&member) {
                    Some(known) => mark(model, known.schema, value, name)?,
                    None => value,
                };
                Ok((member, value))
            });
            Json::Object(members.collect::<Result<_, String>>()?)
        }
        (Kind::Map { value: item, .. }, Json::Object(members)) => {
            let members =
                members.into_iter().map(|(key, value)| Ok((key, mark(model, item.schema, value, name)?)));
            Json::Object(members.collect::<Result<_, String>>()?)
        }
        (Kind::List { member, .. }, Json::Array(items)) => Json::Array(
            items.into_iter().map(|item| mark(model, member.schema, item, name)).collect::<Result<_, _>>()?,
        ),
        (_, value) => value,
    })
}
