//! Paths of a usage plan's patches, some of which hold a stage and a method.
//!
//! AWS: Patch Operations, UpdateUsagePlan. Slashes of a resource's path are written `~1`; Terraform writes them bare, which AWS takes too.

use crate::error::Error;
use crate::patch::{Op, Patch};

const STAGE: &str = "/apiStages/<apidId:stageName>/throttle";

/// What a patch acts on.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Target {
    Name,
    Description,
    ProductCode,
    Stages,
    Throttle,
    ThrottleLimit(Limit),
    Quota,
    QuotaLimit,
    QuotaOffset,
    QuotaPeriod,
    /// Of a stage, `{API}:{stage}`.
    StageThrottle(String),
    MethodThrottle {
        stage: String,
        method: String,
    },
    MethodLimit {
        stage: String,
        method: String,
        limit: Limit,
    },
}

/// One of the two limits of a bucket.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Limit {
    Rate,
    Burst,
}

impl Target {
    /// What the patch acts on; an error that lists what its operation may act on.
    pub(super) fn of(patch: &Patch) -> Result<Target, Error> {
        let (path, op) = (patch.path.clone(), patch.op.name());
        let method = format!("{STAGE}/<resourcePath>/<httpMethod>");
        let limits = "/quota/limit, /quota/offset, /quota/period, /throttle/burstLimit, /throttle/rateLimit";
        let allowed = match patch.op {
            Op::Add => format!("/apiStages, /productCode, {limits}"),
            Op::Replace => format!(
                "/name, /description, /productCode, {limits}, {method}/burstLimit, {method}/rateLimit, {STAGE}"
            ),
            Op::Remove => format!("/apiStages, /quota, /throttle, /productCode, {method}, {STAGE}"),
            Op::Copy | Op::Other(_) => return Err(Error::PatchOpOf { path, op }),
        };
        let found = parse(&patch.path).filter(|target| target.allows(patch.op));
        found.ok_or(Error::PatchPathOf { path, op, allowed })
    }

    fn allows(&self, op: Op) -> bool {
        match self {
            Target::Name | Target::Description | Target::MethodLimit { .. } => op == Op::Replace,
            Target::ProductCode => true,
            Target::Stages => op != Op::Replace,
            Target::Throttle | Target::Quota | Target::MethodThrottle { .. } => op == Op::Remove,
            Target::ThrottleLimit(_) | Target::QuotaLimit | Target::QuotaOffset | Target::QuotaPeriod => {
                op != Op::Remove
            }
            Target::StageThrottle(_) => op != Op::Add,
        }
    }
}

fn parse(path: &str) -> Option<Target> {
    Some(match path {
        "/name" => Target::Name,
        "/description" => Target::Description,
        "/productCode" => Target::ProductCode,
        "/apiStages" => Target::Stages,
        "/throttle" => Target::Throttle,
        "/throttle/rateLimit" => Target::ThrottleLimit(Limit::Rate),
        "/throttle/burstLimit" => Target::ThrottleLimit(Limit::Burst),
        "/quota" => Target::Quota,
        "/quota/limit" => Target::QuotaLimit,
        "/quota/offset" => Target::QuotaOffset,
        "/quota/period" => Target::QuotaPeriod,
        _ => {
            let (stage, rest) = path.strip_prefix("/apiStages/")?.split_once("/throttle")?;
            let stage = stage.to_owned();
            let Some(rest) = rest.strip_prefix('/') else {
                return rest.is_empty().then_some(Target::StageThrottle(stage));
            };
            let limit = [("/rateLimit", Limit::Rate), ("/burstLimit", Limit::Burst)];
            let limited = limit.iter().find_map(|(end, limit)| Some((rest.strip_suffix(end)?, *limit)));
            match limited {
                Some((rest, limit)) => Target::MethodLimit { stage, method: checked(rest)?, limit },
                None => Target::MethodThrottle { stage, method: checked(rest)? },
            }
        }
    })
}

/// `{resource path}/{METHOD}` as it is kept: unescaped, with one slash before it, or `*/*`.
pub(super) fn method(text: &str) -> String {
    let text = text.replace("~1", "/").replace("~0", "~");
    let (path, verb) = text.rsplit_once('/').unwrap_or((&text, "*"));
    match path.trim_start_matches('/') {
        "*" => format!("*/{verb}"),
        path => format!("/{path}/{verb}"),
    }
}

fn checked(text: &str) -> Option<String> {
    let verb = text.rsplit_once('/').map(|(_, verb)| verb)?;
    (!verb.is_empty() && !verb.contains('~')).then(|| method(text))
}

#[cfg(test)]
mod tests;
