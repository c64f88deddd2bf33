//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccessKey.html>

use kernel::{Ctx, Key};

use crate::Iam;
use crate::error::Error;
use crate::generated::{UpdateAccessKeyRequest, UpdateAccessKeyResponse};
use crate::resources::{no_key, own_name};
use crate::{credentials, entities};

pub(crate) async fn update_access_key(
    cx: &Ctx<Iam>,
    req: UpdateAccessKeyRequest,
) -> Result<UpdateAccessKeyResponse, Error> {
    let name = match &req.user_name {
        Some(name) => name.as_str(),
        None => own_name(cx)?,
    };
    let mut tx = cx.begin();
    let mut user = entities::user(&mut tx, name).await?;
    let Some(meta) = user.access_keys.iter_mut().find(|key| key.id == req.access_key_id) else {
        return Err(no_key(&req.access_key_id));
    };
    meta.is_active = req.status == "Active";
    let is_active = meta.is_active;
    tx.put(&user)?;
    tx.enter(credentials::space());
    let found = tx.get::<credentials::AccessKey>(&Key::new().text(&req.access_key_id)).await?;
    let mut key = found.ok_or_else(|| no_key(&req.access_key_id))?;
    key.is_active = is_active;
    tx.put(&key)?;
    tx.commit().await?;
    Ok(UpdateAccessKeyResponse {})
}
