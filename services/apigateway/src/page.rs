//! Pages of a list: a limit, and a position that says where the next page begins.
//!
//! A position is the sort key of the last item that was given, in hexadecimal, so it stays good while items come and go.

use crate::error::Error;

/// AWS: the default value is 25 and the maximum value is 500.
const LIMIT_DEFAULT: usize = 25;
const LIMIT_MAX: usize = 500;

/// The page of `items` after `position`, in the order of their keys, and the position of the next one if there is any.
pub(crate) fn page<T>(
    mut items: Vec<(String, T)>,
    position: Option<&str>,
    limit: Option<i64>,
) -> Result<(Vec<T>, Option<String>), Error> {
    let limit = limit.map_or(LIMIT_DEFAULT, |limit| usize::try_from(limit).unwrap_or(1).clamp(1, LIMIT_MAX));
    items.sort_by(|a, b| a.0.cmp(&b.0));
    let after = position.map(|position| decode(position).ok_or(Error::Position)).transpose()?;
    let start = after.map_or(0, |after| items.partition_point(|(key, _)| *key <= after));
    let has_more = items.len() - start > limit;
    let next = has_more.then(|| encode(&items[start + limit - 1].0));
    Ok((items.into_iter().skip(start).take(limit).map(|(_, item)| item).collect(), next))
}

/// A sort key for the order of creation.
pub(crate) fn by_creation(created_ms: i64, id: &str) -> String {
    format!("{created_ms:020}/{id}")
}

fn encode(key: &str) -> String {
    key.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn decode(position: &str) -> Option<String> {
    let digits: Option<Vec<u8>> =
        position.chars().map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let digits = digits?;
    if digits.len() % 2 != 0 {
        return None;
    }
    String::from_utf8(digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()).ok()
}
