//! https://docs.aws.amazon.com/lambda/latest/api/API_ListAliases.html
//!
//! The aliases of a function, sorted by name, perhaps only those of one version.

use kernel::{Ctx, Key};

use crate::Lambda;
use crate::aliases;
use crate::error::Error;
use crate::functions;
use crate::generated::{ListAliasesRequest, ListAliasesResponse};
use crate::pages::{self, Page};
use crate::place::locate;
use crate::tables::{Alias, alias_key};

pub(crate) async fn list_aliases(
    cx: &Ctx<Lambda>,
    req: ListAliasesRequest,
) -> Result<ListAliasesResponse, Error> {
    let place = locate(cx, "ListAliases", &req.function_name, None).await?;
    let mut tx = place.begin(&cx.host);
    functions::get(&mut tx, &place).await?;
    let page = Page::new(req.max_items, pages::ALIASES_MAX, req.marker.as_deref())?;
    let (mut after, mut found) = (page.after, Vec::new());
    // Filtered here, a batch at a time: a page is full, or the last one.
    loop {
        let start = after.as_deref().map(|name| alias_key(&place.name, name));
        let listed: Vec<Alias> =
            tx.list(&Key::new().text(&place.name), start.as_ref(), page.limit + 1).await?;
        let is_end = listed.len() <= page.limit;
        after = listed.last().map(|alias| alias.name.clone());
        let wanted =
            |alias: &Alias| req.function_version.as_ref().is_none_or(|version| alias.version == *version);
        found.extend(listed.into_iter().filter(wanted));
        if is_end || found.len() > page.limit {
            break;
        }
    }
    let next_marker = pages::cut(&mut found, page.limit, |alias| alias.name.clone());
    let aliases = found.into_iter().map(|alias| aliases::show(&place, alias)).collect();
    Ok(ListAliasesResponse { next_marker, aliases: Some(aliases) })
}
