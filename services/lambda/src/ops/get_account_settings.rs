//! https://docs.aws.amazon.com/lambda/latest/api/API_GetAccountSettings.html
//!
//! The account's limits in this region, and what it uses of them.

use kernel::Ctx;

use crate::Lambda;
use crate::code::{UNZIPPED_BYTES_MAX, ZIP_BYTES_MAX};
use crate::error::Error;
use crate::functions;
use crate::generated::{AccountLimit, AccountUsage, GetAccountSettingsRequest, GetAccountSettingsResponse};

/// What AWS allows for all code of an account, bytes (AWS: Lambda quotas, 75 GB).
const CODE_BYTES_MAX: i64 = 80_530_636_800;

pub(crate) async fn get_account_settings(
    cx: &Ctx<Lambda>,
    _: GetAccountSettingsRequest,
) -> Result<GetAccountSettingsResponse, Error> {
    let account = functions::account(&cx.begin()).await?;
    let limit = i64::from(cx.host.rooms().compute.concurrency(cx.account(), cx.region()).1);
    Ok(GetAccountSettingsResponse {
        account_limit: Some(AccountLimit {
            total_code_size: Some(CODE_BYTES_MAX),
            code_size_unzipped: i64::try_from(UNZIPPED_BYTES_MAX).ok(),
            code_size_zipped: i64::try_from(ZIP_BYTES_MAX).ok(),
            concurrent_executions: Some(limit),
            unreserved_concurrent_executions: Some(limit - account.reserved),
        }),
        account_usage: Some(AccountUsage {
            total_code_size: Some(account.code_bytes),
            function_count: Some(account.functions),
        }),
    })
}
