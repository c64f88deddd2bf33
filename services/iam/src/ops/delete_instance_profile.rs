//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteInstanceProfile.html>

use kernel::{Ctx, Record};

use crate::Iam;
use crate::entities;
use crate::error::Error;
use crate::generated::{DeleteInstanceProfileRequest, DeleteInstanceProfileResponse};

pub(crate) async fn delete_instance_profile(
    cx: &Ctx<Iam>,
    req: DeleteInstanceProfileRequest,
) -> Result<DeleteInstanceProfileResponse, Error> {
    let mut tx = cx.begin();
    let profile = entities::profile(&mut tx, &req.instance_profile_name).await?;
    if profile.role.is_some() {
        return Err(Error::DeleteConflict("entity, must remove roles from instance profile first."));
    }
    tx.delete::<entities::InstanceProfile>(&profile.key());
    tx.commit().await?;
    Ok(DeleteInstanceProfileResponse {})
}
