//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUser.html>
//!
//! Known difference: root's `CreateDate` is not known and given as the beginning of time; its name is empty.

use kernel::Ctx;
use kernel::identity::PrincipalKind;
use wire::Timestamp;

use crate::Iam;
use crate::entities;
use crate::error::Error;
use crate::generated::{GetUserRequest, GetUserResponse, User};
use crate::resources::own_name;
use crate::shapes::{self, View};

pub(crate) async fn get_user(cx: &Ctx<Iam>, req: GetUserRequest) -> Result<GetUserResponse, Error> {
    let name = match (&req.user_name, &cx.call.principal.kind) {
        (Some(name), _) => name.as_str(),
        (None, PrincipalKind::Root) => return Ok(GetUserResponse { user: root(cx) }),
        (None, _) => own_name(cx)?,
    };
    let user = entities::user(&mut cx.begin(), name).await?;
    Ok(GetUserResponse { user: shapes::user(cx.account(), &user, View::Whole) })
}

fn root(cx: &Ctx<Iam>) -> User {
    User {
        path: "/".to_owned(),
        user_name: String::new(),
        user_id: cx.account().to_owned(),
        arn: format!("arn:aws:iam::{}:root", cx.account()),
        create_date: Timestamp(0),
        ..User::default()
    }
}
