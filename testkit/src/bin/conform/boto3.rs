//! Steps through boto3: one Python process for all cases, a line of JSON for each step and each answer.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value as Json, json};
use testkit::behaviour::Behaviour;
use testkit::blob;
use testkit::cloud::ACCOUNT;
use testkit::run::{Driver, HttpRequest, Outcome, Refusal, Request, answer};

/// The client, and the account in which the current case acts.
pub(crate) struct Boto3 {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    cases: u64,
    account: String,
}

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
        })
    }

    /// The next case acts in an account in which nothing is.
    pub(crate) fn next_account(&mut self) {
        self.cases += 1;
        self.account = format!("{:012}", 730_000_000_000_u64 + self.cases);
    }

    /// True while the process runs.
    pub(crate) fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    fn ask(&mut self, line: &Json) -> Result<Json> {
        let text = line.to_string().replace(ACCOUNT, &self.account);
        writeln!(self.to, "{text}").context("writing to the client")?;
        self.to.flush().context("writing to the client")?;
        let mut answer = String::new();
        self.from.read_line(&mut answer).context("reading from the client")?;
        serde_json::from_str(&answer.replace(&self.account, ACCOUNT))
            .with_context(|| format!("the client answered {answer:?}"))
    }

    fn done(&mut self, line: &Json) -> Outcome {
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
        self.done(&line)
    }

    async fn http(&mut self, request: HttpRequest) -> Outcome {
        let line = json!({
            "do": "http", "method": request.method, "is_tls": request.scheme == "https", "host": request.host,
            "target": request.target(), "headers": request.headers, "body": BASE64_STANDARD.encode(&request.body),
        });
        self.done(&line)
    }

    async fn advance(&mut self, ms: u64) -> Outcome {
        std::thread::sleep(Duration::from_millis(ms));
        Outcome::Answered(Json::Null)
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
