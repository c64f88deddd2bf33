//! <https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateClientCertificate.html>
//! Changes the description of a client certificate.

use crate::Cx;
use crate::client_certificate;
use crate::error::Error;
use crate::generated::{ClientCertificate, UpdateClientCertificateRequest};
use crate::patch::Patch;
use crate::violations::Violations;

pub(crate) async fn update_client_certificate(
    cx: &Cx,
    req: UpdateClientCertificateRequest,
) -> Result<ClientCertificate, Error> {
    Violations::default().operations("updateClientCertificateInput", req.patch_operations.as_ref()).done()?;
    let mut tx = cx.begin();
    let mut certificate = client_certificate::certificate(&mut tx, &req.client_certificate_id).await?;
    certificate.apply(&Patch::parse(req.patch_operations))?;
    tx.put(&certificate)?;
    tx.commit().await?;
    Ok(certificate.shown())
}
