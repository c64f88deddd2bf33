//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_RemoveRoleFromInstanceProfile.html>

use kernel::Ctx;

use crate::Iam;
use crate::entities;
use crate::error::Error;
use crate::generated::{RemoveRoleFromInstanceProfileRequest, RemoveRoleFromInstanceProfileResponse};
use crate::holder::Holder;

pub(crate) async fn remove_role_from_instance_profile(
    cx: &Ctx<Iam>,
    req: RemoveRoleFromInstanceProfileRequest,
) -> Result<RemoveRoleFromInstanceProfileResponse, Error> {
    let mut tx = cx.begin();
    let mut profile = entities::profile(&mut tx, &req.instance_profile_name).await?;
    let mut role = entities::role(&mut tx, &req.role_name).await?;
    role.check_modifiable()?;
    if profile.role.as_deref() != Some(role.name.as_str()) {
        let text = format!("Role {} in Instance Profile {} cannot be found.", role.name, profile.name);
        return Err(Error::NoSuchEntity(text));
    }
    profile.role = None;
    role.profiles.retain(|name| *name != profile.name.to_lowercase());
    tx.put(&profile)?;
    tx.put(&role)?;
    tx.commit().await?;
    Ok(RemoveRoleFromInstanceProfileResponse {})
}
