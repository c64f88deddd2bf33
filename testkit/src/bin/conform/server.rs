//! The server under test: started on a free port, stopped as its user would.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

/// What the server prints before its address.
const MARK: &str = "AWS_ENDPOINT_URL=http://";

/// A running server.
pub(crate) struct Server {
    child: Child,
    /// Host and port.
    pub(crate) address: String,
}

impl Server {
    /// Starts `program serve` with nothing in it, and waits until it tells its address.
    pub(crate) fn start(program: &str) -> Result<Server> {
        let mut child = Command::new(program)
            .args(["serve", "--ephemeral", "--listen", "127.0.0.1:0", "--log", "warn"])
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("starting {program}"))?;
        let mut lines = BufReader::new(child.stdout.take().context("the server's output is piped")?).lines();
        let address = loop {
            let Some(line) = lines.next() else { bail!("{program} ended before it told its address") };
            let line = line.context("reading what the server prints")?;
            if let Some((_, rest)) = line.split_once(MARK) {
                break rest.split_whitespace().next().unwrap_or_default().to_owned();
            }
        };
        // What it prints later must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(Server { child, address })
    }

    /// Tells it to stop, and waits until it has.
    pub(crate) fn stop(mut self) -> Result<()> {
        ensure!(self.child.try_wait()?.is_none(), "the server ended before it was told to");
        let told = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status()
            .context("telling the server to stop")?;
        ensure!(told.success(), "the server could not be told to stop");
        let status = self.child.wait().context("waiting for the server")?;
        ensure!(status.success(), "the server ended with {status}");
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}
