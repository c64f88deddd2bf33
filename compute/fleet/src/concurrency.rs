//! Concurrent executions: how many run in an account and of a function, and how many may.
//!
//! What always holds: an invocation that waits for an environment counts like one that runs, as on AWS, where it would run.
//!
//! Known differences from AWS: capacity that functions reserve is not kept from the others of their account.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Executions running now.
#[derive(Default)]
pub struct Counter(AtomicU32);

impl Counter {
    /// Counts one more, unless `limit` are running already.
    fn enter(&self, limit: u32) -> bool {
        self.0
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |count| (count < limit).then_some(count + 1))
            .is_ok()
    }

    fn leave(&self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }

    pub fn get(&self) -> u32 {
        self.0.load(Ordering::Acquire)
    }
}

/// Counters by name.
#[derive(Default)]
pub struct Counters(Mutex<HashMap<String, Arc<Counter>>>);

impl Counters {
    pub fn of(&self, name: &str) -> Arc<Counter> {
        let mut counters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(counter) = counters.get(name) {
            return Arc::clone(counter);
        }
        Arc::clone(counters.entry(name.to_owned()).or_default())
    }
}

/// One execution, counted until dropped.
pub struct Execution {
    function: Arc<Counter>,
    account: Arc<Counter>,
}

/// AWS: `TooManyRequestsException`, `Reason`.
pub const FUNCTION_REASON: &str = "ReservedFunctionConcurrentInvocationLimitExceeded";
/// AWS: `TooManyRequestsException`, `Reason`.
pub const ACCOUNT_REASON: &str = "ConcurrentInvocationLimitExceeded";

impl Execution {
    /// Counts an execution of a function, if its reservation and its account have room.
    ///
    /// # Errors
    /// The `Reason` of AWS's `TooManyRequestsException`.
    pub fn enter(
        function: &Arc<Counter>,
        reserved: Option<u32>,
        account: &Arc<Counter>,
        account_limit: u32,
    ) -> Result<Execution, &'static str> {
        if !function.enter(reserved.unwrap_or(u32::MAX)) {
            return Err(FUNCTION_REASON);
        }
        if !account.enter(account_limit) {
            function.leave();
            return Err(ACCOUNT_REASON);
        }
        Ok(Execution { function: Arc::clone(function), account: Arc::clone(account) })
    }
}

impl Drop for Execution {
    fn drop(&mut self) {
        self.function.leave();
        self.account.leave();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_hold_and_places_come_back() {
        let (function, account) = (Arc::new(Counter::default()), Arc::new(Counter::default()));
        let enter = |reserved| Execution::enter(&function, reserved, &account, 2).map_err(str::to_owned);
        assert_eq!(enter(Some(0)).err().as_deref(), Some(FUNCTION_REASON));
        let first = enter(Some(1)).unwrap();
        assert_eq!(enter(Some(1)).err().as_deref(), Some(FUNCTION_REASON));
        let second = enter(None).unwrap();
        assert_eq!(enter(None).err().as_deref(), Some(ACCOUNT_REASON));
        assert_eq!((function.get(), account.get()), (2, 2));
        drop((first, second));
        assert_eq!((function.get(), account.get()), (0, 0));
        assert!(enter(Some(1)).is_ok());
    }
}
