//! What a mapping template of twenty lines costs: `cargo run --release -p vtl --example speed`.
//!
//! Prints microseconds of CPU time for one rendering, everything that a request pays included: the variables made, the payload parsed, the template rendered.

use std::rc::Rc;
use std::time::Instant;

use vtl::apigateway::{Inputs, Overrides, Parameters, Variables, render};
use vtl::{Limits, Template, Value};

const TEMPLATE: &str = r#"#set($inputRoot = $input.path('$'))
#set($allParams = $input.params())
#set($context.requestOverride.header.X-Stage = $context.stage)
{
  "action": "$inputRoot.action",
  "customer": $input.json('$.customer'),
  "user": "$context.identity.sourceIp",
  "items": [
#foreach($item in $inputRoot.items)
    {"sku": "$item.sku", "quantity": $item.quantity, "note": "$util.escapeJavaScript($item.note)"}#if($foreach.hasNext),#end

#end
  ],
#if($inputRoot.items.size() > 2 && $inputRoot.action == "order")
  "large": true,
#else
  "large": false,
#end
  "query": "$util.urlEncode($input.params('q'))",
  "stage": "$stageVariables.url"
}"#;

const BODY: &str = r#"{"action": "order", "customer": {"id": 12345, "name": "Ada Lovelace", "tags": ["a", "b"]}, "items": [
{"sku": "A-1", "quantity": 2, "note": "it's \"fragile\""}, {"sku": "B-2", "quantity": 1, "note": "plain"}, {"sku": "C-3", "quantity": 7, "note": "x/y"}]}"#;

struct Sample;

impl Variables for Sample {
    fn context(&self, name: &str) -> Option<Value> {
        match name {
            "stage" => Some(Value::text("prod")),
            "identity" => {
                Some(Value::map([("sourceIp", Value::text("192.0.2.1")), ("userAgent", Value::text("curl"))]))
            }
            _ => None,
        }
    }
}

fn inputs() -> Inputs {
    let pair = |n: &str, v: &str| (n.to_owned(), v.to_owned());
    Inputs {
        body: BODY.to_owned(),
        parameters: Parameters {
            path: vec![pair("id", "7")],
            querystring: vec![pair("q", "a b&c")],
            header: (0..12).map(|i| (format!("X-Header-{i}"), "some value".to_owned())).collect(),
        },
        stage_variables: vec![pair("url", "example.com")],
        variables: Rc::new(Sample),
        overrides: Overrides::default(),
    }
}

fn main() {
    const ROUNDS: u32 = 20_000;
    let parsing = Instant::now();
    let template = Template::parse(TEMPLATE).expect("the template is right");
    println!("parsing: {:?}", parsing.elapsed());
    let limits = Limits::default();
    let mut best = f64::INFINITY;
    let mut printed = 0;
    for _ in 0..10 {
        let start = Instant::now();
        for _ in 0..ROUNDS {
            printed += render(&template, inputs(), &limits).expect("it renders").body.len();
        }
        best = best.min(start.elapsed().as_secs_f64() * 1e6 / f64::from(ROUNDS));
    }
    println!("{} lines, {} bytes: {best:.2} µs", TEMPLATE.lines().count(), printed / (ROUNDS as usize * 10));
}
