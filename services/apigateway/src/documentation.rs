//! Documentation of an API: parts, each at a location, and versions, each a snapshot of all parts.
//!
//! A location is kept whole: what AWS defaults (`/`, `*`) is filled in, so that no two parts stand at one place.
//! Known difference: AWS's words for a location that its type has no use for are not known; those here are inferred.

use kernel::{Key, Record, Tx};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::Cx;
use crate::api::seconds;
use crate::error::Error;
use crate::generated::{DocumentationPart, DocumentationPartLocation, DocumentationVersion};
use crate::patch::{Patch, REPLACE, Rule, check_by_op};

/// AWS: 2,000 documentation parts of one API unless raised.
pub(crate) const PARTS_MAX: usize = 2_000;
/// Most versions of the documentation of one API.
pub(crate) const VERSIONS_MAX: usize = 2_000;

/// The types of locations in AWS's order of errors.
pub(crate) const TYPES: &[&str] = &[
    "RESPONSE_BODY",
    "RESPONSE",
    "METHOD",
    "MODEL",
    "AUTHORIZER",
    "RESPONSE_HEADER",
    "RESOURCE",
    "PATH_PARAMETER",
    "REQUEST_BODY",
    "QUERY_PARAMETER",
    "API",
    "REQUEST_HEADER",
];

const PART_RULES: &[Rule] = &[("/properties", REPLACE)];
const VERSION_RULES: &[Rule] = &[("/description", REPLACE)];

/// Where a part of the documentation belongs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Location {
    #[serde(rename = "type")]
    pub(crate) kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) method: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
}

/// A part.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct PartRecord {
    pub(crate) api_id: String,
    pub(crate) id: String,
    pub(crate) location: Location,
    /// JSON as the client wrote it.
    pub(crate) properties: String,
}

impl Record for PartRecord {
    const TABLE: &'static str = "documentation-parts";
    fn key(&self) -> Key {
        Key::new().text(&self.api_id).text(&self.id)
    }
}

/// A version: the parts as they were when it was made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct VersionRecord {
    pub(crate) api_id: String,
    pub(crate) version: String,
    pub(crate) description: Option<String>,
    pub(crate) created_ms: i64,
    pub(crate) parts: Vec<(Location, String)>,
}

impl Record for VersionRecord {
    const TABLE: &'static str = "documentation-versions";
    fn key(&self) -> Key {
        Key::new().text(&self.api_id).text(&self.version)
    }
}

impl Location {
    /// The location of a request, whole.
    pub(crate) fn from_wire(wire: DocumentationPartLocation) -> Result<Location, Error> {
        let location = Location {
            kind: wire.type_,
            path: wire.path,
            method: wire.method,
            status_code: wire.status_code,
            name: wire.name,
        };
        location.whole()
    }

    /// Fills in what AWS defaults, and refuses what the type has no use for.
    pub(crate) fn whole(self) -> Result<Location, Error> {
        let uses = |list: &[&str]| list.contains(&self.kind.as_str());
        let has_path = !uses(&["API", "AUTHORIZER", "MODEL"]);
        let has_method = has_path && !uses(&["RESOURCE"]);
        let has_status = uses(&["RESPONSE", "RESPONSE_HEADER", "RESPONSE_BODY"]);
        let has_name = !uses(&["API", "RESOURCE", "METHOD", "RESPONSE", "RESPONSE_BODY"]);
        let needs_name = has_name && !uses(&["REQUEST_BODY"]);
        let settle = |field: &'static str, has: bool, value: Option<String>, default: Option<&str>| {
            let value = value.filter(|text| !text.trim().is_empty());
            match (has, value) {
                (false, Some(_)) => Err(Error::LocationField { field, kind: self.kind.clone() }),
                (false, None) => Ok(None),
                (true, value) => Ok(value.or_else(|| default.map(str::to_owned))),
            }
        };
        let path = settle("path", has_path, self.path, Some("/"))?;
        let method = settle("method", has_method, self.method, Some("*"))?;
        let status_code = settle("statusCode", has_status, self.status_code, Some("*"))?;
        let name = settle("name", has_name, self.name, None)?;
        if needs_name && name.is_none() {
            return Err(Error::LocationName(self.kind));
        }
        Ok(Location { kind: self.kind, path, method, status_code, name })
    }

    /// The location in the words of AWS's conflict: `type 'METHOD', path '/', method 'GET'`.
    pub(crate) fn told(&self) -> String {
        let rest = [
            ("path", &self.path),
            ("method", &self.method),
            ("statusCode", &self.status_code),
            ("name", &self.name),
        ];
        let mut text = format!("type '{}'", self.kind);
        for (name, value) in rest {
            if let Some(value) = value {
                text.push_str(&format!(", {name} '{value}'"));
            }
        }
        text
    }

    fn into_wire(self) -> DocumentationPartLocation {
        DocumentationPartLocation {
            type_: self.kind,
            path: self.path,
            method: self.method,
            status_code: self.status_code,
            name: self.name,
        }
    }
}

