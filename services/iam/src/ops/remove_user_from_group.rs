//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_RemoveUserFromGroup.html>
//!
//! A user who is not in the group is no error, as recorded on AWS.

use kernel::{Ctx, Record};

use crate::Iam;
use crate::entities::{self, Member};
use crate::error::Error;
use crate::generated::{RemoveUserFromGroupRequest, RemoveUserFromGroupResponse};

pub(crate) async fn remove_user_from_group(
    cx: &Ctx<Iam>,
    req: RemoveUserFromGroupRequest,
) -> Result<RemoveUserFromGroupResponse, Error> {
    let mut tx = cx.begin();
    let mut user = entities::user(&mut tx, &req.user_name).await?;
    let mut group = entities::group(&mut tx, &req.group_name).await?;
    let name = group.name.to_lowercase();
    if user.groups.contains(&name) {
        user.groups.retain(|group| *group != name);
        group.members = group.members.saturating_sub(1);
        tx.delete::<Member>(&group.key().then(&user.key()));
        tx.put(&user)?;
        tx.put(&group)?;
        tx.commit().await?;
    }
    Ok(RemoveUserFromGroupResponse {})
}
