//! https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
//!
//! Adds a statement to the policy of a function, a version or an alias.

use kernel::Ctx;

use crate::Lambda;
use crate::access;
use crate::error::{Error, invalid};
use crate::functions::{self, Part};
use crate::generated::{AddPermissionRequest, AddPermissionResponse};
use crate::place::{LATEST, locate};

pub(crate) async fn add_permission(
    cx: &Ctx<Lambda>,
    req: AddPermissionRequest,
) -> Result<AddPermissionResponse, Error> {
    let place = locate(cx, "AddPermission", &req.function_name, req.qualifier.as_deref()).await?;
    if place.qualifier.as_deref() == Some(LATEST) {
        return Err(invalid("We currently do not support adding policies for $LATEST."));
    }
    let mut tx = place.begin(&cx.host);
    let mut part = Part::get(&mut tx, &place).await?;
    functions::check_revision(req.revision_id.as_deref(), part.revision_id())?;
    let statement = access::statement(&place.to_string(), &req)?;
    let shown = statement.to_string();
    access::add(part.policy_mut(), statement)?;
    part.touch(cx.uuid());
    part.put(&mut tx)?;
    tx.commit().await?;
    Ok(AddPermissionResponse { statement: Some(shown) })
}
