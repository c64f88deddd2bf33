//! XML: a small tree to read into, and a writer.
//!
//! Document types are refused, so no entity can grow. Name spaces are not compared: a name counts without its prefix.

use bytes::Bytes;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};

use super::json::Members;
use super::{DEPTH_MAX, VALUES_MAX, timestamp_format};
use crate::error::Malformed;
use crate::model::{Kind, Member, Model, Structure, TimestampFormat, XmlNamespace};
use crate::scalar;
use crate::value::Value;

/// An element that was read.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Element {
    /// Its name without prefix.
    pub(super) name: String,
    /// Name with prefix, and value.
    pub(super) attributes: Vec<(String, String)>,
    pub(super) children: Vec<Element>,
    /// All its text, put together.
    pub(super) text: String,
}

impl Element {
    /// Reads a document.
    pub(super) fn parse(text: &[u8]) -> Result<Element, Malformed> {
        let text = std::str::from_utf8(text).map_err(|_| Malformed::SILENT)?;
        let mut reader = quick_xml::Reader::from_str(text);
        let mut open = vec![Element::default()];
        let mut left = VALUES_MAX;
        loop {
            let event = reader.read_event().map_err(|_| Malformed::SILENT)?;
            match event {
                Event::Start(start) => {
                    if open.len() > DEPTH_MAX {
                        return Err(Malformed::SILENT);
                    }
                    open.push(Element::start(&start)?);
                }
                Event::Empty(start) => last(&mut open)?.children.push(Element::start(&start)?),
                Event::End(_) => {
                    let done = open.pop().ok_or(Malformed::SILENT)?;
                    last(&mut open)?.children.push(done);
                }
                Event::Text(text) => last(&mut open)?.text.push_str(&text.xml10_content()),
                Event::CData(text) => last(&mut open)?.text.push_str(&text.xml10_content()),
                Event::GeneralRef(name) => {
                    let resolved = match name.resolve_char_ref().map_err(|_| Malformed::SILENT)? {
                        Some(character) => character.to_string(),
                        None => quick_xml::escape::resolve_predefined_entity(&name.xml10_content())
                            .ok_or(Malformed::SILENT)?
                            .to_owned(),
                    };
                    last(&mut open)?.text.push_str(&resolved);
                }
                Event::DocType(_) => return Err(Malformed::SILENT),
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
                Event::Eof => break,
            }
            left = left.checked_sub(1).ok_or(Malformed::SILENT)?;
        }
        let mut document = open.pop().filter(|_| open.is_empty()).ok_or(Malformed::SILENT)?;
        document.children.pop().ok_or(Malformed::SILENT)
    }

    fn start(start: &BytesStart<'_>) -> Result<Element, Malformed> {
        let mut attributes = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|_| Malformed::SILENT)?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|_| Malformed::SILENT)?;
            attributes.push((attribute.key.as_ref().to_owned(), value.into_owned()));
        }
        let name = start.local_name().as_ref().to_owned();
        Ok(Element { name, attributes, ..Element::default() })
    }

    fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == local(name))
    }
}

fn last(open: &mut [Element]) -> Result<&mut Element, Malformed> {
    open.last_mut().ok_or(Malformed::SILENT)
}

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, name)| name)
}

/// Reads those of a structure's members that are in the body out of an element.
pub(super) fn read_structure(
    model: &Model,
    structure: &Structure,
    element: &Element,
    which: Members,
) -> Result<Value, Malformed> {
    let mut members = Vec::new();
    for member in &structure.members {
        if !which.has(member) {
            continue;
        }
        if let Some(value) = read_member(model, member, element)? {
            members.push((member.name.to_string(), value));
        }
    }
    Ok(Value::Map(members))
}

