//! The settings of an account in a region: patched, shown.

use kernel::exchange::AccountThrottle;

use crate::error::Error;
use crate::generated::{Account, ThrottleSettings};
use crate::patch::{ELEMENT, Op, Patch, REPLACE, Rule, check};
use crate::tables::AccountRecord;

/// AWS: Patch Operations, UpdateAccount.
const RULES: &[Rule] = &[("/cloudwatchRoleArn", REPLACE), ("/features", ELEMENT)];

impl AccountRecord {
    /// The settings as a client sees them, with the limits that the data plane keeps; none if it keeps none.
    pub(crate) fn shown(&self, throttle: AccountThrottle) -> Account {
        Account {
            cloudwatch_role_arn: self.cloudwatch_role_arn.clone(),
            throttle_settings: (throttle.rate > 0.0).then_some(ThrottleSettings {
                burst_limit: Some(throttle.burst),
                rate_limit: Some(throttle.rate),
            }),
            features: Some(vec!["UsagePlans".to_owned()]),
            api_key_version: Some("4".to_owned()),
        }
    }

    /// Does what the patches say.
    pub(crate) fn apply(&mut self, patches: &[Patch]) -> Result<(), Error> {
        for patch in patches {
            match (check(RULES, patch)?, patch.op) {
                ("/cloudwatchRoleArn", _) => {
                    let role = patch.filled();
                    if let Some(arn) = &role {
                        kernel::Arn::parse(arn).filter(|arn| arn.service == "iam").ok_or(Error::Arn)?;
                    }
                    self.cloudwatch_role_arn = role;
                }
                (_, Op::Remove) => return Err(Error::UsagePlans),
                // Usage plans are always there.
                _ => {}
            }
        }
        Ok(())
    }
}
