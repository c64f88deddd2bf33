//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateUser.html>

use kernel::{Ctx, Key, Record};

use crate::Iam;
use crate::credentials::{self, AccessKey};
use crate::entities::{self, Member, User, name_key};
use crate::error::Error;
use crate::generated::{UpdateUserRequest, UpdateUserResponse};
use crate::holder::{check_free, rename_attachments};

pub(crate) async fn update_user(cx: &Ctx<Iam>, req: UpdateUserRequest) -> Result<UpdateUserResponse, Error> {
    let mut tx = cx.begin();
    let mut user = entities::user(&mut tx, &req.user_name).await?;
    user.path = req.new_path.unwrap_or(user.path);
    if let Some(new) = req.new_user_name.filter(|new| *new != user.name) {
        if new.to_lowercase() != user.name.to_lowercase() {
            check_free::<User>(&mut tx, &new).await?;
        }
        tx.delete::<User>(&user.key());
        for group in &user.groups {
            tx.delete::<Member>(&name_key(group).then(&user.key()));
            tx.put(&Member { group: group.clone(), user: new.clone() })?;
        }
        user.name = new;
        rename_attachments(&mut tx, &mut user)?;
    }
    tx.put(&user)?;
    tx.enter(credentials::space());
    for key in &user.access_keys {
        if let Some(mut key) = tx.get::<AccessKey>(&Key::new().text(&key.id)).await? {
            key.user = Some(user.name.clone());
            tx.put(&key)?;
        }
    }
    tx.commit().await?;
    Ok(UpdateUserResponse {})
}
