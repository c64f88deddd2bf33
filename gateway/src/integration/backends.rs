//! Connections to HTTP backends: pools, TLS, and what a backend that misbehaves does to a request.
//!
//! A connection that misbehaved is not used again, and no answer takes more memory than API Gateway's payload limit. Certificates are
//! verified against the public roots. AWS: `insecureSkipVerification` takes certificates of any issuer, and still wants the right name and
//! dates. Known difference: the dates of a certificate that issued itself are not looked at then.

use std::collections::HashMap;
use std::error::Error as _;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use ::http::{HeaderMap, Request, StatusCode};
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use kernel::Clock;
use kernel::exchange::OutBody;
use plan::definition::ClientCertificateDefinition;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use crate::limits;

type Pool = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// Connections to backends; made when the first request needs one.
#[derive(Default)]
pub(crate) struct Backends {
    ordinary: OnceLock<Pool>,
    others: Mutex<HashMap<Way, Pool>>,
}

/// How connections are made where it is not the ordinary way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Way {
    is_insecure: bool,
    /// Certificate and key, PEM.
    shows: Option<(String, String)>,
}

/// A backend's answer.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: OutBody,
    /// Until the head was there.
    pub(crate) latency: Duration,
}

/// Why there is no answer.
#[derive(Debug, PartialEq)]
pub(crate) enum Trouble {
    /// It took too long.
    Timeout,
    /// Refused, reset, garbage, too much.
    Network(String),
    /// No such host, or TLS that cannot work: it will not help to try again.
    Configuration(String),
}

/// What to send, and how.
pub(crate) struct Errand<'a> {
    pub(crate) request: Request<Full<Bytes>>,
    pub(crate) is_insecure: bool,
    pub(crate) certificate: Option<&'a ClientCertificateDefinition>,
    /// False: the body is whole before anything goes on.
    pub(crate) is_streamed: bool,
    pub(crate) timeout: Duration,
}

impl Backends {
    /// Sends a request and waits for its answer.
    pub(crate) async fn send(&self, clock: &dyn Clock, errand: Errand<'_>) -> Result<Answer, Trouble> {
        let Errand { request, is_insecure, certificate, is_streamed, timeout } = errand;
        let pool = self.pool(is_insecure, certificate)?;
        let started = clock.monotonic();
        let mut timeout = clock.sleep(timeout);
        let head = tokio::select! {
            head = pool.request(request) => head.map_err(|error| trouble(&error))?,
            () = &mut timeout => return Err(Trouble::Timeout),
        };
        let latency = clock.monotonic().saturating_sub(started);
        let (parts, body) = head.into_parts();
        let body = match is_streamed {
            true => stream(body),
            false => collect(body, &mut timeout).await?,
        };
        Ok(Answer { status: parts.status, headers: parts.headers, body, latency })
    }

    fn pool(
        &self,
        is_insecure: bool,
        certificate: Option<&ClientCertificateDefinition>,
    ) -> Result<Pool, Trouble> {
        if !is_insecure && certificate.is_none() {
            if let Some(pool) = self.ordinary.get() {
                return Ok(pool.clone());
            }
            let pool = connect(&Way::default())?;
            return Ok(self.ordinary.get_or_init(|| pool).clone());
        }
        let shows = certificate.map(|shown| (shown.certificate.clone(), shown.private_key.clone()));
        let way = Way { is_insecure, shows };
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pool) = others.get(&way) {
            return Ok(pool.clone());
        }
        if others.len() >= limits::BACKEND_WAYS_MAX {
            others.clear();
        }
        let pool = connect(&way)?;
        others.insert(way, pool.clone());
        Ok(pool)
    }
}

