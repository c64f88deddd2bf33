//! `cargo xtask conform --via boto3 [SERVICE…]`: the cases through a real client against the release binary.
//!
//! The work is done by the program `conform` of `testkit`, which knows the cases; here its tools are made ready.

use std::path::Path;

use anyhow::{Result, bail};

use crate::clients::{environment, target};
use crate::test::cargo;

const USAGE: &str = "usage: cargo xtask conform --via boto3 [--binary PROGRAM] [SERVICE…]";

/// Builds the release binary (unless another one is named), and runs the cases of the named services, or all, against it.
pub fn run(root: &Path, rest: &[String]) -> Result<()> {
    let ["--via", "boto3", services @ ..] = &*rest.iter().map(String::as_str).collect::<Vec<_>>() else {
        bail!(USAGE)
    };
    let (binary, services) = match services {
        ["--binary", binary, services @ ..] => ((*binary).to_owned(), services),
        services => {
            cargo(root, &["build", "--release", "--locked", "--package", "loggia"])?;
            (target(root).join("release/loggia").display().to_string(), services)
        }
    };
    let python = environment(root)?.display().to_string();
    let run = ["run", "--quiet", "--locked", "--package", "testkit", "--bin", "conform", "--"];
    cargo(root, &[&run[..], &[&python, &binary], services].concat())
}
