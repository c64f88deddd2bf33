//! Custom domain names with their base path mappings: made from a request, patched, shown, published.
//!
//! A domain and its mappings are one record, published with each change, so that the data plane never sees half of one.
//! Known differences from AWS: a certificate is not asked for, and one that is named is not looked up; a private domain name answers
//! whoever reaches the server, because there are no VPC endpoints here to tell callers apart.

use std::collections::BTreeMap;

use kernel::{Key, Record, Tx};
use plan::definition::Strings;
use plan::domain::{BasePathTarget, PublishedDomain, published_domain_key};
use serde::{Deserialize, Serialize};

use crate::Cx;
use crate::api::seconds;
use crate::error::Error;
use crate::generated::{
    BasePathMapping, CreateDomainNameRequest, DomainName, EndpointConfiguration, MutualTlsAuthentication,
};
use crate::patch::{ENTRY, Op, Patch, REPLACE, Rule, check};
use crate::published;

/// AWS: 120 public custom domain names of an account in a region unless raised.
pub(crate) const DOMAINS_MAX: usize = 2_000;
/// AWS: 200 mappings of a domain name.
pub(crate) const MAPPINGS_MAX: usize = 200;
/// What AWS calls the mapping without a base path.
pub(crate) const NO_BASE_PATH: &str = "(none)";

/// AWS: Patch Operations, UpdateDomainName.
const RULES: &[Rule] = &[
    ("/certificateArn", REPLACE),
    ("/certificateName", REPLACE),
    ("/endpointConfiguration/ipAddressType", REPLACE),
    ("/endpointConfiguration/types/{}", ENTRY),
    ("/mutualTlsAuthentication/truststoreUri", ENTRY),
    ("/mutualTlsAuthentication/truststoreVersion", ENTRY),
    ("/ownershipVerificationCertificateArn", REPLACE),
    ("/policy", REPLACE),
    ("/regionalCertificateArn", REPLACE),
    ("/regionalCertificateName", REPLACE),
    ("/routingMode", REPLACE),
    ("/securityPolicy", REPLACE),
];

/// AWS: Patch Operations, UpdateBasePathMapping.
const MAPPING_RULES: &[Rule] = &[("/basePath", REPLACE), ("/restapiId", REPLACE), ("/stage", REPLACE)];

/// A domain name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct DomainRecord {
    pub(crate) name: String,
    /// Ten lower-case letters and digits; shown for private domain names only.
    pub(crate) id: String,
    /// `EDGE`, `REGIONAL` or `PRIVATE`.
    pub(crate) endpoint_type: String,
    pub(crate) ip_address_type: String,
    /// The name that DNS would lead to.
    pub(crate) target: String,
    pub(crate) security_policy: String,
    pub(crate) certificate_name: Option<String>,
    pub(crate) certificate_arn: Option<String>,
    pub(crate) ownership_certificate_arn: Option<String>,
    pub(crate) truststore_uri: Option<String>,
    pub(crate) truststore_version: Option<String>,
    pub(crate) policy: Option<String>,
    pub(crate) tags: Strings,
    pub(crate) created_ms: i64,
    /// By base path, `(none)` for none.
    pub(crate) mappings: BTreeMap<String, BasePathTarget>,
}

impl Record for DomainRecord {
    const TABLE: &'static str = "domains";
    fn key(&self) -> Key {
        Key::new().text(&self.name)
    }
}

