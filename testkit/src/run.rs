//! Goes through the steps of a case and says what was not as expected.
//!
//! How a step is done is a [`Driver`]'s: in process, or with a real client. What is expected is compared here, the same way for all.
//! A case ends at its first step that ends otherwise than expected; differences inside an answer do not end it.

mod http;
mod in_process;
mod principal;

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use crate::behaviour::Behaviour;
use crate::case::{Action, By, Call, Case, Difference, Expect, Http, Line, Node, Pattern, resolve};

pub use http::{HttpRequest, answer};
pub use principal::Credentials;

/// A call, ready to be made.
#[derive(Clone, Debug)]
pub struct Request {
    /// Who calls; root if `None`.
    pub by: Option<Credentials>,
    /// Endpoint id.
    pub service: String,
    /// Operation.
    pub operation: String,
    /// Parameters with the model's member names; bytes as the case writes them.
    pub params: Json,
}

/// How a step ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// With an answer.
    Answered(Json),
    /// With an error that the client is meant to see.
    Refused(Refusal),
    /// The step could not be done: a mistake in the case, or our own fault.
    Broken(String),
    /// The client itself refuses to send this.
    Unsendable(String),
}

/// An error as a client sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// Code, as on the wire.
    pub code: String,
    /// HTTP status.
    pub status: u16,
    /// Text.
    pub message: String,
    /// Further members.
    pub fields: Json,
}

/// Does what steps say.
pub trait Driver {
    /// Calls an operation.
    fn call(&mut self, request: Request) -> impl Future<Output = Outcome>;
    /// Sends a request to a deployed API; the answer is `{status, headers, body}`, with lower-case names of headers.
    fn http(&mut self, request: HttpRequest) -> impl Future<Output = Outcome>;
    /// Moves the clock on, by milliseconds.
    fn advance(&mut self, ms: u64) -> impl Future<Output = Outcome>;
    /// Learns what the functions of this name do.
    fn behave(&mut self, name: &str, behaviour: &Behaviour);
    /// Lets everything that was set going come to its end.
    fn settle(&mut self) -> impl Future<Output = ()>;
    /// Now, in seconds since the epoch.
    fn now_s(&self) -> i64;
    /// How much later than expected a moment may be, in milliseconds.
    fn slack_ms(&self) -> i64 {
        0
    }
    /// The error codes of this operation that mean the same: the shape's name and the code on the wire.
    fn is_same_code(&self, service: &str, expected: &str, got: &str) -> bool {
        let model = models::get(service).map(models::Row::model);
        let shape = |code: &str| model.and_then(|model| model.exception(code));
        expected == got || (shape(expected).is_some() && shape(expected) == shape(got))
    }
}

/// What came of a case.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// What was not as expected, each with its place.
    pub failures: Vec<String>,
    /// Steps that the client refused to send.
    pub unsendable: usize,
    /// Steps that were done.
    pub steps: usize,
}

/// Goes through a case.
pub async fn run<D: Driver>(case: &Case, driver: &mut D) -> Report {
    let mut walk = Walk { case, driver, results: Vec::new(), report: Report::default() };
    for line in &case.lines {
        walk.report.steps += 1;
        if !walk.step(line).await {
            break;
        }
    }
    walk.report
}

struct Walk<'a, D> {
    case: &'a Case,
    driver: &'a mut D,
    results: Vec<Json>,
    report: Report,
}

