//! Tasks of the house: `cargo xtask COMMAND`.
//!
//! One module per command; this file only picks the module.

mod bench;
mod clients;
mod codegen;
mod conform;
mod test;
mod tidy;

use std::path::PathBuf;

const USAGE: &str = "usage: cargo xtask COMMAND

  test               everything that CI checks, in CI's order
  tidy               the house rules that a program can check
  clients [ARGS]     the real tools against the release binary; ARGS go to pytest
  conform --via boto3 [SERVICE…]   the cases through boto3 against the release binary
  bench [ARGS]       speed and size against bare servers, as Markdown; --help tells more
  codegen            write services/*/src/generated.rs from models/ and services/*/operations.txt
  codegen --check    say whether what is committed is current, and write nothing
  codegen --models   first derive models/*.json from the pinned botocore package (downloads it once)";

fn main() -> std::process::ExitCode {
    match run() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = args.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
    match command {
        "test" => test::run(&root(), rest),
        "tidy" => tidy::run(&root()),
        "bench" => bench::run(&root(), rest),
        "bench-bare" => bench::bare::run(),
        "clients" => clients::run(&root(), rest),
        "conform" => conform::run(&root(), rest),
        "codegen" => codegen::run(&root(), rest),
        _ => anyhow::bail!("{USAGE}"),
    }
}

/// The project's root, wherever the command was started.
fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("xtask lies in the project's root").to_owned()
}
