//! IAM's texts for wrong documents, and documents that must pass.

use proptest::prelude::*;

use crate::document::Kind::{self, Identity, Resource, Trust};
use crate::policy::Policy;

fn check(kind: Kind, document: &str, expect: Result<(), &str>) {
    let result = Policy::parse(document, kind).map(|_| ()).map_err(|error| error.0);
    assert_eq!(result, expect.map_err(str::to_owned), "{document}");
}

// A document around one statement, given without its braces.
fn around(statement: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":{{{statement}}}}}"#)
}

#[test]
fn identity_documents() {
    let syntax = "Syntax errors in policy.";
    let version = "Policy document must be version 2012-10-17 or greater.";
    let ok = r#"{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::b"}"#;
    for (document, text) in [
        ("This is not a json document".to_owned(), syntax),
        ("{}".to_owned(), syntax),
        ("[]".to_owned(), syntax),
        (format!(r#"{{"Statement":{ok}}}"#), version),
        (format!(r#"{{"Version":"2008-10-17","Statement":{ok}}}"#), version),
        (format!(r#"{{"Version":"2013-10-17","Statement":{ok}}}"#), syntax),
        (r#"{"Version":"2012-10-17"}"#.to_owned(), syntax),
        (r#"{"Version":"2012-10-17","Statement":["afd"]}"#.to_owned(), syntax),
        (r#"{"Version":"2012-10-17","Statement":[]}"#.to_owned(), syntax),
        (format!(r#"{{"Version":"2012-10-17","Statement":{ok},"Extra":"x"}}"#), syntax),
        (format!(r#"{{"Version":"2012-10-17","Id":["x"],"Statement":{ok}}}"#), syntax),
        (
            r#"{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Allow"},{"Sid":"a","Effect":"Allow"}]}"#.to_owned(),
            "Statement IDs (SID) in a single policy must be unique.",
        ),
        (format!("{}1{}", "[".repeat(200), "]".repeat(200)), syntax),
        (" ".repeat(140_000), syntax),
    ] {
        check(Identity, &document, Err(text));
    }
}

#[test]
fn identity_statements() {
    let syntax = "Syntax errors in policy.";
    let legacy = "The policy failed legacy parsing";
    let actions = "Policy statement must contain actions.";
    let resources = "Policy statement must contain resources.";
    let vendor = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
    let s3 = r#""Effect":"Allow","Action":"s3:ListBucket""#;
    for (statement, text) in [
        (format!(r#"{s3},"Resource":"*","Extra":"x""#), syntax),
        (r#""Action":"s3:L","Resource":"*""#.to_owned(), syntax),
        (r#""Effect":"invalid","Action":"s3:L","Resource":"*""#.to_owned(), syntax),
        (r#""Effect":"denY","Action":"s3:L","Resource":"*""#.to_owned(), legacy),
        (r#""Effect":"Allow","Action":"invalid","Resource":"*""#.to_owned(), vendor),
        (r#""Effect":"Allow","NotAction":"","Resource":"*""#.to_owned(), vendor),
        (r#""Effect":"Allow","Action":"a a:L","Resource":"*""#.to_owned(), "Vendor a a is not valid"),
        (r#""Effect":"Allow","Action":":L","Resource":"*""#.to_owned(), "Vendor  is not valid"),
        (
            r#""Effect":"Allow","Action":"s3:L:B","Resource":"*""#.to_owned(),
            "Actions/Condition can contain only one colon.",
        ),
        (r#""Effect":"Allow""#.to_owned(), actions),
        (r#""Effect":"Allow","Action":[],"Resource":"*""#.to_owned(), actions),
        (r#""Effect":"Allow","Action":"invalid""#.to_owned(), resources),
        (format!(r#"{s3},"Resource":[]"#), resources),
        (
            format!(r#"{s3},"Resource":"invalid resource""#),
            "Resource invalid resource must be in ARN format or \"*\".",
        ),
        (format!(r#"{s3},"NotResource":"invalid""#), "Resource invalid must be in ARN format or \"*\"."),
        (format!(r#"{s3},"Resource":"""#), "Resource  must be in ARN format or \"*\"."),
        (
            format!(r#"{s3},"Resource":"a:bsdf""#),
            "Partition \"bsdf\" is not valid for resource \"arn:bsdf:*:*:*:*\".",
        ),
        (
            format!(r#"{s3},"Resource":"a:b:cadfsdf""#),
            "Partition \"b\" is not valid for resource \"arn:b:cadfsdf:*:*:*\".",
        ),
        (
            format!(r#"{s3},"Resource":"a:b:c:d:e:f:g:h""#),
            "Partition \"b\" is not valid for resource \"arn:b:c:d:e:f:g:h\".",
        ),
        (
            format!(r#"{s3},"Resource":"aws:s3:::example_bucket""#),
            "Partition \"s3\" is not valid for resource \"arn:s3:::example_bucket:*\".",
        ),
        (
            format!(r#"{s3},"Resource":"s3::b/*""#),
            "Partition \"\" is not valid for resource \"arn::b/*:*:*:*\".",
        ),
        (
            format!(r#"{s3},"Resource":["arn:error:s3:::b","arn:error:s3::b"]"#),
            "Partition \"error\" is not valid for resource \"arn:error:s3:::b\".",
        ),
        (format!(r#"{s3},"Resource":"arn:awss3::b/*""#), legacy),
        (format!(r#"{s3},"Resource":"arn:aws:s3::b""#), legacy),
        (format!(r#"{s3},"Resource":"arn:aws::fdsasf""#), legacy),
        (format!(r#"{s3},"Resource":"arn:aws::::b""#), legacy),
        (format!(r#"{s3},"Resource":"arn:aws:iam::${{aws:PrincipalAccount}}:role/x""#), legacy),
        (r#""Effect":"Allow","Resource":"arn:aws:s3::b""#.to_owned(), legacy),
        (
            format!(r#"{s3},"Resource":"arn:aws""#),
            "Resource vendor must be fully qualified and cannot contain regexes.",
        ),
        (
            format!(r#"{s3},"Resource":"arn:aws:iam:us-east-1::user/x""#),
            "IAM resource arn:aws:iam:us-east-1::user/x cannot contain region information.",
        ),
        (
            format!(r#"{s3},"Resource":"arn:aws:s3:us-east-1::b""#),
            "Resource arn:aws:s3:us-east-1::b can not contain region information.",
        ),
        (
            format!(r#"{s3},"Resource":"arn:aws:iam:::b""#),
            "IAM resource path must either be \"*\", root, or start with user/, federated-user/, role/, group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/.",
        ),
        (format!(r#"{s3},"Resource":{{"a":"arn:aws:s3:::b"}}"#), syntax),
        (format!(r#"{s3},"Resource":["*",{{}}]"#), syntax),
        (format!(r#"{s3},"Resource":"*","NotResource":[]"#), syntax),
        (format!(r#"{s3},"NotAction":[],"Resource":"*""#), syntax),
        (format!(r#"{s3},"Resource":"*","Condition":[]"#), syntax),
        (format!(r#"{s3},"Resource":"*","Condition":{{"a":"b"}}"#), syntax),
        (format!(r#"{s3},"Resource":"*","Condition":{{"x":{{"a":"1"}}}}"#), syntax),
        (format!(r#"{s3},"Resource":"*","Condition":{{"DateGreaterThan":{{"a":{{}}}}}}"#), syntax),
        (
            format!(r#"{s3},"Resource":"*","Condition":{{"ForAnyValue::StringEqualsIfExists":{{"a":"b"}}}}"#),
            syntax,
        ),
        (format!(r#"{s3},"Resource":"*","Condition":{{"DateGreaterThan":{{"a":"sdfdsf"}}}}"#), legacy),
        (format!(r#"{s3},"Resource":"*","Sid":{{}}"#), syntax),
        (
            format!(r#"{s3},"Resource":"*","Principal":"*""#),
            "Policy document should not specify a principal.",
        ),
    ] {
        check(Identity, &around(&statement), Err(text));
    }
}

#[test]
fn identity_documents_that_pass() {
    let s3 = r#""Effect":"Allow","Action":"s3:ListBucket","Resource":"*""#;
    for statement in [
        r#""Effect":"Allow","Action":"iam: asdf safdsf af ","Resource":"arn:aws:s3:::b""#,
        r#""Effect":"Allow","Action":"*","Resource":["arn:aws:s3:::b","*"]"#,
        r#""Effect":"Allow","NotAction":"s3:*","NotResource":"arn:aws:fdsasf""#,
        r#""Effect":"Allow","Action":"s3:L","Resource":"arn:aws:iam:::user/b""#,
        r#""Effect":"Allow","Action":"s3:L","Resource":"arn:aws:s3:eu-west-1:123456789012:accesspoint/x""#,
        r#""Effect":"Deny","Action":"s3:L","Resource":"arn:aws-cn:ec2:us-east-1::b","Sid":"""#,
        &format!(r#"{s3},"Condition":{{}}"#),
        &format!(r#"{s3},"Condition":{{"a":{{}}}}"#),
        &format!(r#"{s3},"Condition":{{"DateGreaterThan":{{"a":[]}}}}"#),
        &format!(r#"{s3},"Condition":{{"DateGreaterThan":{{"a":"2017-07-01T00:00:00Z"}}}}"#),
        &format!(
            r#"{s3},"Condition":{{"Bool":{{"aws:SecureTransport":false}},"NumericLessThan":{{"n":5}}}}"#
        ),
        &format!(r#"{s3},"Condition":{{"ForAllValues:StringEquals":{{"aws:TagKeys":"Department"}}}}"#),
    ] {
        check(Identity, &around(statement), Ok(()));
    }
}

#[test]
fn trust_documents() {
    let lambda = r#""Principal":{"Service":"lambda.amazonaws.com"}"#;
    for (statement, expect) in [
        (format!(r#""Effect":"Allow",{lambda},"Action":"sts:AssumeRole""#), Ok(())),
        (r#""Effect":"Allow","Principal":"*","Action":["sts:AssumeRole","sts:TagSession"]"#.to_owned(), Ok(())),
        (r#""Effect":"Allow","Principal":{"AWS":["123456789012","arn:aws:iam::123456789012:role/a/b"]},"Action":"sts:AssumeRole""#.to_owned(), Ok(())),
        (r#""Effect":"Allow","Principal":{"Federated":"accounts.google.com"},"Action":"sts:AssumeRoleWithWebIdentity""#.to_owned(), Ok(())),
        (format!(r#"{lambda},"Action":"sts:AssumeRole""#), Err("Missing required field Effect")),
        (format!(r#""Effect":"Maybe",{lambda},"Action":"sts:AssumeRole""#), Err("Invalid effect: Maybe")),
        (r#""Effect":"Allow","Action":"sts:AssumeRole""#.to_owned(), Err("Missing required field Principal")),
        (r#""Effect":"Allow","Principal":{},"Action":"sts:AssumeRole""#.to_owned(), Err("Missing required field Principal cannot be empty!")),
        (r#""Effect":"Allow","Principal":"x","Action":"sts:AssumeRole""#.to_owned(), Err("Principal must be a JSON object.")),
        (r#""Effect":"Allow","NotPrincipal":"*","Action":"sts:AssumeRole""#.to_owned(), Err("Allow with NotPrincipal is not allowed.")),
        (r#""Effect":"Deny","NotPrincipal":"*","Action":"sts:AssumeRole""#.to_owned(), Err("AssumeRole policy must not contain NotPrincipal field.")),
        (r#""Effect":"Allow","Principal":{"AWS":"nobody"},"Action":"sts:AssumeRole""#.to_owned(), Err("Invalid principal in policy: \"AWS\":\"nobody\"")),
        (r#""Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/*"},"Action":"sts:AssumeRole""#.to_owned(), Err("Invalid principal in policy: \"AWS\":\"arn:aws:iam::123456789012:role/*\"")),
        (r#""Effect":"Allow","Principal":{"Service":"lambda"},"Action":"sts:AssumeRole""#.to_owned(), Err("Invalid principal in policy: \"SERVICE\":\"lambda\"")),
        (r#""Effect":"Allow","Principal":{"Who":"x"},"Action":"sts:AssumeRole""#.to_owned(), Err("Invalid principal in policy: \"Who\"")),
        (format!(r#""Effect":"Allow",{lambda}"#), Err("Missing required field Action")),
        (format!(r#""Effect":"Allow",{lambda},"Action":"*""#), Err("AssumeRole policy may only specify STS AssumeRole actions.")),
        (format!(r#""Effect":"Allow",{lambda},"Action":"sts:AssumeRole","Resource":"*""#), Err("Has prohibited field Resource")),
        (format!(r#""Effect":"Allow",{lambda},"Action":"sts:AssumeRole","NotResource":"*""#), Err("AssumeRole policy must not contain resources.")),
    ] {
        check(Trust, &around(&statement), expect);
    }
    check(Trust, "{", Err("This policy contains invalid Json"));
    check(
        Trust,
        r#"{"Version":"2020-01-01","Statement":[]}"#,
        Err("The policy must contain a valid version string"),
    );
    check(
        Trust,
        r#"{"Version":"2012-10-17","Statement":[]}"#,
        Err("Could not parse the policy: Statement is empty!"),
    );
    check(
        Trust,
        r#"{"Statement":[{"Sid":"a","Effect":"Deny","Principal":"*","Action":"sts:A"},{"Sid":"a","Effect":"Deny","Principal":"*","Action":"sts:A"}]}"#,
        Err("The Statement Ids in the policy are not unique"),
    );
    check(
        Resource,
        &around(r#""Effect":"Allow","Principal":"*","Action":"s3:GetObject""#),
        Err("Missing required field Resource"),
    );
}

#[test]
fn quota_counts_what_is_not_space() {
    assert_eq!(crate::quota_chars("{ \"a\" :\n 1 }"), 7);
}

proptest! {
    #[test]
    fn nothing_panics(
        text in "\\PC{0,60}",
        resource in "(arn|aws|:|\\*|\\$\\{|\\}|é|s3|iam|/){0,12}",
        operator in "(ForAllValues|:|String|Equals|IfExists|Date|Null|é){0,4}",
        value in "(\\$\\{|\\}|,|'|-|T|:|[0-9]|é){0,12}",
    ) {
        let built = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"AWS":"{resource}"}},"Action":"sts:{value}","Resource":"{resource}","Condition":{{"{operator}":{{"{value}":"{value}"}}}}}}}}"#
        );
        let without_principal = built.replace("\"Principal\":{\"AWS\":\"", "\"Sid\":\"").replacen("\"},", "\",", 1);
        for kind in [Identity, Trust, Resource] {
            for document in [&text, &built, &without_principal] {
                let _ = Policy::parse(document, kind);
            }
        }
    }
}

#[test]
fn authorizer_documents() {
    let syntax = Err("Syntax errors in policy.");
    let allow = r#""Effect":"Allow","Action":"execute-api:Invoke""#;
    for (statement, expect) in [
        (format!(r#"{allow},"Resource":"arn:aws:execute-api:us-east-1:1:a/*""#), Ok(())),
        (format!(r#"{allow},"Resource":["*"]"#), Ok(())),
        // Not an ARN: matches only itself, as one text.
        (format!(r#"{allow},"Resource":"anything""#), Ok(())),
        (format!(r#"{allow},"Resource":[]"#), syntax),
        (allow.to_owned(), syntax),
        (r#""Effect":"allow","Action":"execute-api:Invoke","Resource":"*""#.to_owned(), syntax),
        (r#""Effect":null,"Action":"execute-api:Invoke","Resource":"*""#.to_owned(), syntax),
        (format!(r#"{allow},"Resource":"*","Principal":"*""#), syntax),
    ] {
        check(Kind::Authorizer, &around(&statement), expect);
    }
    check(Kind::Authorizer, &format!(r#"{{"Statement":[{{{allow},"Resource":"*"}}]}}"#), Ok(()));
    check(Kind::Authorizer, r#"{"Version":"2012-10-17","Statement":[]}"#, syntax);
    check(Kind::Authorizer, "null", syntax);
}
