//! Steps through boto3: one Python process for all cases, a line of JSON for each step and each answer.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use kernel::Clock;
use kernel::clock::SystemClock;
use serde_json::{Value as Json, json};
use testkit::behaviour::Behaviour;
use testkit::blob;
use testkit::clock::{NEAR_MS, START_MS};
use testkit::cloud::ACCOUNT;
use testkit::run::{Driver, HttpRequest, Outcome, Refusal, Request, answer};

/// The client, and the account in which the current case acts.
pub(crate) struct Boto3 {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    cases: u64,
    account: String,
    /// From the fake clock's beginning to now, in milliseconds.
    shift_ms: i64,
}

/// How much later than expected a moment may be: what steps really take, in milliseconds.
const SLACK_MS: i64 = 2000;

impl Boto3 {
    /// Starts the client against a server.
    pub(crate) fn start(python: &str, address: &str) -> Result<Boto3> {
        let driver = Path::new(env!("CARGO_MANIFEST_DIR")).join("conform/driver.py");
        let mut child = Command::new(python)
            .arg(driver)
            .arg(address)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("starting {python}"))?;
        let (to, from) = (child.stdin.take(), child.stdout.take());
        let from = BufReader::new(from.context("the client's output is piped")?);
        Ok(Boto3 {
            child,
            to: to.context("the client's input is piped")?,
            from,
            cases: 0,
            account: String::new(),
            shift_ms: 0,
        })
    }

    /// The next case acts in an account in which nothing is.
    pub(crate) fn next_account(&mut self) {
        self.cases += 1;
        self.account = format!("{:012}", 730_000_000_000_u64 + self.cases);
        self.shift_ms = SystemClock::new().now_ms() - START_MS;
    }

    /// True while the process runs.
    pub(crate) fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Sends a line with the case's account and moments put in, and takes them out of the answer.
    fn ask(&mut self, mut line: Json) -> Result<Json> {
        shift(&mut line, START_MS, self.shift_ms);
        writeln!(self.to, "{}", self.disguise(&line.to_string())).context("writing to the client")?;
        self.to.flush().context("writing to the client")?;
        let mut answer = String::new();
        self.from.read_line(&mut answer).context("reading from the client")?;
        let mut json = serde_json::from_str(&self.undisguise(&answer))
            .with_context(|| format!("the client answered {answer:?}"))?;
        shift(&mut json, START_MS + self.shift_ms, -self.shift_ms);
        Ok(json)
    }

    fn disguise(&self, text: &str) -> String {
        replace_number(text, ACCOUNT, &self.account)
    }

    fn undisguise(&self, text: &str) -> String {
        replace_number(text, &self.account, ACCOUNT)
    }

    fn done(&mut self, line: Json) -> Outcome {
        let mut done = match self.ask(line) {
            Ok(done) => done,
            Err(error) => return Outcome::Broken(format!("{error:#}")),
        };
        let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
        let status = |value: &Json| {
            value["status"].as_u64().and_then(|status| u16::try_from(status).ok()).unwrap_or_default()
        };
        match done.as_object_mut().and_then(|done| done.into_iter().next()) {
            Some((kind, value)) if kind == "answer" => Outcome::Answered(value.take()),
            Some((kind, value)) if kind == "refused" => {
                let (code, message) = (text(&value["code"]), text(&value["message"]));
                Outcome::Refused(Refusal {
                    code,
                    status: status(value),
                    message,
                    fields: value["fields"].take(),
                })
            }
            Some((kind, value)) if kind == "unsendable" => Outcome::Unsendable(text(value)),
            Some((kind, value)) if kind == "http" => {
                let pair = |pair: &Json| (text(&pair[0]), text(&pair[1]));
                let headers: Vec<_> =
                    value["headers"].as_array().map(|all| all.iter().map(pair).collect()).unwrap_or_default();
                let body = BASE64_STANDARD.decode(text(&value["body"])).unwrap_or_default();
                // What is inside base64 was not seen when the account was taken out.
                let body = String::from_utf8(body)
                    .map_or_else(|error| error.into_bytes(), |text| self.undisguise(&text).into_bytes());
                Outcome::Answered(answer(status(value), headers.into_iter(), &body))
            }
            Some((_, value)) => Outcome::Broken(text(value)),
            None => Outcome::Broken("the client answered nothing".to_owned()),
        }
    }
}

impl Driver for Boto3 {
    async fn call(&mut self, request: Request) -> Outcome {
        let Request { by, service, operation, params } = request;
        let Some(model) = models::get(&service).map(models::Row::model) else {
            return Outcome::Broken(format!("there is no service {service}"));
        };
        let schema = model.operation(&operation).and_then(|operation| operation.input);
        let marked = schema.map_or(Ok(params.clone()), |schema| blob::mark(model, schema, params, "$base64"));
        let params = match marked {
            Ok(params) => params,
            Err(problem) => return Outcome::Broken(problem),
        };
        let credentials = match by {
            // Twelve digits are the root of that account.
            None => json!({ "access_key": ACCOUNT, "secret": "test", "token": null }),
            Some(by) => json!({ "access_key": by.access_key, "secret": by.secret, "token": by.token }),
        };
        let line = json!({ "do": "call", "service": service, "operation": operation, "params": params, "credentials": credentials });
        self.done(line)
    }

    async fn http(&mut self, request: HttpRequest) -> Outcome {
        let line = json!({
            "do": "http", "method": request.method, "is_tls": request.scheme == "https", "host": request.host,
            "target": request.target(), "headers": request.headers, "body": BASE64_STANDARD.encode(&request.body),
        });
        self.done(line)
    }

    async fn advance(&mut self, ms: u64) -> Outcome {
        std::thread::sleep(Duration::from_millis(ms));
        Outcome::Answered(Json::Null)
    }

    fn now_s(&self) -> i64 {
        SystemClock::new().now_ms() / 1000
    }

    fn slack_ms(&self) -> i64 {
        SLACK_MS
    }

    /// Functions are real here: what they do stands in their code.
    fn behave(&mut self, _: &str, _: &Behaviour) {}

    async fn settle(&mut self) {}
}

impl Drop for Boto3 {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Moves the moments that lie near `around`.
fn shift(json: &mut Json, around: i64, by: i64) {
    match json {
        Json::Number(number) => {
            if let Some(ms) = number.as_i64().filter(|ms| (ms - around).abs() < NEAR_MS) {
                *json = (ms + by).into();
            }
        }
        Json::Array(items) => items.iter_mut().for_each(|item| shift(item, around, by)),
        Json::Object(members) => members.values_mut().for_each(|value| shift(value, around, by)),
        _ => {}
    }
}

/// Replaces a number where it is not a part of a longer one.
fn replace_number(text: &str, from: &str, to: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(from) {
        let (before, after) = (&rest[..at], &rest[at + from.len()..]);
        out.push_str(before);
        let is_digit = |c: char| c.is_ascii_digit();
        // `%22`: the digits of an escape are not the number's.
        let is_escape =
            out.len().checked_sub(3).and_then(|at| out.get(at..)).is_some_and(|end| end.starts_with('%'));
        let is_part = (out.ends_with(is_digit) && !is_escape) || after.starts_with(is_digit);
        // Of a longer run of digits one is passed at a time.
        let passed = if is_part { 1 } else { from.len() };
        out.push_str(if is_part { &from[..1] } else { to });
        rest = &rest[at + passed..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests;
