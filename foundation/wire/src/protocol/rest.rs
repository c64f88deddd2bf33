//! The REST protocols: where a member is (path, query, header, body, status) is the same for JSON and XML bodies.
//!
//! A path that no operation has is answered as AWS's authorizer answers it, because that is what meets such a request first.

use bytes::Bytes;
use percent_encoding::percent_decode_str;

use super::json::{self, Members};
use super::{
    Decoded, error_structure, error_value, form, input_structure, malformed, output_structure, query,
    timestamp_format, unknown, xml,
};
use crate::error::{Exception, Malformed, Rejection};
use crate::http::{HttpRequest, HttpResponse};
use crate::model::{Kind, Location, Member, Model, Operation, Protocol, Structure, TimestampFormat};
use crate::scalar;
use crate::value::Value;

pub(super) fn decode_request<'m>(
    model: &'m Model,
    protocol: Protocol,
    request: &HttpRequest<'_>,
) -> Result<Decoded<'m>, Rejection> {
    let query = form::parse_pairs(request.query.as_bytes()).map_err(|why| malformed(protocol, None, why))?;
    let found = model.routes().find(model.operations(), request.method, request.path, &query);
    let Some((operation, labels)) = found else {
        let text = "Unable to determine service/operation name to be authorized".to_owned();
        return Err(unknown(protocol, "AccessDeniedException", 403, Some(text)));
    };
    let input = match input_structure(model, operation) {
        Some(structure) => {
            let request =
                RestRequest { model, protocol, operation, request, query, labels, which: Members::Request };
            request.read(structure).map_err(|why| malformed(protocol, Some(operation), why))?
        }
        None => Value::empty(),
    };
    Ok(Decoded { protocol, operation, input })
}

/// A client's reading of a response: as a request that has headers and a body, and nothing else.
#[cfg(test)]
pub(super) fn read_message(
    model: &Model,
    protocol: Protocol,
    structure: &Structure,
    message: &HttpRequest<'_>,
) -> Result<Value, Malformed> {
    let operation = &model.operations()[0];
    let request = RestRequest {
        model,
        protocol,
        operation,
        request: message,
        query: vec![],
        labels: vec![],
        which: Members::Response,
    };
    request.read(structure)
}

struct RestRequest<'r> {
    model: &'r Model,
    protocol: Protocol,
    operation: &'r Operation,
    request: &'r HttpRequest<'r>,
    query: Vec<(String, String)>,
    labels: Vec<(&'r str, &'r str)>,
    which: Members,
}

impl RestRequest<'_> {
    fn read(&self, structure: &Structure) -> Result<Value, Malformed> {
        let mut members = Vec::new();
        for member in structure.members.iter().filter(|member| member.location != Location::Body) {
            let value = match member.location {
                Location::Uri => self.label(member)?,
                Location::Query => self.query(member)?,
                Location::Header => header(self.model, member, self.request)?,
                Location::Headers => prefixed_headers(member, self.request),
                Location::StatusCode | Location::Body => None,
            };
            members.extend(value.map(|value| (member.name.to_string(), value)));
        }
        let has_body = structure.members.iter().any(|member| self.which.has(member));
        let body = self.request.body;
        if let Some(payload) = structure.payload {
            let member = &structure.members[payload];
            members.extend(self.payload(member, body)?.map(|value| (member.name.to_string(), value)));
        } else if has_body {
            let read = match self.protocol {
                Protocol::RestJson => json::decode_body(self.model, structure, body, self.which)?,
                _ if body.is_empty() => Value::empty(),
                _ => xml::read_structure(self.model, structure, &xml::Element::parse(body)?, self.which)?,
            };
            if let Value::Map(read) = read {
                members.extend(read);
            }
        }
        Ok(Value::Map(members))
    }

    fn label(&self, member: &Member) -> Result<Option<Value>, Malformed> {
        let raw = self.labels.iter().find(|(name, _)| *name == member.wire_name());
        let Some((_, raw)) = raw else { return Ok(None) };
        let text = percent_decode_str(raw).decode_utf8().map_err(|_| Malformed::SILENT)?;
        let schema = self.model.schema(member.schema);
        let format = timestamp_format(member, schema, TimestampFormat::DateTime);
        scalar::parse(schema, &text, format).map(Some)
    }

    fn query(&self, member: &Member) -> Result<Option<Value>, Malformed> {
        let schema = self.model.schema(member.schema);
        let name = member.wire_name();
        let texts: Vec<&String> =
            self.query.iter().filter(|(key, _)| key == name).map(|(_, value)| value).collect();
        let first = texts.first().copied();
        let read = |member: &Member, text: &String| {
            let schema = self.model.schema(member.schema);
            scalar::parse(schema, text, timestamp_format(member, schema, TimestampFormat::DateTime))
        };
        match &schema.kind {
            Kind::List { member: item, .. } => {
                if texts.is_empty() {
                    return Ok(None);
                }
                let items = texts.into_iter().map(|text| read(item, text));
                Ok(Some(Value::List(items.collect::<Result<_, _>>()?)))
            }
            Kind::Map { value, .. } => self.all_parameters(value),
            // `?Enabled` and `?Enabled=` say nothing about a boolean or a number.
            Kind::String => first.map(|text| read(member, text)).transpose(),
            _ => first.filter(|text| !text.is_empty()).map(|text| read(member, text)).transpose(),
        }
    }

    /// A map in the query holds every parameter, as Smithy says for servers, but those that choose the operation.
    fn all_parameters(&self, item: &Member) -> Result<Option<Value>, Malformed> {
        let lists = matches!(self.model.schema(item.schema).kind, Kind::List { .. });
        let is_constant =
            |name: &str| self.operation.uri.query.iter().any(|(constant, _)| **constant == *name);
        let mut pairs: Vec<(String, Value)> = Vec::new();
        for (name, value) in self.query.iter().filter(|(name, _)| !is_constant(name)) {
            let value = Value::String(value.clone());
            match pairs.iter_mut().find(|(existing, _)| existing == name) {
                Some((_, Value::List(values))) => values.push(value),
                Some(_) => {}
                None if lists => pairs.push((name.clone(), Value::List(vec![value]))),
                None => pairs.push((name.clone(), value)),
            }
        }
        Ok((!pairs.is_empty()).then_some(Value::Map(pairs)))
    }

    /// The member that is the whole body; an empty body is an absent member.
    fn payload(&self, member: &Member, body: &Bytes) -> Result<Option<Value>, Malformed> {
        if body.is_empty() {
            return Ok(None);
        }
        let schema = self.model.schema(member.schema);
        Ok(Some(match &schema.kind {
            Kind::Blob => Value::Blob(body.clone()),
            Kind::String => {
                let text = std::str::from_utf8(body).map_err(|_| Malformed::SILENT)?;
                Value::String(text.to_owned())
            }
            _ if self.protocol == Protocol::RestJson => json::decode_payload(self.model, member, body)?,
            _ => xml::read_value(self.model, member, &xml::Element::parse(body)?)?,
        }))
    }
}

