//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddUserToGroup.html>

use kernel::Ctx;

use crate::Iam;
use crate::entities::{self, Member};
use crate::error::Error;
use crate::generated::{AddUserToGroupRequest, AddUserToGroupResponse};

/// Groups of one user (AWS: IAM and AWS STS quotas).
const GROUPS_MAX: usize = 10;

pub(crate) async fn add_user_to_group(
    cx: &Ctx<Iam>,
    req: AddUserToGroupRequest,
) -> Result<AddUserToGroupResponse, Error> {
    let mut tx = cx.begin();
    let mut user = entities::user(&mut tx, &req.user_name).await?;
    let mut group = entities::group(&mut tx, &req.group_name).await?;
    let name = group.name.to_lowercase();
    if user.groups.contains(&name) {
        return Ok(AddUserToGroupResponse {});
    }
    if user.groups.len() >= GROUPS_MAX {
        return Err(Error::quota("GroupsPerUser", GROUPS_MAX));
    }
    user.groups.push(name);
    user.groups.sort();
    group.members += 1;
    tx.put(&Member { group: group.name.clone(), user: user.name.clone() })?;
    tx.put(&user)?;
    tx.put(&group)?;
    tx.commit().await?;
    Ok(AddUserToGroupResponse {})
}
