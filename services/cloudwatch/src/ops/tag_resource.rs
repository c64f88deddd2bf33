//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_TagResource.html>

use std::collections::BTreeMap;

use kernel::Ctx;

use crate::CloudWatch;
use crate::alarm::{Alarm, Dashboard, alarm_key, begin, dashboard_key};
use crate::error::Error;
use crate::generated::{Tag, TagResourceInput, TagResourceOutput};
use crate::names::Tagged;

/// Most tags of a resource.
const TAGS_MAX: usize = 50;

pub(crate) async fn tag_resource(
    cx: &Ctx<CloudWatch>,
    req: TagResourceInput,
) -> Result<TagResourceOutput, Error> {
    let added = checked(req.tags)?;
    change(cx, &req.resource_arn, |tags| tags.extend(added)).await?;
    Ok(TagResourceOutput {})
}

/// Tags that a resource may have.
pub(crate) fn checked(tags: Vec<Tag>) -> Result<BTreeMap<String, String>, Error> {
    if let Some(tag) = tags.iter().find(|tag| tag.key.to_ascii_lowercase().starts_with("aws:")) {
        let text =
            format!("The value {} for parameter Tags is not valid: keys must not begin with aws:.", tag.key);
        return Err(Error::value(text));
    }
    if tags.len() > TAGS_MAX {
        return Err(Error::value(format!(
            "The collection Tags must not have a size greater than {TAGS_MAX}."
        )));
    }
    Ok(tags.into_iter().map(|tag| (tag.key, tag.value)).collect())
}

/// Changes the tags of a resource, and gives them.
pub(crate) async fn change(
    cx: &Ctx<CloudWatch>,
    arn: &str,
    change: impl FnOnce(&mut BTreeMap<String, String>),
) -> Result<BTreeMap<String, String>, Error> {
    let mut tx = begin(&cx.host);
    let missing = || Error::NoResource { kind: "cloudwatch", id: arn.to_owned() };
    let tags = match Tagged::parse(&cx.call.scope, arn)? {
        Tagged::Alarm(name) => {
            let key = alarm_key(&cx.call.scope, &name);
            let mut alarm = tx.get::<Alarm>(&key).await?.ok_or_else(missing)?;
            let before = alarm.tags.clone();
            change(&mut alarm.tags);
            if alarm.tags != before {
                tx.put(&alarm)?;
            }
            alarm.tags
        }
        Tagged::Dashboard(name) => {
            let key = dashboard_key(cx.account(), &name);
            let mut dashboard = tx.get::<Dashboard>(&key).await?.ok_or_else(missing)?;
            let before = dashboard.tags.clone();
            change(&mut dashboard.tags);
            if dashboard.tags != before {
                tx.put(&dashboard)?;
            }
            dashboard.tags
        }
    };
    if tags.len() > TAGS_MAX {
        return Err(Error::value(format!("The resource must not have more than {TAGS_MAX} tags.")));
    }
    tx.commit().await?;
    Ok(tags)
}
