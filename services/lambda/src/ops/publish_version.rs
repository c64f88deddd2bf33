//! https://docs.aws.amazon.com/lambda/latest/api/API_PublishVersion.html
//!
//! Makes a version of what `$LATEST` is now; if nothing changed since the last one, that one is the answer.

use kernel::Ctx;

use crate::Lambda;
use crate::configuration::Shown;
use crate::error::{Error, invalid};
use crate::functions;
use crate::generated::{FunctionConfiguration, PublishVersionRequest};
use crate::invoke;
use crate::place::locate;
use crate::tables::{Published, version_key};

pub(crate) async fn publish_version(
    cx: &Ctx<Lambda>,
    req: PublishVersionRequest,
) -> Result<FunctionConfiguration, Error> {
    let place = locate(cx, "PublishVersion", &req.function_name, None).await?;
    if req.publish_to.is_some() {
        return Err(Error::Unsupported("PublishTo"));
    }
    invoke::settled(&cx.host, &cx.service, &place).await?;
    let mut tx = place.begin(&cx.host);
    let mut function = functions::get(&mut tx, &place).await?;
    functions::check_revision(req.revision_id.as_deref(), &function.latest.revision_id)?;
    functions::check_settled(&function, &place)?;
    let current = function.latest.code.sha256_base64();
    if let Some(wanted) = req.code_sha256.filter(|wanted| !wanted.is_empty() && *wanted != current) {
        return Err(invalid(format!(
            "CodeSHA256 ({wanted}) is different from current CodeSHA256 in $LATEST ({current}). \
             Please try again with the CodeSHA256 in $LATEST."
        )));
    }
    let last: Option<Published> = tx.get(&version_key(&place.name, function.next_version - 1)).await?;
    let version = match last.filter(|last| last.configuration.build == function.latest.build) {
        Some(last) => last,
        None => {
            let version = functions::publish(cx, &mut tx, &mut function, req.description)?;
            function.latest.revision_id = cx.uuid();
            tx.put(&function)?;
            tx.commit().await?;
            version
        }
    };
    let number = version.number.to_string();
    Ok(version.configuration.show(&place, &number, Some(&number), Shown::Whole))
}