/// The member of the structure that is in `parent`.
fn read_member(model: &Model, member: &Member, parent: &Element) -> Result<Option<Value>, Malformed> {
    let schema = model.schema(member.schema);
    let name = member.wire_name();
    if member.is_xml_attribute {
        let found = parent.attributes.iter().find(|(key, _)| key == name || local(key) == local(name));
        let format = timestamp_format(member, schema, TimestampFormat::DateTime);
        return found.map(|(_, text)| scalar::parse(schema, text, format)).transpose();
    }
    match &schema.kind {
        Kind::List { member: item, flattened } if *flattened || member.is_flattened => {
            let named =
                |name: &str| parent.children.iter().filter(|child| child.name == local(name)).collect();
            let mut items: Vec<_> = named(flat_name(member, item, *flattened));
            if items.is_empty() {
                items = named(name);
            }
            if items.is_empty() {
                return Ok(None);
            }
            let items = items.into_iter().map(|element| read_value(model, item, element));
            Ok(Some(Value::List(items.collect::<Result<_, _>>()?)))
        }
        Kind::Map { key, value, flattened } if *flattened || member.is_flattened => {
            let entries = parent.children.iter().filter(|child| child.name == local(name));
            let pairs = read_entries(model, key, value, entries)?;
            Ok((!pairs.is_empty()).then_some(Value::Map(pairs)))
        }
        _ => parent.child(name).map(|element| read_value(model, member, element)).transpose(),
    }
}

/// What each element of a flattened list is called: a shape that is flattened itself names its items, one that is flattened at
/// this place only takes the name of the place.
fn flat_name<'m>(member: &'m Member, item: &'m Member, is_shape_flattened: bool) -> &'m str {
    let own = item.location_name.as_deref().filter(|_| is_shape_flattened);
    own.unwrap_or(member.wire_name())
}

/// The value that an element holds.
pub(super) fn read_value(model: &Model, member: &Member, element: &Element) -> Result<Value, Malformed> {
    let schema = model.schema(member.schema);
    match &schema.kind {
        Kind::Structure(structure) => read_structure(model, structure, element, Members::All),
        Kind::List { member: item, .. } => {
            let items = element.children.iter().map(|element| read_value(model, item, element));
            Ok(Value::List(items.collect::<Result<_, _>>()?))
        }
        Kind::Map { key, value, .. } => {
            Ok(Value::Map(read_entries(model, key, value, element.children.iter())?))
        }
        _ => {
            let format = timestamp_format(member, schema, TimestampFormat::DateTime);
            scalar::parse(schema, &element.text, format)
        }
    }
}

fn read_entries<'e>(
    model: &Model,
    key: &Member,
    value: &Member,
    entries: impl Iterator<Item = &'e Element>,
) -> Result<Vec<(String, Value)>, Malformed> {
    let mut pairs = Vec::new();
    for entry in entries {
        let name = entry.child(key.location_name.as_deref().unwrap_or("key")).ok_or(Malformed::SILENT)?;
        let item = entry.child(value.location_name.as_deref().unwrap_or("value"));
        let item = item.map(|element| read_value(model, value, element)).transpose()?;
        pairs.push((name.text.clone(), item.unwrap_or_default()));
    }
    Ok(pairs)
}

/// Writes elements one after the other. Whoever opens, closes.
pub(super) struct Writer<'m> {
    model: &'m Model,
    out: String,
}

