//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetApiKeys.html>
//! Lists API keys, oldest first: those whose name begins with a text, those of a customer, or all.

use crate::Cx;
use crate::api_key::{self, Value};
use crate::error::Error;
use crate::generated::{ApiKeys, GetApiKeysRequest};
use crate::page::{by_creation, page};
use crate::tables;

pub(crate) async fn get_api_keys(cx: &Cx, req: GetApiKeysRequest) -> Result<ApiKeys, Error> {
    let value = Value::of(req.include_values);
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    let (name, customer) = (filled(req.name_query), filled(req.customer_id));
    let mut all = tables::api_keys(&cx.begin()).await?;
    all.retain(|key| {
        let named =
            name.as_deref().is_none_or(|name| key.name.as_deref().is_some_and(|own| own.starts_with(name)));
        named && customer.as_ref().is_none_or(|customer| key.customer_id.as_ref() == Some(customer))
    });
    let keyed =
        all.iter().map(|key| (by_creation(key.created_ms, &key.id), api_key::shown(key, value))).collect();
    let (items, position) = page(keyed, req.position.as_deref(), req.limit)?;
    Ok(ApiKeys { items: Some(items), position, warnings: None })
}
