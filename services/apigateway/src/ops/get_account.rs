//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetAccount.html>
//! Shows the settings of the account in this region.

use crate::Cx;
use crate::error::Error;
use crate::generated::{Account, GetAccountRequest};
use crate::tables;

pub(crate) async fn get_account(cx: &Cx, _req: GetAccountRequest) -> Result<Account, Error> {
    Ok(tables::account(&mut cx.begin()).await?.shown(cx.host.rooms().data_plane.account_throttle()))
}
