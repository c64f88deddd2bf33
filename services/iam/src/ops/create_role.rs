//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html>

use kernel::Ctx;

use crate::Iam;
use crate::credentials::entity_id;
use crate::documents::check_trust;
use crate::entities::{self, path_or_root};
use crate::error::Error;
use crate::generated::{CreateRoleRequest, CreateRoleResponse, Role};
use crate::holder::{check_free, set_boundary};
use crate::shapes::{self, View};
use crate::tags::{self, Keys};

/// Longest session, if the request does not say, in seconds (AWS: CreateRole).
const SESSION_S: i64 = 3600;

pub(crate) async fn create_role(cx: &Ctx<Iam>, req: CreateRoleRequest) -> Result<CreateRoleResponse, Error> {
    let mut tx = cx.begin();
    check_free::<entities::Role>(&mut tx, &req.role_name).await?;
    check_trust(&req.assume_role_policy_document)?;
    let mut role = entities::Role {
        id: entity_id(&cx.host, "AROA"),
        path: path_or_root(req.path),
        name: req.role_name,
        created_ms: cx.now_ms(),
        trust: req.assume_role_policy_document,
        description: req.description.filter(|text| !text.is_empty()),
        max_session_s: req.max_session_duration.unwrap_or(SESSION_S),
        ..entities::Role::default()
    };
    tags::add(&mut role.tags, req.tags.clone(), Keys::IgnoreCase)?;
    set_boundary(&mut tx, cx.account(), &mut role, req.permissions_boundary).await?;
    tx.put(&role)?;
    tx.commit().await?;
    // Tags are answered in the order in which they were sent.
    let tags = req.tags.filter(|tags| !tags.is_empty());
    Ok(CreateRoleResponse { role: Role { tags, ..shapes::role(cx.account(), &role, View::Created) } })
}
