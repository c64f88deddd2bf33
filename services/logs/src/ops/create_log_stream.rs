//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html>

use kernel::Ctx;

use crate::Logs;
use crate::error::Error;
use crate::generated::{CreateLogStreamRequest, CreateLogStreamResponse};
use crate::tables::{Change, Group, Stream, group_key, load, stream_key};
use crate::write::new_stream;

pub(crate) async fn create_log_stream(
    cx: &Ctx<Logs>,
    req: CreateLogStreamRequest,
) -> Result<CreateLogStreamResponse, Error> {
    crate::names::settle(cx).await?;
    let (store, scope) = (&cx.host.telemetry, &cx.call.scope);
    let snapshot = store.snapshot();
    let group = group_key(scope, &req.log_group_name);
    let Some((_, version)) = load::<Group>(&*snapshot, &group).await? else {
        return Err(Error::GroupNotFound);
    };
    let key = stream_key(scope, &req.log_group_name, &req.log_stream_name);
    if load::<Stream>(&*snapshot, &key).await?.is_some() {
        return Err(Error::StreamExists);
    }
    let mut change = Change::default();
    change.rely(group, Some(version));
    change.rely(key.clone(), None);
    change.put(key, &new_stream(&cx.host, &req.log_stream_name, cx.now_ms()))?;
    change.commit(store).await?;
    Ok(CreateLogStreamResponse {})
}
