//! https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html
//!
//! Changes the settings of the unpublished version; environments of the old one end when the new one is ready.

use kernel::Ctx;

use crate::Lambda;
use crate::configuration::{Configuration, Shown, Update};
use crate::error::Error;
use crate::functions;
use crate::generated::{FunctionConfiguration, UpdateFunctionConfigurationRequest};
use crate::invoke;
use crate::layers;
use crate::place::{LATEST, locate};
use crate::prepare;
use crate::settings::{self, Extras};

pub(crate) async fn update_function_configuration(
    cx: &Ctx<Lambda>,
    mut req: UpdateFunctionConfigurationRequest,
) -> Result<FunctionConfiguration, Error> {
    let place = locate(cx, "UpdateFunctionConfiguration", &req.function_name, None).await?;
    extras(&mut req).check()?;
    if let Some(runtime) = &req.runtime {
        settings::check_runtime(runtime)?;
    }
    if let Some(role) = &req.role {
        functions::check_role(cx, role).await?;
    }
    let used = match &req.layers {
        Some(arns) => Some(layers::resolve(cx, &place, arns).await?),
        None => None,
    };
    invoke::settled(&cx.host, &cx.service, &place).await?;
    let mut tx = place.begin(&cx.host);
    let mut function = functions::get(&mut tx, &place).await?;
    functions::check_revision(req.revision_id.as_deref(), &function.latest.revision_id)?;
    functions::check_settled(&function, &place)?;
    apply(&mut function.latest, &place.name, req)?;
    function.latest.layers = used.unwrap_or(function.latest.layers);
    layers::check_size(&function.latest)?;
    functions::begin_update(cx, &mut function.latest);
    tx.put(&function)?;
    prepare::begin(&cx.host, &mut tx, &place)?;
    tx.commit().await?;
    prepare::start(&cx.host, &place);
    debug_assert!(function.latest.update == Update::InProgress);
    Ok(function.latest.show(&place, LATEST, None, Shown::Whole))
}

fn extras(req: &mut UpdateFunctionConfigurationRequest) -> Extras {
    Extras {
        vpc: req.vpc_config.take(),
        dead_letter: req.dead_letter_config.take(),
        kms_key: req.kms_key_arn.take(),
        file_systems: req.file_system_configs.take(),
        image: req.image_config.take(),
        snap_start: req.snap_start.take(),
        is_capacity_provided: req.capacity_provider_config.is_some(),
        is_durable: req.durable_config.is_some(),
        is_runtime_pinned: req.runtime_config.is_some(),
        is_accelerated: req.accelerator_config.is_some(),
    }
}

fn apply(
    latest: &mut Configuration,
    name: &str,
    req: UpdateFunctionConfigurationRequest,
) -> Result<(), Error> {
    let set = |member: &mut String, value: Option<String>| {
        if let Some(value) = value {
            *member = value;
        }
    };
    set(&mut latest.role, req.role);
    set(&mut latest.handler, req.handler);
    set(&mut latest.description, req.description);
    set(&mut latest.runtime, req.runtime);
    set(&mut latest.tracing, req.tracing_config.and_then(|tracing| tracing.mode));
    latest.timeout_s = req.timeout.unwrap_or(latest.timeout_s);
    latest.memory_mb = req.memory_size.unwrap_or(latest.memory_mb);
    latest.ephemeral_mb = req.ephemeral_storage.map_or(latest.ephemeral_mb, |storage| storage.size);
    settings::check_limits(latest.timeout_s, latest.memory_mb, latest.ephemeral_mb)?;
    if let Some(environment) = req.environment {
        let variables = environment.variables.unwrap_or_default();
        settings::check_environment(&variables)?;
        latest.environment = Some(variables);
    }
    latest.logging = settings::logging(name, Some(&latest.logging), req.logging_config)?;
    Ok(())
}
