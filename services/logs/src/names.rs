//! How a request names a log group, and how a page names the next one.
//!
//! AWS: a group is named by name, by `arn:aws:logs:region:account:log-group:name`, or by that with a final `:*`.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::store::Snapshot;
use kernel::{Arn, Ctx, Fault, Scope};
use wire::Value;

use crate::Logs;
use crate::error::Error;
use crate::tables::{Change, Group, group_key, load};

/// The group's name, of a request that takes either form.
pub fn group_name(scope: &Scope, name: Option<String>, identifier: Option<String>) -> Result<String, Error> {
    match (name, identifier) {
        (Some(name), None) => Ok(name),
        (None, Some(identifier)) if identifier.starts_with("arn:") => name_of_arn(scope, &identifier),
        (None, Some(name)) => Ok(name),
        (Some(_), Some(_)) => Err(Error::Validation(
            "LogGroup name and LogGroup ARN are mutually exclusive parameters.".to_owned(),
        )),
        // Inferred: AWS documents that one is needed, but not the text.
        (None, None) => Err(Error::Validation("LogGroup name or LogGroup ARN is required.".to_owned())),
    }
}

/// The group's name out of its ARN. A group of another account or region is not there for this one.
pub fn name_of_arn(scope: &Scope, arn: &str) -> Result<String, Error> {
    let parsed = Arn::parse(arn).filter(|arn| arn.service == "logs");
    let name = parsed.as_ref().and_then(|arn| arn.resource.strip_prefix("log-group:"));
    let (Some(parsed), Some(name)) = (&parsed, name) else {
        // Inferred.
        return Err(Error::invalid("The specified resource ARN is not a log group ARN."));
    };
    if parsed.account != scope.account || parsed.region != scope.region {
        return Err(Error::GroupNotFound);
    }
    Ok(name.strip_suffix(":*").unwrap_or(name).to_owned())
}

/// The group, which must be there.
pub async fn group(cx: &Ctx<Logs>, snapshot: &dyn Snapshot, name: &str) -> Result<Group, Error> {
    let found = load::<Group>(snapshot, &group_key(&cx.call.scope, name)).await?;
    found.map(|(group, _)| group).ok_or(Error::GroupNotFound)
}

/// Changes the group, which must be there.
pub async fn change_group(
    cx: &Ctx<Logs>,
    name: &str,
    apply: impl FnOnce(&mut Group) -> Result<(), Error>,
) -> Result<(), Error> {
    settle(cx).await?;
    let key = group_key(&cx.call.scope, name);
    let found = load::<Group>(&*cx.host.telemetry.snapshot(), &key).await?;
    let (mut group, version) = found.ok_or(Error::GroupNotFound)?;
    apply(&mut group)?;
    let mut change = Change::default();
    change.rely(key.clone(), Some(version));
    change.put(key, &group)?;
    Ok(change.commit(&cx.host.telemetry).await?)
}

/// Most tags of a group (AWS: TagResource).
const TAGS_MAX: usize = 50;

/// Adds tags to the group, or changes them.
pub async fn add_tags(cx: &Ctx<Logs>, name: &str, tags: BTreeMap<String, String>) -> Result<(), Error> {
    change_group(cx, name, |group| {
        group.tags.extend(tags);
        match group.tags.len() > TAGS_MAX {
            true => Err(Error::TooManyTags { resource: group.arn(&cx.call.scope) }),
            false => Ok(()),
        }
    })
    .await
}

/// What operations on a group act on: `arn:…:log-group:name:*`, as in AWS's policies.
pub fn group_resource(scope: &Scope, input: &Value) -> Vec<String> {
    let text = |member| input.get(member).and_then(Value::as_str);
    let name = match (text("logGroupName"), text("logGroupIdentifier").or(text("resourceArn"))) {
        (Some(name), _) => name.to_owned(),
        (None, Some(arn)) if arn.starts_with("arn:") => {
            return vec![format!("{}:*", arn.trim_end_matches(":*"))];
        }
        (None, Some(name)) => name.to_owned(),
        (None, None) => "*".to_owned(),
    };
    vec![format!("arn:aws:logs:{}:{}:log-group:{name}:*", scope.region, scope.account)]
}

/// What operations that tag a group act on: its ARN without `:*`.
pub fn tagged_resource(scope: &Scope, input: &Value) -> Vec<String> {
    let strip = |arn: String| arn.strip_suffix(":*").map_or(arn.clone(), str::to_owned);
    group_resource(scope, input).into_iter().map(strip).collect()
}

/// What operations on a stream act on: `arn:…:log-group:name:log-stream:name`.
pub fn stream_resource(scope: &Scope, input: &Value) -> Vec<String> {
    let stream = input.get("logStreamName").and_then(Value::as_str).unwrap_or("*");
    tagged_resource(scope, input).into_iter().map(|arn| format!("{arn}:log-stream:{stream}")).collect()
}

/// A token that continues after `last`.
pub fn token_after(last: &str) -> String {
    URL_SAFE_NO_PAD.encode(last)
}

/// What a token continues after.
pub fn after_token(token: &str) -> Result<String, Error> {
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| bad_token())?;
    String::from_utf8(bytes).map_err(|_| bad_token())
}

/// A token that this service did not make.
pub fn bad_token() -> Error {
    Error::invalid("The specified nextToken is invalid.")
}

/// Reads everything that was appended until now: what readers do first.
pub async fn settle(cx: &Ctx<Logs>) -> Result<(), Fault> {
    match cx.service.sink.flush().await {
        Err(Error::Fault(fault)) => Err(fault),
        _ => Ok(()),
    }
}
