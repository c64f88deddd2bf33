//! Routes, and every model of the house.

use super::*;

fn models() -> Vec<(String, Vec<u8>)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models");
    let mut models = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "json") {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            models.push((name, std::fs::read(path).unwrap()));
        }
    }
    models.sort();
    models
}

#[test]
fn every_committed_model_loads() {
    let models = models();
    assert!(models.len() >= 26, "{} models", models.len());
    for (name, bytes) in models {
        let model = Model::load(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(!model.operations().is_empty(), "{name}");
        for operation in model.operations() {
            assert!(model.operation(&operation.name).is_some_and(|found| found.name == operation.name));
        }
    }
}

#[test]
fn a_damaged_model_is_an_error() {
    for text in ["", "{}", "[]", r#"{"metadata":{"protocol":"smoke"}}"#] {
        assert!(Model::load(text.as_bytes()).is_err(), "{text}");
    }
    let dangling =
        r#"{"metadata":{"protocol":"json"},"shapes":{"A":{"type":"list","member":{"shape":"B"}}}}"#;
    assert!(matches!(Model::load(dangling.as_bytes()), Err(ModelError::NoShape(name)) if &*name == "B"));
}

fn check(pattern: &str, path: &str, expect: Option<&[(&str, &str)]>) {
    let pattern = UriPattern::parse(pattern);
    assert_eq!(pattern.match_path(path).as_deref(), expect, "{pattern:?} {path}");
}

#[test]
fn paths_match_their_patterns() {
    check("/", "/", Some(&[]));
    check("/", "", Some(&[]));
    check("/", "/x", None);
    check("/restapis/{id}", "/restapis/a%2Fb", Some(&[("id", "a%2Fb")]));
    check("/restapis/{id}", "/restapis/a/", Some(&[("id", "a")]));
    check("/restapis/{id}", "/restapis/", None);
    check("/restapis/{id}", "/restapis/a/b", None);
    check("/{Bucket}/{Key+}", "/b/k/l//m/", Some(&[("Bucket", "b"), ("Key", "k/l//m/")]));
    check("/{Bucket}/{Key+}", "/b", None);
    check("/tags/{arn+}/end", "/tags/a/b/end", Some(&[("arn", "a/b")]));
    check("/2015/functions/{F}/x", "/2015/functions/f/x", Some(&[("F", "f")]));
}

#[test]
fn the_most_specific_route_wins() {
    let model = |name: &str| {
        let bytes = models().into_iter().find(|(one, _)| one == name).unwrap().1;
        Model::load(&bytes).unwrap()
    };
    let route = |model: &Model, method: &str, path: &str, query: &[(&str, &str)]| {
        let query: Vec<_> = query.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        model.routes().find(model.operations(), &method, path, &query).map(|(op, _)| op.name.to_string())
    };
    let apigateway = model("apigateway");
    let lambda = model("lambda");
    let cases = [
        (&apigateway, "POST", "/restapis", &[][..], Some("CreateRestApi")),
        (&apigateway, "POST", "/restapis", &[("mode", "import")], Some("ImportRestApi")),
        (&apigateway, "GET", "/restapis/x/resources/y/methods/GET", &[], Some("GetMethod")),
        (&apigateway, "DELETE", "/restapis", &[], None),
        (&lambda, "POST", "/2015-03-31/functions", &[], Some("CreateFunction")),
        (&lambda, "POST", "/2015-03-31/functions/", &[], Some("CreateFunction")),
        (&lambda, "POST", "/2015-03-31/functions/f/invocations", &[], Some("Invoke")),
        (&lambda, "GET", "/2017-03-31/tags/arn:aws:lambda:eu-west-1:0:function:f", &[], Some("ListTags")),
        (&lambda, "GET", "/nothing", &[], None),
    ];
    for (model, method, path, query, expect) in cases {
        assert_eq!(route(model, method, path, query).as_deref(), expect, "{method} {path} {query:?}");
    }
}

use http::Method;
