//! Deployment packages: taken in, put into the blob store, let go, and given out again under a signed address.
//!
//! A blob's name ends in the request that brought it, so that deleting one function's code can never take another's: two functions
//! with the same zip have two blobs. A crash between a commit and the deletion of what it made needless leaves a blob behind.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use bytes::Bytes;
use kernel::{Ctx, Fault, Host, Internal, Key, Record};
use serde::{Deserialize, Serialize};

use crate::Lambda;
use crate::configuration::{Code, hex};
use crate::error::{Error, invalid};
use crate::tables::shared_scope;

/// Largest zip that a request may carry, bytes (AWS: Lambda quotas, 50 MB).
pub(crate) const ZIP_BYTES_MAX: usize = 52_428_800;
/// Largest package when unpacked, bytes (AWS: Lambda quotas, 250 MB).
pub(crate) const UNZIPPED_BYTES_MAX: u64 = 262_144_000;
/// How long an address of GetFunction works, milliseconds (AWS: API_GetFunction, 10 minutes).
const DOWNLOAD_MS: i64 = 600_000;
/// Path below which the edge gives out code; the rest of it is the token.
pub const DOWNLOAD_PATH: &str = "/_loggia/lambda/code/";

/// Where a request says its code is.
#[derive(Default)]
pub(crate) struct Source {
    pub zip: Option<Bytes>,
    pub bucket: Option<String>,
    pub key: Option<String>,
    pub image: Option<String>,
    pub kms_key: Option<String>,
}

/// Checks a request's code and stores it.
pub(crate) async fn take_in(cx: &Ctx<Lambda>, source: Source, keep: Keep) -> Result<Code, Error> {
    if source.image.is_some() {
        return Err(Error::Unsupported("PackageType Image (Code.ImageUri)"));
    }
    if source.kms_key.is_some_and(|key| !key.is_empty()) {
        return Err(Error::Unsupported("SourceKMSKeyArn"));
    }
    let zip = match (source.zip, source.bucket, source.key) {
        (Some(_), Some(_), _) | (Some(_), _, Some(_)) => {
            return Err(invalid(
                "Please do not provide other FunctionCode parameters when providing a ZipFile.",
            ));
        }
        (Some(zip), None, None) => zip,
        (None, Some(_), Some(_)) => {
            let text = "S3 Error Code: NoSuchBucket. S3 Error Message: The specified bucket does not exist";
            return Err(invalid(format!("Error occurred while GetObject. {text}")));
        }
        (None, _, _) => return Err(invalid("Please provide a source for function code.")),
    };
    if zip.len() > ZIP_BYTES_MAX {
        return Err(Error::TooLarge(format!("Zipped size must be smaller than {ZIP_BYTES_MAX} bytes")));
    }
    let facts = cx.host.rooms().compute.inspect(zip.clone()).await.map_err(|refused| invalid(refused.0))?;
    if facts.unzipped_bytes >= UNZIPPED_BYTES_MAX {
        return Err(invalid(format!("Unzipped size must be smaller than {UNZIPPED_BYTES_MAX} bytes")));
    }
    let sha256 = sha256(zip.clone()).await?;
    let code = Code {
        blob: format!("lambda/code/{sha256}/{}", cx.call.request_id),
        sha256,
        bytes: zip.len() as u64,
        unzipped: facts.unzipped_bytes,
    };
    if keep == Keep::Stored {
        cx.host.blobs.put(&code.blob, zip).await.map_err(Fault::from)?;
    }
    Ok(code)
}

/// The digest of a package; of a large one beside what others wait for.
async fn sha256(zip: Bytes) -> Result<String, Fault> {
    /// What takes less than half a millisecond, bytes.
    const QUICK_MAX: usize = 512 * 1024;
    if zip.len() <= QUICK_MAX {
        return Ok(hex(digest(&SHA256, &zip).as_ref()));
    }
    let computed = tokio::task::spawn_blocking(move || hex(digest(&SHA256, &zip).as_ref())).await;
    computed.map_err(|error| Internal::new("computing the digest of a deployment package", error).into())
}

/// Whether code that was checked is also stored.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Keep {
    Stored,
    OnlyChecked,
}

/// Deletes blobs that no version needs any more, soon.
pub(crate) fn let_go(host: &Arc<Host>, blobs: Vec<String>) {
    if blobs.is_empty() {
        return;
    }
    let host = Arc::clone(host);
    kernel::spawn("lambda/let-go-of-code", async move {
        for blob in blobs {
            if let Err(error) = host.blobs.delete(&blob).await {
                tracing::warn!(blob, error = %error, "code that no function needs was not deleted");
            }
        }
    });
}

/// The key that signs addresses; one for all nodes.
#[derive(Clone, Serialize, Deserialize)]
struct DownloadKey {
    secret: String,
}

impl Record for DownloadKey {
    const TABLE: &'static str = "download-key";
    fn key(&self) -> Key {
        Key::new()
    }
}

async fn download_key(lambda: &Lambda, host: &Host) -> Result<hmac::Key, Fault> {
    let made = |secret: &str| hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    if let Some(secret) = lambda.download_secret.get() {
        return Ok(made(secret));
    }
    let mut tx = host.begin(crate::ID, &shared_scope());
    let stored = match tx.get::<DownloadKey>(&Key::new()).await? {
        Some(stored) => stored,
        None => {
            let fresh = DownloadKey { secret: host.entropy.uuid() + &host.entropy.uuid() };
            tx.put(&fresh)?;
            tx.commit().await?;
            fresh
        }
    };
    Ok(made(lambda.download_secret.get_or_init(|| stored.secret)))
}

/// An address that gives `code` out for ten minutes.
pub(crate) async fn download_url(cx: &Ctx<Lambda>, code: &Code) -> Result<String, Error> {
    let until = cx.now_ms() + DOWNLOAD_MS;
    let blob = code.blob.strip_prefix("lambda/code/").unwrap_or(&code.blob);
    let signed = format!("{until}/{blob}");
    let tag = hmac::sign(&download_key(&cx.service, &cx.host).await?, signed.as_bytes());
    Ok(format!("{}{DOWNLOAD_PATH}{signed}/{}", cx.call.base_url, hex(tag.as_ref())))
}

/// The zip behind a token (what follows [`DOWNLOAD_PATH`]): `None` if the token is not one of ours, is over, or the code is gone.
pub async fn code_download(host: &Host, lambda: &Lambda, token: &str) -> Result<Option<Bytes>, Fault> {
    let Some((signed, tag)) = token.rsplit_once('/') else { return Ok(None) };
    let Some((until, blob)) = signed.split_once('/') else { return Ok(None) };
    let expected = hmac::sign(&download_key(lambda, host).await?, signed.as_bytes());
    let is_ours =
        aws_lc_rs::constant_time::verify_slices_are_equal(hex(expected.as_ref()).as_bytes(), tag.as_bytes())
            .is_ok();
    if !is_ours || until.parse().map_or(true, |until: i64| host.clock.now_ms() > until) {
        return Ok(None);
    }
    Ok(host.blobs.get(&format!("lambda/code/{blob}")).await?)
}
