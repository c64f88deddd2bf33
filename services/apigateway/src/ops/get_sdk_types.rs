//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetSdkTypes.html>
//! Lists the types of SDKs that can be generated.

use crate::Cx;
use crate::error::Error;
use crate::generated::{GetSdkTypesRequest, SdkTypes};
use crate::page::page;
use crate::sdk;

pub(crate) async fn get_sdk_types(_: &Cx, req: GetSdkTypesRequest) -> Result<SdkTypes, Error> {
    let keyed = vec![(sdk::JAVASCRIPT.to_owned(), sdk::javascript())];
    let (items, position) = page(keyed, req.position.as_deref(), req.limit)?;
    Ok(SdkTypes { items: Some(items), position })
}
