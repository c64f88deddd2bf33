//! https://docs.aws.amazon.com/lambda/latest/api/API_GetLayerVersionPolicy.html
//!
//! The policy of a version of a layer, as JSON.

use kernel::Ctx;

use crate::Lambda;
use crate::access;
use crate::error::Error;
use crate::generated::{GetLayerVersionPolicyRequest, GetLayerVersionPolicyResponse};
use crate::layers;

pub(crate) async fn get_layer_version_policy(
    cx: &Ctx<Lambda>,
    req: GetLayerVersionPolicyRequest,
) -> Result<GetLayerVersionPolicyResponse, Error> {
    let (place, _) = layers::locate(cx, &req.layer_name)?;
    let number = layers::number(req.version_number)?;
    let version = layers::get_own(cx, &mut place.begin(cx), &place, number).await?;
    if version.policy.is_empty() {
        return Err(Error::NoPolicy);
    }
    Ok(GetLayerVersionPolicyResponse {
        policy: Some(access::document(&version.policy)),
        revision_id: Some(version.policy_revision),
    })
}
