//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagInstanceProfile.html>

use kernel::Ctx;

use crate::Iam;
use crate::entities;
use crate::error::Error;
use crate::generated::{TagInstanceProfileRequest, TagInstanceProfileResponse};
use crate::tags::{self, Keys};

pub(crate) async fn tag_instance_profile(
    cx: &Ctx<Iam>,
    req: TagInstanceProfileRequest,
) -> Result<TagInstanceProfileResponse, Error> {
    let mut tx = cx.begin();
    let mut profile = entities::profile(&mut tx, &req.instance_profile_name).await?;
    tags::add(&mut profile.tags, Some(req.tags), Keys::Exact)?;
    tx.put(&profile)?;
    tx.commit().await?;
    Ok(TagInstanceProfileResponse {})
}
