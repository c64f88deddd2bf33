//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateGroup.html>

use kernel::{Ctx, Record};

use crate::Iam;
use crate::entities::{self, Group, Member, User, name_key};
use crate::error::Error;
use crate::generated::{UpdateGroupRequest, UpdateGroupResponse};
use crate::holder::{check_free, rename_attachments};

pub(crate) async fn update_group(
    cx: &Ctx<Iam>,
    req: UpdateGroupRequest,
) -> Result<UpdateGroupResponse, Error> {
    let mut tx = cx.begin();
    let mut group = entities::group(&mut tx, &req.group_name).await?;
    group.path = req.new_path.unwrap_or(group.path);
    if let Some(new) = req.new_group_name.filter(|new| *new != group.name) {
        if new.to_lowercase() != group.name.to_lowercase() {
            check_free::<Group>(&mut tx, &new).await?;
        }
        let members: Vec<Member> = tx.list(&group.key(), None, usize::MAX).await?;
        for member in members {
            if let Some(mut user) = tx.get::<User>(&name_key(&member.user)).await? {
                user.groups.retain(|name| *name != group.name.to_lowercase());
                user.groups.push(new.to_lowercase());
                user.groups.sort();
                tx.put(&user)?;
            }
            tx.delete::<Member>(&member.key());
            tx.put(&Member { group: new.clone(), user: member.user })?;
        }
        tx.delete::<Group>(&group.key());
        group.name = new;
        rename_attachments(&mut tx, &mut group)?;
    }
    tx.put(&group)?;
    tx.commit().await?;
    Ok(UpdateGroupResponse {})
}
