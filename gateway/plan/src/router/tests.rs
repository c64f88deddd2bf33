//! AWS: Lambda proxy integrations in API Gateway (which resources `{proxy+}`, `ANY` and `{custom}` stand for).

use proptest::prelude::*;

use super::*;

/// Builds a router of `METHOD /path` lines and checks which line, with which parameters, serves a request.
fn check(resources: &[&str], request: &str, expect: Option<(&str, &[(&str, &str)])>) {
    let mut router = Router::default();
    for line in resources {
        let (method, path) = line.split_once(' ').expect("METHOD /path");
        router.add(path, method, (*line).to_owned());
    }
    let (method, path) = request.split_once(' ').expect("METHOD /path");
    let found = router.find(method, path);
    let found = found.as_ref().map(|matched| (matched.entry.as_str(), matched.parameters.as_slice()));
    assert_eq!(found, expect, "{request} in {resources:?}");
}

#[test]
fn literal_goes_before_variable_before_greedy() {
    let api = ["GET /users", "GET /users/{id}", "GET /users/me", "ANY /{proxy+}"];
    check(&api, "GET /users", Some(("GET /users", &[])));
    check(&api, "GET /users/", Some(("GET /users", &[])));
    check(&api, "GET /users/me", Some(("GET /users/me", &[])));
    check(&api, "GET /users/m%65", Some(("GET /users/me", &[])));
    check(&api, "GET /users/7", Some(("GET /users/{id}", &[("id", "7")])));
    check(&api, "GET /users/a%2Fb", Some(("GET /users/{id}", &[("id", "a%2Fb")])));
    check(&api, "GET /users/7/x", Some(("ANY /{proxy+}", &[("proxy", "users/7/x")])));
    check(&api, "POST /users", Some(("ANY /{proxy+}", &[("proxy", "users")])));
    check(&api, "GET /", None);
}

#[test]
fn a_method_goes_before_any() {
    check(&["ANY /res", "GET /res"], "GET /res", Some(("GET /res", &[])));
    check(&["ANY /res", "GET /res"], "PUT /res", Some(("ANY /res", &[])));
    check(&["GET /res"], "PUT /res", None);
}

#[test]
fn roles_of_the_documented_shop() {
    let shop = ["GET /{proxy+}", "PUT /produce/{proxy+}", "POST /produce/vegetables/{proxy+}"];
    check(&shop, "GET /produce/fruit", Some(("GET /{proxy+}", &[("proxy", "produce/fruit")])));
    check(&shop, "PUT /produce/fruit", Some(("PUT /produce/{proxy+}", &[("proxy", "fruit")])));
    check(&shop, "PUT /bakery/bread", None);
    check(
        &shop,
        "POST /produce/vegetables/carrot",
        Some(("POST /produce/vegetables/{proxy+}", &[("proxy", "carrot")])),
    );
    check(&shop, "POST /produce/fruit/apple", None);
}

#[test]
fn variables_take_one_part() {
    let api = ["GET /{department}/{produce-category}/{product-type}"];
    let parameters = [("department", "produce"), ("produce-category", "fruit"), ("product-type", "apple")];
    check(&api, "GET /produce/fruit/apple", Some((api[0], &parameters)));
    check(&api, "GET /produce/fruit", None);
    check(&api, "GET /produce/fruit/apple/red", None);
    check(&api, "GET /produce//apple", None);
}

#[test]
fn the_root_has_methods_too() {
    check(&["GET /"], "GET /", Some(("GET /", &[])));
    check(&["GET /"], "GET ", Some(("GET /", &[])));
}