impl DomainRecord {
    /// The domain name that a request asks for.
    pub(crate) fn from_request(cx: &Cx, req: CreateDomainNameRequest) -> Result<DomainRecord, Error> {
        let name = checked_name(&req.domain_name)?;
        only_base_paths(req.routing_mode.as_deref())?;
        if req.endpoint_access_mode.as_deref() == Some("STRICT") {
            return Err(Error::NotBuilt("endpointAccessMode STRICT"));
        }
        let given = req.endpoint_configuration.unwrap_or_default();
        let endpoint_type = match given.types.as_deref() {
            None => "EDGE",
            Some([one]) => one,
            Some([]) => return Err(Error::NoEndpointType),
            Some(_) => return Err(Error::SeveralEndpointTypes),
        };
        let mutual = req.mutual_tls_authentication.unwrap_or_default();
        let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
        let is_edge = endpoint_type == "EDGE";
        let (certificate_name, certificate_arn) = match endpoint_type {
            "REGIONAL" => (req.regional_certificate_name, req.regional_certificate_arn),
            _ => (req.certificate_name, req.certificate_arn),
        };
        let domain = DomainRecord {
            name,
            id: cx.new_id(10),
            endpoint_type: endpoint_type.to_owned(),
            ip_address_type: given.ip_address_type.unwrap_or_else(|| "ipv4".to_owned()),
            target: match is_edge {
                true => format!("d{}.cloudfront.net", cx.new_id(13)),
                false => format!("d-{}.execute-api.{}.amazonaws.com", cx.new_id(10), cx.region()),
            },
            security_policy: req.security_policy.unwrap_or_else(|| "TLS_1_2".to_owned()),
            certificate_name: filled(certificate_name),
            certificate_arn: filled(certificate_arn),
            ownership_certificate_arn: filled(req.ownership_verification_certificate_arn),
            truststore_uri: filled(mutual.truststore_uri),
            truststore_version: filled(mutual.truststore_version),
            policy: filled(req.policy),
            tags: crate::tags::checked(req.tags.unwrap_or_default())?,
            created_ms: cx.now_ms(),
            mappings: BTreeMap::new(),
        };
        domain.check()?;
        Ok(domain)
    }

    /// The domain name as a client sees it.
    pub(crate) fn shown(&self, cx: &Cx) -> DomainName {
        let is = |kind: &str| self.endpoint_type == kind;
        let only = |wanted: bool, text: Option<String>| text.filter(|_| wanted);
        let suffix = if is("PRIVATE") { format!("+{}", self.id) } else { String::new() };
        let account = if is("PRIVATE") { cx.account() } else { "" };
        DomainName {
            domain_name: Some(self.name.clone()),
            domain_name_id: only(is("PRIVATE"), Some(self.id.clone())),
            domain_name_arn: Some(format!(
                "arn:aws:apigateway:{}:{account}:/domainnames/{}{suffix}",
                cx.region(),
                self.name
            )),
            certificate_name: only(!is("REGIONAL"), self.certificate_name.clone()),
            certificate_arn: only(!is("REGIONAL"), self.certificate_arn.clone()),
            certificate_upload_date: self.certificate_arn.as_ref().map(|_| seconds(self.created_ms)),
            regional_domain_name: only(is("REGIONAL"), Some(self.target.clone())),
            regional_hosted_zone_id: only(is("REGIONAL"), Some(regional_zone(cx.region()).to_owned())),
            regional_certificate_name: only(is("REGIONAL"), self.certificate_name.clone()),
            regional_certificate_arn: only(is("REGIONAL"), self.certificate_arn.clone()),
            distribution_domain_name: only(is("EDGE"), Some(self.target.clone())),
            distribution_hosted_zone_id: only(is("EDGE"), Some("Z2FDTNDATAQYW2".to_owned())),
            endpoint_configuration: Some(EndpointConfiguration {
                types: Some(vec![self.endpoint_type.clone()]),
                ip_address_type: Some(self.ip_address_type.clone()),
                vpc_endpoint_ids: None,
            }),
            domain_name_status: Some("AVAILABLE".to_owned()),
            security_policy: Some(self.security_policy.clone()),
            tags: (!self.tags.is_empty()).then(|| self.tags.clone()),
            mutual_tls_authentication: self.truststore_uri.as_ref().map(|uri| MutualTlsAuthentication {
                truststore_uri: Some(uri.clone()),
                truststore_version: self.truststore_version.clone(),
                truststore_warnings: None,
            }),
            ownership_verification_certificate_arn: self.ownership_certificate_arn.clone(),
            policy: self.policy.clone(),
            routing_mode: Some("BASE_PATH_MAPPING_ONLY".to_owned()),
            ..DomainName::default()
        }
    }

