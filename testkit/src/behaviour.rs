//! What a function of a case does (`fn NAME = …`), in process and as a real Python file.

use bytes::Bytes;
use kernel::functions::{Body, Invocation};
use serde_json::{Map, Value as Json, json};

/// What may stand after `fn NAME =`.
const KINDS: &str = "a function is echo, reflect, {ANSWER}, error {errorType: …, errorMessage: …}, crash, timeout or slow MILLISECONDS";

/// What a function does.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Behaviour {
    /// Answers its event.
    #[default]
    Echo,
    /// Answers as a proxy of an API: 200, with its event as the body.
    Reflect,
    /// Always answers this.
    Constant(Json),
    /// Raises an error: `errorType` and `errorMessage`.
    Error {
        /// Name of the exception's class.
        kind: String,
        /// Its text.
        message: String,
    },
    /// Its process ends.
    Crash,
    /// Runs until its timeout.
    Timeout,
    /// Answers its event after so many milliseconds.
    Slow(u64),
}

/// How an invocation in process ends.
#[derive(Clone, Debug, PartialEq)]
pub struct Ended {
    /// The answer, or the error object.
    pub payload: Json,
    /// True if the function failed.
    pub is_error: bool,
    /// How long it ran, in milliseconds.
    pub after_ms: u64,
}

impl Behaviour {
    /// Reads `echo`, `reflect`, `{…}`, `error {…}`, `crash`, `timeout` or `slow N` (milliseconds).
    pub fn parse(word: &str, value: Option<Json>) -> Result<Behaviour, String> {
        match (word, value) {
            ("echo", None) => Ok(Behaviour::Echo),
            ("reflect", None) => Ok(Behaviour::Reflect),
            ("crash", None) => Ok(Behaviour::Crash),
            ("timeout", None) => Ok(Behaviour::Timeout),
            ("", Some(answer)) => Ok(Behaviour::Constant(answer)),
            ("error", Some(Json::Object(members))) => {
                let text = |name: &str, default: &str| {
                    members.get(name).and_then(Json::as_str).unwrap_or(default).to_owned()
                };
                match members.keys().find(|name| !["errorType", "errorMessage"].contains(&name.as_str())) {
                    Some(odd) => Err(format!("an error has errorType and errorMessage, not {odd}")),
                    None => Ok(Behaviour::Error {
                        kind: text("errorType", "Exception"),
                        message: text("errorMessage", ""),
                    }),
                }
            }
            ("slow", Some(Json::Number(ms))) if ms.is_u64() => {
                Ok(Behaviour::Slow(ms.as_u64().unwrap_or_default()))
            }
            (word, None) => match serde_json::from_str(word) {
                Ok(answer) => Ok(Behaviour::Constant(answer)),
                Err(_) => Err(KINDS.to_owned()),
            },
            _ => Err(KINDS.to_owned()),
        }
    }

    /// Plays it.
    pub fn play(&self, invocation: &Invocation, timeout_ms: u64) -> Ended {
        let done = |payload| Ended { payload, is_error: false, after_ms: 0 };
        let failed = |kind: &str, text: &str, after_ms| {
            let id = &invocation.request_id;
            let payload =
                json!({ "errorType": kind, "errorMessage": format!("RequestId: {id} Error: {text}") });
            Ended { payload, is_error: true, after_ms }
        };
        let timed_out = || {
            let seconds = timeout_ms as f64 / 1000.0;
            failed("Sandbox.Timedout", &format!("Task timed out after {seconds:.2} seconds"), timeout_ms)
        };
        match self {
            Behaviour::Echo => done(event(invocation)),
            Behaviour::Reflect => done(json!({ "statusCode": 200, "body": event(invocation).to_string() })),
            Behaviour::Constant(answer) => done(answer.clone()),
            Behaviour::Error { kind, message } => {
                let payload = json!({ "errorMessage": message, "errorType": kind, "requestId": invocation.request_id, "stackTrace": [] });
                Ended { payload, is_error: true, after_ms: 0 }
            }
            Behaviour::Crash => failed("Runtime.ExitError", "Runtime exited with error: exit status 1", 0),
            Behaviour::Slow(ms) if *ms < timeout_ms => Ended { after_ms: *ms, ..done(event(invocation)) },
            Behaviour::Slow(_) | Behaviour::Timeout => timed_out(),
        }
    }

    /// The same as a Python file whose handler is `index.handler`.
    pub fn python(&self) -> String {
        let literal = |text: &str| Json::String(text.to_owned()).to_string();
        match self {
            Behaviour::Echo => "def handler(event, context):\n    return event\n".to_owned(),
            Behaviour::Reflect => {
                let answer = "{'statusCode': 200, 'body': json.dumps(event)}";
                format!("import json\n\n\ndef handler(event, context):\n    return {answer}\n")
            }
            Behaviour::Constant(answer) => {
                let json = literal(&answer.to_string());
                format!(
                    "import json\n\nANSWER = json.loads({json})\n\n\ndef handler(event, context):\n    return ANSWER\n"
                )
            }
            Behaviour::Error { kind, message } => {
                let class = format!("type({}, (Exception,), {{'__module__': 'builtins'}})", literal(kind));
                format!(
                    "Raised = {class}\n\n\ndef handler(event, context):\n    raise Raised({})\n",
                    literal(message)
                )
            }
            Behaviour::Crash => "import os\n\n\ndef handler(event, context):\n    os._exit(1)\n".to_owned(),
            Behaviour::Timeout => {
                "import time\n\n\ndef handler(event, context):\n    time.sleep(900)\n".to_owned()
            }
            Behaviour::Slow(ms) => {
                format!(
                    "import time\n\n\ndef handler(event, context):\n    time.sleep({})\n    return event\n",
                    *ms as f64 / 1000.0
                )
            }
        }
    }
}

/// The event as the function sees it: with the body that travels beside it.
fn event(invocation: &Invocation) -> Json {
    let mut event: Json = serde_json::from_slice(&invocation.payload.event).unwrap_or(Json::Null);
    if let (Some(body), Json::Object(members)) = (&invocation.payload.body, &mut event) {
        members.insert("body".to_owned(), body_text(body));
    }
    event
}

fn body_text(Body { bytes, is_base64 }: &Body) -> Json {
    use base64::Engine;
    match is_base64 {
        true => base64::prelude::BASE64_STANDARD.encode(bytes).into(),
        false => String::from_utf8_lossy(bytes).into_owned().into(),
    }
}

/// Takes the text `body` out of an answer, as a runtime does when it is asked to.
pub fn split(payload: &mut Json) -> Option<Bytes> {
    let members: &mut Map<_, _> = payload.as_object_mut()?;
    members.get("body").filter(|body| body.is_string())?;
    match members.shift_remove("body") {
        Some(Json::String(text)) => Some(text.into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
