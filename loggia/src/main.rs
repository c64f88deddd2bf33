//! The program: flags, configuration, wiring. The only place that knows every room.

mod cli;
mod client;
mod config;
mod doctor;
mod serve;
mod tls;

use clap::Parser;

use crate::cli::{Cli, Command};

/// Small and steady in memory under many threads, which the system's allocator is not.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    sandbox::init_main();
    // Huge pages would double what an idle server holds. A kernel without the switch has nothing to switch off.
    let _ = rustix::thread::disable_transparent_huge_pages(true);
    let done = match Cli::parse().command {
        Command::Serve(flags) => serve::run(&flags),
        Command::Doctor(flags) => doctor::run(&flags),
        Command::Invoke(flags) => client::invoke(&flags),
        Command::Logs(flags) => client::logs(&flags),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("loggia: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}
