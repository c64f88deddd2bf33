//! Lambda's runtime identifiers, the interpreters of this machine, and which of them runs which runtime.
//!
//! What always holds: only real executables are chosen (ELF files, found through their real path), never a version manager's shim
//! script; nothing here is needed before the server's port is open: finding is blocking work of a few milliseconds for a background
//! thread; the choice is exact when the version exists, else the nearest, and says so in a sentence for the log.
//!
//! Known differences from AWS: a runtime may run on another version of its language than its name says. Ruby, Java, .NET and Go
//! identifiers are known but have no bootstrap yet. `deprecated` is what AWS's page said in 2026; nothing is refused for it.

mod search;

use std::fmt;
use std::path::{Path, PathBuf};

pub use search::{Search, find_interpreters};

/// What a runtime's functions are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    Node,
    Python,
    Ruby,
    Java,
    Dotnet,
    Go,
    /// A custom runtime: the function brings `bootstrap` and speaks the HTTP Runtime API.
    Provided,
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Family::Node => "Node.js",
            Family::Python => "Python",
            Family::Ruby => "Ruby",
            Family::Java => "Java",
            Family::Dotnet => ".NET",
            Family::Go => "Go",
            Family::Provided => "a custom runtime",
        })
    }
}

/// A runtime identifier of Lambda.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Runtime {
    /// AWS's identifier, such as `python3.13`.
    pub id: &'static str,
    pub family: Family,
    /// Major and minor version of the language; zero where the identifier has none.
    pub version: (u16, u16),
    /// Past its deprecation date.
    pub deprecated: bool,
}

const fn current(id: &'static str, family: Family, major: u16, minor: u16) -> Runtime {
    Runtime { id, family, version: (major, minor), deprecated: false }
}

const fn deprecated(id: &'static str, family: Family, major: u16, minor: u16) -> Runtime {
    Runtime { id, family, version: (major, minor), deprecated: true }
}

/// Every identifier that Lambda's API accepts. AWS: Lambda runtimes (supported and deprecated), and the API's `Runtime` enumeration.
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html>
pub const RUNTIMES: &[Runtime] = &[
    deprecated("nodejs", Family::Node, 0, 10),
    deprecated("nodejs4.3", Family::Node, 4, 3),
    deprecated("nodejs4.3-edge", Family::Node, 4, 3),
    deprecated("nodejs6.10", Family::Node, 6, 10),
    deprecated("nodejs8.10", Family::Node, 8, 10),
    deprecated("nodejs10.x", Family::Node, 10, 0),
    deprecated("nodejs12.x", Family::Node, 12, 0),
    deprecated("nodejs14.x", Family::Node, 14, 0),
    deprecated("nodejs16.x", Family::Node, 16, 0),
    deprecated("nodejs18.x", Family::Node, 18, 0),
    deprecated("nodejs20.x", Family::Node, 20, 0),
    current("nodejs22.x", Family::Node, 22, 0),
    current("nodejs24.x", Family::Node, 24, 0),
    deprecated("python2.7", Family::Python, 2, 7),
    deprecated("python3.6", Family::Python, 3, 6),
    deprecated("python3.7", Family::Python, 3, 7),
    deprecated("python3.8", Family::Python, 3, 8),
    deprecated("python3.9", Family::Python, 3, 9),
    deprecated("python3.10", Family::Python, 3, 10),
    current("python3.11", Family::Python, 3, 11),
    current("python3.12", Family::Python, 3, 12),
    current("python3.13", Family::Python, 3, 13),
    current("python3.14", Family::Python, 3, 14),
    deprecated("ruby2.5", Family::Ruby, 2, 5),
    deprecated("ruby2.7", Family::Ruby, 2, 7),
    deprecated("ruby3.2", Family::Ruby, 3, 2),
    current("ruby3.3", Family::Ruby, 3, 3),
    current("ruby3.4", Family::Ruby, 3, 4),
    current("ruby4.0", Family::Ruby, 4, 0),
    deprecated("java8", Family::Java, 8, 0),
    current("java8.al2", Family::Java, 8, 0),
    current("java11", Family::Java, 11, 0),
    current("java17", Family::Java, 17, 0),
    current("java21", Family::Java, 21, 0),
    current("java25", Family::Java, 25, 0),
    deprecated("dotnetcore1.0", Family::Dotnet, 1, 0),
    deprecated("dotnetcore2.0", Family::Dotnet, 2, 0),
    deprecated("dotnetcore2.1", Family::Dotnet, 2, 1),
    deprecated("dotnetcore3.1", Family::Dotnet, 3, 1),
    deprecated("dotnet6", Family::Dotnet, 6, 0),
    deprecated("dotnet8", Family::Dotnet, 8, 0),
    current("dotnet10", Family::Dotnet, 10, 0),
    deprecated("go1.x", Family::Go, 1, 0),
    deprecated("provided", Family::Provided, 0, 0),
    deprecated("provided.al2", Family::Provided, 0, 0),
    current("provided.al2023", Family::Provided, 0, 0),
];

/// Oldest Node.js that our bootstrap runs on.
const NODE_MAJOR_MIN: u16 = 18;
/// Oldest Python that our bootstrap runs on.
const PYTHON_MIN: (u16, u16) = (3, 8);

impl Runtime {
    /// The runtime with AWS's identifier `id`.
    pub fn parse(id: &str) -> Option<&'static Runtime> {
        RUNTIMES.iter().find(|runtime| runtime.id == id)
    }
}

