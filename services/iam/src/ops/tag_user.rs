//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagUser.html>

use kernel::Ctx;

use crate::Iam;
use crate::entities;
use crate::error::Error;
use crate::generated::{TagUserRequest, TagUserResponse};
use crate::holder::Holder;
use crate::tags::{self, Keys};

pub(crate) async fn tag_user(cx: &Ctx<Iam>, req: TagUserRequest) -> Result<TagUserResponse, Error> {
    let mut tx = cx.begin();
    let mut user = entities::user(&mut tx, &req.user_name).await?;
    user.check_modifiable()?;
    tags::add(&mut user.tags, Some(req.tags), Keys::IgnoreCase)?;
    tx.put(&user)?;
    tx.commit().await?;
    Ok(TagUserResponse {})
}
