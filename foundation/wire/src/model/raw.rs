//! The model's JSON as it is written, read with serde before it is linked.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use super::Validation;

type Text = Box<str>;

#[derive(serde::Deserialize)]
pub(super) struct Document {
    pub metadata: Metadata,
    #[serde(default)]
    pub operations: Entries<Operation>,
    #[serde(default)]
    pub shapes: Entries<Shape>,
    #[serde(default)]
    pub overlay: Overlay,
}

/// Our own additions: whole operations and shapes, which replace the model's of the same name.
#[derive(serde::Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Overlay {
    /// A sentence for readers of the file.
    #[serde(rename = "comment")]
    pub _comment: Text,
    pub validation: Option<Validation>,
    pub protocols: Vec<Text>,
    /// What stands before the `#` of an error's type in json 1.0.
    pub namespace: Option<Text>,
    /// Shapes whose constraints the service checks itself, with its own words.
    pub unchecked: Vec<Text>,
    /// Content type of a payload that is a plain blob, by operation.
    pub content_types: Entries<Text>,
    pub operations: Entries<Operation>,
    pub shapes: Entries<Shape>,
}

#[derive(serde::Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Metadata {
    pub api_version: Text,
    pub endpoint_prefix: Text,
    pub json_version: Option<Text>,
    pub protocol: Text,
    pub protocols: Vec<Text>,
    pub aws_query_compatible: Option<serde::de::IgnoredAny>,
    pub service_full_name: Text,
    pub service_abbreviation: Option<Text>,
    pub signing_name: Option<Text>,
    pub target_prefix: Option<Text>,
    pub xml_namespace: Option<Namespace>,
}

/// A name space is a string in metadata and an object elsewhere.
#[derive(serde::Deserialize)]
#[serde(untagged)]
pub(super) enum Namespace {
    Uri(Text),
    Full { uri: Text, prefix: Option<Text> },
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Operation {
    #[serde(default)]
    pub http: Http,
    pub input: Option<Reference>,
    pub output: Option<Reference>,
    #[serde(default)]
    pub errors: Vec<Reference>,
    pub authtype: Option<Text>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Http {
    pub method: Text,
    pub request_uri: Text,
    pub response_code: Option<u16>,
}

impl Default for Http {
    fn default() -> Http {
        Http { method: "POST".into(), request_uri: "/".into(), response_code: None }
    }
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reference {
    pub shape: Text,
    pub location: Option<Text>,
    pub location_name: Option<Text>,
    pub query_name: Option<Text>,
    pub result_wrapper: Option<Text>,
    pub timestamp_format: Option<Text>,
    pub xml_namespace: Option<Namespace>,
    #[serde(default)]
    pub flattened: bool,
    #[serde(default)]
    pub xml_attribute: bool,
    #[serde(default)]
    pub jsonvalue: bool,
    #[serde(default)]
    pub eventpayload: bool,
    #[serde(default)]
    pub eventheader: bool,
    #[serde(default)]
    pub streaming: bool,
    #[serde(default)]
    pub idempotency_token: bool,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Shape {
    #[serde(rename = "type")]
    pub kind: Text,
    #[serde(default)]
    pub members: Entries<Reference>,
    #[serde(default)]
    pub required: Vec<Text>,
    pub member: Option<Reference>,
    pub key: Option<Reference>,
    pub value: Option<Reference>,
    pub payload: Option<Text>,
    pub location_name: Option<Text>,
    pub timestamp_format: Option<Text>,
    pub xml_namespace: Option<Namespace>,
    pub pattern: Option<Text>,
    pub min: Option<f64>,
    pub max: Option<f64>,
    #[serde(default, rename = "enum")]
    pub values: Vec<Text>,
    pub error: Option<Error>,
    #[serde(default)]
    pub exception: bool,
    #[serde(default)]
    pub fault: bool,
    #[serde(default)]
    pub flattened: bool,
    #[serde(default)]
    pub union: bool,
    #[serde(default)]
    pub eventstream: bool,
    #[serde(default)]
    pub document: bool,
    #[serde(default)]
    pub sensitive: bool,
    #[serde(default)]
    pub streaming: bool,
}

#[derive(serde::Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Error {
    pub code: Option<Text>,
    pub http_status_code: Option<u16>,
    pub sender_fault: Option<bool>,
}

/// A JSON object in its own order.
pub(super) struct Entries<T>(pub Vec<(Text, T)>);

impl<T> Default for Entries<T> {
    fn default() -> Entries<T> {
        Entries(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Entries<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Entries<T>, D::Error> {
        struct EntriesVisitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for EntriesVisitor<T> {
            type Value = Entries<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries<T>, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(EntriesVisitor(PhantomData))
    }
}