/// One real interpreter of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interpreter {
    pub family: Family,
    /// Major, minor, patch; the patch is zero when only the file's name was read.
    pub version: (u16, u16, u16),
    /// The executable itself, symbolic links resolved.
    pub path: PathBuf,
    /// The folder that has to be mounted read-only beside the system's, for an interpreter outside `/usr`.
    pub mount: Option<PathBuf>,
}

impl Interpreter {
    /// The command line that starts this interpreter's bootstrap, program first. `folder` is where the bootstraps lie as the process
    /// sees them, usually [`crate::RUNTIME_DIR`]; `memory_mb` is the function's memory, which bounds Node.js's heap as AWS does.
    pub fn command(&self, folder: &Path, memory_mb: u32) -> Vec<String> {
        let program = self.path.to_string_lossy().into_owned();
        let file = |bootstrap: crate::Bootstrap| folder.join(bootstrap.file).to_string_lossy().into_owned();
        match self.family {
            Family::Node => vec![
                program,
                format!("--max-old-space-size={}", u64::from(memory_mb) * 9 / 10),
                "--max-http-header-size=81920".to_owned(),
                file(crate::NODE),
            ],
            // Without -B Python would try to write compiled files beside the sources, which are read-only.
            _ => vec![program, "-B".to_owned(), file(crate::PYTHON)],
        }
    }

    /// The command line that compiles the bootstrap in `folder` for this interpreter, which halves its starts; program first.
    /// `None`: there is nothing to gain. The compiled form is used without looking at the text: [`crate::write_bootstraps`] removes
    /// it when the text changes.
    pub fn compile_command(&self, folder: &Path) -> Option<Vec<String>> {
        const CODE: &str = "import py_compile, sys; py_compile.compile(sys.argv[1], dfile=sys.argv[2], doraise=True, \
                            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)";
        if self.family != Family::Python {
            return None;
        }
        let file = crate::PYTHON_RUNTIME.file;
        let text = folder.join(file).to_string_lossy().into_owned();
        let shown = format!("{}/{file}", crate::RUNTIME_DIR);
        let program = self.path.to_string_lossy().into_owned();
        Some(vec![program, "-I".to_owned(), "-c".to_owned(), CODE.to_owned(), text, shown])
    }

    fn is_usable(&self) -> bool {
        match self.family {
            Family::Node => self.version.0 >= NODE_MAJOR_MIN,
            Family::Python => (self.version.0, self.version.1) >= PYTHON_MIN && self.version.0 == 3,
            _ => false,
        }
    }

    /// How far this interpreter is from `version`, where only the part that breaks programs counts; a newer one is the nearer of two.
    fn distance(&self, version: (u16, u16)) -> (u16, bool) {
        let (have, want) = match self.family {
            Family::Node => (self.version.0, version.0),
            _ => (self.version.1, version.1),
        };
        (have.abs_diff(want), have < want)
    }
}

/// Which interpreter runs a runtime.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice<'a> {
    pub interpreter: &'a Interpreter,
    /// What an operator should read once, when it is not the version that was asked for.
    pub note: Option<String>,
}

/// No interpreter can run a runtime.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoInterpreter {
    #[error("{0} is not supported: no bootstrap for {1} exists yet")]
    NoBootstrap(&'static str, Family),
    #[error("{0} is not supported: Python 2 programs do not run on Python 3")]
    Python2(&'static str),
    #[error("{0} cannot run: no usable {1} was found on this machine ({2} or later is needed)")]
    NotInstalled(&'static str, Family, &'static str),
}

/// The interpreters of this machine.
#[derive(Clone, Debug, Default)]
pub struct Interpreters {
    /// What was found, preferred first among equals.
    pub found: Vec<Interpreter>,
}

impl Interpreters {
    /// The interpreter for `runtime`: its exact version (for Node.js the major one), else the nearest, the newer of two as near.
    ///
    /// # Errors
    /// [`NoInterpreter`] when nothing can run it. Custom runtimes need no interpreter and answer [`NoInterpreter::NoBootstrap`].
    pub fn choose(&self, runtime: &Runtime) -> Result<Choice<'_>, NoInterpreter> {
        let oldest = match runtime.family {
            Family::Node => "18",
            Family::Python if runtime.version.0 == 2 => return Err(NoInterpreter::Python2(runtime.id)),
            Family::Python => "3.8",
            family => return Err(NoInterpreter::NoBootstrap(runtime.id, family)),
        };
        let nearest = self
            .found
            .iter()
            .filter(|interpreter| interpreter.family == runtime.family && interpreter.is_usable())
            .min_by_key(|interpreter| interpreter.distance(runtime.version));
        let Some(interpreter) = nearest else {
            return Err(NoInterpreter::NotInstalled(runtime.id, runtime.family, oldest));
        };
        let (distance, _) = interpreter.distance(runtime.version);
        let note = (distance != 0).then(|| {
            let (major, minor, _) = interpreter.version;
            let shown =
                if runtime.family == Family::Node { format!("{major}") } else { format!("{major}.{minor}") };
            let path = interpreter.path.display();
            format!(
                "{} functions run on {} {shown} ({path}): the version asked for is not installed",
                runtime.id, runtime.family
            )
        });
        Ok(Choice { interpreter, note })
    }
}

#[cfg(test)]
mod tests;
