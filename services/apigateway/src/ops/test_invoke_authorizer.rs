//! <https://docs.aws.amazon.com/apigateway/latest/api/API_TestInvokeAuthorizer.html>
//! Tries an authorizer as it is now, without a deployment: the data plane asks it and gives its log.

use kernel::exchange::TestAuthorizer;

use crate::Cx;
use crate::error::Error;
use crate::generated::{TestInvokeAuthorizerRequest, TestInvokeAuthorizerResponse};
use crate::stage;
use crate::tables::{self, AuthorizerRecord};
use crate::tried;

pub(crate) async fn test_invoke_authorizer(
    cx: &Cx,
    req: TestInvokeAuthorizerRequest,
) -> Result<TestInvokeAuthorizerResponse, Error> {
    let mut tx = cx.begin();
    let found = tables::part::<AuthorizerRecord>(&mut tx, &req.rest_api_id, &req.authorizer_id).await?;
    found.ok_or(Error::NoAuthorizer)?;
    let api = tables::api(cx, &mut tx, &req.rest_api_id).await?;
    let test = TestAuthorizer {
        snapshot: tried::snapshot(cx, &tx, &api).await?,
        stage_variables: stage::checked_variables(req.stage_variables.unwrap_or_default())?,
        authorizer_id: req.authorizer_id,
        path_with_query: req.path_with_query_string.filter(|path| !path.is_empty()),
        headers: tried::headers(req.headers, req.multi_value_headers),
        body: req.body.unwrap_or_default().into(),
        additional_context: req.additional_context.unwrap_or_default(),
    };
    let tested = cx.host.rooms().data_plane.test_authorizer(test).await.ok_or(Error::NoAuthorizer)?;
    Ok(TestInvokeAuthorizerResponse {
        client_status: Some(tested.client_status.into()),
        log: Some(tested.log),
        latency: Some(tested.latency_ms),
        principal_id: tested.principal_id,
        policy: tested.policy,
        authorization: (!tested.authorization.is_empty()).then_some(tested.authorization),
        claims: (!tested.claims.is_empty()).then_some(tested.claims),
    })
}
