//! https://docs.aws.amazon.com/lambda/latest/api/API_GetPolicy.html
//!
//! The policy of a function, a version or an alias, as JSON.

use kernel::Ctx;

use crate::Lambda;
use crate::access;
use crate::error::Error;
use crate::functions::{self, Part};
use crate::generated::{GetPolicyRequest, GetPolicyResponse};
use crate::place::{Place, locate};

pub(crate) async fn get_policy(cx: &Ctx<Lambda>, req: GetPolicyRequest) -> Result<GetPolicyResponse, Error> {
    let place = locate(cx, "GetPolicy", &req.function_name, req.qualifier.as_deref()).await?;
    let mut tx = place.begin(&cx.host);
    functions::get(&mut tx, &Place { qualifier: None, ..place.clone() }).await?;
    let mut part = match Part::get(&mut tx, &place).await {
        Err(Error::FunctionNotFound(_) | Error::AliasNotFound(_)) => return Err(Error::NoSuchResource),
        other => other?,
    };
    if part.policy_mut().is_empty() {
        return Err(Error::NoSuchResource);
    }
    let policy = access::document(part.policy_mut());
    Ok(GetPolicyResponse { policy: Some(policy), revision_id: Some(part.revision_id().to_owned()) })
}
