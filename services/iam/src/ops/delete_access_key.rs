//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteAccessKey.html>

use kernel::{Ctx, Key};

use crate::Iam;
use crate::error::Error;
use crate::generated::{DeleteAccessKeyRequest, DeleteAccessKeyResponse};
use crate::resources::{no_key, own_name};
use crate::{credentials, entities};

pub(crate) async fn delete_access_key(
    cx: &Ctx<Iam>,
    req: DeleteAccessKeyRequest,
) -> Result<DeleteAccessKeyResponse, Error> {
    let name = match &req.user_name {
        Some(name) => name.as_str(),
        None => own_name(cx)?,
    };
    let mut tx = cx.begin();
    let mut user = entities::user(&mut tx, name).await?;
    let Some(at) = user.access_keys.iter().position(|key| key.id == req.access_key_id) else {
        return Err(no_key(&req.access_key_id));
    };
    user.access_keys.remove(at);
    tx.put(&user)?;
    tx.enter(credentials::space());
    tx.delete::<credentials::AccessKey>(&Key::new().text(&req.access_key_id));
    tx.commit().await?;
    Ok(DeleteAccessKeyResponse {})
}
