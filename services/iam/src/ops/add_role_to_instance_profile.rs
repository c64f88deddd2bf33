//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddRoleToInstanceProfile.html>

use kernel::Ctx;

use crate::Iam;
use crate::entities;
use crate::error::Error;
use crate::generated::{AddRoleToInstanceProfileRequest, AddRoleToInstanceProfileResponse};
use crate::holder::Holder;

pub(crate) async fn add_role_to_instance_profile(
    cx: &Ctx<Iam>,
    req: AddRoleToInstanceProfileRequest,
) -> Result<AddRoleToInstanceProfileResponse, Error> {
    let mut tx = cx.begin();
    let mut profile = entities::profile(&mut tx, &req.instance_profile_name).await?;
    let mut role = entities::role(&mut tx, &req.role_name).await?;
    role.check_modifiable()?;
    if profile.role.is_some() {
        return Err(Error::quota("InstanceSessionsPerInstanceProfile", 1));
    }
    profile.role = Some(role.name.clone());
    role.profiles.push(profile.name.to_lowercase());
    tx.put(&profile)?;
    tx.put(&role)?;
    tx.commit().await?;
    Ok(AddRoleToInstanceProfileResponse {})
}
