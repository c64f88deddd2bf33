//! Constraints of the model, in the words AWS was recorded to use for this service.
//!
//! All violations are told at once; the members of a body first, under the name of the operation's input, then those of the path.
//! Values of enums are listed in AWS's order, which is not the model's.

use crate::error::Error;
use crate::generated::PatchOperation;

/// What is wrong with an input.
#[derive(Default)]
pub(crate) struct Violations(Vec<String>);

impl Violations {
    /// A member that, if it is there, must be one of `values`.
    pub(crate) fn one_of(mut self, path: &str, value: Option<&str>, values: &[&str]) -> Violations {
        if let Some(value) = value.filter(|value| !values.contains(value)) {
            let set = format!("Member must satisfy enum value set: [{}]", values.join(", "));
            self.add(&format!("'{value}'"), path, &set);
        }
        self
    }

    /// A list each of whose items must be one of `values`.
    pub(crate) fn all_of(mut self, path: &str, list: Option<&Vec<String>>, values: &[&str]) -> Violations {
        if let Some(list) = list.filter(|list| list.iter().any(|item| !values.contains(&item.as_str()))) {
            let inner = format!("Member must satisfy enum value set: [{}]", values.join(", "));
            let text = format!("Member must satisfy constraint: [{inner}]");
            self.add(&format!("'[{}]'", list.join(", ")), path, &text);
        }
        self
    }

    /// Patch operations of `input`, such as `updateStageInput`.
    pub(crate) fn operations(mut self, input: &str, operations: Option<&Vec<PatchOperation>>) -> Violations {
        for (index, operation) in operations.into_iter().flatten().enumerate() {
            let path = format!("{input}.patchOperations.{}.member.op", index + 1);
            self = self.one_of(
                &path,
                operation.op.as_deref(),
                &["add", "remove", "move", "test", "replace", "copy"],
            );
        }
        self
    }

    /// A status code in the path.
    pub(crate) fn status(mut self, code: &str) -> Violations {
        let fits = code.len() == 3
            && code.bytes().all(|byte| byte.is_ascii_digit())
            && (b'1'..=b'5').contains(&code.as_bytes()[0]);
        if !fits {
            let text = "Member must satisfy regular expression pattern: [1-5]\\d\\d";
            self.add(&format!("'{code}'"), "statusCode", text);
        }
        self
    }

    /// An error if anything is wrong.
    pub(crate) fn done(self) -> Result<(), Error> {
        match self.0.len() {
            0 => Ok(()),
            1 => Err(Error::Validation(format!("1 validation error detected: {}", self.0[0]))),
            count => {
                Err(Error::Validation(format!("{count} validation errors detected: {}", self.0.join("; "))))
            }
        }
    }

    fn add(&mut self, value: &str, path: &str, constraint: &str) {
        self.0.push(format!("Value {value} at '{path}' failed to satisfy constraint: {constraint}"));
    }
}
