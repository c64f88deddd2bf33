//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetSdkType.html>
//! Shows a type of SDK; there is one.

use crate::Cx;
use crate::error::Error;
use crate::generated::{GetSdkTypeRequest, SdkType};
use crate::sdk;

pub(crate) async fn get_sdk_type(_: &Cx, req: GetSdkTypeRequest) -> Result<SdkType, Error> {
    if req.id == sdk::JAVASCRIPT { Ok(sdk::javascript()) } else { Err(Error::NoSdkType) }
}
