//! A fleet without processes: functions do what the case says they do, on the test's clock.

use std::collections::HashMap;
use std::io::Cursor;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use kernel::Clock;
use kernel::functions::{Answer, CodeFacts, CodeRefused, Compute, ComputeError, FunctionVersion, Invocation};
use zip::ZipArchive;

use crate::behaviour::{Behaviour, Ended, split};

/// AWS's text for a zip that is none.
const NO_ZIP: &str = "Could not unzip uploaded file. Please check your file, then try to upload again.";
/// Invocations at once in an account and region (AWS: Lambda quotas).
const CONCURRENCY: u32 = 1000;

/// Plays functions. One that no `fn` line names answers its event.
pub struct PlayedCompute {
    clock: Arc<dyn Clock>,
    behaviours: Mutex<HashMap<String, Behaviour>>,
}

impl PlayedCompute {
    /// A fleet on this clock.
    pub fn new(clock: Arc<dyn Clock>) -> PlayedCompute {
        PlayedCompute { clock, behaviours: Mutex::default() }
    }

    /// Says what the functions of this name do.
    pub fn set(&self, name: &str, behaviour: Behaviour) {
        self.behaviours.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), behaviour);
    }
}

impl Compute for PlayedCompute {
    fn invoke(
        &self,
        version: Arc<FunctionVersion>,
        invocation: Invocation,
    ) -> BoxFuture<'static, Result<Answer, ComputeError>> {
        let behaviour = self
            .behaviours
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&version.name)
            .cloned()
            .unwrap_or_default();
        let Ended { mut payload, is_error, after_ms } = behaviour.play(&invocation, version.timeout_ms);
        let body = (invocation.split_answer && !is_error).then(|| split(&mut payload)).flatten();
        let id = invocation.request_id;
        let log = format!(
            "START RequestId: {id} Version: {}\nEND RequestId: {id}\nREPORT RequestId: {id}\n",
            version.version
        );
        let answer = Answer {
            payload: payload.to_string().into(),
            body,
            is_error,
            log_tail: invocation.wants_log_tail.then(|| log.into()),
            version: version.version.clone(),
        };
        let wait = self.clock.sleep(Duration::from_millis(after_ms));
        async move {
            wait.await;
            Ok(answer)
        }
        .boxed()
    }

    fn inspect(&self, zip: Bytes) -> BoxFuture<'static, Result<CodeFacts, CodeRefused>> {
        ready(inspect(&zip).ok_or_else(|| CodeRefused(NO_ZIP.to_owned()))).boxed()
    }

    fn prepare(&self, _: Arc<FunctionVersion>) -> BoxFuture<'static, Result<(), ComputeError>> {
        ready(Ok(())).boxed()
    }

    fn retire(&self, _: &str, _: &str, _: Option<&str>) {}

    fn concurrency(&self, _: &str, _: &str) -> (u32, u32) {
        (0, CONCURRENCY)
    }
}

fn inspect(zip: &[u8]) -> Option<CodeFacts> {
    let mut archive = ZipArchive::new(Cursor::new(zip)).ok()?;
    let mut facts = CodeFacts { unzipped_bytes: 0, entries: archive.len() as u64 };
    for at in 0..archive.len() {
        let file = archive.by_index(at).ok()?;
        file.enclosed_name()?;
        facts.unzipped_bytes += file.size();
    }
    Some(facts)
}
