//! A service's API as data: its operations and the shapes of their inputs, outputs and errors.
//!
//! A model is botocore's `service-2.json` without documentation (`cargo xtask codegen --models`), read once into flat tables:
//! shapes refer to each other by index, so nothing is looked up by name while a request is decoded. A loaded model never changes.

mod load;
mod pattern;
mod raw;
#[cfg(test)]
mod tests;
mod uri;

use std::collections::HashMap;
use std::sync::OnceLock;

pub use load::ModelError;
pub use pattern::Pattern;
pub use uri::{Routes, Segment, UriPattern};

/// A model that is parsed when it is first asked for.
pub struct LazyModel {
    bytes: &'static [u8],
    parsed: OnceLock<Model>,
}

impl LazyModel {
    /// Remembers where the model's text is.
    pub const fn new(bytes: &'static [u8]) -> LazyModel {
        LazyModel { bytes, parsed: OnceLock::new() }
    }

    /// The model. A few milliseconds the first time, nothing after.
    pub fn get(&self) -> &Model {
        self.parsed.get_or_init(|| Model::load(self.bytes).expect("an embedded model was read by codegen"))
    }
}

/// One service's API.
#[derive(Debug)]
pub struct Model {
    /// What the service says about itself.
    pub metadata: Metadata,
    /// How this service answers what breaks the model's constraints.
    pub validation: Validation,
    namespace: Box<str>,
    content_types: Vec<(Box<str>, Box<str>)>,
    operations: Vec<Operation>,
    by_name: HashMap<Box<str>, u32>,
    schemas: Vec<Schema>,
    schema_by_name: HashMap<Box<str>, SchemaId>,
    exception_by_code: HashMap<Box<str>, SchemaId>,
    routes: Routes,
}

impl Model {
    /// The operation of that name.
    pub fn operation(&self, name: &str) -> Option<&Operation> {
        Some(&self.operations[*self.by_name.get(name)? as usize])
    }

    /// Every operation, alphabetical.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The operations by method and path, for the REST protocols.
    pub fn routes(&self) -> &Routes {
        &self.routes
    }

    /// The shape with that index.
    pub fn schema(&self, id: SchemaId) -> &Schema {
        &self.schemas[id.0 as usize]
    }

    /// The structure with that index, if it is one.
    pub fn structure(&self, id: SchemaId) -> Option<&Structure> {
        match &self.schema(id).kind {
            Kind::Structure(structure) => Some(structure),
            _ => None,
        }
    }

    /// Every shape, in the model's order.
    pub fn schemas(&self) -> &[Schema] {
        &self.schemas
    }

    /// The shape of that name.
    pub fn schema_id(&self, name: &str) -> Option<SchemaId> {
        self.schema_by_name.get(name).copied()
    }

    /// The exception with that shape name or error code.
    pub fn exception(&self, code: &str) -> Option<SchemaId> {
        self.exception_by_code.get(code).copied()
    }

    /// What stands before the `#` of an error's type in json 1.0.
    pub(crate) fn namespace(&self) -> &str {
        &self.namespace
    }

    /// The content type of the operation's payload, where it is not what the protocol would say.
    pub(crate) fn content_type(&self, operation: &str) -> Option<&str> {
        self.content_types.iter().find(|(name, _)| **name == *operation).map(|(_, value)| &**value)
    }

    /// The protocols it speaks, the preferred one first.
    pub fn protocols(&self) -> &[Protocol] {
        &self.metadata.protocols
    }
}

/// Index of a shape in its model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SchemaId(pub(crate) u32);

/// How requests and responses look on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// `X-Amz-Target` and a JSON body, `application/x-amz-json-1.0`.
    Json10,
    /// The same with `application/x-amz-json-1.1`.
    Json11,
    /// Method and path name the operation, bodies are JSON.
    RestJson,
    /// Method and path name the operation, bodies are XML.
    RestXml,
    /// A form with `Action`; answers are XML.
    Query,
    /// EC2's variant of query.
    Ec2,
    /// Smithy RPC v2 with CBOR bodies.
    Cbor,
}

/// What a service says about itself.
#[derive(Debug)]
pub struct Metadata {
    /// The service's endpoint id, such as `lambda`.
    pub endpoint_prefix: Box<str>,
    /// The service in a credential scope, where it differs from the endpoint id it is the same.
    pub signing_name: Box<str>,
    /// `2015-03-31`.
    pub api_version: Box<str>,
    /// The first part of `X-Amz-Target`, without the dot.
    pub target_prefix: Option<Box<str>>,
    /// The name AWS uses in texts.
    pub full_name: Box<str>,
    /// Name space of XML answers.
    pub xml_namespace: Option<Box<str>>,
    /// Errors of a former query service are also told in `x-amzn-query-error`.
    pub query_compatible: bool,
    /// The preferred protocol first.
    pub protocols: Vec<Protocol>,
}

/// How a service answers a violation of its model's constraints.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Validation {
    /// `ValidationException`, `InvalidParameterException`, `ValidationError`.
    pub code: Box<str>,
    /// The HTTP status.
    #[serde(default = "bad_request")]
    pub status: u16,
    /// Which constraints are checked before the service sees a request.
    #[serde(default)]
    pub checks: Checks,
}

/// Which of the model's constraints are checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Checks {
    /// All.
    #[default]
    All,
    /// Only that required members are there: the service words the others itself.
    Required,
}

fn bad_request() -> u16 {
    400
}

