//! Any text as a mapping template, any text as the payload: no panic, no time or memory beyond the limits.
//!
//! The input is a template and a payload with a zero byte between them.

#![no_main]

use std::rc::Rc;

use libfuzzer_sys::fuzz_target;
use vtl::apigateway::{Inputs, Overrides, Parameters, Variables, render};
use vtl::{Limits, Template, Value};

struct Sample;

impl Variables for Sample {
    fn context(&self, name: &str) -> Option<Value> {
        match name {
            "stage" => Some(Value::text("prod")),
            "identity" => Some(Value::map([("sourceIp", Value::text("192.0.2.1"))])),
            _ => None,
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (source, body) = text.split_once('\0').unwrap_or((text, "{\"a\": [1, {\"b\": \"c\"}], \"s\": \"x\"}"));
    let Ok(template) = Template::parse(source) else { return };
    let inputs = Inputs {
        body: body.to_owned(),
        parameters: Parameters { querystring: vec![("q".into(), "1".into())], ..Parameters::default() },
        stage_variables: vec![("v".into(), "w".into())],
        variables: Rc::new(Sample),
        overrides: Overrides::default(),
    };
    let limits = Limits { steps: 100_000, memory_bytes: 4 << 20, output_bytes: 1 << 20, ..Limits::default() };
    if let Ok(output) = render(&template, inputs, &limits) {
        assert!(output.body.len() <= limits.output_bytes);
    }
});