#[test]
fn odd_paths() {
    let api = ["GET /a/{id}", "GET /{proxy+}"];
    check(&api, "GET //", None);
    check(&api, "GET /a//b", Some(("GET /{proxy+}", &[("proxy", "a//b")])));
    check(&api, "GET /a/%00", Some(("GET /a/{id}", &[("id", "%00")])));
    check(&api, "GET /%61/%zz", Some(("GET /a/{id}", &[("id", "%zz")])));
    check(&api, "GET /a/..", Some(("GET /a/{id}", &[("id", "..")])));
    check(&["GET /{a}"], &format!("GET /{}", "x/".repeat(10_000)), None);
    let long = "x/".repeat(10_000) + "x";
    check(&api, &format!("GET /{long}"), Some(("GET /{proxy+}", &[("proxy", &long)])));
}

#[test]
fn overlaps_cost_little() {
    // Every level has a literal and a variable way on, and no way ends well.
    let mut router = Router::default();
    let ways = |depth: usize| {
        (0..1_usize << depth).map(move |bits| {
            (0..depth)
                .map(|at| if bits >> at & 1 == 1 { "/a".to_owned() } else { "/{v}".to_owned() })
                .collect::<String>()
        })
    };
    for path in ways(8) {
        router.add(&path, "GET", ());
    }
    assert!(router.find("POST", &"/a".repeat(8)).is_none());
    assert!(router.find("GET", &"/a".repeat(9)).is_none());
    assert_eq!(router.find("GET", &"/a".repeat(8)).map(|found| found.parameters), Some(Vec::new()));
}

proptest! {
    #[test]
    fn any_path_finds_its_greedy_resource(path in "/[a-c%{}/.+\\PC]{1,40}") {
        let mut router = Router::default();
        for resource in ["/a", "/a/{b}", "/a/{b}/c", "/{x}/{y}/c", "/{proxy+}"] {
            router.add(resource, "GET", resource);
        }
        let bare = path.trim_matches('/');
        let found = router.find("GET", &path);
        prop_assert!(bare.is_empty() || found.is_some(), "{path}");
        for (name, value) in found.into_iter().flat_map(|found| found.parameters) {
            prop_assert!(path.contains(value) && !name.is_empty());
        }
    }
}

/// A router of so many resources `/rNUMBER/{id}/items`, and some of their paths.
fn many(resources: usize) -> (Router<usize>, Vec<String>) {
    let mut router = Router::default();
    for number in 0..resources {
        router.add(&format!("/r{number}/{{id}}/items"), "GET", number);
    }
    let paths = (0..100).map(|at| format!("/r{}/7/items", at * 7919 % resources));
    (router, paths.collect())
}

#[test]
fn ten_thousand_resources() {
    let (router, paths) = many(10_000);
    for path in &paths {
        let found = router.find("GET", path).expect("it is there");
        assert_eq!((&format!("/r{}/7/items", found.entry), found.parameters), (path, vec![("id", "7")]));
    }
}

#[test]
#[ignore = "a measurement: prints what routing costs among few and many resources"]
fn what_routing_costs() {
    const ROUNDS: u32 = 2_000;
    for _ in 0..3 {
        for resources in [1, 100, 10_000] {
            let (router, paths) = many(resources);
            let started = std::time::Instant::now();
            for _ in 0..ROUNDS {
                paths.iter().for_each(|path| assert!(router.find("GET", path).is_some()));
            }
            println!("{resources} resources: {:?} a request", started.elapsed() / (ROUNDS * 100));
        }
    }
}

proptest! {
    #[test]
    fn any_routes_and_any_path(
        resources in proptest::collection::vec("(/([ab]|\\{[xy]\\}|[a-z%\\PC&&[^/{}]]{1,4})){0,4}(/\\{p\\+\\})?", 0..12),
        path in "[/ab%{}+.\\PC]{0,40}",
    ) {
        let mut router = Router::default();
        for resource in &resources {
            router.add(resource, "ANY", ());
        }
        for (name, value) in router.find("GET", &path).into_iter().flat_map(|found| found.parameters) {
            prop_assert!(path.contains(value) && !name.is_empty() && !value.is_empty());
        }
    }
}
