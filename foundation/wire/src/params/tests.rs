//! Parameters as cases write them.

use super::*;

fn model() -> Model {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models/lambda.json");
    Model::load(&std::fs::read(path).unwrap()).unwrap()
}

fn shape(model: &Model, name: &str) -> SchemaId {
    model.schema_id(name).unwrap()
}

#[test]
fn parameters_come_back_as_they_were_written() {
    let model = model();
    for (name, params) in [
        (
            "CreateFunctionRequest",
            json!({ "FunctionName": "f", "MemorySize": 128, "Tags": { "a": "b" }, "Publish": true }),
        ),
        ("CreateFunctionRequest", json!({ "Code": { "ZipFile": "text" }, "Architectures": ["arm64"] })),
        ("CreateFunctionRequest", json!({ "Code": { "ZipFile": { "base64": "/w==" } } })),
        ("EventSourceMappingConfiguration", json!({ "LastModified": "2024-01-02T03:04:05Z" })),
    ] {
        let id = shape(&model, name);
        let value = from_json(&model, id, params.clone()).unwrap();
        assert_eq!(to_json(&model, id, &value), params);
    }
    let id = shape(&model, "EventSourceMappingConfiguration");
    let value = from_json(&model, id, json!({ "LastModified": 1.5 })).unwrap();
    assert_eq!(value.get("LastModified"), Some(&Value::Timestamp(1500)));
}

#[test]
fn mistakes_in_parameters_are_told_with_their_place() {
    let model = model();
    for (params, expect) in [
        (json!({ "functionName": "f" }), ": CreateFunctionRequest has no member functionName"),
        (json!({ "Code": { "Zip": 1 } }), "Code: FunctionCode has no member Zip"),
        (json!({ "Layers": ["a", 1] }), "Layers.1: 1 does not fit the shape LayerVersionArn"),
        (json!({ "MemorySize": "1" }), "MemorySize: \"1\" does not fit the shape MemorySize"),
    ] {
        let error = from_json(&model, shape(&model, "CreateFunctionRequest"), params).unwrap_err();
        assert_eq!(error.to_string(), expect);
    }
}
