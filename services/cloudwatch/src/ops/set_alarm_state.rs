//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_SetAlarmState.html>
//!
//! The state stays until the next period is complete; then the alarm goes back to what its metric says.

use kernel::Ctx;

use crate::CloudWatch;
use crate::alarm::{Alarm, State, alarm_key, begin};
use crate::error::Error;
use crate::generated::{SetAlarmStateInput, SetAlarmStateResponse};
use crate::judge::Verdict;
use crate::tasks::ALARMS;
use crate::watch::{grain_ms, slot, transition};

pub(crate) async fn set_alarm_state(
    cx: &Ctx<CloudWatch>,
    req: SetAlarmStateInput,
) -> Result<SetAlarmStateResponse, Error> {
    let data = req.state_reason_data.unwrap_or_default();
    if !data.is_empty()
        && let Err(problem) = serde_json::from_str::<serde_json::Value>(&data)
    {
        return Err(Error::Format(format!("TEXT state data is not valid JSON: {problem}")));
    }
    let mut tx = begin(&cx.host);
    let key = alarm_key(&cx.call.scope, &req.alarm_name);
    // AWS sends no text.
    let mut alarm = tx.get::<Alarm>(&key).await?.ok_or_else(|| Error::NotFound(String::new()))?;
    let now_ms = cx.now_ms();
    alarm.held_until_ms = slot(&alarm, now_ms) + grain_ms(&alarm);
    let verdict = Verdict { state: State::of(&req.state_value), reason: req.state_reason, data };
    transition(&cx.host, &mut tx, &mut alarm, verdict)?;
    tx.commit().await?;
    cx.host.signals.wake(ALARMS);
    Ok(SetAlarmStateResponse {})
}
