//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html>
//!
//! Known difference: the KMS key is not looked up.

use kernel::Ctx;

use crate::Logs;
use crate::error::Error;
use crate::generated::{CreateLogGroupRequest, CreateLogGroupResponse};
use crate::tables::{Change, Group, group_key, load};

/// How long events of a `DELIVERY` group are kept, in days (AWS: CreateLogGroup, logGroupClass).
const DELIVERY_DAYS: i64 = 2;

pub(crate) async fn create_log_group(
    cx: &Ctx<Logs>,
    req: CreateLogGroupRequest,
) -> Result<CreateLogGroupResponse, Error> {
    crate::names::settle(cx).await?;
    let store = &cx.host.telemetry;
    let key = group_key(&cx.call.scope, &req.log_group_name);
    if load::<Group>(&*store.snapshot(), &key).await?.is_some() {
        return Err(Error::GroupExists);
    }
    let mut group = Group::new(&req.log_group_name, cx.now_ms());
    group.kms_key = req.kms_key_id;
    group.tags = req.tags.unwrap_or_default();
    group.is_protected = req.deletion_protection_enabled.unwrap_or_default();
    group.class = req.log_group_class.unwrap_or(group.class);
    group.retention_days = (group.class == "DELIVERY").then_some(DELIVERY_DAYS);
    let mut change = Change::default();
    change.rely(key.clone(), None);
    change.put(key, &group)?;
    change.commit(store).await?;
    Ok(CreateLogGroupResponse {})
}
