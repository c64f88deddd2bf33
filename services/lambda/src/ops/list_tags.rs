//! https://docs.aws.amazon.com/lambda/latest/api/API_ListTags.html
//!
//! The tags of a function.

use kernel::Ctx;

use crate::Lambda;
use crate::error::Error;
use crate::functions;
use crate::generated::{ListTagsRequest, ListTagsResponse};
use crate::place::locate;

pub(crate) async fn list_tags(cx: &Ctx<Lambda>, req: ListTagsRequest) -> Result<ListTagsResponse, Error> {
    let place = locate(cx, "ListTags", &req.resource, None).await?;
    functions::check_taggable(&place)?;
    let function = functions::get(&mut place.begin(&cx.host), &place).await?;
    Ok(ListTagsResponse { tags: Some(function.tags) })
}
