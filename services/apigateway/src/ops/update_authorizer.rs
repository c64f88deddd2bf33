//! <https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateAuthorizer.html>
//! Changes an authorizer; deployments that were made before keep the old one.

use crate::Cx;
use crate::authorizer;
use crate::error::Error;
use crate::generated::{Authorizer, UpdateAuthorizerRequest};
use crate::patch::Patch;
use crate::tables::{self, AuthorizerRecord};
use crate::violations::Violations;

pub(crate) async fn update_authorizer(cx: &Cx, req: UpdateAuthorizerRequest) -> Result<Authorizer, Error> {
    Violations::default().operations("updateAuthorizerInput", req.patch_operations.as_ref()).done()?;
    let mut tx = cx.begin();
    let found = tables::part::<AuthorizerRecord>(&mut tx, &req.rest_api_id, &req.authorizer_id).await?;
    let mut record = found.ok_or(Error::NoAuthorizer)?;
    let mut api = tables::api(cx, &mut tx, &record.api_id).await?;
    authorizer::apply(&mut record.authorizer, &Patch::parse(req.patch_operations), cx.account())?;
    let others = tables::parts::<AuthorizerRecord>(&tx, &api.id).await?;
    authorizer::check_name(&record.authorizer, others.iter().map(|record| &record.authorizer))?;
    tables::touch(&mut tx, &mut api)?;
    tx.put(&record)?;
    tx.commit().await?;
    Ok(authorizer::shown(&record.authorizer))
}
