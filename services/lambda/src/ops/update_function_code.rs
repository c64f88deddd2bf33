//! https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionCode.html
//!
//! Replaces the code of the unpublished version; environments of the old one end when the new one is ready.

use kernel::{Ctx, Fault};

use crate::Lambda;
use crate::code::{self, Keep, Source};
use crate::configuration::{Code, Shown};
use crate::error::{Error, invalid};
use crate::functions;
use crate::generated::{FunctionConfiguration, UpdateFunctionCodeRequest};
use crate::invoke;
use crate::layers;
use crate::place::{LATEST, Place, locate};
use crate::prepare;

pub(crate) async fn update_function_code(
    cx: &Ctx<Lambda>,
    mut req: UpdateFunctionCodeRequest,
) -> Result<FunctionConfiguration, Error> {
    let place = locate(cx, "UpdateFunctionCode", &req.function_name, None).await?;
    if req.publish_to.is_some() {
        return Err(Error::Unsupported("PublishTo"));
    }
    invoke::settled(&cx.host, &cx.service, &place).await?;
    let function = functions::get(&mut place.begin(&cx.host), &place).await?;
    functions::check_revision(req.revision_id.as_deref(), &function.latest.revision_id)?;
    if req.image_uri.is_some() {
        return Err(invalid("Please don't provide ImageUri when updating a function with packageType Zip."));
    }
    let source = Source {
        zip: req.zip_file.take(),
        bucket: req.s3_bucket.take(),
        key: req.s3_key.take(),
        image: None,
        kms_key: req.source_kms_key_arn.take(),
    };
    let is_dry_run = req.dry_run.unwrap_or(false);
    let code = code::take_in(cx, source, if is_dry_run { Keep::OnlyChecked } else { Keep::Stored }).await?;
    if is_dry_run {
        let mut latest = function.latest;
        latest.code = code;
        return Ok(latest.show(&place, LATEST, None, Shown::Whole));
    }
    let blob = code.blob.clone();
    let stored = store(cx, &place, code, req).await;
    if !matches!(stored, Ok(_) | Err(Error::Fault(Fault::Conflict))) {
        code::let_go(&cx.host, vec![blob]);
    }
    stored
}

async fn store(
    cx: &Ctx<Lambda>,
    place: &Place,
    code: Code,
    req: UpdateFunctionCodeRequest,
) -> Result<FunctionConfiguration, Error> {
    let mut tx = place.begin(&cx.host);
    let mut function = functions::get(&mut tx, place).await?;
    functions::check_revision(req.revision_id.as_deref(), &function.latest.revision_id)?;
    functions::check_settled(&function, place)?;
    let former = std::mem::replace(&mut function.latest.code, code);
    if let Some(architecture) = req.architectures.and_then(|list| list.into_iter().next()) {
        function.latest.architecture = architecture;
    }
    layers::check_size(&function.latest)?;
    functions::begin_update(cx, &mut function.latest);
    let needless = match functions::is_code_published(&tx, &function, &former).await? {
        true => Vec::new(),
        false => vec![former.blob],
    };
    let published = match req.publish.unwrap_or(false) {
        true => Some(functions::publish(cx, &mut tx, &mut function, None)?),
        false => None,
    };
    tx.put(&function)?;
    prepare::begin(&cx.host, &mut tx, place)?;
    tx.commit().await?;
    prepare::start(&cx.host, place);
    code::let_go(&cx.host, needless);
    Ok(match published {
        Some(version) => {
            let number = version.number.to_string();
            version.configuration.show(place, &number, Some(&number), Shown::Whole)
        }
        None => function.latest.show(place, LATEST, None, Shown::Whole),
    })
}
