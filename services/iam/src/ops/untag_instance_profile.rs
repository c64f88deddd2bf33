//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagInstanceProfile.html>

use kernel::Ctx;

use crate::Iam;
use crate::entities;
use crate::error::Error;
use crate::generated::{UntagInstanceProfileRequest, UntagInstanceProfileResponse};
use crate::tags::{self, Keys};

pub(crate) async fn untag_instance_profile(
    cx: &Ctx<Iam>,
    req: UntagInstanceProfileRequest,
) -> Result<UntagInstanceProfileResponse, Error> {
    let mut tx = cx.begin();
    let mut profile = entities::profile(&mut tx, &req.instance_profile_name).await?;
    tags::remove(&mut profile.tags, &req.tag_keys, Keys::Exact);
    tx.put(&profile)?;
    tx.commit().await?;
    Ok(UntagInstanceProfileResponse {})
}
