//! Locations, whole and refused.

use super::*;

fn at(kind: &str, fields: [&str; 4]) -> Location {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let [path, method, status_code, name] = fields.map(some);
    Location { kind: kind.to_owned(), path, method, status_code, name }
}

fn check(kind: &str, fields: [&str; 4], expect: &str) {
    let told = match at(kind, fields).whole() {
        Ok(location) => location.told(),
        Err(error) => error.to_string(),
    };
    assert_eq!(told, expect);
}

#[test]
fn locations_are_made_whole() {
    check("API", ["", "", "", ""], "type 'API'");
    check("RESOURCE", ["", "", "", ""], "type 'RESOURCE', path '/'");
    check("METHOD", ["/pets", "", "", ""], "type 'METHOD', path '/pets', method '*'");
    check(
        "RESPONSE",
        ["/pets", "GET", "", ""],
        "type 'RESPONSE', path '/pets', method 'GET', statusCode '*'",
    );
    check("MODEL", ["", "", "", "Pet"], "type 'MODEL', name 'Pet'");
}

#[test]
fn what_a_type_has_no_use_for_is_refused() {
    check("API", ["/", "", "", ""], "Documentation parts of type API have no path");
    check("METHOD", ["/", "GET", "200", ""], "Documentation parts of type METHOD have no statusCode");
    check("QUERY_PARAMETER", ["/", "GET", "", ""], "Documentation parts of type QUERY_PARAMETER need a name");
}
