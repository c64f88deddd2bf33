//! AWS: Cache settings for REST APIs: which methods are cached.

use super::*;

fn settings(caching: Option<bool>, ttl: Option<i64>) -> MethodSettings {
    MethodSettings { caching_enabled: caching, cache_ttl_seconds: ttl, ..MethodSettings::default() }
}

/// The seconds for which `METHOD /pets` is kept in a stage with these settings; 0 if it is not cached.
fn check(size: Option<&str>, rows: &[(&str, MethodSettings)], method: &str, expect: u64) {
    let stage = PublishedStage {
        cache_cluster_size: size.map(str::to_owned),
        method_settings: rows.iter().map(|(name, row)| ((*name).to_owned(), row.clone())).collect(),
        ..PublishedStage::default()
    };
    let named = |name: &str| stage.method_settings.get(name).cloned().unwrap_or_default();
    let (own, all) = (named(&format!("/pets/{method}")), named("*/*"));
    let merged = settings(
        own.caching_enabled.or(all.caching_enabled),
        own.cache_ttl_seconds.or(all.cache_ttl_seconds),
    );
    let definition = MethodDefinition {
        integration: Some(IntegrationDefinition::default()),
        ..MethodDefinition::default()
    };
    let found = rule(&stage, &ApiDefinition::default(), ("id", "/pets", method), &definition, &merged);
    assert_eq!(found.map_or(0, |rule| rule.ttl.as_secs()), expect, "{method} with {rows:?}");
}

#[test]
fn which_methods() {
    let half = Some("0.5");
    check(None, &[("*/*", settings(Some(true), None))], "GET", 0);
    check(half, &[], "GET", 300);
    check(half, &[], "POST", 0);
    check(half, &[], "ANY", 0);
    check(half, &[("*/*", settings(Some(true), Some(60)))], "GET", 60);
    check(half, &[("*/*", settings(Some(true), Some(60)))], "POST", 0);
    check(half, &[("*/*", settings(Some(false), None))], "GET", 0);
    check(
        half,
        &[("*/*", settings(Some(false), None)), ("/pets/GET", settings(Some(true), None))],
        "GET",
        300,
    );
    check(half, &[("*/*", settings(Some(true), None)), ("/pets/GET", settings(Some(false), None))], "GET", 0);
    check(half, &[("/pets/POST", settings(Some(true), Some(9999)))], "POST", 3600);
    check(half, &[("*/*", settings(Some(true), Some(0)))], "GET", 0);
    check(Some("none"), &[], "GET", 0);
}

#[test]
fn cache_keys() {
    let integration = IntegrationDefinition {
        request_parameters: [
            ("integration.request.header.x".to_owned(), "method.request.querystring.q".to_owned()),
            ("integration.request.header.y".to_owned(), "'fixed'".to_owned()),
        ]
        .into(),
        ..IntegrationDefinition::default()
    };
    let check =
        |name: &str, expect: Option<KeySource>| assert_eq!(source(&integration, name), expect, "{name}");
    check("method.request.path.proxy", Some(KeySource::Path("proxy".to_owned())));
    check("method.request.header.Accept-Language", Some(KeySource::Header("accept-language".to_owned())));
    check("method.request.querystring.a.b", Some(KeySource::Query("a.b".to_owned())));
    check("integration.request.header.x", Some(KeySource::Query("q".to_owned())));
    check("integration.request.header.y", None);
    check("method.request.body", None);
}

#[test]
fn sizes() {
    let check = |size: Option<&str>, expect: Option<u64>| {
        let stage =
            PublishedStage { cache_cluster_size: size.map(str::to_owned), ..PublishedStage::default() };
        assert_eq!(bytes(&stage), expect, "{size:?}");
    };
    check(Some("0.5"), Some(1 << 29));
    check(Some("1.6"), Some(1_717_986_918));
    check(Some("0"), None);
    check(Some("-1"), None);
    check(Some("NaN"), None);
    check(None, None);
}