fn header(model: &Model, member: &Member, request: &HttpRequest<'_>) -> Result<Option<Value>, Malformed> {
    let schema = model.schema(member.schema);
    let Some(text) = request.header(member.wire_name()) else { return Ok(None) };
    if member.is_json_value {
        let json = scalar::parse_base64(text)?;
        return Ok(Some(Value::String(String::from_utf8_lossy(&json).into_owned())));
    }
    let format = timestamp_format(member, schema, TimestampFormat::HttpDate);
    let Kind::List { member: item, .. } = &schema.kind else {
        return scalar::parse(schema, text, format).map(Some);
    };
    let item_schema = model.schema(item.schema);
    let format = timestamp_format(item, item_schema, TimestampFormat::HttpDate);
    // Dates of that form hold a comma themselves.
    let is_dates = matches!(item_schema.kind, Kind::Timestamp) && format == TimestampFormat::HttpDate;
    let mut texts = split_list(text);
    if is_dates {
        texts = texts.chunks(2).map(|pair| pair.join(", ")).collect();
    }
    let items = texts.iter().map(|text| scalar::parse(item_schema, text, format));
    Ok(Some(Value::List(items.collect::<Result<_, _>>()?)))
}

/// `a, "b,c", "d\"e"`
fn split_list(text: &str) -> Vec<String> {
    let mut items = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let mut item = String::new();
        if let Some(quoted) = rest.strip_prefix('"') {
            let mut chars = quoted.char_indices();
            let mut end = quoted.len();
            while let Some((at, c)) = chars.next() {
                match c {
                    '\\' => item.extend(chars.next().map(|(_, escaped)| escaped)),
                    '"' => {
                        end = at + 1;
                        break;
                    }
                    _ => item.push(c),
                }
            }
            rest = quoted[end..].split_once(',').map_or("", |(_, rest)| rest);
        } else {
            let (here, after) = rest.split_once(',').unwrap_or((rest, ""));
            item.push_str(here.trim());
            rest = after;
        }
        items.push(item);
        rest = rest.trim_start();
    }
    items
}

fn prefixed_headers(member: &Member, request: &HttpRequest<'_>) -> Option<Value> {
    let prefix = member.location_name.as_deref().unwrap_or_default().to_ascii_lowercase();
    let named = request.headers.iter().filter_map(|(name, value)| {
        let rest = name.as_str().strip_prefix(&prefix)?;
        Some((rest.to_owned(), Value::String(value.to_str().ok()?.to_owned())))
    });
    let pairs: Vec<_> = named.collect();
    (!pairs.is_empty()).then_some(Value::Map(pairs))
}

