//! The words of AWS's page "Troubleshoot access denied error messages".

use super::MessageForm;
use crate::context::{Principal, Request};
use crate::evaluate::{Decision, Outcome, PolicyType};

fn check(outcome: Outcome, by: PolicyType, arn: Option<&str>, form: MessageForm, expect: &str) {
    let principal = Principal::User {
        arn: "arn:aws:iam::123456789012:user/JohnDoe".into(),
        account: "123456789012".into(),
        name: "JohnDoe".into(),
        user_id: "AIDAEXAMPLE".into(),
    };
    let request = Request::new(
        principal,
        "codedeploy:ListDeployments",
        "arn:aws:codedeploy:us-east-1:123456789012:deploymentgroup:*",
    );
    let decision = Decision { outcome, by: Some(by), policy_arn: arn.map(str::to_owned), sid: None };
    let text = decision.message(&request, form);
    let start = "User: arn:aws:iam::123456789012:user/JohnDoe is not authorized to perform: codedeploy:ListDeployments on resource: ";
    assert_eq!(text.strip_prefix(start), Some(expect));
}

#[test]
fn texts() {
    use MessageForm::{NoReason, Plain, QuotedResource};
    use Outcome::{ExplicitDeny, ImplicitDeny};
    use PolicyType::{Identity, PermissionsBoundary, Resource, RoleTrust, Session};
    let resource = "arn:aws:codedeploy:us-east-1:123456789012:deploymentgroup:*";
    for (outcome, by, arn, expect) in [
        (
            ImplicitDeny,
            Identity,
            None,
            "because no identity-based policy allows the codedeploy:ListDeployments action",
        ),
        (
            ImplicitDeny,
            PermissionsBoundary,
            None,
            "because no permissions boundary allows the codedeploy:ListDeployments action",
        ),
        (
            ImplicitDeny,
            Session,
            None,
            "because no session policy allows the codedeploy:ListDeployments action",
        ),
        (
            ImplicitDeny,
            Resource,
            None,
            "because no resource-based policy allows the codedeploy:ListDeployments action",
        ),
        (
            ImplicitDeny,
            RoleTrust,
            None,
            "because no role trust policy allows the codedeploy:ListDeployments action",
        ),
        (ExplicitDeny, Identity, None, "with an explicit deny in an identity-based policy"),
        (
            ExplicitDeny,
            Identity,
            Some("arn:aws:iam::123456789012:policy/P"),
            "with an explicit deny in an identity-based policy: arn:aws:iam::123456789012:policy/P",
        ),
        (ExplicitDeny, Resource, None, "with an explicit deny in a resource-based policy"),
        (ExplicitDeny, PermissionsBoundary, None, "with an explicit deny in a permissions boundary"),
        (ExplicitDeny, Session, None, "with an explicit deny in a session policy"),
        (ExplicitDeny, RoleTrust, None, "with an explicit deny in the role trust policy"),
    ] {
        check(outcome, by, arn, Plain, &format!("{resource} {expect}"));
        check(outcome, by, arn, QuotedResource, &format!("\"{resource}\" {expect}"));
        check(outcome, by, arn, NoReason, resource);
    }
}
