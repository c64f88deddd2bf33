//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html>
//!
//! Known difference: AWS reads the account out of the key's id; here the key must be one that Loggia issued.

use kernel::Ctx;

use crate::Sts;
use crate::error::Error;
use crate::generated::{GetAccessKeyInfoRequest, GetAccessKeyInfoResponse};

pub(crate) async fn get_access_key_info(
    cx: &Ctx<Sts>,
    req: GetAccessKeyInfoRequest,
) -> Result<GetAccessKeyInfoResponse, Error> {
    match cx.host.rooms().identities.find(&req.access_key_id).await? {
        Some(found) => Ok(GetAccessKeyInfoResponse { account: Some(found.principal.account) }),
        // Inferred text.
        None => Err(Error::Validation(format!("Invalid access key ID: {}", req.access_key_id))),
    }
}
