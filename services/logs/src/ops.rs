//! The table of operations: one row each, alphabetical.

mod create_log_group;
mod create_log_stream;
mod delete_log_group;
mod delete_log_stream;
mod delete_retention_policy;
mod describe_log_groups;
mod describe_log_streams;
mod filter_log_events;
mod get_log_events;
mod list_tags_for_resource;
mod list_tags_log_group;
mod put_log_events;
mod put_log_group_deletion_protection;
mod put_retention_policy;
mod tag_log_group;
mod tag_resource;
mod untag_log_group;
mod untag_resource;

use kernel::{Operation, op};

use crate::Logs;
use crate::names::{group_resource, stream_resource, tagged_resource};

/// The table.
pub fn table() -> Vec<Operation<Logs>> {
    vec![
        op("CreateLogGroup", create_log_group::create_log_group).on(group_resource),
        op("CreateLogStream", create_log_stream::create_log_stream).on(group_resource),
        op("DeleteLogGroup", delete_log_group::delete_log_group).on(group_resource),
        op("DeleteLogStream", delete_log_stream::delete_log_stream).on(stream_resource),
        op("DeleteRetentionPolicy", delete_retention_policy::delete_retention_policy).on(group_resource),
        op("DescribeLogGroups", describe_log_groups::describe_log_groups).on(group_resource),
        op("DescribeLogStreams", describe_log_streams::describe_log_streams).on(group_resource),
        op("FilterLogEvents", filter_log_events::filter_log_events).on(group_resource),
        op("GetLogEvents", get_log_events::get_log_events).on(stream_resource),
        op("ListTagsForResource", list_tags_for_resource::list_tags_for_resource).on(tagged_resource),
        op("ListTagsLogGroup", list_tags_log_group::list_tags_log_group).on(group_resource),
        op("PutLogEvents", put_log_events::put_log_events).on(stream_resource),
        op(
            "PutLogGroupDeletionProtection",
            put_log_group_deletion_protection::put_log_group_deletion_protection,
        )
        .on(group_resource),
        op("PutRetentionPolicy", put_retention_policy::put_retention_policy).on(group_resource),
        op("TagLogGroup", tag_log_group::tag_log_group).on(group_resource),
        op("TagResource", tag_resource::tag_resource).on(tagged_resource),
        op("UntagLogGroup", untag_log_group::untag_log_group).on(group_resource),
        op("UntagResource", untag_resource::untag_resource).on(tagged_resource),
    ]
}
