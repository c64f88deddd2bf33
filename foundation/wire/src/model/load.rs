//! From the model's JSON to linked tables.

use std::collections::HashMap;

use super::raw;
use super::*;

/// Why a model cannot be loaded; only a damaged or foreign file gives one.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// Not the JSON that a model is.
    #[error("the model is not readable: {0}")]
    Json(#[from] serde_json::Error),
    /// A reference to a shape that is not there.
    #[error("the model refers to the shape {0}, which it does not have")]
    NoShape(Box<str>),
    /// A word that this version does not know.
    #[error("the model says {0}, which is not known here")]
    Unknown(Box<str>),
}

type Names = HashMap<Box<str>, SchemaId>;

impl Model {
    /// Reads a compact model.
    pub fn load(json: &[u8]) -> Result<Model, ModelError> {
        let mut document: raw::Document = serde_json::from_slice(json)?;
        overlay(&mut document.operations, document.overlay.operations);
        overlay(&mut document.shapes, document.overlay.shapes);
        if !document.overlay.protocols.is_empty() {
            document.metadata.protocols = document.overlay.protocols;
        }
        let metadata = metadata(document.metadata)?;

        let shapes = document.shapes.0;
        let schema_by_name: Names =
            shapes.iter().enumerate().map(|(at, (name, _))| (name.clone(), SchemaId(at as u32))).collect();
        let mut schemas = Vec::with_capacity(shapes.len());
        let mut exception_by_code = HashMap::new();
        for (at, (name, shape)) in shapes.into_iter().enumerate() {
            let mut schema = schema(name, shape, &schema_by_name)?;
            schema.is_unchecked = document.overlay.unchecked.contains(&schema.name);
            if let Kind::Structure(Structure { error: Some(error), .. }) = &schema.kind {
                let id = SchemaId(at as u32);
                exception_by_code.insert(schema.name.clone(), id);
                if let Some(code) = &error.code {
                    exception_by_code.entry(code.clone()).or_insert(id);
                }
            }
            schemas.push(schema);
        }

        let mut operations = Vec::with_capacity(document.operations.0.len());
        for (name, described) in document.operations.0 {
            operations.push(operation(name, described, &schema_by_name)?);
        }
        operations.sort_by(|one: &Operation, other| one.name.cmp(&other.name));
        let by_name = operations.iter().enumerate().map(|(at, one)| (one.name.clone(), at as u32)).collect();
        let routes =
            match metadata.protocols.iter().any(|p| matches!(p, Protocol::RestJson | Protocol::RestXml)) {
                true => Routes::of(&operations),
                false => Routes::default(),
            };
        let namespace = document.overlay.namespace;
        let namespace =
            namespace.unwrap_or_else(|| format!("com.amazonaws.{}", metadata.endpoint_prefix).into());
        let validation = document.overlay.validation.unwrap_or_else(|| default_validation(&metadata));
        Ok(Model {
            metadata,
            validation,
            namespace,
            content_types: document.overlay.content_types.0,
            operations,
            by_name,
            schemas,
            schema_by_name,
            exception_by_code,
            routes,
        })
    }
}

/// Where the overlay says nothing: the protocol's usual code.
fn default_validation(metadata: &Metadata) -> Validation {
    let code = match metadata.protocols.first() {
        Some(Protocol::Query | Protocol::Ec2) => "ValidationError",
        _ => "ValidationException",
    };
    Validation { code: code.into(), status: 400, checks: Checks::All }
}

fn overlay<T>(entries: &mut raw::Entries<T>, over: raw::Entries<T>) {
    for (name, entry) in over.0 {
        match entries.0.iter_mut().find(|(existing, _)| *existing == name) {
            Some(existing) => existing.1 = entry,
            None => entries.0.push((name, entry)),
        }
    }
}

fn metadata(raw: raw::Metadata) -> Result<Metadata, ModelError> {
    let names = match raw.protocols.is_empty() {
        true => vec![raw.protocol],
        false => raw.protocols,
    };
    let protocols = names.into_iter().map(|name| {
        Ok(match &*name {
            "json" if raw.json_version.as_deref() == Some("1.1") => Protocol::Json11,
            "json" => Protocol::Json10,
            "rest-json" => Protocol::RestJson,
            "rest-xml" => Protocol::RestXml,
            "query" => Protocol::Query,
            "ec2" => Protocol::Ec2,
            "smithy-rpc-v2-cbor" => Protocol::Cbor,
            _ => return Err(ModelError::Unknown(name)),
        })
    });
    Ok(Metadata {
        protocols: protocols.collect::<Result<_, _>>()?,
        signing_name: raw.signing_name.unwrap_or_else(|| raw.endpoint_prefix.clone()),
        endpoint_prefix: raw.endpoint_prefix,
        api_version: raw.api_version,
        target_prefix: raw.target_prefix,
        full_name: raw.service_abbreviation.unwrap_or(raw.service_full_name),
        xml_namespace: raw.xml_namespace.map(|namespace| match namespace {
            raw::Namespace::Uri(uri) | raw::Namespace::Full { uri, .. } => uri,
        }),
        query_compatible: raw.aws_query_compatible.is_some(),
    })
}

