//! The runner fails where it should, and says where and why.

use std::path::Path;

use crate::case::parse;
use crate::files::run_case;

/// Runs a case in process; `expect` are the beginnings of lines that must be in what it says, none if all is well.
#[track_caller]
fn check(lines: &str, expect: &[&str]) {
    let case = parse(Path::new("x.case"), &format!("# A.\nsource: inferred\n{lines}")).unwrap();
    let failures = run_case(&case).join("\n");
    let said: Vec<&str> =
        failures.lines().map(str::trim).filter(|line| !line.starts_with("the answer:")).collect();
    let fits =
        said.len() == expect.len() && said.iter().zip(expect).all(|(said, expect)| said.starts_with(expect));
    assert!(fits, "expected {expect:#?}, got {said:#?}");
}

#[test]
fn answers() {
    check("apigateway CreateRestApi {name: a}\n  => {name: a, tags: absent}\n", &[]);
    check(
        "apigateway CreateRestApi {name: a}\n  => {name: b}\nsts GetCallerIdentity\n  => {Arn: nobody}\n",
        &[
            "x.case:3: apigateway CreateRestApi",
            "at .name",
            "expected \"b\"",
            "got      \"a\"",
            "x.case:5: sts GetCallerIdentity",
            "at .Arn",
            "expected \"nobody\"",
            "got      \"arn:aws:iam::000000000000:root\"",
        ],
    );
}

#[test]
fn errors() {
    let get = "apigateway GetRestApi {restApiId: nothing}\n";
    let text = "Invalid API identifier specified 000000000000:nothing";
    let got = format!("got      error NotFoundException 404 \"{text}\"");
    check(&format!("{get}  => error NotFoundException 404 \"{text}\"\n"), &[]);
    check(&format!("{get}  => error NotFoundException 404 \"re:^Invalid\"\n"), &[]);
    let failed = "x.case:3: apigateway GetRestApi";
    check(
        &format!("{get}  => error NotFoundException 400 \"*\"\n"),
        &[failed, "expected error NotFoundException 400 \"*\"", &got],
    );
    check(&format!("{get}  => error Other 404 \"*\"\n"), &[failed, "expected error Other 404 \"*\"", &got]);
    check(
        &format!("{get}  => error NotFoundException 404 \"x\"\n"),
        &[failed, "expected error NotFoundException 404 \"x\"", &got],
    );
    check(&format!("{get}sts GetCallerIdentity\n  => {{Arn: x}}\n"), &[failed, "expected success", &got]);
    let (by_shape, by_code) = ("NoSuchEntityException", "NoSuchEntity");
    for code in [by_shape, by_code] {
        check(&format!("iam GetUser {{UserName: nobody}}\n  => error {code} 404 \"*\"\n"), &[]);
    }
    check(
        "sts GetCallerIdentity\n  => error Denied 403 \"no\"\n",
        &["x.case:3: sts GetCallerIdentity", "expected error Denied 403 \"no\"", "got      success: {"],
    );
}

#[test]
fn mistakes_of_the_case() {
    let got = |call: &str, problem: &str| {
        check(
            &format!("{call}\n  => {{}}\n"),
            &[&format!("x.case:3: {}", call.split(" {").next().unwrap()), problem],
        )
    };
    got("nothing Get", "there is no service nothing");
    got("sts Nothing", "sts has no operation Nothing");
    got(
        "sts GetCallerIdentity {A: 1}",
        "the parameters do not fit the model: : GetCallerIdentityRequest has no member A",
    );
    got(
        "as nobody sts GetCallerIdentity",
        "no step before this one made a user, role or session named nobody",
    );
    check(
        "sts AssumeRoot {TargetPrincipal: \"111122223333\", TaskPolicyArn: {arn: \"arn:aws:iam::aws:policy/x\"}}\n  => error NotImplemented 501 \"*\"\n",
        &[],
    );
    check(
        "http GET http://somewhere/\n  => 200\n",
        &["x.case:3: http GET http://somewhere/", "this URL is not for a deployed API: Unknown"],
    );
}

#[test]
fn gaps() {
    let gap = "gap: AWS answers more\n";
    check(&format!("{gap}sts GetCallerIdentity\n  => {{More: absent}}\n"), &[]);
    check(
        &format!("{gap}sts GetCallerIdentity\n  => {{Arn: absent}}\n"),
        &[
            "x.case:4: sts GetCallerIdentity",
            "at .Arn",
            "expected nothing",
            "got      ",
            "This was a known gap: AWS answers more",
            "If it is repaired, take the `gap:` away",
        ],
    );
}

#[test]
fn functions_and_time() {
    check(
        "fn hello = {a: [1]}\nlambda Invoke {FunctionName: hello}\n  => {StatusCode: 200, Payload: {a: [1]}}\n",
        &[],
    );
    check(
        "fn hello = echo\nlambda Invoke {FunctionName: hello, Payload: {b: 2}}\n  => {Payload: {b: 2}}\n",
        &[],
    );
    check(
        "fn bad = error {errorType: Oops}\nlambda Invoke {FunctionName: bad}\n  => {FunctionError: Unhandled, Payload: {errorType: Oops}}\n",
        &[],
    );
    check(
        "fn slow = timeout\nlambda Invoke {FunctionName: slow}\n  => {Payload: {errorType: Sandbox.Timedout}}\n",
        &[],
    );
    check(
        "clock +1d\nlogs CreateLogGroup {logGroupName: g}\nlogs DescribeLogGroups\n  => {logGroups: [{creationTime: 1704153600000}]}\n",
        &[],
    );
}

#[test]
fn callers() {
    let user = "iam CreateUser {UserName: alice}\n";
    check(
        &format!(
            "{user}as alice sts GetCallerIdentity\n  => {{Arn: \"arn:aws:iam::000000000000:user/alice\"}}\n"
        ),
        &[],
    );
    check(
        &format!(
            "{user}iam CreateAccessKey {{UserName: alice}}\nas $2 sts GetCallerIdentity\n  => {{UserId: $1.User.UserId}}\n"
        ),
        &[],
    );
    check("as 111122223333 sts GetCallerIdentity\n  => {Account: \"111122223333\"}\n", &[]);
    check(
        &format!("{user}as alice iam ListUsers\n  => {{}}\n"),
        &[
            "x.case:4: as alice iam ListUsers",
            "expected success",
            "got      error AccessDenied 403 \"User: arn:aws:iam::000000000000:user/alice is not authorized",
        ],
    );
}
