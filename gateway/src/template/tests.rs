//! What templates see of a request, and what they leave behind.

use std::sync::Arc;

use plan::definition::IntegrationDefinition;

use super::*;
use crate::event::tests::exchange;
use crate::exchange::Authorized;
use crate::trail::Trail;

/// Renders a template over `{"name": "rex"}`; the execution log if it fails.
fn rendering(template: &str, prepare: impl FnOnce(&mut Exchange)) -> Result<String, String> {
    let headers: [(&str, &[u8]); 3] = [("X-Two", b"one"), ("X-Two", b"two"), ("User-Agent", b"test")];
    let mut exchange = exchange("/pets/{id}", IntegrationDefinition::default(), &headers);
    exchange.trail = Trail::whole();
    prepare(&mut exchange);
    let rendered = rendered(&mut exchange, &Template::new(template), "{\"name\": \"rex\"}".into());
    rendered.map_err(|_| exchange.trail.take().join("\n"))
}

fn check(template: &str, expect: &str) {
    assert_eq!(rendering(template, |_| ()).as_deref(), Ok(expect), "{template}");
}

#[test]
fn inputs() {
    check("plain", "plain");
    check("$input.json('$.name')", "\"rex\"");
    check("$input.path('$.name')", "rex");
    check("$input.params('id')/$input.params('b')/$input.params('X-Two')", "7/3/two");
    check("$input.params().path.id $input.params().header.get('Host')", "7 api0000001.execute-api.localhost");
    check("#foreach($name in $input.params().querystring.keySet())$name#end", "ab");
    check("$util.base64Encode('hi')", "aGk=");
}

#[test]
fn contexts() {
    check("$context.stage $context.httpMethod $context.resourcePath", "prod GET /pets/{id}");
    check("$context.identity.sourceIp $context.identity.userAgent", "127.0.0.1 test");
    check("$context.apiId ${context.requestId}", "api0000001 id");
    check("[$context.authorizer.principalId]", "[]");
    let authorized = |exchange: &mut Exchange| {
        exchange.authorizer = Some(Authorized {
            principal_id: Some("alice".to_owned()),
            context: [("tenant".to_owned(), "t1".into()), ("level".to_owned(), 3.into())]
                .into_iter()
                .collect(),
            claims: Some([("sub".to_owned(), "s".into())].into_iter().collect()),
            ..Authorized::default()
        });
    };
    let template = "$context.authorizer.principalId $context.authorizer.tenant $context.authorizer.level $context.authorizer.claims.sub";
    assert_eq!(rendering(template, authorized).as_deref(), Ok("alice t1 3 s"));
    let variables = |exchange: &mut Exchange| {
        let mut stage = exchange.plan.stage.clone();
        stage.variables = [("color".to_owned(), "blue".to_owned())].into();
        let deployment = plan::definition::PublishedDeployment::default();
        exchange.plan = Arc::new(plan::Plan::compile(stage, deployment));
    };
    assert_eq!(rendering("$stageVariables.color", variables).as_deref(), Ok("blue"));
}

#[test]
fn overrides() {
    let mut exchange = exchange("/pets/{id}", IntegrationDefinition::default(), &[]);
    let request = "#set($context.requestOverride.header.X-One = 'a')#set($context.requestOverride.path.id = $input.path('$.name'))";
    rendered(&mut exchange, &Template::new(request), "{\"name\": \"rex\"}".into())
        .expect("the template renders");
    assert_eq!(exchange.overrides.request_header, [("X-One".to_owned(), vec!["a".to_owned()])]);
    let response = "#set($context.responseOverride.status = 418)$context.requestOverride.path.id";
    let seen = rendered(&mut exchange, &Template::new(response), "".into());
    assert_eq!(seen.ok().as_deref(), Some("rex"));
    assert_eq!(exchange.overrides.response_status.as_deref(), Some("418"));
}

#[test]
fn failures_name_the_place() {
    for (template, place) in [("a\n  #if($x)", "line 2"), ("$input.path('$[')", "line 1, column 8")] {
        let log = rendering(template, |_| ()).expect_err("the template fails");
        assert!(log.starts_with("Execution failed due to configuration error: Unable to"), "{log}");
        assert!(log.contains(place), "{log}");
    }
}
