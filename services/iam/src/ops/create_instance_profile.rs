//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateInstanceProfile.html>

use kernel::Ctx;

use crate::Iam;
use crate::credentials::entity_id;
use crate::entities::{InstanceProfile, name_key, path_or_root};
use crate::error::Error;
use crate::generated::{CreateInstanceProfileRequest, CreateInstanceProfileResponse};
use crate::shapes::{self, View};
use crate::tags::{self, Keys};

pub(crate) async fn create_instance_profile(
    cx: &Ctx<Iam>,
    req: CreateInstanceProfileRequest,
) -> Result<CreateInstanceProfileResponse, Error> {
    let mut tx = cx.begin();
    if tx.get::<InstanceProfile>(&name_key(&req.instance_profile_name)).await?.is_some() {
        let text = format!("Instance Profile {} already exists.", req.instance_profile_name);
        return Err(Error::EntityAlreadyExists(text));
    }
    let mut profile = InstanceProfile {
        id: entity_id(&cx.host, "AIPA"),
        path: path_or_root(req.path),
        name: req.instance_profile_name,
        created_ms: cx.now_ms(),
        ..InstanceProfile::default()
    };
    tags::add(&mut profile.tags, req.tags, Keys::Exact)?;
    tx.put(&profile)?;
    tx.commit().await?;
    let instance_profile = shapes::profile(cx.account(), &profile, None, View::Created);
    Ok(CreateInstanceProfileResponse { instance_profile })
}
