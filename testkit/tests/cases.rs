//! Every case, in process: one test for each folder, so that one run tells of all failures in it.

use testkit::files::{folders, run_folder};

const FOLDERS: [&str; 8] = [
    "services/apigateway/cases",
    "services/cloudwatch/cases",
    "services/iam/cases",
    "services/lambda/cases",
    "services/logs/cases",
    "services/sts/cases",
    "cases",
    "cases/execute-api",
];

fn check(folder: &str) {
    let (count, failures) = run_folder(folder);
    assert!(
        failures.is_empty(),
        "{} failures in {count} cases of {folder}\n\n{}\n",
        failures.len(),
        failures.join("\n\n")
    );
    println!("{count} cases");
}

#[test]
fn every_folder_has_its_test() {
    assert_eq!(folders(), FOLDERS);
}

#[test]
fn apigateway() {
    check("services/apigateway/cases");
}

#[test]
fn cloudwatch() {
    check("services/cloudwatch/cases");
}

#[test]
fn iam() {
    check("services/iam/cases");
}

#[test]
fn lambda() {
    check("services/lambda/cases");
}

#[test]
fn logs() {
    check("services/logs/cases");
}

#[test]
fn sts() {
    check("services/sts/cases");
}

#[test]
fn across_services() {
    check("cases");
}

#[test]
fn execute_api() {
    check("cases/execute-api");
}
