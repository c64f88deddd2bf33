//! What the published data does not have: malformed requests with AWS's answers, errors in every protocol's form, and any bytes at all.

mod vectors;

use std::sync::LazyLock;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use proptest::prelude::*;

use super::*;

static MODELS: LazyLock<Vec<(&str, Model)>> = LazyLock::new(|| {
    ["apigateway", "cloudwatch", "dynamodb", "iam", "kinesis", "lambda", "logs", "route53", "sts"]
        .into_iter()
        .map(|service| {
            let path = format!("{}/../../models/{service}.json", env!("CARGO_MANIFEST_DIR"));
            (service, Model::load(&std::fs::read(path).unwrap()).unwrap())
        })
        .collect()
});

fn model(service: &str) -> &'static Model {
    &MODELS.iter().find(|(name, _)| *name == service).unwrap().1
}

fn send(service: &str, head: &str, body: &str) -> Result<Decoded<'static>, Rejection> {
    let (line, rest) = head.split_once('\n').unwrap_or((head, ""));
    let (method, uri) = line.split_once(' ').unwrap();
    let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
    let mut headers = HeaderMap::new();
    for header in rest.lines() {
        let (name, value) = header.split_once(": ").unwrap();
        headers.insert(HeaderName::try_from(name).unwrap(), HeaderValue::try_from(value).unwrap());
    }
    let method = Method::try_from(method).unwrap();
    let body = Bytes::from(body.to_owned());
    decode(model(service), &HttpRequest { method: &method, path, query, headers: &headers, body: &body })
}

/// `expect` is the code, the status and the text.
fn check(service: &str, head: &str, body: &str, expect: (&str, u16, Option<&str>)) {
    let rejection = send(service, head, body).expect_err(body);
    assert_eq!((&*rejection.code, rejection.status, rejection.message.as_deref()), expect, "{head} {body}");
}

