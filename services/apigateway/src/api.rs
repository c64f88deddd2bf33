//! An API's own settings: made from a request, patched, shown.
//!
//! An empty setting is absent. AWS shows `tags: {}` when one API is read or updated, and leaves it out elsewhere. The policy is shown as
//! AWS shows it: JSON escaped once more, as inside a JSON string.

use wire::Timestamp;

use crate::error::Error;
use crate::generated::{CreateRestApiRequest, EndpointConfiguration, RestApi};
use crate::patch::{ELEMENT, ENTRY, Op, Patch, REPLACE, Rule, check};
use crate::tables::ApiRecord;

/// AWS: Patch Operations, UpdateRestApi.
const RULES: &[Rule] = &[
    ("/apiKeySource", REPLACE),
    ("/binaryMediaTypes/{}", ENTRY),
    ("/description", ENTRY),
    ("/disableExecuteApiEndpoint", REPLACE),
    ("/endpointAccessMode", REPLACE),
    ("/endpointConfiguration/ipAddressType", REPLACE),
    ("/endpointConfiguration/types/{}", ENTRY),
    ("/endpointConfiguration/vpcEndpointIds", ELEMENT),
    ("/endpointConfiguration/vpcEndpointIds/{}", ELEMENT),
    ("/minimumCompressionSize", REPLACE),
    ("/name", REPLACE),
    ("/policy", REPLACE),
    ("/securityPolicy", REPLACE),
];

/// A type of endpoint that there is not.
pub(crate) const ENDPOINT_TYPES: Error =
    Error::Enumeration { name: "EndpointTypes", options: "REGIONAL,EDGE,PRIVATE" };

impl ApiRecord {
    /// The API that a request asks for.
    pub(crate) fn from_request(req: CreateRestApiRequest) -> Result<ApiRecord, Error> {
        if req.name.is_empty() {
            return Err(Error::EmptyName);
        }
        if req.description.as_deref() == Some("") {
            return Err(Error::EmptyDescription);
        }
        let (endpoint_type, ip_address_type, vpc_endpoint_ids) = endpoint(req.endpoint_configuration)?;
        let api = ApiRecord {
            name: req.name,
            description: req.description,
            version: req.version.filter(|version| !version.is_empty()),
            binary_media_types: req.binary_media_types.unwrap_or_default(),
            minimum_compression_size: req.minimum_compression_size.map(compression_size).transpose()?,
            api_key_source: req.api_key_source.unwrap_or_else(|| "HEADER".to_owned()),
            endpoint_type,
            ip_address_type,
            vpc_endpoint_ids,
            policy: req.policy.filter(|policy| !policy.is_empty()).map(|text| policy(&text)).transpose()?,
            disable_execute_api_endpoint: req.disable_execute_api_endpoint.unwrap_or_default(),
            tags: crate::tags::checked(req.tags.unwrap_or_default())?,
            ..ApiRecord::default()
        };
        api.only_default_security(req.security_policy.as_deref())?;
        only_basic_access(req.endpoint_access_mode.as_deref())?;
        Ok(api)
    }

    /// The API as lists and creation show it.
    pub(crate) fn shown(&self) -> RestApi {
        let some = |list: &Vec<String>| (!list.is_empty()).then(|| list.clone());
        RestApi {
            id: Some(self.id.clone()),
            name: Some(self.name.clone()),
            description: self.description.clone(),
            created_date: Some(seconds(self.created_ms)),
            version: self.version.clone(),
            binary_media_types: some(&self.binary_media_types),
            minimum_compression_size: self.minimum_compression_size,
            api_key_source: Some(self.api_key_source.clone()),
            endpoint_configuration: Some(EndpointConfiguration {
                types: Some(vec![self.endpoint_type.clone()]),
                ip_address_type: Some(self.ip_address_type.clone()),
                vpc_endpoint_ids: some(&self.vpc_endpoint_ids),
            }),
            policy: self.policy.as_deref().map(escaped),
            tags: (!self.tags.is_empty()).then(|| self.tags.clone()),
            disable_execute_api_endpoint: Some(self.disable_execute_api_endpoint),
            root_resource_id: Some(self.root_resource_id.clone()),
            security_policy: Some(self.security_policy().to_owned()),
            api_status: Some("AVAILABLE".to_owned()),
            ..RestApi::default()
        }
    }

    /// The API as it is shown on its own.
    pub(crate) fn shown_alone(&self) -> RestApi {
        RestApi { tags: Some(self.tags.clone()), ..self.shown() }
    }

    /// Does what the patches say.
    pub(crate) fn apply(&mut self, patches: &[Patch]) -> Result<(), Error> {
        patches.iter().try_for_each(|patch| self.apply_one(patch))
    }

