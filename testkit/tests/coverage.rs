//! Every operation is in at least three case steps that expect something or check what they do by success, at least one of them an error.
//!
//! `coverage_exceptions.txt` names the operations that are not there yet; it may only shrink: a name that is covered must go.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use testkit::case::Expect;
use testkit::files::{case_files, folders, read, root};

/// Steps in which an operation must appear.
const STEPS_MIN: usize = 3;

#[derive(Default)]
struct Seen {
    steps: usize,
    errors: usize,
}

#[test]
fn every_operation_has_its_cases() {
    let mut seen: BTreeMap<String, Seen> = BTreeMap::new();
    for path in folders().iter().flat_map(|folder| case_files(folder)) {
        let Ok(case) = read(&path) else { continue };
        for (call, expect) in case.calls() {
            let entry = seen.entry(format!("{} {}", call.service, call.operation)).or_default();
            entry.steps += 1;
            entry.errors += usize::from(matches!(expect, Some(Expect::Error { .. })));
        }
    }
    let operations = operations();
    let uncovered: BTreeSet<&String> = operations
        .iter()
        .filter(|name| seen.get(*name).is_none_or(|seen| seen.steps < STEPS_MIN || seen.errors == 0))
        .collect();
    let text = fs::read_to_string(root().join("testkit/coverage_exceptions.txt")).unwrap();
    let excepted: BTreeSet<String> =
        text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect();
    let missing: Vec<String> = uncovered
        .iter()
        .filter(|name| !excepted.contains(**name))
        .map(|name| {
            let Seen { steps, errors } = seen.get(*name).unwrap_or(&Seen { steps: 0, errors: 0 });
            format!(
                "{name} is in {steps} steps of cases, {errors} of them errors; it needs {STEPS_MIN} and 1"
            )
        })
        .collect();
    let needless: Vec<String> = excepted
        .iter()
        .filter(|name| !uncovered.contains(name))
        .map(|name| {
            format!("{name} is no exception any more: take it out of testkit/coverage_exceptions.txt")
        })
        .collect();
    let wrong = [missing, needless].concat();
    assert!(wrong.is_empty(), "{} things about coverage:\n{}\n", wrong.len(), wrong.join("\n"));
}

#[test]
fn cases_lie_with_their_operation() {
    let operations = operations();
    let mut wrong = Vec::new();
    for folder in folders() {
        let Some(service) = folder.strip_prefix("services/").and_then(|rest| rest.strip_suffix("/cases"))
        else {
            continue;
        };
        for path in case_files(&folder) {
            let Ok(case) = read(&path) else { continue };
            let is_here =
                case.calls().any(|(call, _)| operations.contains(&format!("{service} {}", call.operation)));
            if !is_here {
                wrong.push(format!("{} calls no operation of {service}", case.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// `service Operation` of every `services/*/operations.txt`.
fn operations() -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for folder in folders() {
        let Some(service) = folder.strip_prefix("services/").and_then(|rest| rest.strip_suffix("/cases"))
        else {
            continue;
        };
        let text = fs::read_to_string(root().join("services").join(service).join("operations.txt"))
            .expect("the folder was chosen by this file");
        let names = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        all.extend(names.map(|name| format!("{service} {name}")));
    }
    all
}
