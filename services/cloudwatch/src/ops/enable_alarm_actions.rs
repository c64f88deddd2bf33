//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_EnableAlarmActions.html>
//!
//! Names of alarms that are not there are passed over; AWS documents no error for them.

use kernel::Ctx;

use crate::CloudWatch;
use crate::error::Error;
use crate::generated::{EnableAlarmActionsInput, EnableAlarmActionsResponse};
use crate::watch::set_actions;

pub(crate) async fn enable_alarm_actions(
    cx: &Ctx<CloudWatch>,
    req: EnableAlarmActionsInput,
) -> Result<EnableAlarmActionsResponse, Error> {
    set_actions(cx, &req.alarm_names, |alarm| alarm.actions_enabled = true).await?;
    Ok(EnableAlarmActionsResponse {})
}
