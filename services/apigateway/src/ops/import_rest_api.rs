//! <https://docs.aws.amazon.com/apigateway/latest/api/API_ImportRestApi.html>
//! Makes an API of an OpenAPI document.

use crate::Cx;
use crate::documentation::Mode;
use crate::error::Error;
use crate::generated::{ImportRestApiRequest, RestApi};
use crate::import::{self, Request};
use crate::tables::{self, ApiRecord};

pub(crate) async fn import_rest_api(cx: &Cx, req: ImportRestApiRequest) -> Result<RestApi, Error> {
    let mut tx = cx.begin();
    let known = tx.list::<ApiRecord>(&kernel::Key::new(), None, tables::APIS_MAX).await?;
    if known.len() >= tables::APIS_MAX {
        return Err(Error::TooMany("APIs"));
    }
    let mut api = ApiRecord {
        id: cx.new_id(10),
        root_resource_id: cx.new_id(10),
        created_ms: cx.now_ms(),
        api_key_source: "HEADER".to_owned(),
        endpoint_type: "EDGE".to_owned(),
        ip_address_type: "ipv4".to_owned(),
        ..ApiRecord::default()
    };
    let request = Request {
        body: &req.body,
        parameters: &req.parameters.unwrap_or_default(),
        mode: Mode::Overwrite,
        fails_on_warnings: req.fail_on_warnings == Some(true),
    };
    let warnings = import::apply(cx, &mut tx, &mut api, request).await?;
    tx.commit().await?;
    Ok(import::with_warnings(api.shown(), warnings))
}
