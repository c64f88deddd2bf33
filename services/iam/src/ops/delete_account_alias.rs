//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteAccountAlias.html>

use kernel::{Ctx, Key};

use crate::Iam;
use crate::entities::Alias;
use crate::error::Error;
use crate::generated::{DeleteAccountAliasRequest, DeleteAccountAliasResponse};

pub(crate) async fn delete_account_alias(
    cx: &Ctx<Iam>,
    req: DeleteAccountAliasRequest,
) -> Result<DeleteAccountAliasResponse, Error> {
    let mut tx = cx.begin();
    let found = tx.get::<Alias>(&Key::new()).await?;
    if found.is_none_or(|found| found.alias != req.account_alias) {
        let text = format!("The account alias {} does not exist.", req.account_alias);
        return Err(Error::NoSuchEntity(text));
    }
    tx.delete::<Alias>(&Key::new());
    tx.commit().await?;
    Ok(DeleteAccountAliasResponse {})
}
