//! The query protocol, and EC2's variant of it: a form with `Action` in, XML out.
//!
//! AWS: a request that names no operation is `MissingAction`, an unknown one `InvalidAction`, a wrong type `MalformedInput`.

use super::form::{Form, parse_pairs};
use super::{
    Decoded, error_structure, error_value, input_structure, malformed, output_structure, timestamp_format,
    unknown, xml,
};
use crate::error::{Exception, Malformed, Rejection};
use crate::http::{HttpRequest, HttpResponse};
use crate::model::{Kind, Member, Model, Operation, Protocol, Structure, TimestampFormat};
use crate::scalar;
use crate::value::Value;

pub(super) fn decode_request<'m>(
    model: &'m Model,
    protocol: Protocol,
    request: &HttpRequest<'_>,
) -> Result<Decoded<'m>, Rejection> {
    let form = read_form(request).map_err(|why| malformed(protocol, None, why))?;
    let action = form.get("Action").and_then(|form| form.value.as_deref());
    let Some(action) = action else {
        return Err(unknown(protocol, "MissingAction", 400, Some("Missing Action".to_owned())));
    };
    let version = form.get("Version").and_then(|form| form.value.as_deref());
    // AWS looks for the operation in the version that is asked for.
    let is_version = protocol == Protocol::Ec2 || version == Some(&*model.metadata.api_version);
    let Some(operation) = model.operation(action).filter(|_| is_version) else {
        let text = match protocol {
            Protocol::Ec2 => format!("The action {action} is not valid for this web service."),
            _ => {
                let version = version.unwrap_or("NO_VERSION_SPECIFIED");
                format!("Could not find operation {action} for version {version}")
            }
        };
        return Err(unknown(protocol, "InvalidAction", 400, Some(text)));
    };
    let input = match input_structure(model, operation) {
        Some(structure) => Reader { model, protocol }.structure(structure, &form),
        None => Ok(Value::empty()),
    };
    let input = input.map_err(|why| malformed(protocol, Some(operation), why))?;
    Ok(Decoded { protocol, operation, input })
}

fn read_form(request: &HttpRequest<'_>) -> Result<Form, Malformed> {
    let mut pairs = parse_pairs(request.body)?;
    pairs.extend(parse_pairs(request.query.as_bytes())?);
    Form::new(pairs)
}

struct Reader<'m> {
    model: &'m Model,
    protocol: Protocol,
}

impl Reader<'_> {
    // The depth of a form is bounded when it is parsed.
    fn structure(&self, structure: &Structure, form: &Form) -> Result<Value, Malformed> {
        let mut members = Vec::new();
        for member in &structure.members {
            if let Some(value) = self.member(member, form)? {
                members.push((member.name.to_string(), value));
            }
        }
        Ok(Value::Map(members))
    }

    /// The member of the structure whose parameters are `form`.
    fn member(&self, member: &Member, form: &Form) -> Result<Option<Value>, Malformed> {
        let name = self.name(member);
        let schema = self.model.schema(member.schema);
        let below = form.get(&name);
        match &schema.kind {
            Kind::List { member: item, flattened } => {
                let flattened = *flattened || member.is_flattened || self.protocol == Protocol::Ec2;
                let numbered = match (&item.location_name, flattened) {
                    // The items' own name stands in place of the list's.
                    (Some(own), true) => form.get(own).filter(|form| !form.is_leaf()).or(below),
                    (None, true) => below,
                    (own, false) => {
                        let own = own.as_deref().unwrap_or("member");
                        below.and_then(|form| form.get(own)).or(below)
                    }
                };
                numbered.map(|form| self.list(item, form)).transpose()
            }
            _ => below.map(|form| self.value(member, form)).transpose(),
        }
    }

    fn name(&self, member: &Member) -> String {
        if self.protocol != Protocol::Ec2 {
            return member.wire_name().to_owned();
        }
        if let Some(name) = &member.query_name {
            return name.to_string();
        }
        let mut name = member.wire_name().to_owned();
        if let Some(first) = name.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        name
    }

    fn list(&self, item: &Member, form: &Form) -> Result<Value, Malformed> {
        let items = form.items()?.into_iter().map(|form| self.value(item, form));
        Ok(Value::List(items.collect::<Result<_, _>>()?))
    }

    /// The value whose parameters start here.
    fn value(&self, member: &Member, form: &Form) -> Result<Value, Malformed> {
        let schema = self.model.schema(member.schema);
        match &schema.kind {
            Kind::Structure(structure) => self.structure(structure, form),
            Kind::List { member: item, .. } => {
                let own = item.location_name.as_deref().unwrap_or("member");
                self.list(item, form.get(own).unwrap_or(form))
            }
            Kind::Map { key, value, .. } => {
                let mut pairs = Vec::new();
                for entry in form.get("entry").unwrap_or(form).items()? {
                    let name = entry.get(key.location_name.as_deref().unwrap_or("key"));
                    let Some(name) = name.and_then(|form| form.value.clone()) else {
                        return Err(Malformed::text("Map entries must have a key"));
                    };
                    let value_name = value.location_name.as_deref().unwrap_or("value");
                    let item = entry.get(value_name).map(|form| self.value(value, form)).transpose()?;
                    pairs.push((name, item.unwrap_or_default()));
                }
                Ok(Value::Map(pairs))
            }
            _ => match &form.value {
                Some(text) => {
                    let format = timestamp_format(member, schema, TimestampFormat::DateTime);
                    scalar::parse(schema, text, format)
                }
                None if form.is_leaf() => Ok(Value::Null),
                None => Err(Malformed::structure()),
            },
        }
    }
}