#[test]
fn json_of_the_wrong_type_is_answered_as_aws_answers_it() {
    let put = "POST /\nx-amz-target: Kinesis_20131202.PutRecord";
    let stream = "POST /\nx-amz-target: Kinesis_20131202.CreateStream";
    let text = |text| ("SerializationException", 400, Some(text));
    let silent = ("SerializationException", 400, None);
    check("kinesis", put, "{", silent);
    check("kinesis", put, "nonsense", silent);
    check("kinesis", put, "\"text\"", silent);
    check("kinesis", put, "[]", text("Start of list found where not expected"));
    check("kinesis", put, r#"{"StreamName":1}"#, text("NUMBER_VALUE can not be converted to a String"));
    check("kinesis", put, r#"{"StreamName":true}"#, text("TRUE_VALUE can not be converted to a String"));
    check("kinesis", put, r#"{"StreamName":false}"#, text("FALSE_VALUE can not be converted to a String"));
    check("kinesis", put, r#"{"StreamName":[]}"#, text("Start of list found where not expected"));
    check(
        "kinesis",
        put,
        r#"{"StreamName":{}}"#,
        text("Start of structure or map found where not expected."),
    );
    check(
        "kinesis",
        stream,
        r#"{"ShardCount":"1"}"#,
        text("STRING_VALUE can not be converted to an Integer"),
    );
    check(
        "kinesis",
        stream,
        r#"{"ShardCount":99999999999}"#,
        text("NUMBER_VALUE can not be converted to an Integer"),
    );
    check("kinesis", stream, r#"{"StreamModeDetails":"x"}"#, text("Expected null"));
    check("kinesis", stream, r#"{"Tags":"x"}"#, text("Expected map or null"));
    let records = "POST /\nx-amz-target: Kinesis_20131202.PutRecords";
    check("kinesis", records, r#"{"Records":"x"}"#, text("Expected list or null"));
    check(
        "kinesis",
        records,
        r#"{"Records":{}}"#,
        text("Start of structure or map found where not expected."),
    );
    check(
        "kinesis",
        put,
        r#"{"Data":"23456"}"#,
        text(
            "'23456' can not be converted to a Blob: Base64 encoded length is expected a multiple of 4 bytes but found: 5",
        ),
    );
    check(
        "kinesis",
        put,
        r#"{"Data":"=+/="}"#,
        text("'=+/=' can not be converted to a Blob: Invalid Base64 character: '='"),
    );
    check(
        "kinesis",
        put,
        r#"{"Data":"+/+="}"#,
        text("'+/+=' can not be converted to a Blob: Invalid last non-pad Base64 character dectected"),
    );
    check("kinesis", put, &format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)), silent);
    check(
        "kinesis",
        "POST /\nx-amz-target: Kinesis_20131202.Dance",
        "{}",
        ("UnknownOperationException", 400, None),
    );
    check("dynamodb", "POST /", "{}", ("UnknownOperationException", 400, None));
    let create = "POST /2015-03-31/functions";
    check(
        "lambda",
        create,
        r#"{"FunctionName":"f","MemorySize":"128"}"#,
        text("STRING_VALUE can not be converted to an Integer"),
    );
    check("lambda", create, r#"{"FunctionName":"f","#, silent);
    check(
        "apigateway",
        "POST /restapis",
        r#"{"name":1}"#,
        text("NUMBER_VALUE can not be converted to a String"),
    );
    check(
        "apigateway",
        "GET /restapis?limit=ten",
        "",
        text("STRING_VALUE can not be converted to an Integer"),
    );
}

#[test]
fn what_aws_forgives_is_forgiven() {
    let input = |service, head, body| send(service, head, body).unwrap().input;
    let stream = "POST /\nx-amz-target: Kinesis_20131202.CreateStream";
    // Unknown members, null members, a fraction, an empty body.
    let decoded = input("kinesis", stream, r#"{"Huh":[{"x":1}],"StreamName":null,"ShardCount":2.9}"#);
    assert_eq!(decoded, Value::Map(vec![("ShardCount".to_owned(), Value::Int(2))]));
    assert_eq!(input("kinesis", stream, " "), Value::empty());
    let describe = "POST /\nx-amz-target: Kinesis_20131202.EnableEnhancedMonitoring";
    let decoded = input("kinesis", describe, r#"{"ShardLevelMetrics":[null,"ALL"]}"#);
    let list = Value::List(vec![Value::Null, Value::String("ALL".to_owned())]);
    assert_eq!(decoded.get("ShardLevelMetrics"), Some(&list));
    let decoded = input("lambda", "GET /2015-03-31/functions/a%2Fb%3A%C3%A9?Qualifier=", "{not read}");
    assert_eq!(decoded.get("FunctionName"), Some(&Value::String("a/b:é".to_owned())));
    assert_eq!(decoded.get("Qualifier"), Some(&Value::String(String::new())));
    // The body of Invoke is not looked at here.
    let decoded =
        send("lambda", "POST /2015-03-31/functions/f/invocations\nX-Amz-Log-Type: Tail", "{broken").unwrap();
    assert_eq!(&*decoded.operation.name, "Invoke");
    assert_eq!(decoded.input.get("Payload"), Some(&Value::Blob(Bytes::from_static(b"{broken"))));
    assert_eq!(decoded.input.get("LogType"), Some(&Value::String("Tail".to_owned())));
}

#[test]
fn forms_are_read_in_any_order_and_refused_as_aws_refuses() {
    let form = "POST /\ncontent-type: application/x-www-form-urlencoded; charset=utf-8";
    let version = "Version=2010-05-08";
    let malformed = |text| ("MalformedInput", 400, Some(text));
    check("iam", form, version, ("MissingAction", 400, Some("Missing Action")));
    let missing = |text| ("InvalidAction", 400, Some(text));
    check(
        "iam",
        form,
        "Action=Dance&Version=2010-05-08",
        missing("Could not find operation Dance for version 2010-05-08"),
    );
    check(
        "iam",
        form,
        "Action=ListUsers",
        missing("Could not find operation ListUsers for version NO_VERSION_SPECIFIED"),
    );
    check(
        "iam",
        form,
        "Action=ListUsers&Version=2020-01-01",
        missing("Could not find operation ListUsers for version 2020-01-01"),
    );
    let list = format!("Action=ListUsers&{version}&MaxItems=");
    check("iam", form, &format!("{list}x"), malformed("STRING_VALUE can not be converted to an Integer"));
    let tag = format!("Action=TagRole&{version}&RoleName=r&Tags.member.");
    check("iam", form, &format!("{tag}0.Key=a"), malformed("0 is not a valid index"));
    check("iam", form, &format!("{tag}x.Key=a"), malformed("Start of list found where not expected"));
    let body = format!("{tag}2.Key=b&Tags.member.10.Key=c&Tags.member.1.Key=a%2Bb+c");
    for (head, body) in [(form.to_owned(), body.as_str()), (format!("GET /?{body}"), "")] {
        let decoded = send("iam", &head, body).unwrap();
        let key = |key: &str| Value::Map(vec![("Key".to_owned(), Value::String(key.to_owned()))]);
        assert_eq!(decoded.input.get("Tags"), Some(&Value::List(vec![key("a+b c"), key("b"), key("c")])));
    }
    let empty = send("iam", form, &format!("Action=TagRole&{version}&Tags=")).unwrap();
    assert_eq!(empty.input.get("Tags"), Some(&Value::List(Vec::new())));
    let many = "a=b&".repeat(PARAMETERS_MAX + 1);
    check("iam", form, &many, malformed(&format!("More than {PARAMETERS_MAX} parameters")));
}

#[test]
fn paths_and_documents_that_nobody_has() {
    let denied = "Unable to determine service/operation name to be authorized";
    check("lambda", "GET /2015-03-31/nothing", "", ("AccessDeniedException", 403, Some(denied)));
    check("apigateway", "PATCH /restapis", "", ("AccessDeniedException", 403, Some(denied)));
    let zone = "POST /2013-04-01/hostedzone";
    for body in [
        "",
        "<a",
        "<a/><b/>text",
        "<a><b></a></b>",
        "<a>&unknown;</a>",
        "<!DOCTYPE a [<!ENTITY e \"x\">]><a>&e;</a>",
    ] {
        if let Ok(decoded) = send("route53", zone, body) {
            assert_eq!(decoded.input, Value::empty(), "{body}");
            assert!(body.is_empty() || body.starts_with("<a/>"), "{body}");
        }
    }
    check("route53", zone, "<a>&unknown;</a>", ("MalformedXML", 400, None));
    check("route53", zone, &"<a>".repeat(50_000), ("MalformedXML", 400, None));
    let read = send("route53", zone, "<R xmlns='x'><Name>a&amp;b&#x21;<![CDATA[<c>]]></Name></R>").unwrap();
    assert_eq!(read.input.get("Name"), Some(&Value::String("a&b!<c>".to_owned())));
}

#[test]
fn a_service_with_several_protocols_answers_in_the_one_it_was_asked_in() {
    let cases = [
        (
            "POST /\ncontent-type: application/x-www-form-urlencoded",
            "Action=ListMetrics&Version=2010-08-01",
            Protocol::Query,
        ),
        ("POST /\nx-amz-target: GraniteServiceVersion20100801.ListMetrics", "{}", Protocol::Json10),
        (
            "POST /service/GraniteServiceVersion20100801/operation/ListMetrics\nsmithy-protocol: rpc-v2-cbor",
            "",
            Protocol::Cbor,
        ),
    ];
    for (head, body, protocol) in cases {
        let decoded = send("cloudwatch", head, body).unwrap();
        assert_eq!((decoded.protocol, &*decoded.operation.name), (protocol, "ListMetrics"));
    }
}

#[test]
fn errors_have_the_form_of_their_protocol() {
    let fields = [("Type", Value::String("User".to_owned()))];
    let error = Exception {
        code: "ResourceNotFoundException",
        status: 404,
        message: Some("Function not found"),
        fields: &fields,
    };
    let text = |response: &HttpResponse| String::from_utf8(response.body.to_vec()).unwrap();
    let lambda = encode_error(model("lambda"), Protocol::RestJson, &error, "id-1");
    assert_eq!(text(&lambda), r#"{"Message":"Function not found","Type":"User"}"#);
    assert_eq!(lambda.status, 404);
    assert_eq!(lambda.headers["x-amzn-errortype"], "ResourceNotFoundException");
    assert_eq!(lambda.headers["x-amzn-requestid"], "id-1");

    let busy =
        [("retryAfterSeconds", Value::String("7".to_owned())), ("Reason", Value::String("R".to_owned()))];
    let error = Exception {
        code: "TooManyRequestsException",
        status: 429,
        message: Some("Rate Exceeded."),
        fields: &busy,
    };
    let lambda = encode_error(model("lambda"), Protocol::RestJson, &error, "id");
    assert_eq!(lambda.headers["retry-after"], "7");
    assert_eq!(text(&lambda), r#"{"message":"Rate Exceeded.","Reason":"R"}"#);

    let error = Exception { code: "NoSuchEntity", status: 404, message: Some("<gone> & done"), fields: &[] };
    let iam = encode_error(model("iam"), Protocol::Query, &error, "id-2");
    assert_eq!(
        text(&iam),
        "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error><Type>Sender</Type><Code>NoSuchEntity</Code>\
         <Message>&lt;gone&gt; &amp; done</Message></Error><RequestId>id-2</RequestId></ErrorResponse>"
    );
    let error = Exception { code: "NoSuchEntityException", ..error };
    assert!(
        text(&encode_error(model("iam"), Protocol::Query, &error, "id"))
            .contains("<Code>NoSuchEntity</Code>")
    );

    let silent = Exception { code: "SerializationException", status: 400, message: None, fields: &[] };
    let gone =
        Exception { code: "ResourceNotFoundException", status: 400, message: Some("gone"), fields: &[] };
    let logs = encode_error(model("logs"), Protocol::Json11, &gone, "id");
    assert_eq!(
        text(&logs),
        r#"{"__type":"ResourceNotFoundException","message":"gone"}"#,
        "a shape without members"
    );
    let logs = encode_error(model("logs"), Protocol::Json11, &silent, "id");
    assert_eq!(text(&logs), r#"{"__type":"SerializationException"}"#);
    let dynamodb = encode_error(model("dynamodb"), Protocol::Json10, &silent, "id");
    assert_eq!(text(&dynamodb), r#"{"__type":"com.amazon.coral.service#SerializationException"}"#);

    let gone =
        Exception { code: "ResourceNotFoundException", status: 400, message: Some("Gone"), fields: &[] };
    let dynamodb = encode_error(model("dynamodb"), Protocol::Json10, &gone, "id");
    let expect =
        r#"{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"Gone"}"#;
    assert_eq!(text(&dynamodb), expect);

    // Header injection through a value is impossible.
    let evil = [("retryAfterSeconds", Value::String("1\r\nx-evil: 1".to_owned()))];
    let error = Exception { code: "TooManyRequestsException", status: 429, message: None, fields: &evil };
    let lambda = encode_error(model("lambda"), Protocol::RestJson, &error, "id");
    assert!(!lambda.headers.contains_key("x-evil"));
}

#[test]
fn a_form_answer_has_its_result_and_its_request_id() {
    let sts = model("sts");
    let output = Value::Map(vec![("Account".to_owned(), Value::String("000000000000".to_owned()))]);
    let response = encode(sts, Protocol::Query, sts.operation("GetCallerIdentity").unwrap(), &output, "id-3");
    assert_eq!(
        response.body,
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
         <Account>000000000000</Account></GetCallerIdentityResult><ResponseMetadata><RequestId>id-3</RequestId>\
         </ResponseMetadata></GetCallerIdentityResponse>"
    );
    let lambda = model("lambda");
    let output = Value::Map(vec![
        ("StatusCode".to_owned(), Value::Int(200)),
        ("FunctionError".to_owned(), Value::String("Unhandled".to_owned())),
        ("Payload".to_owned(), Value::Blob(Bytes::from_static(b"{}"))),
    ]);
    let response = encode(lambda, Protocol::RestJson, lambda.operation("Invoke").unwrap(), &output, "id");
    assert_eq!((response.status, &response.body[..]), (200, &b"{}"[..]));
    assert_eq!(response.headers["x-amz-function-error"], "Unhandled");
    assert_eq!(response.headers["content-type"], "application/json");
}

/// Bodies near enough to what is expected to get past the first check.
fn bodies() -> impl Strategy<Value = Vec<u8>> {
    let json = "(\\{|\\[|\\}|\\]|,|:|\"[A-Za-z]{0,12}\"|-?[0-9]{1,20}|null|true|1e400|\\\\u[0-9]{4}| ){0,40}";
    let xml = "(<[a-zA-Z:]{1,8}( a=\"x\")?/?>|</[a-zA-Z]{1,8}>|&[a-z#0-9]{1,6};|<!\\[CDATA\\[|\\]\\]>|[a-z]{1,5}){0,30}";
    let form = "((Action|Version|Tags|member|[0-9]{1,3}|Key|\\.|=|&|%[0-9A-F]{2}|%){0,40})";
    prop_oneof![
        any::<Vec<u8>>(),
        json.prop_map(String::into_bytes),
        xml.prop_map(String::into_bytes),
        form.prop_map(String::into_bytes),
        (form, form)
            .prop_map(|(one, two)| format!("Action=TagRole&Version=2010-05-08&{one}&{two}").into_bytes()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever comes is decoded or turned away, and both can be answered.
    #[test]
    fn no_bytes_bring_a_protocol_down(
        which in 0..9usize,
        operation in any::<prop::sample::Index>(),
        protocol in 0..4usize,
        path in "(/[a-zA-Z0-9%+{}.~-]{0,12}){0,6}",
        query in "[a-zA-Z0-9%&=+.]{0,40}",
        header in "[ -~]{0,30}",
        body in bodies(),
    ) {
        let model = &MODELS[which].1;
        let operation = operation.get(model.operations());
        let mut headers = HeaderMap::new();
        let value = HeaderValue::from_str(&header).unwrap();
        headers.insert("x-amz-invocation-type", value.clone());
        let mut path = path;
        match protocol {
            0 => {
                headers.insert("x-amz-target", format!("X.{}", operation.name).parse().unwrap());
            }
            1 => {
                headers.insert("smithy-protocol", HeaderValue::from_static("rpc-v2-cbor"));
                path = format!("/service/x/operation/{}", operation.name);
            }
            2 => {
                headers.insert("content-type", HeaderValue::from_static("application/x-www-form-urlencoded"));
            }
            _ => {
                // A path that leads somewhere.
                path.clear();
                for segment in &operation.uri.segments {
                    path.push('/');
                    path.push_str(match segment {
                        crate::model::Segment::Literal(literal) => literal,
                        _ => header.split(['/', '?', '#']).next().unwrap(),
                    });
                }
                headers.insert("x-amz-client-context", value);
            }
        }
        let body = Bytes::from(body);
        let request = HttpRequest { method: &operation.method, path: &path, query: &query, headers: &headers, body: &body };
        match decode(model, &request) {
            Ok(decoded) => {
                let violations = crate::validate(model, decoded.operation, &decoded.input);
                if let Some(output) = decoded.operation.output {
                    // An input is as odd an output as any.
                    let _ = encode(model, decoded.protocol, decoded.operation, &decoded.input, "id");
                    let _ = crate::params::to_json(model, output, &decoded.input);
                }
                let text = crate::describe(&violations);
                prop_assert!(violations.is_empty() || text.contains("validation error"));
            }
            Err(rejection) => {
                let response = encode_error(model, rejection.protocol, &rejection.exception(), "id");
                prop_assert!((400..500).contains(&response.status));
            }
        }
    }
}