impl PartRecord {
    /// The part as a client sees it.
    pub(crate) fn shown(&self) -> DocumentationPart {
        DocumentationPart {
            id: Some(self.id.clone()),
            location: Some(self.location.clone().into_wire()),
            properties: Some(self.properties.clone()),
        }
    }

    /// Does what the patches say.
    pub(crate) fn apply(&mut self, patches: &[Patch]) -> Result<(), Error> {
        for patch in patches {
            check_by_op(PART_RULES, patch)?;
            self.properties = checked_properties(patch.text())?;
        }
        Ok(())
    }
}

impl VersionRecord {
    /// The version as a client sees it.
    pub(crate) fn shown(&self) -> DocumentationVersion {
        DocumentationVersion {
            version: Some(self.version.clone()),
            created_date: Some(seconds(self.created_ms)),
            description: self.description.clone(),
        }
    }

    /// Does what the patches say.
    pub(crate) fn apply(&mut self, patches: &[Patch]) -> Result<(), Error> {
        for patch in patches {
            check_by_op(VERSION_RULES, patch)?;
            self.description = patch.filled();
        }
        Ok(())
    }
}

/// Properties are an object in JSON.
pub(crate) fn checked_properties(text: &str) -> Result<String, Error> {
    if text.is_empty() {
        return Err(Error::EmptyProperties);
    }
    match serde_json::from_str(text) {
        Ok(Json::Object(_)) => Ok(text.to_owned()),
        _ => Err(Error::Properties),
    }
}

/// All parts of an API.
pub(crate) async fn parts(tx: &Tx, api_id: &str) -> Result<Vec<PartRecord>, Error> {
    Ok(tx.list(&Key::new().text(api_id), None, PARTS_MAX + 1).await?)
}

/// One part.
pub(crate) async fn part(tx: &mut Tx, api_id: &str, id: &str) -> Result<PartRecord, Error> {
    tx.get(&Key::new().text(api_id).text(id)).await?.ok_or(Error::NoPart)
}

/// All versions of an API's documentation.
pub(crate) async fn versions(tx: &Tx, api_id: &str) -> Result<Vec<VersionRecord>, Error> {
    Ok(tx.list(&Key::new().text(api_id), None, VERSIONS_MAX + 1).await?)
}

/// One version, if it is there.
pub(crate) async fn version(tx: &mut Tx, api_id: &str, name: &str) -> Result<Option<VersionRecord>, Error> {
    Ok(tx.get(&Key::new().text(api_id).text(name)).await?)
}

/// Checks that a version that a stage names is there.
pub(crate) async fn check_version(tx: &mut Tx, api_id: &str, name: Option<&str>) -> Result<(), Error> {
    match name {
        Some(name) => version(tx, api_id, name).await?.map(drop).ok_or(Error::NoVersion),
        None => Ok(()),
    }
}

/// How imported parts meet those that are there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Merge,
    Overwrite,
}

impl Mode {
    /// `merge` unless a request says `overwrite`.
    pub(crate) fn of(text: Option<&str>) -> Mode {
        if text == Some("overwrite") { Mode::Overwrite } else { Mode::Merge }
    }
}

/// Puts imported parts into an API; gives their ids. Merged, a part replaces the properties of the one at its place.
pub(crate) async fn put_parts(
    cx: &Cx,
    tx: &mut Tx,
    api_id: &str,
    imported: Vec<(Location, String)>,
    mode: Mode,
) -> Result<Vec<String>, Error> {
    let known = parts(tx, api_id).await?;
    if imported.len() > PARTS_MAX || (mode == Mode::Merge && imported.len() + known.len() > PARTS_MAX * 2) {
        return Err(Error::TooMany("documentation parts"));
    }
    let mut ids = Vec::new();
    for (location, properties) in imported {
        let same = known.iter().find(|part| part.location == location);
        let id = same.map_or_else(|| cx.new_id(6), |part| part.id.clone());
        let record = PartRecord { api_id: api_id.to_owned(), id: id.clone(), location, properties };
        tx.put(&record)?;
        ids.push(id);
    }
    if mode == Mode::Overwrite {
        for gone in known.iter().filter(|part| !ids.contains(&part.id)) {
            tx.get::<PartRecord>(&gone.key()).await?;
            tx.delete::<PartRecord>(&gone.key());
        }
    }
    Ok(ids)
}

/// Takes all documentation of an API away.
pub(crate) async fn remove_all(tx: &mut Tx, api_id: &str) -> Result<(), Error> {
    for part in parts(tx, api_id).await? {
        tx.get::<PartRecord>(&part.key()).await?;
        tx.delete::<PartRecord>(&part.key());
    }
    for version in versions(tx, api_id).await? {
        tx.get::<VersionRecord>(&version.key()).await?;
        tx.delete::<VersionRecord>(&version.key());
    }
    Ok(())
}

#[cfg(test)]
mod tests;
