//! What remains of a request when it is answered: the execution log.
//!
//! AWS: Set up CloudWatch logging for REST APIs: the execution log of a stage is the group `API-Gateway-Execution-Logs_{api}/{stage}`,
//! a canary's ends in `/Canary`. A failure to log never fails a request.

use http::Response;
use kernel::Scope;
use kernel::exchange::OutBody;
use kernel::log_sink::LogEvent;
use plan::Plan;
use plan::definition::MethodSettings;

use crate::Gateway;
use crate::exchange::Exchange;
use crate::response::GatewayResponse;
use crate::trail::Level;

/// Log streams of one group; requests are spread over them as on AWS.
const STREAMS: u64 = 16;

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
    write_trail(gateway, &mut exchange);
}

fn write_trail(gateway: &Gateway, exchange: &mut Exchange) {
    let lines = exchange.trail.take();
    if lines.is_empty() {
        return;
    }
    let stage = &exchange.plan.stage;
    let canary = if exchange.plan.is_canary { "/Canary" } else { "" };
    let group = format!("API-Gateway-Execution-Logs_{}/{}{canary}", stage.api_id, stage.stage_name);
    let timestamp_ms = gateway.host.clock.now_ms();
    let id = &exchange.inbound.request_id;
    let events = lines.into_iter().map(|line| LogEvent { timestamp_ms, message: format!("({id}) {line}") });
    let scope = Scope::new(&stage.account, &stage.region);
    gateway.host.rooms().logs.append(&scope, &group, &stream(&exchange.ids.extended), events.collect());
}

/// A stream's name, 32 hexadecimal digits; the same few for all requests.
fn stream(extended_id: &str) -> String {
    let spread =
        extended_id.bytes().fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)))
            % STREAMS;
    format!("{:032x}", (spread + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
}
