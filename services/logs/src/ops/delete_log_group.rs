//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogGroup.html>
//!
//! The group and its streams are gone when this answers; a task clears their events away.

use kernel::Ctx;
use kernel::store::Range;

use crate::Logs;
use crate::error::Error;
use crate::generated::{DeleteLogGroupRequest, DeleteLogGroupResponse};
use crate::tables::{Change, Group, Stream, garbage_key, group_key, list, load, streams_of};
use crate::tasks::SWEEP;

pub(crate) async fn delete_log_group(
    cx: &Ctx<Logs>,
    req: DeleteLogGroupRequest,
) -> Result<DeleteLogGroupResponse, Error> {
    crate::names::settle(cx).await?;
    let (store, scope) = (&cx.host.telemetry, &cx.call.scope);
    let snapshot = store.snapshot();
    let key = group_key(scope, &req.log_group_name);
    let Some((group, version)) = load::<Group>(&*snapshot, &key).await? else {
        return Err(Error::GroupNotFound);
    };
    if group.is_protected {
        // Inferred: AWS documents the refusal, but not its text.
        let text =
            "The log group has deletion protection enabled. Disable deletion protection before deleting it.";
        return Err(Error::Validation(text.to_owned()));
    }
    let mut change = Change::default();
    change.rely(key.clone(), Some(version));
    change.delete(key);
    let streams = Range::prefix(&streams_of(scope, &req.log_group_name), usize::MAX);
    for (key, stream) in list::<Stream>(&*snapshot, streams).await? {
        change.delete(key);
        change.put(garbage_key(&stream.uid), &cx.now_ms())?;
    }
    change.commit(store).await?;
    cx.host.signals.wake(SWEEP);
    Ok(DeleteLogGroupResponse {})
}
