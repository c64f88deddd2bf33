//! <https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateAccount.html>
//! Changes the settings of the account in this region.

use crate::Cx;
use crate::error::Error;
use crate::generated::{Account, UpdateAccountRequest};
use crate::patch::Patch;
use crate::tables;
use crate::violations::Violations;

pub(crate) async fn update_account(cx: &Cx, req: UpdateAccountRequest) -> Result<Account, Error> {
    Violations::default().operations("updateAccountInput", req.patch_operations.as_ref()).done()?;
    let mut tx = cx.begin();
    let mut account = tables::account(&mut tx).await?;
    account.apply(&Patch::parse(req.patch_operations))?;
    tx.put(&account)?;
    tx.commit().await?;
    Ok(account.shown(cx.host.rooms().data_plane.account_throttle()))
}
