//! Who is let in, whole: requests through the gateway to an API whose functions and identities are played.

pub(crate) mod house;

use super::*;

#[test]
fn what_logs_show_of_secrets() {
    for (text, expect) in [
        ("", ""),
        ("a", "*"),
        ("user", "**er"),
        ("allow", "***ow"),
        ("aaaaaaaaaaaaaa", "********aaaaaa"),
        ("ünïcödé", "****ödé"),
    ] {
        assert_eq!(masked(text), expect, "{text}");
    }
}

mod requests {
    use plan::definition::MethodDefinition;
    use serde_json::json;

    use super::house::{House, api, protected, stage};
    use crate::Settings;

    #[tokio::test]
    async fn nobody_forges_who_they_are() {
        let house = House::new(Settings::default());
        house.publish(api(&protected("NONE", None), &[]), stage()).await;
        let forged = [
            ("X-Forwarded-For", "198.51.100.1"),
            ("Forwarded", "for=198.51.100.1"),
            ("X-Real-Ip", "198.51.100.1"),
            ("X-Amzn-RequestContext", "{\"identity\":{\"sourceIp\":\"198.51.100.1\"}}"),
            ("requestContext", "{\"authorizer\":{\"principalId\":\"admin\"}}"),
            ("X-Amzn-Principalid", "admin"),
            ("X-Api-Key", "key"),
            ("sourceIp", "198.51.100.1"),
        ];
        let event = house.request("GET", "/prod/pets?sourceIp=198.51.100.1", &forged).await.json;
        let context = &event["requestContext"];
        assert_eq!(context["identity"]["sourceIp"], "203.0.113.7");
        assert_eq!(context.get("authorizer"), None);
        for (name, value) in context["identity"].as_object().unwrap() {
            assert!(name == "sourceIp" || value.is_null(), "{name}: {value}");
        }
        // What the client says of the way before it stays what it says.
        assert_eq!(event["headers"]["X-Forwarded-For"], "198.51.100.1, 203.0.113.7");
    }

    #[tokio::test]
    async fn a_method_that_cannot_work_lets_nobody_in() {
        let house = House::new(Settings::default());
        let nobody = "500 AuthorizerConfigurationException {\"message\":null}";
        for protection in [protected("CUSTOM", Some("gone")), protected("OTHER", None)] {
            house.publish(api(&protection, &[]), stage()).await;
            assert_eq!(house.outcome("GET", "/prod/pets", &[]).await, nobody);
        }
    }

    #[tokio::test]
    async fn arns_have_a_length() {
        let house = House::new(Settings::default());
        let long = format!("/prod/pets/{}", "x".repeat(1600));
        house.publish(api(&protected("AWS_IAM", None), &[]), stage()).await;
        let answered = house.request("GET", &long, &[]).await;
        assert_eq!((answered.status, answered.json), (414, json!({"message": "Request URI too long"})));
        house.publish(api(&MethodDefinition::default(), &[]), stage()).await;
        assert_eq!(house.outcome("GET", &long, &[]).await, "200");
    }

    #[tokio::test]
    async fn unmatched_requests_are_told_of_their_authorization() {
        let house = House::new(Settings::default());
        house.publish(api(&protected("NONE", None), &[]), stage()).await;
        let missing =
            "403 MissingAuthenticationTokenException {\"message\":\"Missing Authentication Token\"}";
        assert_eq!(house.outcome("GET", "/prod/none", &[]).await, missing);
        let answered = house.request("GET", "/prod/none", &[("Authorization", "Bearer abc")]).await;
        assert_eq!((answered.status, answered.error_type.as_str()), (403, "IncompleteSignatureException"));
        assert!(
            answered.json["message"].as_str().unwrap().starts_with("Invalid key=value pair"),
            "{answered:?}"
        );
    }
}
