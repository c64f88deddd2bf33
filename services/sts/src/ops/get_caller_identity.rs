//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>
//!
//! Nobody needs a permission for it, and no policy can deny it.

use kernel::Ctx;

use crate::Sts;
use crate::error::Error;
use crate::generated::{GetCallerIdentityRequest, GetCallerIdentityResponse};

pub(crate) async fn get_caller_identity(
    cx: &Ctx<Sts>,
    _req: GetCallerIdentityRequest,
) -> Result<GetCallerIdentityResponse, Error> {
    let principal = &cx.call.principal;
    Ok(GetCallerIdentityResponse {
        user_id: Some(principal.user_id.clone()),
        account: Some(principal.account.clone()),
        arn: Some(principal.arn.clone()),
    })
}