impl<D: Driver> Walk<'_, D> {
    /// Does a step; false if the rest makes no sense.
    async fn step(&mut self, line: &Line) -> bool {
        let outcome = match &line.action {
            Action::Call(call) => self.call(call).await,
            Action::Http(http) => self.http(http).await,
            Action::Clock(ms) => self.driver.advance(*ms).await,
            Action::Function { name, behaviour } => self.function(name, behaviour).await,
        };
        self.driver.settle().await;
        let judged = self.judge(line, &outcome);
        if matches!(line.action, Action::Call(_) | Action::Http(_)) {
            self.results.push(match outcome {
                Outcome::Answered(answer) => answer,
                Outcome::Refused(Refusal { code, status, message, .. }) => {
                    json!({ "code": code, "status": status, "message": message })
                }
                Outcome::Broken(_) | Outcome::Unsendable(_) => Json::Null,
            });
        }
        match judged {
            Judged::AsExpected => true,
            Judged::Unsendable => {
                self.report.unsendable += 1;
                true
            }
            Judged::Different(lines) => {
                self.fail(line, &lines);
                true
            }
            Judged::Otherwise(text) => {
                self.fail(line, &[text]);
                false
            }
        }
    }

    async fn call(&mut self, call: &Call) -> Outcome {
        let params = match resolve(&call.params, &self.results) {
            Ok(params) => params,
            Err(problem) => return Outcome::Broken(problem),
        };
        let by = match &call.by {
            None => None,
            Some(by) => match principal::find(by, self.case, &self.results, self.driver).await {
                Ok(credentials) => Some(credentials),
                Err(problem) => return Outcome::Broken(problem),
            },
        };
        let Call { service, operation, .. } = call.clone();
        self.driver.call(Request { by, service, operation, params }).await
    }

    async fn http(&mut self, http: &Http) -> Outcome {
        let mut request = match HttpRequest::new(http, &self.results, self.first_api()) {
            Ok(request) => request,
            Err(problem) => return Outcome::Broken(problem),
        };
        if let Some(by) = &http.by {
            let found = principal::find(by, self.case, &self.results, self.driver).await;
            if let Err(problem) = found.and_then(|by| request.sign(&by, self.driver.now_s())) {
                return Outcome::Broken(problem);
            }
        }
        self.driver.http(request).await
    }

    /// Makes a function, unless the case does so itself.
    async fn function(&mut self, name: &str, behaviour: &Behaviour) -> Outcome {
        self.driver.behave(name, behaviour);
        let makes_it = |call: &Call| {
            call.operation == "CreateFunction"
                && call.params.get("FunctionName").and_then(Node::as_text) == Some(name)
        };
        if self.case.calls().any(|(call, _)| makes_it(call)) {
            return Outcome::Answered(Json::Null);
        }
        let zip = match crate::blob::zip(&[("index.py", behaviour.python().into_bytes())]) {
            Ok(zip) => crate::blob::json(&zip),
            Err(problem) => return Outcome::Broken(problem),
        };
        let create = json!({
            "FunctionName": name, "Runtime": "python3.12", "Handler": "index.handler",
            "Role": "arn:aws:iam::000000000000:role/case", "Code": { "ZipFile": zip },
        });
        let permit = json!({
            "FunctionName": name, "StatementId": "case", "Action": "lambda:InvokeFunction", "Principal": "apigateway.amazonaws.com",
        });
        for (operation, params) in [("CreateFunction", create), ("AddPermission", permit)] {
            let request =
                Request { by: None, service: "lambda".to_owned(), operation: operation.to_owned(), params };
            match self.driver.call(request).await {
                Outcome::Answered(_) => self.driver.settle().await,
                other => return other,
            }
        }
        Outcome::Answered(Json::Null)
    }

    /// The id of the first API that the case made, for `{api}`.
    fn first_api(&self) -> Option<String> {
        let steps =
            self.case.lines.iter().filter(|line| matches!(line.action, Action::Call(_) | Action::Http(_)));
        let made = steps.zip(&self.results).find_map(|(line, result)| match &line.action {
            Action::Call(call) if call.operation == "CreateRestApi" => result.get("id"),
            Action::Call(call) if call.operation == "CreateApi" => result.get("ApiId"),
            _ => None,
        });
        made.and_then(Json::as_str).map(str::to_owned)
    }

    fn judge(&self, line: &Line, outcome: &Outcome) -> Judged {
        match (&line.expect, outcome) {
            (_, Outcome::Broken(problem)) => Judged::Otherwise(problem.clone()),
            (Some(Expect::Error { .. }), Outcome::Unsendable(_)) => Judged::Unsendable,
            (_, Outcome::Unsendable(problem)) => {
                Judged::Otherwise(format!("the client does not send this: {problem}"))
            }
            (Some(Expect::Error { .. }), Outcome::Refused(refusal)) => self.judge_error(line, refusal),
            (_, Outcome::Refused(refusal)) => {
                Judged::Otherwise(format!("expected success\ngot      {}", show_refusal(refusal)))
            }
            (Some(Expect::Error { code, status, message, .. }), Outcome::Answered(answer)) => {
                let expected = format!("error {code} {status} {}", Json::from(message.as_str()));
                Judged::Otherwise(format!("expected {expected}\ngot      success: {}", shorten(answer)))
            }
            (None, Outcome::Answered(_)) => Judged::AsExpected,
            (Some(Expect::Result(node)), Outcome::Answered(answer)) => {
                match Pattern::new(node, &self.results) {
                    Ok(pattern) => {
                        judge_differences(pattern.differences(Some(answer), self.driver.slack_ms()), answer)
                    }
                    Err(problem) => Judged::Otherwise(problem),
                }
            }
            (Some(Expect::Http { status, answer }), Outcome::Answered(got)) => {
                match http::pattern(*status, answer.as_ref(), &self.results) {
                    Ok(pattern) => {
                        judge_differences(pattern.differences(Some(got), self.driver.slack_ms()), got)
                    }
                    Err(problem) => Judged::Otherwise(problem),
                }
            }
        }
    }

    fn judge_error(&self, line: &Line, refusal: &Refusal) -> Judged {
        let Some(Expect::Error { code, status, message, fields }) = &line.expect else {
            return Judged::AsExpected;
        };
        let Action::Call(Call { service, .. }) = &line.action else { return Judged::AsExpected };
        let text = crate::case::interpolate(message, &self.results);
        let text = match text.and_then(|text| Ok((Pattern::text(&text)?, text))) {
            Ok(text) => text,
            Err(problem) => return Judged::Otherwise(problem),
        };
        let fields = match fields.as_ref().map(|node| Pattern::new(node, &self.results)).transpose() {
            Ok(fields) => fields,
            Err(problem) => return Judged::Otherwise(problem),
        };
        let is_said = text
            .0
            .differences(Some(&Json::from(refusal.message.as_str())), self.driver.slack_ms())
            .is_empty();
        let is_same =
            self.driver.is_same_code(service, code, &refusal.code) && *status == refusal.status && is_said;
        if !is_same {
            let expected = format!("error {code} {status} {}", Json::from(text.1));
            return Judged::Different(vec![format!(
                "expected {expected}\ngot      {}",
                show_refusal(refusal)
            )]);
        }
        fields.map_or(Judged::AsExpected, |fields| {
            judge_differences(
                fields.differences(Some(&refusal.fields), self.driver.slack_ms()),
                &refusal.fields,
            )
        })
    }

    fn fail(&mut self, line: &Line, lines: &[String]) {
        let what = match &line.action {
            Action::Call(Call { by, service, operation, .. }) => match by {
                None => format!("{service} {operation}"),
                Some(By::Name(name)) => format!("as {name} {service} {operation}"),
                Some(By::Step(step)) => format!("as ${step} {service} {operation}"),
            },
            Action::Http(http) => format!("http {} {}", http.method, http.url),
            Action::Clock(ms) => format!("clock +{ms}ms"),
            Action::Function { name, .. } => format!("fn {name}"),
        };
        let mut text = format!("{}:{}: {what}", self.case.path.display(), line.line);
        for line in lines.iter().flat_map(|text| text.lines()) {
            let _ = write!(text, "\n    {line}");
        }
        if let Some(gap) = &line.gap {
            let _ = write!(
                text,
                "\n    This was a known gap: {gap}\n    If it is repaired, take the `gap:` away and expect what AWS does."
            );
        }
        self.report.failures.push(text);
    }
}

