//! https://docs.aws.amazon.com/lambda/latest/api/API_RemovePermission.html
//!
//! Removes a statement from the policy of a function, a version or an alias.

use kernel::Ctx;

use crate::Lambda;
use crate::error::Error;
use crate::functions::{self, Part};
use crate::generated::{RemovePermissionRequest, RemovePermissionResponse};
use crate::place::locate;

pub(crate) async fn remove_permission(
    cx: &Ctx<Lambda>,
    req: RemovePermissionRequest,
) -> Result<RemovePermissionResponse, Error> {
    let place = locate(cx, "RemovePermission", &req.function_name, req.qualifier.as_deref()).await?;
    let mut tx = place.begin(&cx.host);
    let mut part = match Part::get(&mut tx, &place).await {
        Err(Error::FunctionNotFound(_)) if place.qualifier.is_none() => {
            return Err(Error::NoPolicyFound(place.arn()));
        }
        other => other?,
    };
    let policy = part.policy_mut();
    if policy.is_empty() {
        return Err(Error::NoPolicy);
    }
    let before = policy.len();
    policy.retain(|statement| statement["Sid"] != *req.statement_id);
    if policy.len() == before {
        return Err(Error::StatementNotFound(req.statement_id));
    }
    functions::check_revision(req.revision_id.as_deref(), part.revision_id())?;
    part.touch(cx.uuid());
    part.put(&mut tx)?;
    tx.commit().await?;
    Ok(RemovePermissionResponse::default())
}
