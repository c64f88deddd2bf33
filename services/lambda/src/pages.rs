//! Pages of lists: a limit, and an opaque marker that tells where to go on.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use crate::error::{Error, invalid};

/// Most functions or versions in one answer, whatever is asked for (AWS: API_ListFunctions, MaxItems).
pub(crate) const FUNCTIONS_MAX: usize = 50;
/// Most aliases in one answer (AWS: API_ListAliases, MaxItems).
pub(crate) const ALIASES_MAX: usize = 10_000;
/// How many there are if nothing is asked for.
const USUAL: usize = 50;

/// Which part of a list is asked for.
#[derive(Debug, PartialEq)]
pub(crate) struct Page {
    pub limit: usize,
    /// Where the page before ended.
    pub after: Option<String>,
}

impl Page {
    /// Reads a request's `MaxItems` and `Marker`.
    pub fn new(max_items: Option<i64>, most: usize, marker: Option<&str>) -> Result<Page, Error> {
        let limit = max_items.and_then(|items| usize::try_from(items).ok()).unwrap_or(USUAL).clamp(1, most);
        let decode = |marker: &str| {
            let bytes = BASE64_URL_SAFE_NO_PAD.decode(marker).map_err(|_| bad_marker())?;
            String::from_utf8(bytes).map_err(|_| bad_marker())
        };
        Ok(Page { limit, after: marker.filter(|marker| !marker.is_empty()).map(decode).transpose()? })
    }
}

/// A marker that is none of ours. Inferred: AWS documents no text.
pub(crate) fn bad_marker() -> Error {
    invalid("The provided marker is invalid.")
}

/// Cuts a list that has at least one item too many, and gives the marker of its last one.
pub(crate) fn cut<T>(items: &mut Vec<T>, limit: usize, position: impl Fn(&T) -> String) -> Option<String> {
    if items.len() <= limit {
        return None;
    }
    items.truncate(limit);
    items.last().map(|last| BASE64_URL_SAFE_NO_PAD.encode(position(last)))
}
