//! The variables of API Gateway: AWS's documented examples, and what LocalStack recorded on AWS.

use std::rc::Rc;

use crate::apigateway::{Inputs, Output, Overrides, Parameters, Variables, render};
use crate::{Limits, Template, Value};

struct Sample;

impl Variables for Sample {
    fn context(&self, name: &str) -> Option<Value> {
        Some(match name {
            "stage" => Value::text("prod"),
            "requestId" => Value::text("abcdefg-000-000-0000-abcdefg"),
            "httpMethod" => Value::text("GET"),
            "identity" => Value::map([
                ("sourceIp", Value::text("192.0.2.1")),
                ("userAgent", Value::text("curl/7.84.0")),
            ]),
            "authorizer" => Value::map([("principalId", Value::text("12233")), ("numKey", Value::text("1"))]),
            _ => return None,
        })
    }
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()
}

fn run(body: &str, source: &str) -> Output {
    let inputs = Inputs {
        body: body.to_owned(),
        parameters: Parameters {
            path: pairs(&[("example2", "myexamplepath")]),
            querystring: pairs(&[("type", "dog"), ("both", "query")]),
            header: pairs(&[("Header1", "value1"), ("both", "header")]),
        },
        stage_variables: pairs(&[("url", "example.com"), ("a-b", "dash")]),
        variables: Rc::new(Sample),
        overrides: Overrides {
            request_path: vec![("body".into(), vec!["kept".into()])],
            ..Overrides::default()
        },
    };
    match Template::parse(source) {
        Err(error) => Output { body: format!("parse error: {error}"), overrides: Overrides::default() },
        Ok(template) => render(&template, inputs, &Limits::default()).unwrap_or_else(|error| Output {
            body: format!("render error: {error}"),
            overrides: Overrides::default(),
        }),
    }
}

const BODY: &str = r#"{"a": 1, "b": [{"c": 5, "url": "http://x/y"}], "s": "it's \"q\" é", "n": null, "price": 249.99, "o": {"t": true}}"#;