pub(super) fn encode_response(
    model: &Model,
    protocol: Protocol,
    operation: &Operation,
    output: &Value,
) -> HttpResponse {
    let mut response = HttpResponse::new(operation.status);
    let Some(structure) = output_structure(model, operation) else { return response };
    write_headers(model, structure, output, &mut response);
    let payload = structure.payload.map(|at| &structure.members[at]);
    let has_body = structure.members.iter().any(|member| Members::Response.has(member));
    match payload {
        Some(member) => {
            if let Some(value) = output.get(&member.name).filter(|value| **value != Value::Null) {
                write_payload(model, protocol, member, value, &mut response);
            }
        }
        None if response.status == 204 => {}
        None if protocol == Protocol::RestJson => {
            let mut body = Vec::new();
            json::write_structure(&mut body, model, structure, output, Members::Response);
            response.body = body.into();
            set_content_type(&mut response, "application/json");
        }
        None if has_body => {
            let id = operation.output.expect("it has an output structure");
            let name = structure.element.as_deref().unwrap_or(&model.schema(id).name);
            let mut out = xml::Writer::declared(model);
            out.root(name, model.metadata.xml_namespace.as_deref(), structure, output);
            response.body = out.finish();
            set_content_type(&mut response, "application/xml");
        }
        None => {}
    }
    let overridden = model.content_type(&operation.name).filter(|_| !response.body.is_empty());
    if let Some(content_type) = overridden {
        response.set("content-type", content_type);
    }
    response
}

fn set_content_type(response: &mut HttpResponse, content_type: &str) {
    if !response.headers.contains_key("content-type") {
        response.set("content-type", content_type);
    }
}

fn write_payload(
    model: &Model,
    protocol: Protocol,
    member: &Member,
    value: &Value,
    response: &mut HttpResponse,
) {
    match value {
        Value::Blob(bytes) => {
            response.body = bytes.clone();
            set_content_type(response, "application/octet-stream");
        }
        Value::String(text) if !matches!(model.schema(member.schema).kind, Kind::Document) => {
            response.body = Bytes::from(text.clone());
            set_content_type(response, "text/plain");
        }
        _ if protocol == Protocol::RestJson => {
            let mut body = Vec::new();
            json::write_member(&mut body, model, member, value);
            response.body = body.into();
            set_content_type(response, "application/json");
        }
        _ => {
            let schema = model.schema(member.schema);
            let own = match &schema.kind {
                Kind::Structure(structure) => structure.element.as_deref(),
                _ => None,
            };
            let name = member.location_name.as_deref().or(own).unwrap_or(&schema.name);
            let mut out = xml::Writer::declared(model);
            out.element(name, member, value);
            response.body = out.finish();
            set_content_type(response, "application/xml");
        }
    }
}

/// The members that are headers or the status.
fn write_headers(model: &Model, structure: &Structure, value: &Value, response: &mut HttpResponse) {
    for member in &structure.members {
        let Some(value) = value.get(&member.name) else { continue };
        match (member.location, value) {
            (_, Value::Null) => {}
            (Location::StatusCode, Value::Int(status)) => {
                response.status = u16::try_from(*status).unwrap_or(response.status);
            }
            (Location::Headers, Value::Map(pairs)) => {
                let prefix = member.location_name.as_deref().unwrap_or_default();
                for (name, value) in pairs {
                    if let Value::String(text) = value {
                        response.set(&format!("{prefix}{name}"), text);
                    }
                }
            }
            (Location::Header, _) => {
                let text = header_text(model, member, value);
                response.set(member.wire_name(), &text);
            }
            _ => {}
        }
    }
}

fn header_text(model: &Model, member: &Member, value: &Value) -> String {
    let schema = model.schema(member.schema);
    if let (true, Value::String(json)) = (member.is_json_value, value) {
        let bytes = Bytes::from(json.clone());
        return scalar::format(&Value::Blob(bytes), TimestampFormat::HttpDate);
    }
    match (&schema.kind, value) {
        (Kind::List { member: item, .. }, Value::List(items)) => {
            let texts = items.iter().map(|value| {
                let text = header_text(model, item, value);
                let quotes = matches!(value, Value::String(_)) && text.contains([',', '"']);
                match quotes {
                    true => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
                    false => text,
                }
            });
            texts.collect::<Vec<_>>().join(", ")
        }
        _ => scalar::format(value, timestamp_format(member, schema, TimestampFormat::HttpDate)),
    }
}

pub(super) fn encode_error(
    model: &Model,
    protocol: Protocol,
    error: &Exception<'_>,
    request_id: &str,
) -> HttpResponse {
    let mut response = HttpResponse::new(error.status);
    if let Some(structure) = error_structure(model, error) {
        write_headers(model, structure, &error_value(model, error, "message"), &mut response);
        response.status = error.status;
    }
    if protocol == Protocol::RestJson {
        response.set("content-type", "application/json");
        response.set("x-amzn-errortype", error.code);
        let mut body = vec![b'{'];
        json::write_error_members(&mut body, model, error, b"");
        body.push(b'}');
        response.body = body.into();
        return response;
    }
    response.set("content-type", "application/xml");
    let mut out = xml::Writer::declared(model);
    out.open_in("ErrorResponse", model.metadata.xml_namespace.as_deref());
    query::error_element(&mut out, model, error, true);
    out.text_element("RequestId", request_id);
    out.close("ErrorResponse");
    response.body = out.finish();
    response
}
