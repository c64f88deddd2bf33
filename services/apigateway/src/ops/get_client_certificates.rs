//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetClientCertificates.html>
//! Lists the client certificates, oldest first.

use crate::Cx;
use crate::client_certificate;
use crate::error::Error;
use crate::generated::{ClientCertificates, GetClientCertificatesRequest};
use crate::page::{by_creation, page};

pub(crate) async fn get_client_certificates(
    cx: &Cx,
    req: GetClientCertificatesRequest,
) -> Result<ClientCertificates, Error> {
    let all = client_certificate::certificates(&cx.begin()).await?;
    let keyed = all.iter().map(|one| (by_creation(one.created_ms, &one.id), one.shown())).collect();
    let (items, position) = page(keyed, req.position.as_deref(), req.limit)?;
    Ok(ClientCertificates { items: Some(items), position })
}