fn operation(name: Box<str>, raw: raw::Operation, names: &Names) -> Result<Operation, ModelError> {
    let input = raw.input.as_ref().map(|input| find(names, &input.shape)).transpose()?;
    let output = raw.output.as_ref().map(|output| find(names, &output.shape)).transpose()?;
    let errors = raw.errors.iter().map(|error| find(names, &error.shape)).collect::<Result<_, _>>()?;
    let method = http::Method::from_bytes(raw.http.method.as_bytes())
        .map_err(|_| ModelError::Unknown(raw.http.method.clone()))?;
    Ok(Operation {
        name,
        method,
        uri: UriPattern::parse(&raw.http.request_uri),
        status: raw.http.response_code.unwrap_or(200),
        input,
        output,
        errors,
        result_wrapper: raw.output.and_then(|output| output.result_wrapper),
        input_element: raw.input.and_then(|input| input.location_name),
        is_unsigned: raw.authtype.as_deref() == Some("none"),
    })
}

fn find(names: &Names, shape: &str) -> Result<SchemaId, ModelError> {
    names.get(shape).copied().ok_or_else(|| ModelError::NoShape(shape.into()))
}

fn schema(name: Box<str>, mut raw: raw::Shape, names: &Names) -> Result<Schema, ModelError> {
    let part = |part: Option<raw::Reference>, as_name: &str| match part {
        Some(reference) => member(as_name.into(), reference, names),
        None => Err(ModelError::NoShape(format!("{as_name} of {name}").into())),
    };
    let flattened = raw.flattened;
    let integer = |bits: u32| {
        let max = i64::MAX >> (64 - bits);
        Kind::Integer { min: -max - 1, max }
    };
    let kind = match &*raw.kind {
        _ if raw.document => Kind::Document,
        "structure" => Kind::Structure(structure(&mut raw, names)?),
        "list" => Kind::List { member: part(raw.member.take(), "member")?, flattened },
        "map" => {
            let key = part(raw.key.take(), "key")?;
            Kind::Map { key, value: part(raw.value.take(), "value")?, flattened }
        }
        "string" | "character" => Kind::String,
        "byte" => integer(8),
        "short" => integer(16),
        "integer" => integer(32),
        "long" | "bigInteger" => integer(64),
        "float" | "double" | "bigDecimal" => Kind::Float,
        "boolean" => Kind::Boolean,
        "blob" => Kind::Blob,
        "timestamp" => Kind::Timestamp,
        _ => return Err(ModelError::Unknown(raw.kind)),
    };
    Ok(Schema {
        name,
        kind,
        constraints: Constraints {
            min: raw.min,
            max: raw.max,
            pattern: raw.pattern.map(Pattern::new),
            values: raw.values,
        },
        timestamp_format: raw.timestamp_format.map(timestamp_format).transpose()?,
        is_sensitive: raw.sensitive,
        is_streaming: raw.streaming,
        is_unchecked: false,
    })
}

fn structure(raw: &mut raw::Shape, names: &Names) -> Result<Structure, ModelError> {
    let mut members = Vec::with_capacity(raw.members.0.len());
    for (name, reference) in std::mem::take(&mut raw.members.0) {
        let is_required = raw.required.contains(&name);
        members.push(Member { is_required, ..member(name, reference, names)? });
    }
    let payload = raw.payload.as_ref().and_then(|name| members.iter().position(|one| one.name == *name));
    let error = (raw.exception || raw.error.is_some()).then(|| {
        let error = raw.error.take().unwrap_or_default();
        let status = error.http_status_code.unwrap_or(if raw.fault { 500 } else { 400 });
        ErrorTraits {
            code: error.code,
            status,
            is_sender: error.sender_fault.unwrap_or(!raw.fault && status < 500),
        }
    });
    Ok(Structure {
        members,
        payload,
        is_union: raw.union,
        is_event_stream: raw.eventstream,
        element: raw.location_name.take(),
        xml_namespace: raw.xml_namespace.take().map(namespace),
        error,
    })
}

fn member(name: Box<str>, raw: raw::Reference, names: &Names) -> Result<Member, ModelError> {
    let location = match raw.location.as_deref() {
        None => Location::Body,
        Some("uri") => Location::Uri,
        Some("querystring") => Location::Query,
        Some("header") => Location::Header,
        Some("headers") => Location::Headers,
        Some("statusCode") => Location::StatusCode,
        Some(other) => return Err(ModelError::Unknown(other.into())),
    };
    Ok(Member {
        name,
        schema: find(names, &raw.shape)?,
        location_name: raw.location_name,
        query_name: raw.query_name,
        location,
        is_required: false,
        is_flattened: raw.flattened,
        is_xml_attribute: raw.xml_attribute,
        is_json_value: raw.jsonvalue,
        event: match (raw.eventpayload, raw.eventheader) {
            (true, _) => Some(EventPart::Payload),
            (_, true) => Some(EventPart::Header),
            _ => None,
        },
        timestamp_format: raw.timestamp_format.map(timestamp_format).transpose()?,
        xml_namespace: raw.xml_namespace.map(namespace),
        is_streaming: raw.streaming,
        is_idempotency_token: raw.idempotency_token,
    })
}

fn namespace(raw: raw::Namespace) -> XmlNamespace {
    match raw {
        raw::Namespace::Uri(uri) => XmlNamespace { uri, prefix: None },
        raw::Namespace::Full { uri, prefix } => XmlNamespace { uri, prefix },
    }
}

fn timestamp_format(name: Box<str>) -> Result<TimestampFormat, ModelError> {
    Ok(match &*name {
        "unixTimestamp" => TimestampFormat::UnixSeconds,
        "iso8601" => TimestampFormat::DateTime,
        "rfc822" => TimestampFormat::HttpDate,
        _ => return Err(ModelError::Unknown(name)),
    })
}
