//! The servers under test: started, asked until they answer, and ended when dropped.

use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use rustix::process::{Pid, Signal, kill_process};

use crate::bench::http::{Connection, get};

/// How long a server may take until it answers.
const START_WAIT: Duration = Duration::from_secs(20);
/// How long a server may take to end by itself.
const END_WAIT: Duration = Duration::from_secs(5);

/// A running server.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    /// From the start of the process to the answer.
    pub took: Duration,
}

impl Server {
    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            // It may have ended already.
            let _ = kill_process(pid, Signal::TERM);
        }
        let until = Instant::now() + END_WAIT;
        while Instant::now() < until {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        eprintln!("process {} did not end by itself and is killed", self.child.id());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts Loggia and waits until it answers a health request. `data` is a folder, or nothing for `--ephemeral`.
pub async fn loggia(binary: &Path, data: Option<&Path>) -> Result<Server> {
    let mut command = Command::new(binary);
    command.args(["serve", "--listen", "127.0.0.1:0", "--log", "warn"]);
    // An account's own limit on AWS is less than what is measured here.
    command.env("LOGGIA_API_RATE", "0");
    match data {
        Some(folder) => command.arg("--data-dir").arg(folder),
        None => command.arg("--ephemeral"),
    };
    start(command, "/_loggia/health").await
}

/// Starts a bare server, which prints its port and ends with its standard input.
pub async fn bare(program: &Path, args: &[&str]) -> Result<Server> {
    let mut command = Command::new(program);
    command.args(args).env_clear().stdin(Stdio::piped());
    start(command, "/").await
}

/// Starts a server that listens where it was told to.
pub async fn at(mut command: Command, address: SocketAddr) -> Result<Server> {
    let begun = Instant::now();
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn();
    let child = child.with_context(|| format!("starting {command:?}"))?;
    answers(&command, Server { child, address, took: Duration::ZERO }, "/", begun).await
}

async fn start(mut command: Command, path: &str) -> Result<Server> {
    if !matches!(command.get_program().to_str(), Some(program) if Path::new(program).is_absolute()) {
        anyhow::bail!("{command:?}: not an absolute path");
    }
    let begun = Instant::now();
    let mut child =
        command.stdout(Stdio::piped()).spawn().with_context(|| format!("starting {command:?}"))?;
    let stdout = child.stdout.take().context("standard output is piped")?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let mut server = Server { child, address, took: Duration::ZERO };
    let (port, mut rest) = tokio::time::timeout(START_WAIT, tokio::task::spawn_blocking(|| port(stdout)))
        .await
        .with_context(|| format!("{command:?} did not say its port"))???;
    // What else it prints is not for us, but must not fill the pipe.
    std::thread::spawn(move || std::io::copy(&mut rest, &mut std::io::sink()));
    server.address.set_port(port);
    answers(&command, server, path, begun).await
}

/// Waits until a server answers a request.
async fn answers(command: &Command, mut server: Server, path: &str, begun: Instant) -> Result<Server> {
    let request = get(&server.address.to_string(), path);
    while begun.elapsed() < START_WAIT {
        if let Ok(mut connection) = Connection::open(server.address).await
            && connection.exchange(&request).await.is_ok_and(|status| status == 200)
        {
            server.took = begun.elapsed();
            return Ok(server);
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    anyhow::bail!("{command:?} does not answer")
}

/// The port in the first line that has one: `PORT` alone, or within an address.
fn port(stdout: impl Read) -> Result<(u16, impl Read)> {
    let mut reader = BufReader::new(stdout);
    let mut line = String::new();
    loop {
        line.clear();
        ensure!(reader.read_line(&mut line)? > 0, "the server ended");
        let text = match line.split_once("127.0.0.1:") {
            Some((_, rest)) => rest,
            None => line.as_str(),
        };
        let digits = &text[..text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len())];
        if let Ok(port) = digits.parse() {
            return Ok((port, reader));
        }
    }
}

/// The real interpreter behind a name, which may be a version manager's shim, and its version.
pub fn interpreter(name: &str, question: &[&str]) -> Result<(PathBuf, String)> {
    let output = Command::new(name).args(question).output().with_context(|| format!("starting {name}"))?;
    let text = String::from_utf8(output.stdout).with_context(|| format!("reading what {name} says"))?;
    let (path, version) = text.trim().rsplit_once(' ').with_context(|| format!("{name} says: {text}"))?;
    let path = Path::new(path).canonicalize().with_context(|| format!("finding {path}"))?;
    Ok((path, version.to_owned()))
}
