//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html>
//!
//! Groups are sorted by the bytes of their names. With `logGroupNamePattern` fewer members are shown, as AWS documents.

use kernel::Ctx;
use kernel::store::Range;

use crate::Logs;
use crate::error::Error;
use crate::generated::{DescribeLogGroupsRequest, DescribeLogGroupsResponse, LogGroup};
use crate::names;
use crate::tables::{Group, groups_of, list};

/// Groups on a page, if the request does not say.
const PAGE: i64 = 50;

pub(crate) async fn describe_log_groups(
    cx: &Ctx<Logs>,
    req: DescribeLogGroupsRequest,
) -> Result<DescribeLogGroupsResponse, Error> {
    let scope = &cx.call.scope;
    if req.log_group_name_prefix.is_some() && req.log_group_name_pattern.is_some() {
        let text = "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.";
        return Err(Error::invalid(text));
    }
    names::settle(cx).await?;
    let after = req.next_token.as_deref().map(names::after_token).transpose()?;
    let wanted = match &req.log_group_identifiers {
        Some(identifiers) => {
            let names = identifiers.iter().map(|id| names::group_name(scope, None, Some(id.clone())));
            Some(names.collect::<Result<Vec<_>, _>>()?)
        }
        None => None,
    };
    let classes: Option<&[&str]> = match req.log_group_class.as_deref() {
        Some("INFREQUENT_ACCESS" | "ESSENTIALS") => Some(&["INFREQUENT_ACCESS", "ESSENTIALS"]),
        Some("DELIVERY") => Some(&["DELIVERY"]),
        Some(_) => Some(&["STANDARD"]),
        None => None,
    };
    let is_wanted = |group: &Group| {
        req.log_group_name_prefix.as_ref().is_none_or(|prefix| group.name.starts_with(prefix))
            && req.log_group_name_pattern.as_ref().is_none_or(|part| group.name.contains(part))
            && wanted.as_ref().is_none_or(|names| names.contains(&group.name))
            && classes.is_none_or(|classes| classes.contains(&group.class.as_str()))
            && after.as_ref().is_none_or(|after| group.name > *after)
    };
    let all =
        list::<Group>(&*cx.host.telemetry.snapshot(), Range::prefix(&groups_of(scope), usize::MAX)).await?;
    let limit = usize::try_from(req.limit.unwrap_or(PAGE)).unwrap_or(1);
    let mut groups: Vec<Group> =
        all.into_iter().map(|(_, group)| group).filter(is_wanted).take(limit + 1).collect();
    let has_more = groups.len() > limit;
    groups.truncate(limit);
    let next_token = groups.last().filter(|_| has_more).map(|last| names::token_after(&last.name));
    let is_short = req.log_group_name_pattern.is_some();
    let log_groups = groups.into_iter().map(|group| describe(cx, group, is_short)).collect();
    Ok(DescribeLogGroupsResponse { log_groups: Some(log_groups), next_token })
}

fn describe(cx: &Ctx<Logs>, group: Group, is_short: bool) -> LogGroup {
    let arn = group.arn(&cx.call.scope);
    let whole = (!is_short).then(|| cx.service.sizes.of(&cx.call.scope, &group.name));
    LogGroup {
        log_group_name: Some(group.name),
        creation_time: Some(group.created_ms),
        retention_in_days: group.retention_days,
        metric_filter_count: Some(0),
        arn: Some(format!("{arn}:*")),
        stored_bytes: whole,
        kms_key_id: group.kms_key,
        log_group_class: Some(group.class),
        log_group_arn: Some(arn),
        deletion_protection_enabled: whole.map(|_| group.is_protected),
        ..LogGroup::default()
    }
}