pub(super) fn encode_response(
    model: &Model,
    protocol: Protocol,
    operation: &Operation,
    output: &Value,
    request_id: &str,
) -> HttpResponse {
    let mut out = xml::Writer::new(model);
    let root = format!("{}Response", operation.name);
    out.open_in(&root, model.metadata.xml_namespace.as_deref());
    if protocol == Protocol::Ec2 {
        out.text_element("requestId", request_id);
    }
    if let Some(structure) = output_structure(model, operation) {
        let wrapper = (protocol == Protocol::Query).then(|| match &operation.result_wrapper {
            Some(wrapper) => wrapper.to_string(),
            None => format!("{}Result", operation.name),
        });
        if let Some(wrapper) = &wrapper {
            out.open(wrapper);
        }
        out.members(structure, output);
        if let Some(wrapper) = &wrapper {
            out.close(wrapper);
        }
    }
    if protocol == Protocol::Query {
        out.open("ResponseMetadata");
        out.text_element("RequestId", request_id);
        out.close("ResponseMetadata");
    }
    out.close(&root);
    HttpResponse { body: out.finish(), ..HttpResponse::new(200).with("content-type", content_type(protocol)) }
}

pub(super) fn encode_error(
    model: &Model,
    protocol: Protocol,
    error: &Exception<'_>,
    request_id: &str,
) -> HttpResponse {
    let mut out = xml::Writer::new(model);
    if protocol == Protocol::Ec2 {
        out.open("Response");
        out.open("Errors");
        error_element(&mut out, model, error, false);
        out.close("Errors");
        out.text_element("RequestID", request_id);
        out.close("Response");
    } else {
        out.open_in("ErrorResponse", model.metadata.xml_namespace.as_deref());
        error_element(&mut out, model, error, true);
        out.text_element("RequestId", request_id);
        out.close("ErrorResponse");
    }
    HttpResponse {
        body: out.finish(),
        ..HttpResponse::new(error.status).with("content-type", content_type(protocol))
    }
}

/// `<Error>` with its code, as query, EC2 and rest-xml have it.
pub(super) fn error_element(out: &mut xml::Writer<'_>, model: &Model, error: &Exception<'_>, has_type: bool) {
    let shape = error_structure(model, error);
    let traits = shape.and_then(|shape| shape.error.as_ref());
    out.open("Error");
    if has_type {
        let is_sender = traits.map_or(error.status < 500, |traits| traits.is_sender);
        out.text_element("Type", if is_sender { "Sender" } else { "Receiver" });
    }
    let code = traits.and_then(|traits| traits.code.as_deref()).unwrap_or(error.code);
    out.text_element("Code", code);
    let mut value = error_value(model, error, "Message");
    // Clients look for `Message` whatever the shape calls it.
    let name = shape.and_then(|shape| shape.members.iter().find(|m| m.name.eq_ignore_ascii_case("message")));
    let message = value.take(name.map_or("Message", |member| &member.name));
    if let Some(Value::String(text)) = message {
        out.text_element("Message", &text);
    }
    match shape {
        Some(shape) => out.members(shape, &value),
        None => {
            if let Value::Map(pairs) = &value {
                for (name, value) in pairs {
                    out.text_element(name, &scalar::format(value, TimestampFormat::DateTime));
                }
            }
        }
    }
    out.close("Error");
}

fn content_type(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Ec2 => "text/xml;charset=UTF-8",
        _ => "text/xml",
    }
}