/// One operation.
#[derive(Debug)]
pub struct Operation {
    /// `CreateFunction`.
    pub name: Box<str>,
    /// The HTTP method.
    pub method: http::Method,
    /// The path, with its labels, and constant query parameters.
    pub uri: UriPattern,
    /// The status of success.
    pub status: u16,
    /// The input structure, if there is one.
    pub input: Option<SchemaId>,
    /// The output structure, if there is one.
    pub output: Option<SchemaId>,
    /// The exceptions it lists.
    pub errors: Vec<SchemaId>,
    /// Element around the output of the query protocol.
    pub result_wrapper: Option<Box<str>>,
    /// Root element of an XML request, where the operation renames it.
    pub input_element: Option<Box<str>>,
    /// True if AWS takes it without a signature.
    pub is_unsigned: bool,
}

/// A shape of the model.
#[derive(Debug)]
pub struct Schema {
    /// The model's name of it.
    pub name: Box<str>,
    /// What it is.
    pub kind: Kind,
    /// What its values must satisfy.
    pub constraints: Constraints,
    /// How a timestamp of this shape is written, if not as the protocol's default says.
    pub timestamp_format: Option<TimestampFormat>,
    /// Never to be shown in logs or texts.
    pub is_sensitive: bool,
    /// A blob that is the raw body and may be a stream.
    pub is_streaming: bool,
    /// The service checks it itself, with its own words.
    pub is_unchecked: bool,
}

/// The types of shapes.
#[derive(Debug)]
pub enum Kind {
    /// A structure or union.
    Structure(Structure),
    /// A list.
    List { member: Member, flattened: bool },
    /// A map from strings.
    Map { key: Member, value: Member, flattened: bool },
    /// A string or enum.
    String,
    /// byte, short, integer, long: `min..=max` of the type.
    Integer { min: i64, max: i64 },
    /// float and double.
    Float,
    /// true or false.
    Boolean,
    /// Bytes.
    Blob,
    /// A moment.
    Timestamp,
    /// Any JSON.
    Document,
}

/// A structure, union or exception.
#[derive(Debug, Default)]
pub struct Structure {
    /// In the model's order.
    pub members: Vec<Member>,
    /// Index of the member that is the whole body.
    pub payload: Option<usize>,
    /// Exactly one member may be set.
    pub is_union: bool,
    /// A sequence of events instead of one value.
    pub is_event_stream: bool,
    /// Root element where the shape renames it.
    pub element: Option<Box<str>>,
    /// Name space of the shape itself.
    pub xml_namespace: Option<XmlNamespace>,
    /// For exceptions.
    pub error: Option<ErrorTraits>,
}

impl Structure {
    /// The member of that name.
    pub fn member(&self, name: &str) -> Option<&Member> {
        self.members.iter().find(|member| &*member.name == name)
    }
}

/// What makes a structure an error.
#[derive(Debug, Default)]
pub struct ErrorTraits {
    /// The code on the wire where it is not the shape's name.
    pub code: Option<Box<str>>,
    /// The HTTP status: the model's, else 400, or 500 for a fault.
    pub status: u16,
    /// True if the sender is at fault.
    pub is_sender: bool,
}

/// A reference to a shape from a structure, list or map, with what is special at this place.
#[derive(Debug)]
pub struct Member {
    /// The model's name; `member`, `key`, `value` in lists and maps.
    pub name: Box<str>,
    /// Its shape.
    pub schema: SchemaId,
    /// Name on the wire where it differs.
    pub location_name: Option<Box<str>>,
    /// Name in EC2's forms where it differs again.
    pub query_name: Option<Box<str>>,
    /// Where it is.
    pub location: Location,
    /// Must be there.
    pub is_required: bool,
    /// A list or map without an element around it.
    pub is_flattened: bool,
    /// An attribute instead of an element.
    pub is_xml_attribute: bool,
    /// JSON inside a header, base64.
    pub is_json_value: bool,
    /// In an event: the message's payload, or one of its headers.
    pub event: Option<EventPart>,
    /// The format at this place.
    pub timestamp_format: Option<TimestampFormat>,
    /// Name space declared on its element.
    pub xml_namespace: Option<XmlNamespace>,
    /// May be a stream.
    pub is_streaming: bool,
    /// A client fills it when its user does not.
    pub is_idempotency_token: bool,
}

impl Member {
    /// The name on the wire.
    pub fn wire_name(&self) -> &str {
        self.location_name.as_deref().unwrap_or(&self.name)
    }
}

/// Where a member of an input or output is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location {
    /// In the body.
    Body,
    /// A label of the path.
    Uri,
    /// A query parameter, or all others for a map.
    Query,
    /// One header.
    Header,
    /// All headers that start with the wire name.
    Headers,
    /// The response's status.
    StatusCode,
}

/// A part of an event-stream message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventPart {
    /// The payload.
    Payload,
    /// A header.
    Header,
}

/// How a moment is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestampFormat {
    /// `1398796238.123`
    UnixSeconds,
    /// `2014-04-29T18:30:38.123Z`
    DateTime,
    /// `Tue, 29 Apr 2014 18:30:38 GMT`
    HttpDate,
}

/// A name space of an element.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct XmlNamespace {
    /// The URI.
    pub uri: Box<str>,
    /// The prefix, if it is not the default name space.
    pub prefix: Option<Box<str>>,
}

/// What a value must satisfy besides its type.
#[derive(Debug, Default)]
pub struct Constraints {
    /// Least length or value.
    pub min: Option<f64>,
    /// Greatest length or value.
    pub max: Option<f64>,
    /// A Java regular expression that the whole string must match.
    pub pattern: Option<Pattern>,
    /// The values a string may have, in the model's order.
    pub values: Vec<Box<str>>,
}