/// A pool of connections that are made this way.
fn connect(way: &Way) -> Result<Pool, Trouble> {
    let broken =
        |error: &dyn std::fmt::Display| Trouble::Configuration(format!("TLS towards the endpoint: {error}"));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider));
    let builder = builder.with_safe_default_protocol_versions().map_err(|error| broken(&error))?;
    let builder = match way.is_insecure {
        true => builder.dangerous().with_custom_certificate_verifier(Arc::new(AnyIssuer(provider))),
        false => builder.with_webpki_roots(),
    };
    let config = match &way.shows {
        None => builder.with_no_client_auth(),
        Some((certificate, key)) => {
            let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificate.as_bytes()).collect();
            let chain = chain.map_err(|error| broken(&error))?;
            let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(|error| broken(&error))?;
            builder.with_client_auth_cert(chain, key).map_err(|error| broken(&error))?
        }
    };
    let connector =
        HttpsConnectorBuilder::new().with_tls_config(config).https_or_http().enable_http1().build();
    let mut client = Client::builder(TokioExecutor::new());
    client.pool_timer(TokioTimer::new()).pool_idle_timeout(limits::BACKEND_IDLE);
    Ok(client.pool_max_idle_per_host(limits::BACKEND_IDLE_MAX).build(connector))
}

/// All of a body, unless it is too long or does not come in time.
async fn collect(body: Incoming, timeout: &mut BoxFuture<'static, ()>) -> Result<OutBody, Trouble> {
    let too_long =
        || Trouble::Network(format!("the answer is longer than {} bytes", limits::ANSWER_BYTES_MAX));
    if body.size_hint().lower() > limits::ANSWER_BYTES_MAX {
        return Err(too_long());
    }
    let whole = Limited::new(body, limits::ANSWER_BYTES_MAX as usize).collect();
    tokio::select! {
        whole = whole => match whole {
            Ok(whole) => Ok(OutBody::Full(whole.to_bytes())),
            Err(error) if error.is::<LengthLimitError>() => Err(too_long()),
            Err(error) => Err(Trouble::Network(error.to_string())),
        },
        () = timeout => Err(Trouble::Timeout),
    }
}

/// A body as it comes. AWS: a streamed answer may be longer than 10 MB.
fn stream(body: Incoming) -> OutBody {
    OutBody::Stream(body.into_data_stream().map(|chunk| chunk.map_err(std::io::Error::other)).boxed())
}

/// What went wrong on the way to a backend.
fn trouble(error: &Error) -> Trouble {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        let shown = source.to_string();
        if shown.starts_with("dns error") {
            return Trouble::Configuration("Invalid endpoint address".to_owned());
        }
        let inner = source.downcast_ref::<std::io::Error>().and_then(|error| error.get_ref());
        let tls = source.downcast_ref::<rustls::Error>();
        if let Some(tls) = tls.or_else(|| inner.and_then(|inner| inner.downcast_ref())) {
            return of_tls(tls);
        }
        text = format!("{text}: {shown}");
        next = source.source();
    }
    Trouble::Network(text)
}

/// AWS tells of certificates in Java's words.
fn of_tls(error: &rustls::Error) -> Trouble {
    let text = match error {
        rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
            "PKIX path building failed: sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid certification path to requested target".to_owned()
        }
        rustls::Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => "Host name does not match the certificate subject provided by the peer".to_owned(),
        rustls::Error::InvalidCertificate(error) => format!("General SSLEngine problem: {error}"),
        error => return Trouble::Network(error.to_string()),
    };
    Trouble::Configuration(text)
}

/// Takes certificates of any issuer whose name and dates are right.
#[derive(Debug)]
struct AnyIssuer(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyIssuer {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        // The last of the chain is trusted as if it were a root.
        let mut roots = RootCertStore::empty();
        roots.add(intermediates.last().unwrap_or(end_entity).clone().into_owned())?;
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&self.0));
        let verifier = verifier.build().map_err(|error| rustls::Error::General(error.to_string()))?;
        match verifier.verify_server_cert(end_entity, intermediates, name, ocsp, now) {
            // Alone and issued by itself or by somebody who is not there: its name at least is looked at.
            Err(rustls::Error::InvalidCertificate(
                CertificateError::UnknownIssuer | CertificateError::Other(_),
            )) if intermediates.is_empty() => {
                rustls::client::verify_server_name(&ParsedCertificate::try_from(end_entity)?, name)?;
                Ok(ServerCertVerified::assertion())
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
