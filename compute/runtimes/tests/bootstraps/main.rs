//! Both bootstraps as real processes of the machine's Node.js and Python: handlers, errors, logs, context, bodies.

#![allow(clippy::unwrap_used, reason = "tests")]

mod node;
mod python;
mod worker;

use std::path::Path;

use runtimes::frame::FromBootstrap;
use runtimes::registry::Family;
use serde_json::Value;
use worker::{Outcome, Worker};

/// A folder with `files`, and a bootstrap on it.
struct Function {
    worker: Worker,
    _folder: tempfile::TempDir,
}

fn function(family: Family, files: &[(&str, &str)], handler: &str, env: &[(&str, &str)]) -> Function {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let worker = Worker::start(family, folder.path(), handler, env);
    Function { worker, _folder: folder }
}

/// A function whose handler has loaded.
fn ready(family: Family, files: &[(&str, &str)], handler: &str, env: &[(&str, &str)]) -> Function {
    let mut function = function(family, files, handler, env);
    let outcome = function.worker.outcome();
    assert_eq!(outcome.last, FromBootstrap::Ready, "{outcome:?}");
    function
}

/// The JSON of a whole (not split) answer.
fn result(outcome: &Outcome) -> Value {
    let FromBootstrap::Result { json, body: None } = &outcome.last else { panic!("{outcome:?}") };
    serde_json::from_slice(json).unwrap()
}

/// `(errorType, errorMessage)` of a failure at init or in an invocation.
fn error(outcome: &Outcome) -> (String, String) {
    let (FromBootstrap::Error { json, .. } | FromBootstrap::InitError(json)) = &outcome.last else {
        panic!("{outcome:?}")
    };
    let value: Value = serde_json::from_slice(json).unwrap();
    (value["errorType"].as_str().unwrap().to_owned(), value["errorMessage"].as_str().unwrap().to_owned())
}

/// A log line with its time replaced: `T` for an ISO time.
fn without_time(line: &str) -> String {
    line.split('\t')
        .map(|part| if part.ends_with('Z') && part.contains('T') { "T" } else { part })
        .collect::<Vec<_>>()
        .join("\t")
}
