//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetAuthorizer.html>
//! Shows an authorizer.

use crate::Cx;
use crate::authorizer;
use crate::error::Error;
use crate::generated::{Authorizer, GetAuthorizerRequest};
use crate::tables::{self, AuthorizerRecord};

pub(crate) async fn get_authorizer(cx: &Cx, req: GetAuthorizerRequest) -> Result<Authorizer, Error> {
    let mut tx = cx.begin();
    let found = tables::part::<AuthorizerRecord>(&mut tx, &req.rest_api_id, &req.authorizer_id).await?;
    Ok(authorizer::shown(&found.ok_or(Error::NoAuthorizer)?.authorizer))
}
