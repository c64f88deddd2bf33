//! What a report says of machines that lack something.

use super::*;
use crate::features::Features;

fn findings(lacking: &[(Feature, &str)]) -> Findings {
    let all = Feature::ALL.into_iter().fold(Features::default(), Features::with);
    Findings {
        features: lacking.iter().fold(all, |features, (feature, _)| features.without(*feature)),
        missing: lacking.iter().map(|(f, step)| (*f as u32, libc::EPERM, (*step).to_owned())).collect(),
        landlock_abi: 4,
        own_uid: 0,
        own_gid: 0,
    }
}

#[test]
fn summaries_and_essentials() {
    let check = |lacking: &[(Feature, &str)], summary: &str, essentials: &str| {
        let report = make(Mode::Required, &findings(lacking), &Found::default());
        assert_eq!((report.summary.as_str(), report.missing_essentials().as_str()), (summary, essentials));
        assert_eq!(report.is_isolated(), essentials.is_empty());
    };
    let lesser = "isolated, with protections missing that are not essential";
    check(&[], lesser, ""); // no cgroups
    check(&[(Feature::Landlock, "ask")], lesser, "");
    check(
        &[(Feature::User, "unshare user namespace"), (Feature::Network, "x")],
        "NOT ISOLATED: essential protections are missing",
        "user namespace (unshare user namespace: EPERM)",
    );
}

#[test]
fn rows_name_step_remedy_and_loss() {
    let report =
        make(Mode::Auto, &findings(&[(Feature::Overlay, "merge 2 directories at /opt")]), &Found::default());
    let row = report.rows.iter().find(|row| row.name == "merged layers").unwrap();
    assert_eq!(row.detail, "merge 2 directories at /opt: EPERM");
    assert_eq!(row.lost, "functions with several layers do not start");
    assert!(report.to_string().contains("remedy: overlayfs"), "{report}");
    assert!(report.to_string().contains("ABI 4"), "{report}");
}
