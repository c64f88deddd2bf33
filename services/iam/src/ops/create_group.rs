//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateGroup.html>

use kernel::Ctx;

use crate::Iam;
use crate::credentials::entity_id;
use crate::entities::{self, path_or_root};
use crate::error::Error;
use crate::generated::{CreateGroupRequest, CreateGroupResponse};
use crate::holder::check_free;
use crate::shapes;

pub(crate) async fn create_group(
    cx: &Ctx<Iam>,
    req: CreateGroupRequest,
) -> Result<CreateGroupResponse, Error> {
    let mut tx = cx.begin();
    check_free::<entities::Group>(&mut tx, &req.group_name).await?;
    let group = entities::Group {
        id: entity_id(&cx.host, "AGPA"),
        path: path_or_root(req.path),
        name: req.group_name,
        created_ms: cx.now_ms(),
        ..entities::Group::default()
    };
    tx.put(&group)?;
    tx.commit().await?;
    Ok(CreateGroupResponse { group: shapes::group(cx.account(), &group) })
}
