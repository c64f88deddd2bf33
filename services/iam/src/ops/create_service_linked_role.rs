//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceLinkedRole.html>

use kernel::Ctx;
use serde_json::json;

use crate::Iam;
use crate::credentials::entity_id;
use crate::entities::{self, name_key};
use crate::error::Error;
use crate::generated::{CreateServiceLinkedRoleRequest, CreateServiceLinkedRoleResponse};
use crate::linked::name_and_path;
use crate::shapes::{self, View};

pub(crate) async fn create_service_linked_role(
    cx: &Ctx<Iam>,
    req: CreateServiceLinkedRoleRequest,
) -> Result<CreateServiceLinkedRoleResponse, Error> {
    let (name, path) = name_and_path(&req.aws_service_name, req.custom_suffix.as_deref())?;
    let mut tx = cx.begin();
    if tx.get::<entities::Role>(&name_key(&name)).await?.is_some() {
        let text = format!(
            "Service role name {name} has been taken in this account, please try a different suffix."
        );
        return Err(Error::InvalidInput(text));
    }
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": ["sts:AssumeRole"], "Principal": {"Service": [req.aws_service_name]}},
        ],
    });
    let role = entities::Role {
        id: entity_id(&cx.host, "AROA"),
        path,
        name,
        created_ms: cx.now_ms(),
        trust: trust.to_string(),
        description: req.description,
        max_session_s: 3600,
        ..entities::Role::default()
    };
    tx.put(&role)?;
    tx.commit().await?;
    let role = shapes::role(cx.account(), &role, View::Created);
    Ok(CreateServiceLinkedRoleResponse { role: Some(role) })
}
