//! Certificates for the one port: a certificate authority made at first start, and leaves for whatever name a client asks for.
//!
//! The authority's key never leaves the data folder (mode 0600). A leaf is made when its name is first asked for (under a
//! millisecond), and kept in memory, a bounded number of them. Clients trust the authority by `tls/ca.pem`.

use std::collections::HashMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls_pki_types::PrivateKeyDer;

/// Leaves kept in memory.
const LEAVES_MAX: usize = 1000;

/// A TLS configuration for HTTP/2 and HTTP/1.1, with an authority kept in `folder`.
pub(crate) fn server_config(folder: &Path) -> Result<Arc<ServerConfig>> {
    let authority = Authority::open(folder)?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .context("choosing TLS versions")?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(authority));
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

struct Authority {
    issuer: Issuer<'static, KeyPair>,
    leaf_key: KeyPair,
    leaves: Mutex<HashMap<String, Arc<CertifiedKey>>>,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Authority")
    }
}

impl Authority {
    fn open(folder: &Path) -> Result<Authority> {
        fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
        let (key_path, certificate_path) = (folder.join("ca.key"), folder.join("ca.pem"));
        let key = match fs::read_to_string(&key_path) {
            Ok(pem) => KeyPair::from_pem(&pem)
                .with_context(|| format!("reading the key in {}", key_path.display()))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let key = KeyPair::generate().context("making the authority's key")?;
                let mut file =
                    fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&key_path)?;
                file.write_all(key.serialize_pem().as_bytes())?;
                key
            }
            Err(error) => return Err(error).with_context(|| format!("reading {}", key_path.display())),
        };
        let parameters = authority_parameters();
        if !certificate_path.exists() {
            let certificate = parameters.self_signed(&key).context("signing the authority")?;
            fs::write(&certificate_path, certificate.pem())
                .with_context(|| format!("writing {}", certificate_path.display()))?;
        }
        let leaf_key = KeyPair::generate().context("making the leaves' key")?;
        Ok(Authority { issuer: Issuer::new(parameters, key), leaf_key, leaves: Mutex::default() })
    }

    fn leaf(&self, name: &str) -> Result<Arc<CertifiedKey>> {
        let mut leaves = self.leaves.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(leaf) = leaves.get(name) {
            return Ok(Arc::clone(leaf));
        }
        let mut names = vec![name.to_owned()];
        if name == "localhost" {
            names.extend(["127.0.0.1".to_owned(), "::1".to_owned()]);
        }
        let mut parameters = CertificateParams::new(names).context("naming a certificate")?;
        parameters.distinguished_name.push(DnType::CommonName, name.chars().take(64).collect::<String>());
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        parameters.not_before = rcgen::date_time_ymd(2024, 1, 1);
        parameters.not_after = rcgen::date_time_ymd(2044, 1, 1);
        let certificate =
            parameters.signed_by(&self.leaf_key, &self.issuer).context("signing a certificate")?;
        let key = PrivateKeyDer::try_from(self.leaf_key.serialize_der()).map_err(anyhow::Error::msg)?;
        let key =
            rustls::crypto::aws_lc_rs::sign::any_supported_type(&key).context("using the leaves' key")?;
        let leaf = Arc::new(CertifiedKey::new(vec![certificate.der().clone()], key));
        if leaves.len() >= LEAVES_MAX {
            leaves.clear();
        }
        leaves.insert(name.to_owned(), Arc::clone(&leaf));
        Ok(leaf)
    }
}

impl ResolvesServerCert for Authority {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = hello.server_name().unwrap_or("localhost");
        self.leaf(name).map_err(|error| tracing::warn!(name, %error, "no certificate could be made")).ok()
    }
}

/// The authority's own certificate, which depends on nothing but its key: it can be made again at each start.
fn authority_parameters() -> CertificateParams {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, "Loggia local authority");
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    parameters.not_before = rcgen::date_time_ymd(2024, 1, 1);
    parameters.not_after = rcgen::date_time_ymd(2044, 1, 1);
    parameters
}
