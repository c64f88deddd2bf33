//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetClientCertificate.html>
//! Shows a client certificate.

use crate::Cx;
use crate::client_certificate;
use crate::error::Error;
use crate::generated::{ClientCertificate, GetClientCertificateRequest};

pub(crate) async fn get_client_certificate(
    cx: &Cx,
    req: GetClientCertificateRequest,
) -> Result<ClientCertificate, Error> {
    Ok(client_certificate::certificate(&mut cx.begin(), &req.client_certificate_id).await?.shown())
}
