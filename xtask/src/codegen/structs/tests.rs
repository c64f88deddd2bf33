//! Names, and the generated code of a small model.

use serde_json::json;

use super::*;

#[test]
fn members_become_snake_case() {
    for (member, expect) in [
        ("FunctionName", "function_name"),
        ("httpMethod", "http_method"),
        ("VPCConfig", "vpc_config"),
        ("KMSKeyArn", "kms_key_arn"),
        ("CIDRs", "cidrs"),
        ("EFSMountConnectivityException", "efs_mount_connectivity_exception"),
        ("CodeSha256", "code_sha256"),
        ("x-amz-id", "x_amz_id"),
        ("Type", "type_"),
        ("Self", "self_"),
        ("2fa", "_2fa"),
    ] {
        assert_eq!(field_name(member), expect);
    }
}

fn model() -> Value {
    json!({
        "operations": {
            "Plant": { "input": { "shape": "PlantRequest" }, "output": { "shape": "Tree" } },
            "Water": {},
        },
        "shapes": {
            "PlantRequest": { "type": "structure", "required": ["root"], "members": {
                "root": { "shape": "Tree" }, "labels": { "shape": "Labels" }, "when": { "shape": "Date" },
            } },
            "Tree": { "type": "structure", "members": {
                "left": { "shape": "Tree" }, "leaves": { "shape": "Leaves" }, "any": { "shape": "Any" },
            } },
            "Leaves": { "type": "list", "member": { "shape": "Tree" } },
            "Labels": { "type": "map", "key": { "shape": "Text" }, "value": { "shape": "Count" } },
            "Text": { "type": "string" }, "Count": { "type": "long" }, "Date": { "type": "timestamp" },
            "Any": { "type": "structure", "document": true, "members": {} },
            "Unreached": { "type": "structure", "members": {} },
        },
    })
}

#[test]
fn only_what_the_operations_reach_is_generated() {
    let text = generate("garden", &model(), &["Plant".to_owned(), "Water".to_owned()]).unwrap();
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for expect in [
        "pub struct PlantRequest { pub root: Tree, \
         pub labels: Option<std::collections::BTreeMap<String, i64>>, pub when: Option<wire::Timestamp>, }",
        "pub struct Tree { pub left: Option<Box<Tree>>, pub leaves: Option<Vec<Tree>>, pub any: Option<wire::Value>, }",
        "pub struct WaterRequest { }",
        "pub struct WaterResponse { }",
        "impl wire::Request for PlantRequest { const SERVICE: &'static str = \"garden\"; \
         const OPERATION: &'static str = \"Plant\"; type Response = Tree; }",
    ] {
        assert!(flat.contains(expect), "{expect}\nis not in\n{flat}");
    }
    assert!(!text.contains("Unreached"));
}

#[test]
fn unknown_operations_are_refused() {
    let error = generate("garden", &model(), &["Dance".to_owned()]).unwrap_err();
    assert!(error.to_string().contains("no operation Dance"), "{error}");
}
