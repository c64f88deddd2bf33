//! https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
//!
//! Makes a function. It answers `Pending`; its code is made ready beside the request.

use kernel::{Ctx, Fault};

use crate::Lambda;
use crate::code::{self, Keep, Source};
use crate::configuration::{Configuration, Shown, State, Update};
use crate::error::{Error, invalid};
use crate::functions::{self, Creation};
use crate::generated::{CreateFunctionRequest, FunctionConfiguration};
use crate::layers;
use crate::place::{LATEST, Place, locate};
use crate::prepare;
use crate::settings::{self, Extras};
use crate::tables::{Function, Published, function_key};

/// Longest name (AWS: API_CreateFunction; the model's limit is that of a whole ARN).
const NAME_CHARS_MAX: usize = 64;

pub(crate) async fn create_function(
    cx: &Ctx<Lambda>,
    req: CreateFunctionRequest,
) -> Result<FunctionConfiguration, Error> {
    let place = locate(cx, "CreateFunction", &req.function_name, None).await?;
    check_name(&req.function_name, &place)?;
    let (creation, source, publish) = check(req)?;
    functions::check_role(cx, &creation.role).await?;
    if place.begin(&cx.host).peek::<Function>(&function_key(&place.name)).await?.is_some() {
        return Err(Error::FunctionExists(place.name));
    }
    let layers = layers::resolve(cx, &place, &creation.layers).await?;
    let code = code::take_in(cx, source, Keep::Stored).await?;
    let blob = code.blob.clone();
    let latest = creation.configure(cx, &place.name, code, layers)?;
    match store(cx, &place, latest, creation.tags, publish).await {
        Ok(shown) => Ok(shown),
        Err(error) => {
            // On a conflict the handler runs again and stores the code again, under the same name.
            if !matches!(error, Error::Fault(Fault::Conflict)) {
                code::let_go(&cx.host, vec![blob]);
            }
            Err(error)
        }
    }
}

async fn store(
    cx: &Ctx<Lambda>,
    place: &Place,
    latest: Configuration,
    tags: std::collections::BTreeMap<String, String>,
    publish: bool,
) -> Result<FunctionConfiguration, Error> {
    let mut tx = place.begin(&cx.host);
    if tx.get::<Function>(&function_key(&place.name)).await?.is_some() {
        return Err(Error::FunctionExists(place.name.clone()));
    }
    let mut function = Function {
        name: place.name.clone(),
        latest,
        policy: Vec::new(),
        next_version: 1,
        reserved_concurrency: None,
        tags,
        events: Default::default(),
    };
    let mut version = LATEST.to_owned();
    if publish {
        let configuration = Configuration { revision_id: cx.uuid(), ..function.latest.clone() };
        tx.put(&Published { function: place.name.clone(), number: 1, configuration, policy: Vec::new() })?;
        function.next_version = 2;
        version = "1".to_owned();
    }
    tx.put(&function)?;
    prepare::begin(&cx.host, &mut tx, place)?;
    tx.commit().await?;
    prepare::start(&cx.host, place);
    debug_assert!(function.latest.state == State::Pending && function.latest.update == Update::InProgress);
    Ok(function.latest.show(place, &version, None, Shown::Created))
}

fn check_name(given: &str, place: &Place) -> Result<(), Error> {
    if place.qualifier.is_some() {
        // Inferred: AWS answers with its pattern, which here is the model's business.
        return Err(Error::Validation(format!(
            "Value '{given}' at 'functionName' failed to satisfy constraint: Member must not have a qualifier"
        )));
    }
    if place.name.len() > NAME_CHARS_MAX {
        let text =
            "at 'functionName' failed to satisfy constraint: Member must have length less than or equal to";
        return Err(invalid(format!(
            "1 validation error detected: Value '{}' {text} {NAME_CHARS_MAX}",
            place.name
        )));
    }
    Ok(())
}

/// Checks everything but the code itself.
fn check(req: CreateFunctionRequest) -> Result<(Creation, Source, bool), Error> {
    if req.package_type.as_deref() == Some("Image") || req.code.image_uri.is_some() {
        return Err(Error::Unsupported("PackageType Image"));
    }
    if let Some(arn) = req.code_signing_config_arn.filter(|arn| !arn.is_empty()) {
        return Err(Error::NoCodeSigningConfig(arn));
    }
    if req.tenancy_config.is_some() {
        return Err(Error::Unsupported("TenancyConfig"));
    }
    if req.publish_to.is_some() {
        return Err(Error::Unsupported("PublishTo"));
    }
    let extras = Extras {
        vpc: req.vpc_config,
        dead_letter: req.dead_letter_config,
        kms_key: req.kms_key_arn,
        file_systems: req.file_system_configs,
        image: req.image_config,
        snap_start: req.snap_start,
        is_capacity_provided: req.capacity_provider_config.is_some(),
        is_durable: req.durable_config.is_some(),
        is_runtime_pinned: req.runtime_config.is_some(),
        is_accelerated: req.accelerator_config.is_some(),
    };
    extras.check()?;
    let (Some(runtime), Some(handler)) = (req.runtime, req.handler) else {
        return Err(invalid(
            "Runtime and Handler are mandatory parameters for functions created with deployment packages.",
        ));
    };
    settings::check_runtime(&runtime)?;
    let tags = req.tags.unwrap_or_default();
    settings::check_tags(&tags)?;
    let creation = Creation {
        runtime,
        handler,
        role: req.role,
        description: req.description.unwrap_or_default(),
        timeout_s: req.timeout.unwrap_or(3),
        memory_mb: req.memory_size.unwrap_or(128),
        ephemeral_mb: req.ephemeral_storage.map_or(512, |storage| storage.size),
        environment: req.environment.map(|environment| environment.variables.unwrap_or_default()),
        architecture: req
            .architectures
            .and_then(|list| list.into_iter().next())
            .unwrap_or_else(|| "x86_64".to_owned()),
        logging: req.logging_config,
        tracing: req.tracing_config.and_then(|tracing| tracing.mode),
        tags,
        layers: req.layers.unwrap_or_default(),
    };
    let source = Source {
        zip: req.code.zip_file,
        bucket: req.code.s3_bucket,
        key: req.code.s3_key,
        image: req.code.image_uri,
        kms_key: req.code.source_kms_key_arn,
    };
    Ok((creation, source, req.publish.unwrap_or(false)))
}
