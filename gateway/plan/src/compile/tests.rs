//! What integrations become of definitions, those that cannot work too.

use super::*;
use crate::definition::{IntegrationDefinition, IntegrationResponseDefinition};

const LAMBDA: &str = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/";

/// Compiles one method's integration in a stage with the variables `fn=f` and shows what it became.
fn check(definition: IntegrationDefinition, expect: &str) {
    let stage =
        PublishedStage { variables: [("fn".to_owned(), "f".to_owned())].into(), ..PublishedStage::default() };
    let method = MethodDefinition { integration: Some(definition.clone()), ..MethodDefinition::default() };
    let resource = ResourceDefinition {
        path: "/a".to_owned(),
        methods: [("GET".to_owned(), method)].into(),
        ..ResourceDefinition::default()
    };
    let api = ApiDefinition { resources: vec![resource], ..ApiDefinition::default() };
    let plan = Plan::compile(stage, PublishedDeployment { id: "d".to_owned(), api });
    let method = plan.router.find("GET", "/a").expect("the method is there").entry;
    let shown = format!("{:?}", method.integration);
    assert!(shown.contains(expect), "{definition:?} became {shown}, not {expect}");
}

fn integration(kind: &str, uri: &str, http_method: &str) -> IntegrationDefinition {
    IntegrationDefinition {
        kind: kind.to_owned(),
        uri: Some(uri.to_owned()),
        http_method: Some(http_method.to_owned()),
        ..IntegrationDefinition::default()
    }
}

#[test]
fn functions() {
    let uri = |function: &str| format!("{LAMBDA}{function}/invocations");
    let arn = "arn:aws:lambda:us-east-1:0:function:${stageVariables.fn}:live";
    check(
        integration("AWS_PROXY", &uri(arn), "POST"),
        "LambdaProxy(Function { arn: \"arn:aws:lambda:us-east-1:0:function:f:live\", credentials: None, invocation_type: None })",
    );
    let mut event = integration("AWS_PROXY", &uri(arn), "POST");
    event.request_parameters =
        [("integration.request.header.x-amz-invocation-type".to_owned(), "'Event'".to_owned())].into();
    check(event, "invocation_type: Some(Text(\"Event\"))");
    check(integration("AWS_PROXY", &uri(arn), "GET"), "Broken(\"a Lambda integration needs");
    check(integration("AWS_PROXY", &uri("f"), "POST"), "Broken(\"no function is named");
    check(integration("AWS_PROXY", "", "POST"), "Broken(\"no function is named");
    let mut mapped = integration("AWS_PROXY", &uri(arn), "POST");
    mapped.request_parameters = [("integration.request.header.TE".to_owned(), "'x'".to_owned())].into();
    check(mapped, "Broken(\"TE header already present\")");
    check(
        integration("AWS", &uri(arn), "POST"),
        "Lambda(Function { arn: \"arn:aws:lambda:us-east-1:0:function:f:live\"",
    );
    let mut streamed = integration("AWS_PROXY", &uri(arn), "POST");
    streamed.response_transfer_mode = Some("STREAM".to_owned());
    check(streamed, "Unsupported(\"Lambda integrations whose answers are streamed (STREAM)\")");
}

#[test]
fn services() {
    let uri = |rest: &str| format!("arn:aws:apigateway:eu-west-1:{rest}");
    check(
        integration("AWS", &uri("sqs:action/SendMessage"), "POST"),
        "Service(ServiceTarget { region: \"eu-west-1\", service: \"sqs\", subdomain: None, ask: Action([Text(\"SendMessage\")]), method: \"POST\"",
    );
    check(
        integration("AWS", &uri("s3:path/{bucket}/${stageVariables.fn}"), "GET"),
        "ask: Path([Name(\"bucket\"), Text(\"/f\")])",
    );
    check(
        integration("AWS", &uri("queue.sqs:path//"), "GET"),
        "service: \"sqs\", subdomain: Some(\"queue\"), ask: Path([Text(\"/\")])",
    );
    check(integration("AWS", &uri("sqs:other/x"), "POST"), "Broken(\"the integration URI");
    check(integration("AWS", "http://x", "POST"), "Broken(\"the integration URI");
    check(integration("OTHER", "http://x", "POST"), "Unsupported(\"integrations of type OTHER\")");
}

#[test]
fn backends() {
    check(
        integration("HTTP_PROXY", "http://x/{proxy+}?a={b}", "ANY"),
        "HttpProxy(HttpTarget { method: \"ANY\", uri: [Text(\"http://x/\"), Name(\"proxy\"), Text(\"?a=\"), Name(\"b\")]",
    );
    let mut odd = integration("HTTP_PROXY", "http://x", "GET");
    odd.request_parameters = [("integration.request.body.x".to_owned(), "'x'".to_owned())].into();
    check(odd, "Broken(\"no such mapping: integration.request.body.x\")");
    let mut linked = integration("HTTP", "http://x", "GET");
    linked.connection_type = "VPC_LINK".to_owned();
    linked.connection_id = Some("${stageVariables.fn}".to_owned());
    check(linked, "link: Some((\"f\", None))");
}

#[test]
fn mocks() {
    let response = |status: &str, pattern: &str| {
        let mut mock = integration("MOCK", "", "");
        let response = IntegrationResponseDefinition {
            selection_pattern: Some(pattern.to_owned()),
            ..IntegrationResponseDefinition::default()
        };
        mock.responses = [(status.to_owned(), response)].into();
        mock
    };
    check(response("200", "4\\d{2}"), "pattern: Some(^(?:4\\d{2})$)");
    check(response("200", ""), "pattern: None");
    check(response("200", "("), "Broken(\"selection pattern (");
    check(response("many", ""), "Broken(\"status many\")");
}

#[test]
fn a_method_without_integration_is_broken() {
    let resource = ResourceDefinition {
        path: "/".to_owned(),
        methods: [("GET".to_owned(), MethodDefinition::default())].into(),
        ..ResourceDefinition::default()
    };
    let api = ApiDefinition { resources: vec![resource], ..ApiDefinition::default() };
    let plan = Plan::compile(PublishedStage::default(), PublishedDeployment { id: "d".to_owned(), api });
    assert!(matches!(plan.router.find("GET", "/").unwrap().entry.integration, Integration::Broken(_)));
}

#[test]
fn throttles() {
    let settings = |rate: Option<f64>, burst: Option<i64>| MethodSettings {
        throttling_rate_limit: rate,
        throttling_burst_limit: burst,
        ..MethodSettings::default()
    };
    let stage = PublishedStage {
        method_settings: [
            ("*/*".to_owned(), settings(Some(2.0), Some(4))),
            ("/a/GET".to_owned(), settings(Some(1.0), Some(1))),
            ("/a/PUT".to_owned(), settings(None, Some(1))),
        ]
        .into(),
        ..PublishedStage::default()
    };
    for (path, method, expect) in
        [("/a", "GET", "/a/GET"), ("/a", "PUT", "*/*"), ("/a", "POST", "*/*"), ("/b", "GET", "*/*")]
    {
        assert_eq!(throttle(&stage, path, method).unwrap().bucket, expect, "{method} {path}");
    }
    assert_eq!(throttle(&PublishedStage::default(), "/a", "GET"), None);
}
