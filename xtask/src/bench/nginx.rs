//! nginx (Debian's package) as a yardstick: one port answers from memory, another passes on to the first.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::bench::server::{self, Server};

/// A running nginx.
pub struct Nginx {
    server: Server,
    /// Answers from memory.
    pub fixed: SocketAddr,
    /// Passes on to `fixed`.
    pub proxy: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Nginx {
    pub fn pid(&self) -> u32 {
        self.server.pid()
    }

    /// Starts it, with a worker for each core; `None` if this machine has no nginx.
    pub async fn start() -> Result<Option<Nginx>> {
        let Some(program) = program() else { return Ok(None) };
        let folder = tempfile::tempdir().context("making a temporary folder")?;
        let (fixed, proxy) = (free_port()?, free_port()?);
        let file = folder.path().join("nginx.conf");
        std::fs::write(&file, configuration(folder.path(), fixed, proxy)).context("writing nginx.conf")?;
        let mut command = Command::new(program);
        command.arg("-p").arg(folder.path()).arg("-c").arg(&file).args(["-e", "stderr"]);
        let server = server::at(command, fixed).await?;
        Ok(Some(Nginx { server, fixed, proxy, _folder: folder }))
    }
}

fn program() -> Option<PathBuf> {
    ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx"]
        .iter()
        .map(PathBuf::from)
        .find(|path| path.is_file())
}

fn free_port() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("looking for a free port")?;
    listener.local_addr().context("looking for a free port")
}

fn configuration(folder: &Path, fixed: SocketAddr, proxy: SocketAddr) -> String {
    let folder = folder.display();
    format!(
        r#"daemon off;
worker_processes auto;
pid {folder}/pid;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    keepalive_requests 100000000;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream fixed {{ server {fixed}; keepalive 128; keepalive_requests 100000000; }}
    server {{
        listen {fixed};
        location / {{ default_type application/json; return 200 '{{"hello":"you"}}'; }}
    }}
    server {{
        listen {proxy};
        location / {{ proxy_pass http://fixed; proxy_http_version 1.1; proxy_set_header Connection ""; }}
    }}
}}
"#
    )
}
