//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccessKey.html>

use kernel::Ctx;
use wire::Timestamp;

use crate::Iam;
use crate::credentials;
use crate::entities::{self, KeyMeta};
use crate::error::Error;
use crate::generated::{AccessKey, CreateAccessKeyRequest, CreateAccessKeyResponse};
use crate::resources::own_name;

/// Access keys of one user (AWS: IAM and AWS STS quotas).
const KEYS_MAX: usize = 2;

pub(crate) async fn create_access_key(
    cx: &Ctx<Iam>,
    req: CreateAccessKeyRequest,
) -> Result<CreateAccessKeyResponse, Error> {
    let name = match &req.user_name {
        Some(name) => name.as_str(),
        None => own_name(cx)?,
    };
    let mut tx = cx.begin();
    let mut user = entities::user(&mut tx, name).await?;
    if user.access_keys.len() >= KEYS_MAX {
        return Err(Error::quota("AccessKeysPerUser", KEYS_MAX));
    }
    let key = credentials::AccessKey {
        id: credentials::key_id(&cx.host, "AKIA"),
        secret: credentials::secret(&cx.host),
        account: cx.account().to_owned(),
        user: Some(user.name.clone()),
        is_active: true,
        created_ms: cx.now_ms(),
    };
    user.access_keys.push(KeyMeta { id: key.id.clone(), is_active: true, created_ms: key.created_ms });
    tx.put(&user)?;
    tx.enter(credentials::space());
    tx.put(&key)?;
    tx.commit().await?;
    let access_key = AccessKey {
        user_name: user.name,
        access_key_id: key.id,
        status: "Active".to_owned(),
        secret_access_key: key.secret,
        create_date: Some(Timestamp(key.created_ms)),
    };
    Ok(CreateAccessKeyResponse { access_key })
}
