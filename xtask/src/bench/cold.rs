//! Cold starts against starting the bare interpreter, and the start of the server itself.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::bench::deploy::{self, Language};
use crate::bench::http::{Aws, Connection};
use crate::bench::server;

/// Between two starts, so that what the last one left is gone.
const PAUSE: Duration = Duration::from_millis(50);

/// Milliseconds of each start, sorted.
pub struct Starts {
    pub what: String,
    pub ours_ms: Vec<f64>,
    pub bare_ms: Vec<f64>,
}

/// The first `Invoke` of each of `count` new functions, alternating with the bare interpreter.
pub async fn functions(
    aws: &Aws,
    language: &Language,
    memory_mb: u32,
    count: usize,
    interpreter: (&Path, [&str; 2]),
) -> Result<Starts> {
    let (mut ours_ms, mut bare_ms) = (Vec::new(), Vec::new());
    for number in 0..count {
        bare_ms.push(bare(interpreter.0, &interpreter.1)?);
        tokio::time::sleep(PAUSE).await;
        let name = format!("cold-{}-{memory_mb}-{number}", language.name);
        deploy::function(aws, &name, language, language.plain, memory_mb).await?;
        let request =
            aws.signed("lambda", "POST", &format!("/2015-03-31/functions/{name}/invocations"), b"{}")?;
        let mut connection = Connection::open(aws.address).await?;
        tokio::time::sleep(PAUSE).await;
        let begun = Instant::now();
        let status = connection.exchange(&request).await?;
        ours_ms.push(begun.elapsed().as_secs_f64() * 1000.0);
        ensure!(
            status == 200 && connection.body().starts_with(b"{\"hello\""),
            "{name}: {}",
            String::from_utf8_lossy(connection.body())
        );
        deploy::delete_function(aws, &name).await?;
        tokio::time::sleep(PAUSE).await;
    }
    for list in [&mut ours_ms, &mut bare_ms] {
        list.sort_by(f64::total_cmp);
    }
    let what = format!(
        "{}, {memory_mb} MB, against `{} {}`",
        language.runtime,
        language.name,
        interpreter.1.join(" ")
    );
    Ok(Starts { what, ours_ms, bare_ms })
}

fn bare(interpreter: &Path, args: &[&str]) -> Result<f64> {
    let begun = Instant::now();
    // Variables of whoever measures, such as certificates to load at start, are not in a function's environment either.
    let status = Command::new(interpreter).args(args).env_clear().stdin(Stdio::null()).status();
    let took = begun.elapsed();
    ensure!(
        status.with_context(|| format!("starting {}", interpreter.display()))?.success(),
        "a bare interpreter failed"
    );
    Ok(took.as_secs_f64() * 1000.0)
}

/// Milliseconds from the start of the server to its answer, sorted: ephemeral, and with a new data folder.
pub async fn servers(binary: &Path, count: usize) -> Result<[Vec<f64>; 2]> {
    let mut lists = [Vec::new(), Vec::new()];
    for _ in 0..count {
        for (list, is_ephemeral) in lists.iter_mut().zip([true, false]) {
            let folder = tempfile::tempdir().context("making a temporary folder")?;
            let server = server::loggia(binary, (!is_ephemeral).then(|| folder.path())).await?;
            list.push(server.took.as_secs_f64() * 1000.0);
            drop(server);
            tokio::time::sleep(PAUSE).await;
        }
    }
    for list in &mut lists {
        list.sort_by(f64::total_cmp);
    }
    Ok(lists)
}
