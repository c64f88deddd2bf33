//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccountAliases.html>

use kernel::{Ctx, Key};

use crate::Iam;
use crate::entities::Alias;
use crate::error::Error;
use crate::generated::{ListAccountAliasesRequest, ListAccountAliasesResponse};
use crate::page::page;

pub(crate) async fn list_account_aliases(
    cx: &Ctx<Iam>,
    req: ListAccountAliasesRequest,
) -> Result<ListAccountAliasesResponse, Error> {
    let found = cx.begin().peek::<Alias>(&Key::new()).await?;
    let aliases: Vec<String> = found.map(|found| found.alias).into_iter().collect();
    let page = page(aliases, req.marker.as_deref(), req.max_items, String::clone)?;
    Ok(ListAccountAliasesResponse {
        account_aliases: page.items,
        is_truncated: page.is_truncated,
        marker: page.marker,
    })
}
