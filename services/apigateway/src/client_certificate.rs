//! Client certificates: really made, self-signed, for a year.
//!
//! The private key is stored in plain beside the certificate and never shown. Known difference from AWS: the key is on the curve P-256,
//! where AWS makes RSA keys.

use std::time::Duration;

use kernel::{Internal, Key, Record, Tx};
use plan::definition::{ClientCertificateDefinition, Strings};
use serde::{Deserialize, Serialize};

use crate::Cx;
use crate::api::seconds;
use crate::error::Error;
use crate::generated::ClientCertificate;
use crate::patch::{Patch, REPLACE, Rule, check};
use crate::tables::StageRecord;

/// AWS: 60 client certificates of an account in a region unless raised.
pub(crate) const CERTIFICATES_MAX: usize = 1_000;

/// Most stages that are looked through for uses of a certificate.
const STAGES_SEEN_MAX: usize = 100_000;

/// AWS: a generated certificate is good for 365 days.
const LIFE: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// AWS: Patch Operations, UpdateClientCertificate.
const RULES: &[Rule] = &[("/description", REPLACE)];

/// A client certificate and its key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct CertificateRecord {
    pub(crate) id: String,
    pub(crate) description: Option<String>,
    pub(crate) certificate_pem: String,
    pub(crate) key_pem: String,
    pub(crate) tags: Strings,
    pub(crate) created_ms: i64,
    pub(crate) expires_ms: i64,
}

impl Record for CertificateRecord {
    const TABLE: &'static str = "client-certificates";
    fn key(&self) -> Key {
        Key::new().text(&self.id)
    }
}

impl CertificateRecord {
    /// Makes a certificate that begins now.
    pub(crate) fn generate(cx: &Cx) -> Result<CertificateRecord, Error> {
        let fault =
            |error: rcgen::Error| Error::Fault(Internal::new("making a client certificate", error).into());
        let begins = Duration::from_millis(u64::try_from(cx.now_ms()).unwrap_or_default());
        let mut serial = [0; 16];
        cx.host.entropy.fill(&mut serial);
        // A serial number is positive.
        serial[0] &= 0x7f;
        let mut params = rcgen::CertificateParams::default();
        params.serial_number = Some(rcgen::SerialNumber::from_slice(&serial));
        params.not_before = rcgen::date_time_ymd(1970, 1, 1) + begins;
        params.not_after = params.not_before + LIFE;
        params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(rcgen::DnType::CommonName, "ApiGateway");
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).map_err(fault)?;
        let certificate = params.self_signed(&key).map_err(fault)?;
        let life_ms = i64::try_from(LIFE.as_millis()).unwrap_or(i64::MAX);
        Ok(CertificateRecord {
            id: cx.new_id(6),
            certificate_pem: certificate.pem(),
            key_pem: key.serialize_pem(),
            created_ms: cx.now_ms(),
            expires_ms: cx.now_ms() + life_ms,
            ..CertificateRecord::default()
        })
    }

    /// The certificate as a client sees it.
    pub(crate) fn shown(&self) -> ClientCertificate {
        ClientCertificate {
            client_certificate_id: Some(self.id.clone()),
            description: self.description.clone(),
            pem_encoded_certificate: Some(self.certificate_pem.clone()),
            created_date: Some(seconds(self.created_ms)),
            expiration_date: Some(seconds(self.expires_ms)),
            tags: (!self.tags.is_empty()).then(|| self.tags.clone()),
        }
    }

    /// The certificate as the data plane shows it to backends.
    pub(crate) fn published(&self) -> ClientCertificateDefinition {
        ClientCertificateDefinition {
            id: self.id.clone(),
            certificate: self.certificate_pem.clone(),
            private_key: self.key_pem.clone(),
        }
    }

    /// Does what the patches say.
    pub(crate) fn apply(&mut self, patches: &[Patch]) -> Result<(), Error> {
        for patch in patches {
            check(RULES, patch)?;
            self.description = patch.filled();
        }
        Ok(())
    }
}

/// An error if a stage shows the certificate to its backends.
pub(crate) async fn check_unused(tx: &Tx, id: &str) -> Result<(), Error> {
    let stages = tx.list::<StageRecord>(&Key::new(), None, STAGES_SEEN_MAX).await?;
    let user = stages.iter().find(|stage| stage.client_certificate_id.as_deref() == Some(id));
    match user {
        Some(stage) => Err(Error::CertificateInUse { api: stage.api_id.clone(), stage: stage.name.clone() }),
        None => Ok(()),
    }
}

/// All certificates.
pub(crate) async fn certificates(tx: &Tx) -> Result<Vec<CertificateRecord>, Error> {
    Ok(tx.list(&Key::new(), None, CERTIFICATES_MAX + 1).await?)
}

/// One certificate.
pub(crate) async fn certificate(tx: &mut Tx, id: &str) -> Result<CertificateRecord, Error> {
    tx.get(&Key::new().text(id)).await?.ok_or(Error::NoCertificate)
}
