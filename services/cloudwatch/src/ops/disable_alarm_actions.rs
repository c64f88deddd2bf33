//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DisableAlarmActions.html>
//!
//! Names of alarms that are not there are passed over; AWS documents no error for them.

use kernel::Ctx;

use crate::CloudWatch;
use crate::error::Error;
use crate::generated::{DisableAlarmActionsInput, DisableAlarmActionsResponse};
use crate::watch::set_actions;

pub(crate) async fn disable_alarm_actions(
    cx: &Ctx<CloudWatch>,
    req: DisableAlarmActionsInput,
) -> Result<DisableAlarmActionsResponse, Error> {
    set_actions(cx, &req.alarm_names, |alarm| alarm.actions_enabled = false).await?;
    Ok(DisableAlarmActionsResponse {})
}
