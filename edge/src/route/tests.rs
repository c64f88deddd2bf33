//! One table of requests and routes.

use super::*;

struct Few;

impl Directory for Few {
    fn by_signing_name(&self, name: &str, _: Option<&str>) -> Option<String> {
        (name == "monitoring").then(|| "cloudwatch".to_owned())
    }
    fn by_target(&self, prefix: &str) -> Option<String> {
        (prefix == "Logs_20140328").then(|| "logs".to_owned())
    }
    fn by_action(&self, action: &str) -> Option<String> {
        (action == "GetCallerIdentity").then(|| "sts".to_owned())
    }
    fn by_host_label(&self, label: &str) -> Option<String> {
        ["sqs", "s3", "lambda"].contains(&label).then(|| label.to_owned())
    }
    fn by_path(&self, path: &str) -> Option<String> {
        path.starts_with("/2015-03-31/functions").then(|| "lambda".to_owned())
    }
}

fn check(facts: Facts<'_>, expect: Route) {
    assert_eq!(route(facts, &Few), expect, "{facts:?}");
}

fn service(id: &str) -> Route {
    Route::Service(id.to_owned())
}

fn api(api_id: &str, stage: Option<&str>, path: &str) -> Route {
    Route::Execute(ApiAddress {
        api_id: api_id.to_owned(),
        stage: stage.map(str::to_owned),
        path: path.to_owned(),
    })
}

#[test]
fn deployed_apis_by_host() {
    let at = |host| Facts {
        host,
        path: "/prod/users",
        signing_service: Some("lambda"),
        target: Some("Logs_20140328.X"),
        action: None,
    };
    for host in [
        "abc123.execute-api.localhost:4566",
        "abc123.execute-api.us-east-1.amazonaws.com",
        "abc123.execute-api.localhost.localstack.cloud:4566",
        "ABC123.Execute-API.localhost",
        "abc123-vpce-0af1.execute-api.us-east-1.amazonaws.com",
    ] {
        check(at(host), api("abc123", None, "/prod/users"));
    }
    check(at("execute-api.localhost"), service("lambda"));
    check(at("abc.execute-apis.localhost"), service("lambda"));
}

#[test]
fn deployed_apis_by_path() {
    let at = |path| Facts { host: "127.0.0.1:4566", path, ..Facts::default() };
    check(at("/_aws/execute-api/abc/prod/a/b"), api("abc", Some("prod"), "/a/b"));
    check(at("/_aws/execute-api/abc/prod"), api("abc", Some("prod"), "/"));
    check(at("/_aws/execute-api/abc/prod/"), api("abc", Some("prod"), "/"));
    check(at("/restapis/abc/prod/_user_request_/a"), api("abc", Some("prod"), "/a"));
    check(at("/restapis/abc/prod/_user_request_"), api("abc", Some("prod"), "/"));
    check(at("/restapis/abc/stages/_user_requests"), Route::Unknown);
}

#[test]
fn services() {
    let base = Facts { host: "127.0.0.1:4566", path: "/", ..Facts::default() };
    check(Facts { signing_service: Some("monitoring"), ..base }, service("cloudwatch"));
    check(Facts { signing_service: Some("lambda"), path: "/restapis", ..base }, service("lambda"));
    check(Facts { target: Some("Logs_20140328.PutLogEvents"), ..base }, service("logs"));
    check(Facts { action: Some("GetCallerIdentity"), ..base }, service("sts"));
    check(Facts { host: "sqs.us-east-1.amazonaws.com", ..base }, service("sqs"));
    check(Facts { host: "bucket.s3.localhost:4566", path: "/key", ..base }, service("s3"));
    check(Facts { path: "/2015-03-31/functions/f/invocations", ..base }, service("lambda"));
    check(base, Route::Unknown);
}

#[test]
fn own_pages() {
    let at = |path| Facts { host: "localhost", path, ..Facts::default() };
    check(at("/_loggia/health"), Route::Own("/health".to_owned()));
    check(at("/_loggiax"), Route::Unknown);
    check(at("/_localstack/health"), Route::LocalStackHealth);
}

#[test]
fn hosts_that_may_be_custom_domain_names() {
    let check = |host: &str, expect: bool| assert_eq!(may_be_domain(host), expect, "{host}");
    check("api.example.com", true);
    check("api.shop.localhost:4566", true);
    check("127.0.0.1:4566", false);
    check("[::1]:4566", false);
    check("localhost:4566", false);
    check("abc.execute-api.localhost:4566", false);
    check("", false);
}
