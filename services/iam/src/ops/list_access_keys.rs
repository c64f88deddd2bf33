//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccessKeys.html>

use kernel::Ctx;
use wire::Timestamp;

use crate::Iam;
use crate::entities;
use crate::error::Error;
use crate::generated::{AccessKeyMetadata, ListAccessKeysRequest, ListAccessKeysResponse};
use crate::page::page;
use crate::resources::own_name;

pub(crate) async fn list_access_keys(
    cx: &Ctx<Iam>,
    req: ListAccessKeysRequest,
) -> Result<ListAccessKeysResponse, Error> {
    let name = match &req.user_name {
        Some(name) => name.as_str(),
        None => own_name(cx)?,
    };
    let user = entities::user(&mut cx.begin(), name).await?;
    let mut keys = user.access_keys;
    keys.sort_by(|a, b| a.id.cmp(&b.id));
    let page = page(keys, req.marker.as_deref(), req.max_items, |key| key.id.clone())?;
    let keys = page.items.into_iter().map(|key| AccessKeyMetadata {
        user_name: Some(user.name.clone()),
        access_key_id: Some(key.id),
        status: Some(if key.is_active { "Active" } else { "Inactive" }.to_owned()),
        create_date: Some(Timestamp(key.created_ms)),
    });
    Ok(ListAccessKeysResponse {
        access_key_metadata: keys.collect(),
        is_truncated: page.is_truncated,
        marker: page.marker,
    })
}
