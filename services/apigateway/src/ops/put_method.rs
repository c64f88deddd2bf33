//! <https://docs.aws.amazon.com/apigateway/latest/api/API_PutMethod.html>
//! Makes a method of a resource.

use crate::Cx;
use crate::error::Error;
use crate::generated::{Method, PutMethodRequest};
use crate::method;
use crate::references;
use crate::tables;

pub(crate) async fn put_method(cx: &Cx, req: PutMethodRequest) -> Result<Method, Error> {
    let mut tx = cx.begin();
    let mut record = tables::resource(&mut tx, &req.rest_api_id, &req.resource_id).await?;
    let name = req.http_method.clone();
    let api_id = req.rest_api_id.clone();
    let mut made = method::from_request(req)?;
    references::check(&mut tx, &api_id, &mut made).await?;
    let answer = method::shown(&name, &made);
    if record.resource.methods.insert(name, made).is_some() {
        return Err(Error::MethodExists);
    }
    tx.put(&record)?;
    tx.commit().await?;
    Ok(answer)
}
