//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DeleteAlarms.html>
//!
//! All of them, or none if one is not there.

use kernel::Ctx;
use serde_json::json;

use crate::CloudWatch;
use crate::alarm::{Alarm, Happened, alarm_key, begin};
use crate::error::Error;
use crate::generated::{DeleteAlarmsInput, DeleteAlarmsResponse};

pub(crate) async fn delete_alarms(
    cx: &Ctx<CloudWatch>,
    req: DeleteAlarmsInput,
) -> Result<DeleteAlarmsResponse, Error> {
    let mut tx = begin(&cx.host);
    let mut missing = Vec::new();
    for name in req.alarm_names {
        let key = alarm_key(&cx.call.scope, &name);
        let Some(alarm) = tx.get::<Alarm>(&key).await? else {
            missing.push(name);
            continue;
        };
        let data = json!({ "version": "1.0", "type": "Delete", "alarmName": name, "alarmArn": alarm.arn() });
        let summary = format!("Alarm \"{name}\" deleted");
        tx.put(&Happened::new(&cx.host, &alarm, "ConfigurationUpdate", summary, &data))?;
        tx.delete::<Alarm>(&key);
    }
    if !missing.is_empty() {
        return Err(Error::NotFound(format!("Cannot find alarms: [{}]", missing.join(", "))));
    }
    tx.commit().await?;
    Ok(DeleteAlarmsResponse {})
}
