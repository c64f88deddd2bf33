//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html>
//!
//! The body has to be a JSON object; its widgets have to be a list of objects with a type. What lies deeper is not looked at.

use kernel::Ctx;
use serde_json::Value as Json;

use crate::CloudWatch;
use crate::alarm::{Dashboard, begin, dashboard_key};
use crate::error::Error;
use crate::generated::{DashboardValidationMessage, PutDashboardInput, PutDashboardOutput};
use crate::ops::tag_resource::checked;

/// Longest name.
const NAME_CHARS_MAX: usize = 255;
/// Longest body, in bytes.
const BODY_BYTES_MAX: usize = 1_048_576;

pub(crate) async fn put_dashboard(
    cx: &Ctx<CloudWatch>,
    req: PutDashboardInput,
) -> Result<PutDashboardOutput, Error> {
    let PutDashboardInput { dashboard_name: name, dashboard_body: body, tags } = req;
    check_name(&name)?;
    check_body(&body)?;
    let tags = checked(tags.unwrap_or_default())?;
    let mut tx = begin(&cx.host);
    let existing = tx.get::<Dashboard>(&dashboard_key(cx.account(), &name)).await?;
    let tags = existing.map_or(tags, |dashboard| dashboard.tags);
    let account = cx.account().to_owned();
    tx.put(&Dashboard { account, name, body, modified_ms: cx.now_ms(), tags })?;
    tx.commit().await?;
    Ok(PutDashboardOutput { dashboard_validation_messages: Some(Vec::new()) })
}

fn check_name(name: &str) -> Result<(), Error> {
    if name.is_empty() || name.len() > NAME_CHARS_MAX {
        let text = format!(
            "The value {name} for field DashboardName must have between 1 and {NAME_CHARS_MAX} characters.\n"
        );
        return Err(Error::value(text));
    }
    if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) {
        let text = format!(
            "The value {name} for field DashboardName contains invalid characters. It can only contain alphanumerics, dash (-) and underscore (_).\n"
        );
        return Err(Error::value(text));
    }
    Ok(())
}

fn check_body(body: &str) -> Result<(), Error> {
    let wrong = |text: String, data_path: Option<&str>, message: &str| {
        let data_path = data_path.map(str::to_owned);
        let messages = vec![DashboardValidationMessage { data_path, message: Some(message.to_owned()) }];
        Err(Error::BadDashboard { text, messages })
    };
    if body.len() > BODY_BYTES_MAX {
        let text = format!("The field DashboardBody must not have more than {BODY_BYTES_MAX} bytes");
        return wrong(text.clone(), None, &text);
    }
    let Ok(Json::Object(members)) = serde_json::from_str::<Json>(body) else {
        let text = "The field DashboardBody must be a valid JSON object";
        return wrong(text.to_owned(), None, text);
    };
    let invalid = |path: &str, message: &str| {
        let text = format!(
            "The dashboard body is invalid, there are 1 validation errors:\n[\n  {{\n    \"dataPath\": \"{path}\",\n    \"message\": \"{message}\"\n  }}\n]"
        );
        wrong(text, Some(path), message)
    };
    let Some(widgets) = members.get("widgets") else { return Ok(()) };
    let Json::Array(widgets) = widgets else { return invalid("/widgets", "Should be array") };
    for (at, widget) in widgets.iter().enumerate() {
        match widget {
            Json::Object(widget) if widget.get("type").is_some_and(Json::is_string) => {}
            Json::Object(_) => {
                return invalid(&format!("/widgets/{at}"), "Should have required property 'type'");
            }
            _ => return invalid(&format!("/widgets/{at}"), "Should be object"),
        }
    }
    Ok(())
}
