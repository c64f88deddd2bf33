//! Rooms in which nobody is: for tests of one room that needs a furnished house and asks none of the others.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};

use crate::ctx::{Rooms, Scope};
use crate::error::{Failure, Internal};
use crate::exchange::NoApis;
use crate::functions::{
    Answer, CodeFacts, CodeRefused, Compute, ComputeError, FunctionCall, FunctionVersion, Functions,
    Invocation,
};
use crate::identity::{AssumeRole, Credential, Identities, Principal, PrincipalPolicies, SessionCredentials};
use crate::log_sink::{LogEvent, LogSink};
use crate::metrics::Unmeasured;
use crate::service::Endpoints;

/// Knows nobody, runs nothing, keeps nothing.
pub struct Nobody;

impl Rooms {
    /// A house without anybody in it.
    pub fn deserted() -> Rooms {
        Rooms {
            endpoints: Endpoints::default(),
            functions: Arc::new(Nobody),
            compute: Arc::new(Nobody),
            logs: Arc::new(Nobody),
            metrics: Arc::new(Unmeasured),
            identities: Arc::new(Nobody),
            data_plane: Arc::new(NoApis),
        }
    }
}

fn absent() -> Internal {
    Internal::because("nobody is there")
}

impl Functions for Nobody {
    fn call(&self, _: FunctionCall) -> BoxFuture<'_, Result<Answer, Failure>> {
        ready(Err(absent().into())).boxed()
    }
}

impl Compute for Nobody {
    fn invoke(
        &self,
        _: Arc<FunctionVersion>,
        _: Invocation,
    ) -> BoxFuture<'static, Result<Answer, ComputeError>> {
        ready(Err(absent().into())).boxed()
    }
    fn inspect(&self, _: Bytes) -> BoxFuture<'static, Result<CodeFacts, CodeRefused>> {
        ready(Err(CodeRefused("nobody is there".to_owned()))).boxed()
    }
    fn prepare(&self, _: Arc<FunctionVersion>) -> BoxFuture<'static, Result<(), ComputeError>> {
        ready(Err(absent().into())).boxed()
    }
    fn retire(&self, _: &str, _: &str, _: Option<&str>) {}
    fn concurrency(&self, _: &str, _: &str) -> (u32, u32) {
        (0, 0)
    }
}

impl LogSink for Nobody {
    fn append(&self, _: &Scope, _: &str, _: &str, _: Vec<LogEvent>) {}
}

impl Identities for Nobody {
    fn find<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Option<Credential>, Failure>> {
        ready(Ok(None)).boxed()
    }
    fn policies<'a>(&'a self, _: &'a Principal) -> BoxFuture<'a, Result<PrincipalPolicies, Failure>> {
        ready(Ok(PrincipalPolicies::default())).boxed()
    }
    fn assume_role(&self, _: AssumeRole) -> BoxFuture<'_, Result<Option<SessionCredentials>, Failure>> {
        ready(Ok(None)).boxed()
    }
    fn user_session<'a>(
        &'a self,
        _: &'a Principal,
        _: i64,
        _: Vec<String>,
    ) -> BoxFuture<'a, Result<SessionCredentials, Failure>> {
        ready(Err(absent().into())).boxed()
    }
}
