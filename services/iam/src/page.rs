//! Pages as IAM gives them: `Marker`, `MaxItems` (100 by default), `IsTruncated`.
//!
//! A marker names the last item of its page, so items made or removed in between do no harm.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::error::Error;

/// Items on a page, if the request does not say (AWS: ListRoles, MaxItems).
const ITEMS: i64 = 100;

/// One page.
pub struct Page<T> {
    pub items: Vec<T>,
    pub is_truncated: Option<bool>,
    pub marker: Option<String>,
}

/// Cuts a page out of all items, which are in order of `key`.
pub fn page<T>(
    all: Vec<T>,
    marker: Option<&str>,
    max_items: Option<i64>,
    key: impl Fn(&T) -> String,
) -> Result<Page<T>, Error> {
    let invalid = || Error::Validation("Invalid Marker.".to_owned());
    let after = match marker {
        Some(marker) => {
            let bytes = URL_SAFE_NO_PAD.decode(marker).map_err(|_| invalid())?;
            Some(String::from_utf8(bytes).map_err(|_| invalid())?)
        }
        None => None,
    };
    let limit = usize::try_from(max_items.unwrap_or(ITEMS)).unwrap_or(1);
    let rest = all.into_iter().filter(|item| after.as_ref().is_none_or(|after| key(item) > *after));
    let mut items: Vec<T> = rest.take(limit + 1).collect();
    let is_truncated = items.len() > limit;
    items.truncate(limit);
    let marker = items.last().filter(|_| is_truncated).map(|last| URL_SAFE_NO_PAD.encode(key(last)));
    Ok(Page { items, is_truncated: Some(is_truncated), marker })
}
