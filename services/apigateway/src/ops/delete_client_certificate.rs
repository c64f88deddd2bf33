//! <https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteClientCertificate.html>
//! Removes a client certificate with its key.

use kernel::Record;

use crate::Cx;
use crate::client_certificate::{self, CertificateRecord};
use crate::error::Error;
use crate::generated::{DeleteClientCertificateRequest, DeleteClientCertificateResponse};

pub(crate) async fn delete_client_certificate(
    cx: &Cx,
    req: DeleteClientCertificateRequest,
) -> Result<DeleteClientCertificateResponse, Error> {
    let mut tx = cx.begin();
    let certificate = client_certificate::certificate(&mut tx, &req.client_certificate_id).await?;
    client_certificate::check_unused(&tx, &certificate.id).await?;
    tx.delete::<CertificateRecord>(&certificate.key());
    tx.commit().await?;
    Ok(DeleteClientCertificateResponse {})
}
