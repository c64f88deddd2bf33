//! Which mapping decides.

use super::*;

fn domain(mappings: &[(&str, &str, Option<&str>)]) -> PublishedDomain {
    let row = |(base, api_id, stage): &(&str, &str, Option<&str>)| {
        let target = BasePathTarget { api_id: (*api_id).to_owned(), stage: stage.map(str::to_owned) };
        ((*base).to_owned(), target)
    };
    PublishedDomain { mappings: mappings.iter().map(row).collect(), ..PublishedDomain::default() }
}

fn check(mappings: &[(&str, &str, Option<&str>)], path: &str, expect: Option<(&str, &str, &str)>) {
    let domain = domain(mappings);
    let found = domain
        .find(path)
        .map(|mapped| (mapped.api_id, mapped.stage, &path[path.len() - mapped.rest_length..]));
    assert_eq!(found, expect, "{path}");
}

#[test]
fn the_longest_base_path_decides() {
    let both =
        &[("", "root", Some("prod")), ("orders", "orders", Some("v1")), ("orders/old", "old", Some("v0"))];
    check(both, "/", Some(("root", "prod", "/")));
    check(both, "/pets/1", Some(("root", "prod", "/pets/1")));
    check(both, "/orders", Some(("orders", "v1", "")));
    check(both, "/orders/", Some(("orders", "v1", "/")));
    check(both, "/orders/7/items", Some(("orders", "v1", "/7/items")));
    check(both, "/orders/old/7", Some(("old", "v0", "/7")));
    check(both, "/ordersX", Some(("root", "prod", "/ordersX")));
}

#[test]
fn a_path_that_no_mapping_fits_is_for_nothing() {
    check(&[("orders", "orders", Some("v1"))], "/pets", None);
    check(&[], "/", None);
}

#[test]
fn without_a_stage_the_path_names_it() {
    check(&[("", "root", None)], "/prod/pets", Some(("root", "prod", "/pets")));
    check(&[("orders", "orders", None)], "/orders/prod", Some(("orders", "prod", "")));
    check(&[("orders", "orders", None)], "/orders", Some(("orders", "", "")));
}
