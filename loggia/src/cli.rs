//! The command line. Part of the contract: other programs rely on it.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Amazon API Gateway and AWS Lambda, and what is around them, on your own machine.
#[derive(Parser)]
#[command(name = "loggia", version, about, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Serve every API on one port
    Serve(ServeFlags),
    /// Say what this machine offers: namespaces, cgroups, landlock, seccomp, runtimes, limits
    Doctor(DoctorFlags),
    /// Invoke a function of a running server
    Invoke(InvokeFlags),
    /// Show the log of a function of a running server
    Logs(LogsFlags),
}

#[derive(Args, Default)]
pub(crate) struct ServeFlags {
    /// Address and port to listen on [default: 127.0.0.1:4566]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) listen: Option<String>,
    /// Folder that holds everything [default: $XDG_DATA_HOME/loggia]
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Configuration file
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Keep everything in a temporary folder, unsynced, and remove it at the end
    #[arg(long, conflicts_with = "data_dir")]
    pub(crate) ephemeral: bool,
    /// How strictly callers are told apart: dev, enforce or off [default: dev]
    #[arg(long, value_name = "MODE")]
    pub(crate) iam: Option<String>,
    /// Whether functions may run without full isolation: auto, required or off [default: auto]
    #[arg(long, value_name = "MODE")]
    pub(crate) sandbox: Option<String>,
    /// Listen beyond loopback although not everybody's permissions are enforced
    #[arg(long)]
    pub(crate) insecure: bool,
    /// What to log, such as info, debug or edge=debug [default: info]
    #[arg(long, value_name = "FILTER")]
    pub(crate) log: Option<String>,
}

#[derive(Args)]
pub(crate) struct DoctorFlags {
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct Endpoint {
    /// The server [default: $AWS_ENDPOINT_URL, else http://127.0.0.1:4566]
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint_url: Option<String>,
    /// Region [default: $AWS_REGION, else us-east-1]
    #[arg(long)]
    pub(crate) region: Option<String>,
}

#[derive(Args)]
pub(crate) struct InvokeFlags {
    /// Function name or ARN
    #[arg(value_name = "FN")]
    pub(crate) function: String,
    /// File with the event, or - for standard input [default: {}]
    #[arg(long, value_name = "FILE")]
    pub(crate) event: Option<PathBuf>,
    /// Also show the last 4 KB of the log
    #[arg(long)]
    pub(crate) tail: bool,
    #[command(flatten)]
    pub(crate) endpoint: Endpoint,
}

#[derive(Args)]
pub(crate) struct LogsFlags {
    /// Function name
    #[arg(value_name = "FN")]
    pub(crate) function: String,
    /// Go on as new lines come
    #[arg(long)]
    pub(crate) follow: bool,
    #[command(flatten)]
    pub(crate) endpoint: Endpoint,
}