impl<'m> Writer<'m> {
    pub(super) fn new(model: &'m Model) -> Writer<'m> {
        Writer { model, out: String::new() }
    }

    /// Starts with the declaration, as the REST services do.
    pub(super) fn declared(model: &'m Model) -> Writer<'m> {
        Writer { model, out: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned() }
    }

    pub(super) fn open(&mut self, name: &str) {
        self.open_in(name, None);
    }

    /// Opens an element that declares the default name space.
    pub(super) fn open_in(&mut self, name: &str, namespace: Option<&str>) {
        self.out.push('<');
        self.out.push_str(name);
        if let Some(uri) = namespace {
            self.attribute("xmlns", uri);
        }
        self.out.push('>');
    }

    pub(super) fn close(&mut self, name: &str) {
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
    }

    pub(super) fn text_element(&mut self, name: &str, text: &str) {
        self.open(name);
        escape(&mut self.out, text);
        self.close(name);
    }

    fn attribute(&mut self, name: &str, value: &str) {
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
        escape(&mut self.out, value);
        self.out.push('"');
    }

    /// The outermost element of a response.
    pub(super) fn root(&mut self, name: &str, namespace: Option<&str>, structure: &Structure, value: &Value) {
        self.out.push('<');
        self.out.push_str(name);
        if let Some(uri) = namespace {
            self.attribute("xmlns", uri);
        }
        self.attributes(structure, value);
        self.out.push('>');
        self.members(structure, value);
        self.close(name);
    }

    fn attributes(&mut self, structure: &Structure, value: &Value) {
        for member in structure.members.iter().filter(|member| member.is_xml_attribute) {
            if let Some(value) = value.get(&member.name).filter(|value| **value != Value::Null) {
                let text = scalar::format(value, TimestampFormat::DateTime);
                self.attribute(member.wire_name(), &text);
            }
        }
    }

    /// The body members of a structure.
    pub(super) fn members(&mut self, structure: &Structure, value: &Value) {
        let Value::Map(pairs) = value else { return };
        for (name, value) in pairs {
            if let Some(member) = structure.member(name)
                && Members::Response.has(member)
                && !member.is_xml_attribute
            {
                self.member(member, value);
            }
        }
    }

    fn member(&mut self, member: &Member, value: &Value) {
        let schema = self.model.schema(member.schema);
        let name = member.wire_name();
        match (&schema.kind, value) {
            (_, Value::Null) => {}
            (Kind::List { member: item, flattened }, Value::List(items))
                if *flattened || member.is_flattened =>
            {
                let name = flat_name(member, item, *flattened);
                items.iter().for_each(|value| self.element(name, item, value));
            }
            (Kind::Map { key, value: item, flattened }, Value::Map(pairs))
                if *flattened || member.is_flattened =>
            {
                pairs.iter().for_each(|(text, value)| self.entry(name, key, item, text, value));
            }
            _ => self.element(name, member, value),
        }
    }

    /// One value in an element of that name.
    pub(super) fn element(&mut self, name: &str, member: &Member, value: &Value) {
        let schema = self.model.schema(member.schema);
        self.out.push('<');
        self.out.push_str(name);
        let own = match &schema.kind {
            Kind::Structure(structure) => structure.xml_namespace.as_ref(),
            _ => None,
        };
        if let Some(XmlNamespace { uri, prefix }) = member.xml_namespace.as_ref().or(own) {
            match prefix {
                Some(prefix) => self.attribute(&format!("xmlns:{prefix}"), uri),
                None => self.attribute("xmlns", uri),
            }
        }
        if let Kind::Structure(structure) = &schema.kind {
            self.attributes(structure, value);
        }
        self.out.push('>');
        match (&schema.kind, value) {
            (Kind::Structure(structure), Value::Map(pairs)) => {
                for (name, value) in pairs {
                    if let Some(member) = structure.member(name)
                        && !member.is_xml_attribute
                    {
                        self.member(member, value);
                    }
                }
            }
            (Kind::List { member: item, .. }, Value::List(items)) => {
                let name = item.location_name.as_deref().unwrap_or("member");
                items.iter().for_each(|value| self.element(name, item, value));
            }
            (Kind::Map { key, value: item, .. }, Value::Map(pairs)) => {
                pairs.iter().for_each(|(text, value)| self.entry("entry", key, item, text, value));
            }
            _ => {
                let format = timestamp_format(member, schema, TimestampFormat::DateTime);
                escape(&mut self.out, &scalar::format(value, format));
            }
        }
        self.close(name);
    }

    fn entry(&mut self, name: &str, key: &Member, item: &Member, text: &str, value: &Value) {
        self.open(name);
        self.text_element(key.location_name.as_deref().unwrap_or("key"), text);
        if *value != Value::Null {
            self.element(item.location_name.as_deref().unwrap_or("value"), item, value);
        }
        self.close(name);
    }

    /// What was written.
    pub(super) fn finish(self) -> Bytes {
        self.out.into()
    }
}

/// Characters that XML 1.0 cannot hold become the replacement character.
fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#xD;"),
            '\n' | '\t' => out.push(c),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(c),
        }
    }
}
