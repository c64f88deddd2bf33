//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GenerateClientCertificate.html>
//! Makes a client certificate.

use crate::Cx;
use crate::client_certificate::{self, CertificateRecord};
use crate::error::Error;
use crate::generated::{ClientCertificate, GenerateClientCertificateRequest};
use crate::tags;

pub(crate) async fn generate_client_certificate(
    cx: &Cx,
    req: GenerateClientCertificateRequest,
) -> Result<ClientCertificate, Error> {
    let mut tx = cx.begin();
    if client_certificate::certificates(&tx).await?.len() >= client_certificate::CERTIFICATES_MAX {
        return Err(Error::TooMany("client certificates"));
    }
    let certificate = CertificateRecord {
        description: req.description.filter(|text| !text.is_empty()),
        tags: tags::checked(req.tags.unwrap_or_default())?,
        ..CertificateRecord::generate(cx)?
    };
    tx.put(&certificate)?;
    tx.commit().await?;
    Ok(certificate.shown())
}
