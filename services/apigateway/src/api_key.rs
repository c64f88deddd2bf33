//! API keys: made from a request or a file, patched, shown, and what is published of them.
//!
//! A key's id is never its value, whatever the deprecated `generateDistinctId` says. Stage keys are checked, kept and shown without
//! effect, as on an account with usage plans, which every account here is.

pub(crate) mod csv;

use kernel::Tx;
use plan::definition::{PublishedApiKey, published_key_of_value};

use crate::Cx;
use crate::api::seconds;
use crate::error::Error;
use crate::generated::{ApiKey, CreateApiKeyRequest, StageKey};
use crate::patch::{ELEMENT, Op, Patch, REPLACE, Rule, check_by_op};
use crate::published;
use crate::tables::{self, ApiKeyRecord};

/// AWS: Patch Operations, UpdateApiKey.
const RULES: &[Rule] = &[
    ("/customerId", REPLACE),
    ("/description", REPLACE),
    ("/enabled", REPLACE),
    ("/name", REPLACE),
    ("/labels", ELEMENT),
    ("/stages", ELEMENT),
];

/// AWS: API Gateway API key file format: between 20 and 128 characters.
const VALUE_CHARS: std::ops::RangeInclusive<usize> = 20..=128;
/// AWS: a name has at most 1,024 characters.
const NAME_CHARS_MAX: usize = 1024;
/// Characters of a value that API Gateway makes.
const MADE_CHARS: usize = 40;
/// Most stages of one key.
const STAGE_KEYS_MAX: usize = 100;

/// The key that a request asks for.
pub(crate) async fn from_request(
    cx: &Cx,
    tx: &mut Tx,
    req: CreateApiKeyRequest,
) -> Result<ApiKeyRecord, Error> {
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    let now = cx.now_ms();
    let mut key = ApiKeyRecord {
        id: cx.new_id(10),
        value: filled(req.value).unwrap_or_else(|| made(cx)),
        name: filled(req.name),
        customer_id: filled(req.customer_id),
        description: filled(req.description),
        is_enabled: req.enabled.unwrap_or_default(),
        created_ms: now,
        updated_ms: now,
        tags: crate::tags::checked(req.tags.unwrap_or_default())?,
        ..ApiKeyRecord::default()
    };
    for StageKey { rest_api_id, stage_name } in req.stage_keys.unwrap_or_default() {
        let name = format!("{}/{}", rest_api_id.unwrap_or_default(), stage_name.unwrap_or_default());
        add_stage(tx, &mut key, name).await?;
    }
    check(&key)?;
    Ok(key)
}

/// Checks the lengths of a key's value and name.
pub(crate) fn check(key: &ApiKeyRecord) -> Result<(), Error> {
    let length = key.value.chars().count();
    if length < *VALUE_CHARS.start() {
        return Err(Error::ShortKeyValue);
    }
    if length > *VALUE_CHARS.end() {
        return Err(Error::LongKeyValue);
    }
    let name = key.name.as_deref().unwrap_or_default();
    if name.chars().count() > NAME_CHARS_MAX { Err(Error::LongKeyName) } else { Ok(()) }
}

/// The key as lists show it.
pub(crate) fn shown(key: &ApiKeyRecord, value: Value) -> ApiKey {
    ApiKey {
        id: Some(key.id.clone()),
        value: (value == Value::Shown).then(|| key.value.clone()),
        name: key.name.clone(),
        customer_id: key.customer_id.clone(),
        description: key.description.clone(),
        enabled: Some(key.is_enabled),
        created_date: Some(seconds(key.created_ms)),
        last_updated_date: Some(seconds(key.updated_ms)),
        stage_keys: Some(key.stage_keys.clone()),
        tags: (!key.tags.is_empty()).then(|| key.tags.clone()),
    }
}

/// The key as it is shown on its own: with its tags, even if there are none.
pub(crate) fn shown_alone(key: &ApiKeyRecord, value: Value) -> ApiKey {
    ApiKey { tags: Some(key.tags.clone()), ..shown(key, value) }
}

/// Whether the value is shown.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Value {
    Hidden,
    Shown,
}

impl Value {
    /// What a request asks for.
    pub(crate) fn of(include: Option<bool>) -> Value {
        if include == Some(true) { Value::Shown } else { Value::Hidden }
    }
}

/// Does what the patches say.
pub(crate) async fn apply(tx: &mut Tx, key: &mut ApiKeyRecord, patches: &[Patch]) -> Result<(), Error> {
    for patch in patches {
        match (check_by_op(RULES, patch)?, patch.op) {
            ("/customerId", _) => key.customer_id = patch.filled(),
            ("/description", _) => key.description = patch.filled(),
            ("/enabled", _) => key.is_enabled = patch.flag(),
            ("/name", _) => key.name = patch.filled(),
            ("/labels", _) => return Err(Error::NotBuilt("labels of API keys")),
            (_, Op::Remove) => key.stage_keys.retain(|name| name != patch.text()),
            _ => add_stage(tx, key, patch.text().to_owned()).await?,
        }
    }
    check(key)
}

/// An error if another key has this value.
pub(crate) async fn check_free(cx: &Cx, tx: &mut Tx, value: &str) -> Result<(), Error> {
    match with_value(cx, tx, value).await? {
        Some(_) => Err(Error::ApiKeyExists),
        None => Ok(()),
    }
}

/// The id of the key that has this value.
pub(crate) async fn with_value(cx: &Cx, tx: &mut Tx, value: &str) -> Result<Option<String>, Error> {
    let found = published::get::<PublishedApiKey>(cx, tx, &key_of(cx, value)).await?;
    Ok(found.map(|key| key.id))
}

/// Writes the key, and what the data plane needs of it.
pub(crate) fn put(cx: &Cx, tx: &mut Tx, key: &ApiKeyRecord) -> Result<(), Error> {
    tx.put(key)?;
    let shown = PublishedApiKey {
        account: cx.account().to_owned(),
        region: cx.region().to_owned(),
        value: key.value.clone(),
        id: key.id.clone(),
        is_enabled: key.is_enabled,
        plan_ids: key.plan_ids.clone(),
    };
    published::put(cx, tx, &shown)
}

/// Removes the key everywhere.
pub(crate) fn delete(cx: &Cx, tx: &mut Tx, key: &ApiKeyRecord) {
    tx.delete::<ApiKeyRecord>(&kernel::Record::key(key));
    published::delete::<PublishedApiKey>(cx, tx, &key_of(cx, &key.value));
}

fn key_of(cx: &Cx, value: &str) -> kernel::Key {
    published_key_of_value(cx.account(), cx.region(), value)
}

fn made(cx: &Cx) -> String {
    const LETTERS_AND_DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    cx.host.entropy.text(MADE_CHARS, LETTERS_AND_DIGITS)
}

async fn add_stage(tx: &mut Tx, key: &mut ApiKeyRecord, name: String) -> Result<(), Error> {
    let (api_id, stage) = name.split_once('/').ok_or(Error::UnknownStage)?;
    tables::stage(tx, api_id, stage).await?.ok_or(Error::UnknownStage)?;
    key.stage_keys.retain(|other| *other != name);
    key.stage_keys.push(name);
    if key.stage_keys.len() > STAGE_KEYS_MAX { Err(Error::TooMany("stage keys")) } else { Ok(()) }
}