    /// Does what the patches say.
    pub(crate) fn apply(&mut self, patches: &[Patch]) -> Result<(), Error> {
        for patch in patches {
            let filled = patch.filled().filter(|_| patch.op != Op::Remove);
            let is_regional = self.endpoint_type == "REGIONAL";
            match check(RULES, patch)? {
                "/certificateArn" | "/certificateName" if is_regional => {}
                "/regionalCertificateArn" | "/regionalCertificateName" if !is_regional => {}
                "/certificateArn" | "/regionalCertificateArn" => self.certificate_arn = filled,
                "/certificateName" | "/regionalCertificateName" => self.certificate_name = filled,
                "/endpointConfiguration/ipAddressType" => match patch.text() {
                    kind @ ("ipv4" | "dualstack") => self.ip_address_type = kind.to_owned(),
                    _ => return Err(Error::IpAddressType),
                },
                "/endpointConfiguration/types/{}" => self.patch_endpoint_type(patch)?,
                "/mutualTlsAuthentication/truststoreUri" => {
                    self.truststore_uri = filled;
                    if self.truststore_uri.is_none() {
                        self.truststore_version = None;
                    }
                }
                "/mutualTlsAuthentication/truststoreVersion" => self.truststore_version = filled,
                "/ownershipVerificationCertificateArn" => self.ownership_certificate_arn = filled,
                "/policy" => self.policy = filled,
                "/routingMode" => only_base_paths(patch.value.as_deref())?,
                _ => self.security_policy = patch.text().to_owned(),
            }
        }
        self.check()
    }

    /// A type is replaced by another; the name that DNS leads to changes with it.
    fn patch_endpoint_type(&mut self, patch: &Patch) -> Result<(), Error> {
        let wanted = if patch.op == Op::Replace { patch.text() } else { patch.last() };
        match (patch.op, wanted) {
            (Op::Remove, _) => Err(Error::NoEndpointType),
            (Op::Add, kind) if kind != self.endpoint_type => Err(Error::SeveralEndpointTypes),
            (_, kind @ ("EDGE" | "REGIONAL")) if self.endpoint_type != "PRIVATE" => {
                if kind != self.endpoint_type {
                    self.endpoint_type = kind.to_owned();
                    self.target = String::new();
                }
                Ok(())
            }
            _ => Err(Error::Enumeration { name: "EndpointTypes", options: "REGIONAL,EDGE" }),
        }
    }

    /// Makes the name that DNS leads to, where a change of type took it away.
    pub(crate) fn settle_target(&mut self, cx: &Cx) {
        if self.target.is_empty() {
            self.target = match self.endpoint_type.as_str() {
                "EDGE" => format!("d{}.cloudfront.net", cx.new_id(13)),
                _ => format!("d-{}.execute-api.{}.amazonaws.com", cx.new_id(10), cx.region()),
            };
        }
    }

    fn check(&self) -> Result<(), Error> {
        let is_known = self.security_policy == "TLS_1_0"
            || self.security_policy == "TLS_1_2"
            || self.security_policy.starts_with("SecurityPolicy_");
        if !is_known {
            return Err(Error::Enumeration { name: "SecurityPolicy", options: "TLS_1_0,TLS_1_2" });
        }
        if let Some(arn) = &self.certificate_arn {
            let known = |arn: &kernel::Arn| arn.service == "acm" || arn.service == "iam";
            kernel::Arn::parse(arn).filter(known).ok_or(Error::CertificateArn)?;
        }
        match &self.truststore_uri {
            Some(uri) if !uri.starts_with("s3://") => Err(Error::Truststore),
            Some(_) if self.endpoint_type != "REGIONAL" => Err(Error::MutualTlsEndpoint),
            _ => Ok(()),
        }
    }

