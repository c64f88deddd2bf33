//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogStream.html>

use kernel::Ctx;

use crate::Logs;
use crate::error::Error;
use crate::generated::{DeleteLogStreamRequest, DeleteLogStreamResponse};
use crate::names;
use crate::tables::{Change, Stream, garbage_key, load, stream_key};
use crate::tasks::SWEEP;

pub(crate) async fn delete_log_stream(
    cx: &Ctx<Logs>,
    req: DeleteLogStreamRequest,
) -> Result<DeleteLogStreamResponse, Error> {
    names::settle(cx).await?;
    let store = &cx.host.telemetry;
    let snapshot = store.snapshot();
    names::group(cx, &*snapshot, &req.log_group_name).await?;
    let key = stream_key(&cx.call.scope, &req.log_group_name, &req.log_stream_name);
    let Some((stream, version)) = load::<Stream>(&*snapshot, &key).await? else {
        return Err(Error::StreamNotFound);
    };
    let mut change = Change::default();
    change.rely(key.clone(), Some(version));
    change.delete(key);
    change.put(garbage_key(&stream.uid), &cx.now_ms())?;
    change.commit(store).await?;
    cx.host.signals.wake(SWEEP);
    Ok(DeleteLogStreamResponse {})
}
