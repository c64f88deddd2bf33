//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetAuthorizers.html>
//! Lists the authorizers of an API by name.

use crate::Cx;
use crate::authorizer;
use crate::error::Error;
use crate::generated::{Authorizers, GetAuthorizersRequest};
use crate::page::page;
use crate::tables::{self, AuthorizerRecord};

pub(crate) async fn get_authorizers(cx: &Cx, req: GetAuthorizersRequest) -> Result<Authorizers, Error> {
    let mut tx = cx.begin();
    let api = tables::api(cx, &mut tx, &req.rest_api_id).await?;
    let all = tables::parts::<AuthorizerRecord>(&tx, &api.id).await?;
    let of =
        |record: &AuthorizerRecord| (record.authorizer.name.clone(), authorizer::shown(&record.authorizer));
    let (items, position) = page(all.iter().map(of).collect(), req.position.as_deref(), req.limit)?;
    Ok(Authorizers { items: Some(items), position })
}