    /// One mapping as a client sees it.
    pub(crate) fn shown_mapping(&self, base_path: &str) -> Option<BasePathMapping> {
        let target = self.mappings.get(base_path)?;
        Some(BasePathMapping {
            base_path: Some(base_path.to_owned()),
            rest_api_id: Some(target.api_id.clone()),
            stage: target.stage.clone(),
        })
    }

    /// Adds a mapping, or says that there is one.
    pub(crate) fn map(&mut self, base_path: String, target: BasePathTarget) -> Result<(), Error> {
        if self.mappings.len() >= MAPPINGS_MAX {
            return Err(Error::TooMany("base path mappings"));
        }
        match self.mappings.insert(base_path, target) {
            Some(_) => Err(Error::MappingExists),
            None => Ok(()),
        }
    }

    /// Does what the patches say to one mapping; gives its base path afterwards.
    pub(crate) fn patch_mapping(&mut self, base_path: &str, patches: &[Patch]) -> Result<String, Error> {
        let mut target = self.mappings.remove(base_path).ok_or(Error::NoMapping)?;
        let mut path = base_path.to_owned();
        for patch in patches {
            match check(MAPPING_RULES, patch)? {
                "/basePath" => path = checked_base_path(patch.value.clone())?,
                "/restapiId" => target.api_id = patch.text().to_owned(),
                _ => target.stage = patch.filled().filter(|stage| stage != NO_BASE_PATH),
            }
        }
        self.map(path.clone(), target)?;
        Ok(path)
    }
}

/// A base path in the form that is stored.
pub(crate) fn checked_base_path(given: Option<String>) -> Result<String, Error> {
    let Some(path) = given.filter(|path| !path.is_empty() && path != NO_BASE_PATH) else {
        return Ok(NO_BASE_PATH.to_owned());
    };
    if path.contains('/') {
        return Err(Error::BasePathSlash);
    }
    // AWS: CreateBasePathMapping: letters, digits and the characters that an URL's path may hold.
    let fits = |c: char| c.is_ascii_alphanumeric() || "$-_.+!*'()".contains(c);
    if path.len() <= 300 && path.chars().all(fits) { Ok(path) } else { Err(Error::BasePath) }
}

/// The domain `name`, or an error.
pub(crate) async fn domain(tx: &mut Tx, name: &str) -> Result<DomainRecord, Error> {
    tx.get(&Key::new().text(&name.to_ascii_lowercase())).await?.ok_or(Error::NoDomain)
}

/// All domain names of the account and region.
pub(crate) async fn domains(tx: &Tx) -> Result<Vec<DomainRecord>, Error> {
    Ok(tx.list(&Key::new(), None, DOMAINS_MAX + 1).await?)
}

/// The domain names that lead to an API, or to one of its stages.
pub(crate) async fn leading_to(tx: &Tx, api_id: &str, stage: Option<&str>) -> Result<Vec<String>, Error> {
    let leads = |target: &BasePathTarget| {
        target.api_id == api_id && (stage.is_none() || target.stage.as_deref() == stage)
    };
    let all = domains(tx).await?.into_iter();
    Ok(all.filter(|domain| domain.mappings.values().any(leads)).map(|domain| domain.name).collect())
}

/// Checks that a mapping's target exists, and makes its removal meet this change.
pub(crate) async fn check_target(cx: &Cx, tx: &mut Tx, target: &BasePathTarget) -> Result<(), Error> {
    let found = crate::tables::api(cx, tx, &target.api_id).await;
    let mut api = found.map_err(|error| match error {
        Error::NoApi { .. } => Error::MappedApi,
        other => other,
    })?;
    if let Some(stage) = &target.stage {
        crate::tables::stage(tx, &api.id, stage).await?.ok_or(Error::MappedStage)?;
    }
    crate::tables::touch(tx, &mut api)
}

