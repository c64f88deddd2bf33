//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html>
//!
//! Nobody needs a permission for it. Sessions of an account's root last an hour at most.

use kernel::Ctx;
use kernel::identity::PrincipalKind;

use crate::Sts;
use crate::error::Error;
use crate::generated::{GetSessionTokenRequest, GetSessionTokenResponse};
use crate::sessions::{check_long_term, check_no_mfa, credentials};

/// How long a session lasts, if the request does not say, in seconds.
const DURATION_S: i64 = 43_200;
/// How long one of an account's root may last, in seconds; longer ones are shortened.
const ROOT_DURATION_S_MAX: i64 = 3_600;

pub(crate) async fn get_session_token(
    cx: &Ctx<Sts>,
    req: GetSessionTokenRequest,
) -> Result<GetSessionTokenResponse, Error> {
    let principal = &cx.call.principal;
    check_long_term(principal, "GetSessionToken")?;
    check_no_mfa(req.token_code.as_ref())?;
    let longest = if principal.kind == PrincipalKind::Root { ROOT_DURATION_S_MAX } else { i64::MAX };
    let duration_s = req.duration_seconds.unwrap_or(DURATION_S).min(longest);
    let session = cx.host.rooms().identities.user_session(principal, duration_s, Vec::new()).await?;
    Ok(GetSessionTokenResponse {
        credentials: Some(credentials(&session)),
        ..GetSessionTokenResponse::default()
    })
}
