//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccountAlias.html>

use kernel::{Ctx, Key};

use crate::Iam;
use crate::entities::Alias;
use crate::error::Error;
use crate::generated::{CreateAccountAliasRequest, CreateAccountAliasResponse};

pub(crate) async fn create_account_alias(
    cx: &Ctx<Iam>,
    req: CreateAccountAliasRequest,
) -> Result<CreateAccountAliasResponse, Error> {
    let mut tx = cx.begin();
    // An account has one alias; a new one takes its place (AWS: CreateAccountAlias).
    let _ = tx.get::<Alias>(&Key::new()).await?;
    tx.put(&Alias { alias: req.account_alias })?;
    tx.commit().await?;
    Ok(CreateAccountAliasResponse {})
}
