//! Canary releases: a share of a stage's requests goes to another deployment. Made, patched, promoted, shown.
//!
//! The first patch below `/canarySettings` makes a canary on the stage's own deployment with no traffic, as AWS does. AWS: Patch
//! Operations, UpdateStage; Set up an API Gateway canary release deployment.

use plan::definition::{CanaryDefinition, Strings};

use crate::error::Error;
use crate::generated::{CanarySettings, DeploymentCanarySettings};
use crate::patch::{Op, Patch};
use crate::stage::{check_variable, checked_variables};
use crate::tables::StageRecord;

/// The canary that a new stage on `deployment_id` asks for.
pub(crate) fn from_request(settings: CanarySettings, deployment_id: &str) -> Result<CanaryDefinition, Error> {
    Ok(CanaryDefinition {
        deployment_id: settings
            .deployment_id
            .filter(|id| !id.is_empty())
            .unwrap_or_else(|| deployment_id.to_owned()),
        percent_traffic: percent(settings.percent_traffic.unwrap_or_default())?,
        variables: checked_variables(settings.stage_variable_overrides.unwrap_or_default())?,
        uses_stage_cache: settings.use_stage_cache.unwrap_or_default(),
    })
}

/// The canary that a new deployment asks for.
pub(crate) fn of_deployment(
    settings: DeploymentCanarySettings,
    deployment_id: &str,
) -> Result<CanaryDefinition, Error> {
    let settings = CanarySettings {
        percent_traffic: settings.percent_traffic,
        stage_variable_overrides: settings.stage_variable_overrides,
        use_stage_cache: settings.use_stage_cache,
        deployment_id: None,
    };
    from_request(settings, deployment_id)
}

/// The canary as a client sees it.
pub(crate) fn shown(canary: &CanaryDefinition) -> CanarySettings {
    CanarySettings {
        percent_traffic: Some(canary.percent_traffic),
        deployment_id: Some(canary.deployment_id.clone()),
        stage_variable_overrides: (!canary.variables.is_empty()).then(|| canary.variables.clone()),
        use_stage_cache: Some(canary.uses_stage_cache),
    }
}

/// Replaces a setting below `/canarySettings`; false if there is none of that name.
pub(crate) fn replace(stage: &mut StageRecord, patch: &Patch) -> Result<bool, Error> {
    let parts: Vec<&str> = patch.parts.iter().skip(1).map(String::as_str).collect();
    let own = stage.deployment_id.clone();
    let mut canary = stage
        .canary
        .clone()
        .unwrap_or_else(|| CanaryDefinition { deployment_id: own, ..CanaryDefinition::default() });
    match parts[..] {
        ["deploymentId"] => canary.deployment_id = patch.text().to_owned(),
        ["percentTraffic"] => {
            let share = patch.text().parse().map_err(|_| patch.misfit("a number is expected"))?;
            canary.percent_traffic = percent(share)?;
        }
        ["useStageCache"] => canary.uses_stage_cache = patch.flag(),
        ["stageVariableOverrides", name] if !name.is_empty() => {
            check_variable(name, patch.text())?;
            canary.variables.insert(name.to_owned(), patch.text().to_owned());
        }
        _ => return Ok(false),
    }
    stage.canary = Some(canary);
    Ok(true)
}

/// Takes the canary, or one of its variables, away; false if there is none of that name.
pub(crate) fn remove(stage: &mut StageRecord, parts: &[&str]) -> bool {
    match parts {
        // Without a canary there is none to take away; AWS does not mind.
        [] => {
            stage.canary = None;
            true
        }
        ["stageVariableOverrides", name] => {
            stage.canary.as_mut().is_some_and(|canary| canary.variables.remove(*name).is_some())
        }
        _ => false,
    }
}

/// Promotes the canary's deployment or variables to the stage's own.
pub(crate) fn copy(stage: &mut StageRecord, patch: &Patch) -> Result<(), Error> {
    debug_assert_eq!(patch.op, Op::Copy);
    let from = patch.from.as_deref().unwrap_or("null");
    match (patch.path.as_str(), from) {
        ("/deploymentId", "/canarySettings/deploymentId") => {
            stage.deployment_id = promoted(stage)?.deployment_id;
        }
        ("/variables", "/canarySettings/stageVariableOverrides") => {
            let overrides: Strings = promoted(stage)?.variables;
            stage.variables.extend(overrides);
        }
        (path, from) => {
            return Err(Error::StageCopy { path: path.to_owned(), from: from.to_owned() });
        }
    }
    Ok(())
}

fn promoted(stage: &StageRecord) -> Result<CanaryDefinition, Error> {
    stage.canary.clone().ok_or(Error::NoCanary)
}

fn percent(share: f64) -> Result<f64, Error> {
    (0.0..=100.0).contains(&share).then_some(share).ok_or(Error::CanaryPercent)
}
