//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetInstanceProfile.html>

use kernel::Ctx;

use crate::Iam;
use crate::entities;
use crate::error::Error;
use crate::generated::{GetInstanceProfileRequest, GetInstanceProfileResponse};
use crate::resources::with_role;
use crate::shapes::View;

pub(crate) async fn get_instance_profile(
    cx: &Ctx<Iam>,
    req: GetInstanceProfileRequest,
) -> Result<GetInstanceProfileResponse, Error> {
    let mut tx = cx.begin();
    let profile = entities::profile(&mut tx, &req.instance_profile_name).await?;
    let instance_profile = with_role(&tx, cx.account(), &profile, View::Whole).await?;
    Ok(GetInstanceProfileResponse { instance_profile })
}
