//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html>

use kernel::Ctx;

use crate::Logs;
use crate::error::Error;
use crate::generated::{PutRetentionPolicyRequest, PutRetentionPolicyResponse};
use crate::names::change_group;
use crate::tasks::SWEEP;

/// The periods that AWS offers, in days.
const DAYS: &[i64] = &[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

pub(crate) async fn put_retention_policy(
    cx: &Ctx<Logs>,
    req: PutRetentionPolicyRequest,
) -> Result<PutRetentionPolicyResponse, Error> {
    let days = req.retention_in_days;
    if !DAYS.contains(&days) {
        let text = format!(
            "1 validation error detected: Value '{days}' at 'retentionInDays' failed to satisfy constraint: \
             Member must satisfy enum value set: {DAYS:?}"
        );
        return Err(Error::invalid(text));
    }
    change_group(cx, &req.log_group_name, |group| {
        group.retention_days = Some(days);
        Ok(())
    })
    .await?;
    cx.host.signals.wake(SWEEP);
    Ok(PutRetentionPolicyResponse {})
}