/// How an outcome stands to what was expected.
enum Judged {
    AsExpected,
    /// Not in every point; the case can go on.
    Different(Vec<String>),
    /// Something else happened altogether.
    Otherwise(String),
    Unsendable,
}

fn judge_differences(differences: Vec<Difference>, answer: &Json) -> Judged {
    if differences.is_empty() {
        return Judged::AsExpected;
    }
    let mut lines: Vec<String> = differences
        .into_iter()
        .map(|Difference { path, expected, got }| {
            format!(
                "at {}\n  expected {expected}\n  got      {got}",
                if path.is_empty() { "." } else { &path }
            )
        })
        .collect();
    lines.push(format!("the answer: {}", shorten(answer)));
    Judged::Different(lines)
}

fn show_refusal(refusal: &Refusal) -> String {
    let fields = match &refusal.fields {
        Json::Object(map) if !map.is_empty() => format!(" {}", shorten(&refusal.fields)),
        _ => String::new(),
    };
    format!("error {} {} {}{fields}", refusal.code, refusal.status, Json::from(refusal.message.as_str()))
}

/// Longest answer that a report repeats, in characters.
const SHOWN_MAX: usize = 1500;

/// A value for a report.
pub(crate) fn shorten(value: &Json) -> String {
    let text = value.to_string();
    match text.char_indices().nth(SHOWN_MAX) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

#[cfg(test)]
mod tests;
