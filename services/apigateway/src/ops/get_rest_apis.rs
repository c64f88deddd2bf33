//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetRestApis.html>
//! Lists the APIs, oldest first.

use crate::Cx;
use crate::error::Error;
use crate::generated::{GetRestApisRequest, RestApis};
use crate::page::{by_creation, page};
use crate::tables::{self, ApiRecord};

pub(crate) async fn get_rest_apis(cx: &Cx, req: GetRestApisRequest) -> Result<RestApis, Error> {
    let all = cx.begin().list::<ApiRecord>(&kernel::Key::new(), None, tables::APIS_MAX).await?;
    let keyed = all.into_iter().map(|api| (by_creation(api.created_ms, &api.id), api.shown())).collect();
    let (items, position) = page(keyed, req.position.as_deref(), req.limit)?;
    Ok(RestApis { items: Some(items), position })
}
