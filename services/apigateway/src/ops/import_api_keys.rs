//! <https://docs.aws.amazon.com/apigateway/latest/api/API_ImportApiKeys.html>
//! Makes or overwrites the API keys of a file, and puts them into usage plans; a line that is wrong is a warning.

use kernel::Tx;

use crate::Cx;
use crate::api_key;
use crate::api_key::csv::{self, Row};
use crate::error::Error;
use crate::generated::{ApiKeyIds, ImportApiKeysRequest};
use crate::tables::{self, ApiKeyRecord};
use crate::usage_plan;
use crate::violations::Violations;

pub(crate) async fn import_api_keys(cx: &Cx, req: ImportApiKeysRequest) -> Result<ApiKeyIds, Error> {
    Violations::default().one_of("format", Some(&req.format), &["csv"]).done()?;
    let text = std::str::from_utf8(&req.body).map_err(|_| Error::KeyFile("it is not UTF-8"))?;
    let mut tx = cx.begin();
    let (mut ids, mut warnings) = (Vec::new(), Vec::new());
    let mut room = tables::API_KEYS_MAX.saturating_sub(tables::api_keys(&tx).await?.len());
    for row in csv::parse(text)? {
        match import(cx, &mut tx, row, &mut room, &mut warnings).await {
            Ok(id) => ids.push(id),
            Err(fault @ (Error::Fault(_) | Error::TooMany(_))) => return Err(fault),
            Err(error) => warnings.push(error.to_string()),
        }
    }
    if req.fail_on_warnings == Some(true) && !warnings.is_empty() {
        return Err(Error::KeyImport(warnings.join("; ")));
    }
    tx.commit().await?;
    Ok(ApiKeyIds { ids: Some(ids), warnings: Some(warnings) })
}

/// Makes or overwrites one key. A plan that cannot take it is a warning of its own.
async fn import(
    cx: &Cx,
    tx: &mut Tx,
    row: Result<Row, String>,
    room: &mut usize,
    warnings: &mut Vec<String>,
) -> Result<String, Error> {
    let row = row.map_err(Error::Validation)?;
    let filled = |text: String| Some(text).filter(|text| !text.is_empty());
    let now = cx.now_ms();
    let mut key = match api_key::with_value(cx, tx, &row.value).await? {
        Some(id) => tables::api_key(tx, &id).await?,
        None if *room == 0 => return Err(Error::TooMany("API keys")),
        None => {
            *room -= 1;
            ApiKeyRecord { id: cx.new_id(10), value: row.value, created_ms: now, ..ApiKeyRecord::default() }
        }
    };
    key.name = filled(row.name);
    key.description = filled(row.description);
    key.is_enabled = row.is_enabled;
    key.updated_ms = now;
    api_key::check(&key)?;
    api_key::put(cx, tx, &key)?;
    for id in row.plan_ids.iter().filter(|id| !key.plan_ids.contains(*id)).cloned().collect::<Vec<_>>() {
        let subscribed = match tables::usage_plan(tx, &id).await {
            Ok(mut plan) => usage_plan::subscribe(cx, tx, &mut plan, &mut key).await,
            Err(error) => Err(error),
        };
        match subscribed {
            Err(fault @ Error::Fault(_)) => return Err(fault),
            Err(error) => warnings.push(format!("{id}: {error}")),
            Ok(()) => {}
        }
    }
    Ok(key.id)
}
