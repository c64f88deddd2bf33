//! Handshakes with a real server: whose certificates are taken, and what it is shown.

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use kernel::clock::SystemClock;
use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::server::WebPkiClientVerifier;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::backends::Backends;

/// A self-signed certificate for a name, and its key.
fn certificate(name: &str) -> rcgen::CertifiedKey<rcgen::KeyPair> {
    rcgen::generate_simple_self_signed([name.to_owned()]).expect("a certificate can be made")
}

/// A server that answers one request with the number of certificates it was shown; it wants this one if there is one.
async fn server(name: &str, wants: Option<&CertificateDer<'static>>) -> u16 {
    let own = certificate(name);
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder =
        ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions();
    let builder = builder.expect("the provider has its versions");
    let builder = match wants {
        None => builder.with_no_client_auth(),
        Some(wanted) => {
            let mut roots = RootCertStore::empty();
            roots.add(wanted.clone()).expect("a root");
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
            builder.with_client_cert_verifier(verifier.expect("a verifier"))
        }
    };
    let key = PrivatePkcs8KeyDer::from(own.signing_key.serialize_der()).into();
    let config = builder.with_single_cert(vec![own.cert.der().clone()], key).expect("a key that fits");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        let acceptor = TlsAcceptor::from(Arc::new(config));
        while let Ok((socket, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(socket).await else { continue };
            let shown = stream.get_ref().1.peer_certificates().map_or(0, <[_]>::len);
            let _ = stream.read(&mut [0; 1024]).await;
            let answer = format!("HTTP/1.1 20{shown} OK\r\ncontent-length: 0\r\n\r\n");
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    port
}

/// The status of an answer from `localhost`, or what execution logs say instead.
async fn asked(port: u16, way: Option<Way>) -> Result<u16, String> {
    let backends = Backends::new(SystemClock::new());
    let request = Request::get(format!("https://localhost:{port}/")).body(Full::<Bytes>::default());
    let answer = backends.send_by(way.map(Arc::new), request.expect("a request")).await;
    answer
        .map(|response| response.status().as_u16())
        .map_err(|error| crate::integration::shown_trouble(&error))
}

fn way(is_insecure: bool) -> Option<Way> {
    Some(Way { is_insecure, shows: None })
}

#[tokio::test]
async fn issuers() {
    let port = server("localhost", None).await;
    let refused = asked(port, None).await;
    assert!(refused.as_ref().is_err_and(|why| why.starts_with("Configuration")), "{refused:?}");
    assert_eq!(asked(port, way(true)).await, Ok(200));
}

#[tokio::test]
async fn names() {
    let port = server("elsewhere.example", None).await;
    let refused = asked(port, way(true)).await;
    let text = "Configuration(\"Host name does not match the certificate subject provided by the peer\")";
    assert_eq!(refused, Err(text.to_owned()));
}

#[tokio::test]
async fn what_is_shown() {
    let own = certificate("client");
    let port = server("localhost", Some(own.cert.der())).await;
    let shows = Some((own.cert.pem(), own.signing_key.serialize_pem()));
    assert_eq!(asked(port, Some(Way { is_insecure: true, shows })).await, Ok(201));
    let bare = asked(port, way(true)).await;
    assert!(bare.is_err(), "{bare:?}");
    let broken = Some(("no certificate".to_owned(), "no key".to_owned()));
    let broken = asked(port, Some(Way { is_insecure: true, shows: broken })).await;
    assert!(broken.as_ref().is_err_and(|why| why.contains("TLS towards the endpoint")), "{broken:?}");
}