/// True if some account has published this name.
pub(crate) async fn is_taken(cx: &Cx, tx: &mut Tx, name: &str) -> Result<bool, Error> {
    Ok(published::get::<PublishedDomain>(cx, tx, &published_domain_key(name)).await?.is_some())
}

/// Publishes the domain as it is now.
pub(crate) async fn publish(cx: &Cx, tx: &mut Tx, domain: &DomainRecord) -> Result<(), Error> {
    let bare = |path: &String| if path == NO_BASE_PATH { String::new() } else { path.clone() };
    let published = PublishedDomain {
        name: domain.name.clone(),
        account: cx.account().to_owned(),
        region: cx.region().to_owned(),
        security_policy: domain.security_policy.clone(),
        is_mutual_tls: domain.truststore_uri.is_some(),
        mappings: domain.mappings.iter().map(|(path, target)| (bare(path), target.clone())).collect(),
    };
    published::replace(cx, tx, &published).await
}

/// Takes the domain back.
pub(crate) async fn retract(cx: &Cx, tx: &mut Tx, name: &str) -> Result<(), Error> {
    published::retract::<PublishedDomain>(cx, tx, &published_domain_key(name)).await
}

fn checked_name(name: &str) -> Result<String, Error> {
    if name.is_empty() {
        return Err(Error::EmptyDomain);
    }
    let name = name.to_ascii_lowercase();
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    let rest = name.strip_prefix("*.").unwrap_or(&name);
    // Names of AWS's own would take requests away from the services.
    let is_aws = ["amazonaws.com", "localhost.localstack.cloud"].iter().any(|ours| rest.ends_with(ours));
    let fits = !is_aws && name.len() <= 253 && rest.contains('.') && rest.split('.').all(label);
    if fits { Ok(name) } else { Err(Error::DomainSyntax) }
}

fn only_base_paths(mode: Option<&str>) -> Result<(), Error> {
    match mode {
        None | Some("" | "BASE_PATH_MAPPING_ONLY") => Ok(()),
        Some(_) => Err(Error::NotBuilt("routing rules")),
    }
}

/// AWS: General Reference, Amazon API Gateway endpoints: the hosted zones of regional endpoints.
fn regional_zone(region: &str) -> &'static str {
    match region {
        "us-east-1" => "Z1UJRXOUMOOFQ8",
        "us-east-2" => "ZOJJZC49E0EPZ",
        "us-west-1" => "Z2MUQ32089INYE",
        "us-west-2" => "Z2OJLYMUO9EFXC",
        "af-south-1" => "Z2DHW2332DAMTN",
        "ap-east-1" => "Z3FD1VL90ND7K5",
        "ap-south-1" => "Z3VO1THU9YC4UR",
        "ap-northeast-1" => "Z1YSHQZHG15GKL",
        "ap-northeast-2" => "Z20JF4UZKIW1U8",
        "ap-northeast-3" => "Z22ILHG95FLSZ2",
        "ap-southeast-1" => "ZL327KTPIQFUL",
        "ap-southeast-2" => "Z2RPCDW04V8134",
        "ca-central-1" => "Z19DQILCV0OWEC",
        "eu-central-1" => "Z1U9ULNL0V5AJ3",
        "eu-west-1" => "ZLY8HYME6SFDD",
        "eu-west-2" => "ZJ5UAJN8Y3Z2Q",
        "eu-west-3" => "Z3KY65QIEKYHQQ",
        "eu-north-1" => "Z3UWIKFBOOGXPP",
        "eu-south-1" => "Z3BT4WSQ9TDYZV",
        "me-south-1" => "Z20ZBPC0SS8806",
        "sa-east-1" => "ZCMLWB8V5SYIT",
        _ => "Z1UJRXOUMOOFQ8",
    }
}
