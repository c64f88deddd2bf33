//! Which endpoint a client's connection comes through.

use super::*;

fn check(peer: &str, named: Option<&str>, expect: Option<&str>) {
    let endpoint = |id: &str, clients: &[&str]| VpcEndpoint {
        id: id.to_owned(),
        vpc_id: "vpc-1".to_owned(),
        clients: clients.iter().map(|range| AddressRange::parse(range).unwrap()).collect(),
    };
    let settings = Settings {
        vpc_endpoints: vec![
            endpoint("vpce-1", &["10.0.0.0/16"]),
            endpoint("vpce-2", &["10.0.0.0/8", "fd00::/8"]),
            endpoint("vpce-3", &[]),
        ],
        ..Settings::default()
    };
    let found = settings.endpoint_of(peer.parse().unwrap(), named).map(|endpoint| endpoint.id.as_str());
    assert_eq!(found, expect, "{peer} {named:?}");
}

#[test]
fn endpoints() {
    check("10.0.1.1", None, Some("vpce-1"));
    check("10.1.1.1", None, Some("vpce-2"));
    check("fd00::1", None, Some("vpce-2"));
    check("::ffff:10.0.1.1", None, Some("vpce-1"));
    check("127.0.0.1", None, None);
    check("10.0.1.1", Some("vpce-2"), Some("vpce-2"));
    check("10.1.1.1", Some("vpce-1"), None);
    check("127.0.0.1", Some("vpce-1"), None);
    check("10.0.1.1", Some("vpce-3"), None);
    check("10.0.1.1", Some("VPCE-1"), Some("vpce-1"));
}