    fn apply_one(&mut self, patch: &Patch) -> Result<(), Error> {
        let rule = check(RULES, patch).map_err(|error| match patch.parts.as_slice() {
            [configuration, types, _] if configuration == "endpointConfiguration" && types == "types" => {
                Error::EndpointTypeOp
            }
            _ => error,
        })?;
        match rule {
            "/name" => self.name = patch.filled().ok_or(Error::EmptyName)?,
            "/description" => self.description = patch.filled().filter(|_| patch.op != Op::Remove),
            "/policy" => self.policy = patch.filled().map(|text| policy(&text)).transpose()?,
            "/apiKeySource" => match patch.text() {
                source @ ("HEADER" | "AUTHORIZER") => self.api_key_source = source.to_owned(),
                _ => {
                    return Err(Error::Enumeration {
                        name: "ApiKeySourceType",
                        options: "HEADER,AUTHORIZER",
                    });
                }
            },
            "/minimumCompressionSize" => {
                let size = patch.filled().map(|text| text.parse().map_err(|_| Error::CompressionSize));
                self.minimum_compression_size = size.transpose()?.map(compression_size).transpose()?;
            }
            "/disableExecuteApiEndpoint" => self.disable_execute_api_endpoint = patch.flag(),
            "/binaryMediaTypes/{}" => self.patch_media_type(patch),
            "/endpointConfiguration/types/{}" => self.patch_endpoint_type(patch)?,
            "/endpointConfiguration/ipAddressType" => match patch.text() {
                "ipv4" if self.endpoint_type == "PRIVATE" => return Err(Error::PrivateIpv4),
                kind @ ("ipv4" | "dualstack") => self.ip_address_type = kind.to_owned(),
                _ => return Err(Error::IpAddressType),
            },
            "/securityPolicy" => self.only_default_security(patch.value.as_deref())?,
            "/endpointAccessMode" => only_basic_access(patch.value.as_deref())?,
            _ => {
                let id = patch.filled().unwrap_or_else(|| patch.last().to_owned());
                crate::patch::element(&mut self.vpc_endpoint_ids, patch, &id);
            }
        }
        Ok(())
    }

    /// An API has one type at any time, so only the one it has can be added, and none removed (inferred).
    fn patch_endpoint_type(&mut self, patch: &Patch) -> Result<(), Error> {
        let named = known_endpoint_type(patch.last());
        match patch.op {
            Op::Add if named.ok_or(ENDPOINT_TYPES)? != self.endpoint_type => {
                return Err(Error::SeveralEndpointTypes);
            }
            Op::Remove if named.ok_or(ENDPOINT_TYPES)? == self.endpoint_type => {
                return Err(Error::NoEndpointType);
            }
            Op::Replace => {
                self.endpoint_type = known_endpoint_type(patch.text()).ok_or(ENDPOINT_TYPES)?.to_owned();
                if self.endpoint_type == "PRIVATE" {
                    self.ip_address_type = "dualstack".to_owned();
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// AWS puts a replaced media type at the end of the list.
    fn patch_media_type(&mut self, patch: &Patch) {
        let old = patch.last().to_owned();
        let new = match patch.op {
            Op::Replace => patch.filled().map(|value| value.replace("~1", "/")),
            _ => None,
        };
        self.binary_media_types.retain(|kind| *kind != old && Some(kind) != new.as_ref());
        if patch.op != Op::Remove {
            self.binary_media_types.push(new.unwrap_or(old));
        }
    }

    // AWS: Choose a security policy for your REST API: TLS_1_0 unless the API is private.
    fn security_policy(&self) -> &'static str {
        if self.endpoint_type == "PRIVATE" { "TLS_1_2" } else { "TLS_1_0" }
    }

    fn only_default_security(&self, wanted: Option<&str>) -> Result<(), Error> {
        match wanted {
            Some(wanted) if wanted != self.security_policy() => Err(Error::NotBuilt("securityPolicy")),
            _ => Ok(()),
        }
    }
}

/// A moment as API Gateway tells it: whole seconds.
pub(crate) fn seconds(ms: i64) -> Timestamp {
    Timestamp(ms - ms.rem_euclid(1000))
}

fn endpoint(given: Option<EndpointConfiguration>) -> Result<(String, String, Vec<String>), Error> {
    let given = given.unwrap_or_default();
    let kind = match given.types.as_deref() {
        None => "EDGE",
        Some([]) => return Err(Error::NoEndpointType),
        Some([one]) => known_endpoint_type(one).ok_or(ENDPOINT_TYPES)?,
        Some(_) => return Err(Error::SeveralEndpointTypes),
    };
    let ip = match (kind, given.ip_address_type.as_deref()) {
        ("PRIVATE", Some("ipv4")) => return Err(Error::PrivateIpv4),
        ("PRIVATE", _) => "dualstack".to_owned(),
        (_, ip) => ip.unwrap_or("ipv4").to_owned(),
    };
    Ok((kind.to_owned(), ip, given.vpc_endpoint_ids.unwrap_or_default()))
}

/// A type of endpoint that there is.
pub(crate) fn known_endpoint_type(text: &str) -> Option<&'static str> {
    ["EDGE", "REGIONAL", "PRIVATE"].into_iter().find(|kind| *kind == text)
}

/// Checks `minimumCompressionSize`.
pub(crate) fn compression_size(size: i64) -> Result<i64, Error> {
    (0..=10_485_760).contains(&size).then_some(size).ok_or(Error::CompressionSize)
}

fn only_basic_access(mode: Option<&str>) -> Result<(), Error> {
    match mode {
        None | Some("BASIC") => Ok(()),
        Some(_) => Err(Error::NotBuilt("endpointAccessMode STRICT")),
    }
}

/// A policy without needless white space.
pub(crate) fn policy(text: &str) -> Result<String, Error> {
    let document: serde_json::Value = serde_json::from_str(text).map_err(|_| Error::Policy)?;
    if document.get("Statement").is_none() {
        return Err(Error::Policy);
    }
    Ok(document.to_string())
}

fn escaped(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}
