//! <https://docs.aws.amazon.com/apigateway/latest/api/API_CreateAuthorizer.html>
//! Makes an authorizer.

use crate::Cx;
use crate::authorizer;
use crate::error::Error;
use crate::generated::{Authorizer, CreateAuthorizerRequest};
use crate::tables::{self, AuthorizerRecord};
use crate::violations::Violations;

pub(crate) async fn create_authorizer(cx: &Cx, req: CreateAuthorizerRequest) -> Result<Authorizer, Error> {
    Violations::default()
        .one_of(
            "createAuthorizerInput.type",
            Some(&req.type_),
            &["REQUEST", "TOKEN", "COGNITO_USER_POOLS", "JWT"],
        )
        .done()?;
    let mut tx = cx.begin();
    let mut api = tables::api(cx, &mut tx, &req.rest_api_id).await?;
    let authorizer = authorizer::from_request(req, cx.new_id(6), cx.account())?;
    tables::room_for::<AuthorizerRecord>(&tx, &api.id, "authorizers").await?;
    let others = tables::parts::<AuthorizerRecord>(&tx, &api.id).await?;
    authorizer::check_name(&authorizer, others.iter().map(|record| &record.authorizer))?;
    tables::touch(&mut tx, &mut api)?;
    let answer = authorizer::shown(&authorizer);
    tx.put(&AuthorizerRecord { api_id: api.id, authorizer })?;
    tx.commit().await?;
    Ok(answer)
}
