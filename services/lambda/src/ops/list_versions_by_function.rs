//! https://docs.aws.amazon.com/lambda/latest/api/API_ListVersionsByFunction.html
//!
//! `$LATEST` and the published versions of a function, oldest first.

use kernel::{Ctx, Key};

use crate::Lambda;
use crate::configuration::Shown;
use crate::error::Error;
use crate::functions;
use crate::generated::{ListVersionsByFunctionRequest, ListVersionsByFunctionResponse};
use crate::pages::{self, Page};
use crate::place::{LATEST, locate};
use crate::tables::{Published, version_key};

pub(crate) async fn list_versions_by_function(
    cx: &Ctx<Lambda>,
    req: ListVersionsByFunctionRequest,
) -> Result<ListVersionsByFunctionResponse, Error> {
    let place = locate(cx, "ListVersionsByFunction", &req.function_name, None).await?;
    let mut tx = place.begin(&cx.host);
    let function = functions::get(&mut tx, &place).await?;
    let page = Page::new(req.max_items, pages::FUNCTIONS_MAX, req.marker.as_deref())?;
    let mut found = Vec::new();
    if page.after.is_none() {
        found.push((0, function.latest.show(&place, LATEST, Some(LATEST), Shown::Listed)));
    }
    let after = match page.after.as_deref() {
        Some(number) => Some(version_key(&place.name, number.parse().map_err(|_| pages::bad_marker())?)),
        None => None,
    };
    for version in tx.list::<Published>(&Key::new().text(&place.name), after.as_ref(), page.limit + 1).await?
    {
        let number = version.number.to_string();
        found.push((
            version.number,
            version.configuration.show(&place, &number, Some(&number), Shown::Listed),
        ));
    }
    let next_marker = pages::cut(&mut found, page.limit, |(number, _)| number.to_string());
    let versions = found.into_iter().map(|(_, shown)| shown).collect();
    Ok(ListVersionsByFunctionResponse { next_marker, versions: Some(versions) })
}
