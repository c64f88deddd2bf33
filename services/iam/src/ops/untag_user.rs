//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagUser.html>

use kernel::Ctx;

use crate::Iam;
use crate::entities;
use crate::error::Error;
use crate::generated::{UntagUserRequest, UntagUserResponse};
use crate::holder::Holder;
use crate::tags::{self, Keys};

pub(crate) async fn untag_user(cx: &Ctx<Iam>, req: UntagUserRequest) -> Result<UntagUserResponse, Error> {
    let mut tx = cx.begin();
    let mut user = entities::user(&mut tx, &req.user_name).await?;
    user.check_modifiable()?;
    tags::remove(&mut user.tags, &req.tag_keys, Keys::IgnoreCase);
    tx.put(&user)?;
    tx.commit().await?;
    Ok(UntagUserResponse {})
}
