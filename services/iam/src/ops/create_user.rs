//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html>

use kernel::Ctx;

use crate::Iam;
use crate::credentials::entity_id;
use crate::entities::{self, path_or_root};
use crate::error::Error;
use crate::generated::{CreateUserRequest, CreateUserResponse, User};
use crate::holder::{check_free, set_boundary};
use crate::shapes::{self, View};
use crate::tags::{self, Keys};

pub(crate) async fn create_user(cx: &Ctx<Iam>, req: CreateUserRequest) -> Result<CreateUserResponse, Error> {
    let mut tx = cx.begin();
    check_free::<entities::User>(&mut tx, &req.user_name).await?;
    let mut user = entities::User {
        id: entity_id(&cx.host, "AIDA"),
        path: path_or_root(req.path),
        name: req.user_name,
        created_ms: cx.now_ms(),
        ..entities::User::default()
    };
    tags::add(&mut user.tags, req.tags.clone(), Keys::IgnoreCase)?;
    set_boundary(&mut tx, cx.account(), &mut user, req.permissions_boundary).await?;
    tx.put(&user)?;
    tx.commit().await?;
    // Tags are answered in the order in which they were sent.
    let tags = req.tags.filter(|tags| !tags.is_empty());
    let user = User { tags, ..shapes::user(cx.account(), &user, View::Created) };
    Ok(CreateUserResponse { user: Some(user) })
}
