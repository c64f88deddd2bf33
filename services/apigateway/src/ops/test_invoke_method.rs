//! <https://docs.aws.amazon.com/apigateway/latest/api/API_TestInvokeMethod.html>
//! Tries a method as it is now, without a deployment: the data plane runs it and gives its execution log.

use std::collections::BTreeMap;

use kernel::exchange::TestMethod;

use crate::Cx;
use crate::error::Error;
use crate::generated::{TestInvokeMethodRequest, TestInvokeMethodResponse};
use crate::stage;
use crate::tables;
use crate::tried;

pub(crate) async fn test_invoke_method(
    cx: &Cx,
    req: TestInvokeMethodRequest,
) -> Result<TestInvokeMethodResponse, Error> {
    if req.client_certificate_id.is_some_and(|id| !id.is_empty()) {
        return Err(Error::NotBuilt("clientCertificateId of a tested method"));
    }
    let mut tx = cx.begin();
    let record = tables::resource(&mut tx, &req.rest_api_id, &req.resource_id).await?;
    if !record.resource.methods.contains_key(&req.http_method) {
        return Err(Error::NoMethod);
    }
    let api = tables::api(cx, &mut tx, &req.rest_api_id).await?;
    let test = TestMethod {
        snapshot: tried::snapshot(cx, &tx, &api).await?,
        stage_variables: stage::checked_variables(req.stage_variables.unwrap_or_default())?,
        resource_id: req.resource_id,
        http_method: req.http_method,
        path_with_query: req.path_with_query_string.filter(|path| !path.is_empty()),
        headers: tried::headers(req.headers, req.multi_value_headers),
        body: req.body.unwrap_or_default().into(),
    };
    let tested = cx.host.rooms().data_plane.test_method(test).await.ok_or(Error::NoMethod)?;
    let mut headers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in &tested.headers {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        headers.entry(told(name.as_str()).to_owned()).or_default().push(value);
    }
    let last = |(name, values): (&String, &Vec<String>)| Some((name.clone(), values.last()?.clone()));
    Ok(TestInvokeMethodResponse {
        status: Some(tested.status.into()),
        body: Some(String::from_utf8_lossy(&tested.body).into_owned()),
        headers: Some(headers.iter().filter_map(last).collect()),
        multi_value_headers: Some(headers),
        log: Some(tested.log),
        latency: Some(tested.latency_ms),
    })
}

/// A header's name as AWS writes it, for those that API Gateway itself sends; the data plane knows names in lower case only.
fn told(name: &str) -> &str {
    match name {
        "content-type" => "Content-Type",
        "x-amzn-errortype" => "x-amzn-ErrorType",
        "x-amzn-trace-id" => "X-Amzn-Trace-Id",
        other => other,
    }
}
