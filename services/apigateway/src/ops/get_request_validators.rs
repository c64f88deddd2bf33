//! <https://docs.aws.amazon.com/apigateway/latest/api/API_GetRequestValidators.html>
//! Lists the request validators of an API by name.

use crate::Cx;
use crate::error::Error;
use crate::generated::{GetRequestValidatorsRequest, RequestValidators};
use crate::page::page;
use crate::tables::{self, ValidatorRecord};
use crate::validator;

pub(crate) async fn get_request_validators(
    cx: &Cx,
    req: GetRequestValidatorsRequest,
) -> Result<RequestValidators, Error> {
    let mut tx = cx.begin();
    let api = tables::api(cx, &mut tx, &req.rest_api_id).await?;
    let all = tables::parts::<ValidatorRecord>(&tx, &api.id).await?;
    let of = |ValidatorRecord { validator, .. }: &ValidatorRecord| {
        (format!("{}/{}", validator.name, validator.id), validator::shown(validator))
    };
    let (items, position) = page(all.iter().map(of).collect(), req.position.as_deref(), req.limit)?;
    Ok(RequestValidators { items: Some(items), position })
}