#[test]
fn variables() {
    for (source, expected) in [
        ("$input.json('$.b')", r#"[{"c":5,"url":"http://x/y"}]"#),
        ("$input.json('$.s')", r#""it's \"q\" é""#),
        ("$input.json('$.b[*].c')", "[5]"),
        ("$input.json('$.nope')", "\"\""),
        ("$input.json('$.n')", "null"),
        ("$input.path('$.b')", r#"[{"c":5,"url":"http:\/\/x\/y"}]"#),
        ("$input.path('$.o')", "{t=true}"),
        ("$input.path('$.b[0].c') $input.path('$').b[0].c $input.path('$.price')", "5 5 249.99"),
        ("[$input.path('$.nope')] [$input.path('$').nope.x] [$undefined]", "[] [] []"),
        ("#set($r = $input.path('$'))#set($r.new = 2)$r.new $input.path('$.new')", "2 2"),
        (
            "$input.params('type') $input.params('both') $input.params('header1') [$input.params('x')]",
            "dog query value1 []",
        ),
        (
            "$input.params().querystring.get('type') $input.params().header $input.params().path.keySet()",
            "dog {Header1=value1, both=header} [example2]",
        ),
        ("$input.body.length()", "113"),
        (
            "$context.stage $context.identity.sourceIp [$context.identity.user] [$context.nope.nope] $context.authorizer.numKey",
            "prod 192.0.2.1 [] [] 1",
        ),
        (
            "#foreach($k in $context.authorizer.keySet())$k=$context.authorizer.get($k);#end",
            "principalId=12233;numKey=1;",
        ),
        (
            "$stageVariables.url ${stageVariables.url}/x $stageVariables['a-b'] $stageVariables.get('a-b')",
            "example.com example.com/x dash dash",
        ),
        ("$util.escapeJavaScript($input.path('$.s'))", r#"it\'s \"q\" \u00E9"#),
        (
            "$util.escapeJavaScript($input.json('$.s')).replaceAll(\"\\\\'\",\"'\")",
            r#"\"it's \\\"q\\\" \u00E9\""#,
        ),
        ("$util.urlEncode('a b&c=d/é*') $util.urlDecode('a+b%26c')", "a+b%26c%3Dd%2F%C3%A9* a b&c"),
        ("$util.base64Encode('Loggia') $util.base64Decode('TG9nZ2lh')", "TG9nZ2lh Loggia"),
        ("$util.parseJson('{\"x\":[1,{\"y\":2}]}').x[1].y", "2"),
        (
            "$util.parseJson('{')",
            "render error: Invocation of method 'parseJson' failed: $util.parseJson: EOF while parsing an object at line 1 column 1 at [line 1, column 7]",
        ),
        (
            "$input.json('$[')",
            "render error: Invocation of method 'json' failed: Invalid JSON path $[: a bracket is not closed at [line 1, column 8]",
        ),
        ("$context.requestOverride.path.body", "kept"),
    ] {
        assert_eq!(run(BODY, source).body, expected, "{source}");
    }
}

#[test]
fn overrides() {
    let source = r#"#set($context.requestOverride.header.oHeader = "1header")
#set($context.requestOverride.header.multivalue = ["1header", "2header"])
#set($context.requestOverride.path.proxy = "proxy")
#set($context.requestOverride.querystring["q"] = 5)
#set($context.responseOverride.header.hello = "x")
#set($context.responseOverride.status = 400)
$context.responseOverride.status $context.requestOverride.header.oHeader"#;
    let output = run(BODY, source);
    assert_eq!(output.body, "400 1header");
    let one = |name: &str, value: &str| (name.to_owned(), vec![value.to_owned()]);
    assert_eq!(
        output.overrides,
        Overrides {
            request_header: vec![
                one("oHeader", "1header"),
                ("multivalue".into(), vec!["1header".into(), "2header".into()])
            ],
            request_querystring: vec![one("q", "5")],
            request_path: vec![one("body", "kept"), one("proxy", "proxy")],
            response_header: vec![one("hello", "x")],
            response_status: Some("400".into()),
        }
    );
}

#[test]
fn odd_bodies() {
    for (body, source, expected) in [
        ("", "$input.body $input.json('$') $input.path('$')", "{} {} {}"),
        (
            "plain text",
            "$input.body $input.json('$') $input.path('$')",
            "plain text \"plain text\" plain text",
        ),
        (
            "[1,2]",
            "$input.json('$[1]') $input.path('$').size() #foreach($i in $input.path('$'))<$i>#end",
            "2 2 <1><2>",
        ),
        (
            r#"{"n": 12345678901234567890, "f": 1.0, "e": 1e30}"#,
            "$input.json('$')",
            r#"{"n":12345678901234567890,"f":1.0,"e":1.0E30}"#,
        ),
    ] {
        assert_eq!(run(body, source).body, expected, "{source}");
    }
}

/// AWS: Examples using variables for mapping template transformations for API Gateway.
#[test]
fn documented_examples() {
    let pass_through = r#"#set($allParams = $input.params())
{
    "params" : {
        #foreach($type in $allParams.keySet())
        #set($params = $allParams.get($type))
        "$type" : {
            #foreach($paramName in $params.keySet())
            "$paramName" : "$util.escapeJavaScript($params.get($paramName))"
            #if($foreach.hasNext),#end
            #end
        }
        #if($foreach.hasNext),#end
        #end
    }
}"#;
    let output: serde_json::Value = serde_json::from_str(&run("", pass_through).body).unwrap();
    let expected = serde_json::json!({"params": {"path": {"example2": "myexamplepath"}, "querystring": {"type": "dog", "both": "query"},
        "header": {"Header1": "value1", "both": "header"}}});
    assert_eq!(output, expected);
}
