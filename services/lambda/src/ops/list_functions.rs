//! https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html
//!
//! The functions of a region, sorted by name, with all their versions if asked for.

use kernel::{Ctx, Key, Tx};

use crate::Lambda;
use crate::configuration::Shown;
use crate::error::Error;
use crate::generated::{FunctionConfiguration, ListFunctionsRequest, ListFunctionsResponse};
use crate::pages::{self, Page};
use crate::place::{LATEST, Place};
use crate::tables::{Function, Published, function_key, version_key};

pub(crate) async fn list_functions(
    cx: &Ctx<Lambda>,
    req: ListFunctionsRequest,
) -> Result<ListFunctionsResponse, Error> {
    // Copies at the edge of the network do not exist, so none is a copy of a function in that region.
    if req.master_region.is_some_and(|region| region != "ALL") {
        return Ok(ListFunctionsResponse { next_marker: None, functions: Some(Vec::new()) });
    }
    let page = Page::new(req.max_items, pages::FUNCTIONS_MAX, req.marker.as_deref())?;
    let place = |name: &str| Place {
        account: cx.account().to_owned(),
        region: cx.region().to_owned(),
        name: name.to_owned(),
        qualifier: None,
    };
    let tx = cx.begin();
    if req.function_version.is_some() {
        return list_all(&tx, &page, place).await;
    }
    let after = page.after.as_deref().map(function_key);
    let mut found: Vec<Function> = tx.list(&Key::new(), after.as_ref(), page.limit + 1).await?;
    let next_marker = pages::cut(&mut found, page.limit, |function| function.name.clone());
    let show = |function: Function| function.latest.show(&place(&function.name), LATEST, None, Shown::Listed);
    Ok(ListFunctionsResponse { next_marker, functions: Some(found.into_iter().map(show).collect()) })
}

/// Every version of every function; the marker is the last one's name and number.
async fn list_all(
    tx: &Tx,
    page: &Page,
    place: impl Fn(&str) -> Place,
) -> Result<ListFunctionsResponse, Error> {
    let mut found: Vec<(String, FunctionConfiguration)> = Vec::new();
    let show = |name: &str, version: &str, configuration: &crate::configuration::Configuration| {
        (format!("{name}:{version}"), configuration.show(&place(name), version, Some(version), Shown::Listed))
    };
    let mut function = match &page.after {
        None => None,
        Some(marker) => {
            let (name, version) = marker.split_once(':').ok_or_else(pages::bad_marker)?;
            let number = version.parse().unwrap_or(0);
            let after = version_key(name, number);
            for version in tx.list::<Published>(&Key::new().text(name), Some(&after), page.limit + 1).await? {
                found.push(show(name, &version.number.to_string(), &version.configuration));
            }
            Some(name.to_owned())
        }
    };
    while found.len() <= page.limit {
        let after = function.as_deref().map(function_key);
        let Some(next) = tx.list::<Function>(&Key::new(), after.as_ref(), 1).await?.pop() else { break };
        found.push(show(&next.name, LATEST, &next.latest));
        for version in tx.list::<Published>(&Key::new().text(&next.name), None, page.limit + 1).await? {
            found.push(show(&next.name, &version.number.to_string(), &version.configuration));
        }
        function = Some(next.name);
    }
    let next_marker = pages::cut(&mut found, page.limit, |(marker, _)| marker.clone());
    Ok(ListFunctionsResponse {
        next_marker,
        functions: Some(found.into_iter().map(|(_, shown)| shown).collect()),
    })
}
