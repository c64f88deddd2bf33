//! What remains of a request when it is answered: a line of the access log, and the execution log.
//!
//! AWS: Set up CloudWatch logging for REST APIs: the execution log of a stage is the group `API-Gateway-Execution-Logs_{api}/{stage}`,
//! a canary's ends in `/Canary`, as its access log's does. A failure to log never fails a request.

use std::borrow::Cow;

use http::Response;
use kernel::Scope;
use kernel::exchange::OutBody;
use kernel::log_sink::LogEvent;
use plan::definition::MethodSettings;
use plan::{LogPiece, Plan};

use crate::Gateway;
use crate::context::{self, Answered};
use crate::exchange::Exchange;
use crate::measure::measure;
use crate::response::GatewayResponse;
use crate::trail::Level;

/// Log streams of one group; requests are spread over them as on AWS.
const STREAMS: u64 = 16;
/// Room for an ordinary line of an access log, in bytes.
const LINE_BYTES: usize = 256;

impl Level {
    /// What a method's settings ask for, and whether with bodies and headers.
    pub(crate) fn of(settings: &MethodSettings) -> (Level, bool) {
        let level = match settings.logging_level.as_deref() {
            Some("INFO") => Level::Info,
            Some("ERROR") => Level::Error,
            _ => Level::Off,
        };
        (level, settings.data_trace_enabled == Some(true))
    }
}

/// The level of requests that match no method.
pub(crate) fn stage_level(plan: &Plan) -> (Level, bool) {
    plan.stage.method_settings.get("*/*").map(Level::of).unwrap_or_default()
}

/// Writes down what is to be written of an answered request.
pub(crate) fn answered(
    gateway: &Gateway,
    mut exchange: Exchange,
    failure: Option<&GatewayResponse>,
    response: &Response<OutBody>,
) {
    if let Some(failure) = failure {
        tracing::debug!(
            api = exchange.plan.stage.api_id,
            kind = failure.kind.name(),
            message = failure.message(),
            "refused"
        );
        exchange.trail.error(|| {
            format!(
                "Gateway response type: {} with status code: {}",
                failure.kind.name(),
                response.status().as_u16()
            )
        });
    }
    exchange.trail.line(|| format!("Method completed with status: {}", response.status().as_u16()));
    measure(gateway, &exchange, response.status().as_u16());
    write_access(gateway, &exchange, failure, response);
    write_trail(gateway, &mut exchange);
}

fn write_access(
    gateway: &Gateway,
    exchange: &Exchange,
    failure: Option<&GatewayResponse>,
    response: &Response<OutBody>,
) {
    let Some(log) = &exchange.plan.access_log else { return };
    let took = gateway.host.clock.monotonic().saturating_sub(exchange.started);
    let answered = Answered {
        failure,
        status: Some(response.status().as_u16()),
        length: length(response),
        latency_ms: u64::try_from(took.as_millis()).ok(),
    };
    let mut message = String::with_capacity(LINE_BYTES);
    for piece in &log.pieces {
        match piece {
            LogPiece::Text(text) => message.push_str(text),
            LogPiece::Variable(name) => {
                message.push_str(context::value(exchange, answered, name).as_deref().unwrap_or("-"));
            }
        }
    }
    let group = match exchange.plan.is_canary {
        true => Cow::from(format!("{}/Canary", log.group)),
        false => Cow::from(log.group.as_str()),
    };
    append(gateway, exchange, &group, std::iter::once(message));
}

/// Bytes of the body, if they are known already.
fn length(response: &Response<OutBody>) -> Option<u64> {
    match response.body() {
        OutBody::Full(bytes) => Some(bytes.len() as u64),
        OutBody::Stream(_) => {
            let declared = response.headers().get(http::header::CONTENT_LENGTH)?;
            declared.to_str().ok()?.parse().ok()
        }
    }
}

fn write_trail(gateway: &Gateway, exchange: &mut Exchange) {
    let lines = exchange.trail.take();
    if lines.is_empty() {
        return;
    }
    let stage = &exchange.plan.stage;
    let canary = if exchange.plan.is_canary { "/Canary" } else { "" };
    let group = format!("API-Gateway-Execution-Logs_{}/{}{canary}", stage.api_id, stage.stage_name);
    let id = &exchange.inbound.request_id;
    append(gateway, exchange, &group, lines.into_iter().map(|line| format!("({id}) {line}")));
}

fn append(gateway: &Gateway, exchange: &Exchange, group: &str, lines: impl Iterator<Item = String>) {
    let stage = &exchange.plan.stage;
    let timestamp_ms = gateway.host.clock.now_ms();
    let events = lines.map(|message| LogEvent { timestamp_ms, message }).collect();
    let scope = Scope::new(&stage.account, &stage.region);
    gateway.host.rooms().logs.append(&scope, group, &stream(&exchange.ids.extended), events);
}

/// A stream's name, 32 hexadecimal digits; the same few for all requests.
fn stream(extended_id: &str) -> String {
    let spread =
        extended_id.bytes().fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)))
            % STREAMS;
    format!("{:032x}", (spread + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
}
