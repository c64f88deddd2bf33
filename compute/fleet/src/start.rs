//! Starts execution environments: code, interpreter, credentials, sandbox, Init phase.
//!
//! What always holds: nothing of the server's own environment or descriptors gets into a function's process; CPU is limited from the end
//! of the Init phase on, as AWS gives functions more while they start; a process that does not become ready in time is ended.

use std::ffi::OsString;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream as StdUnixStream;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use bytes::BytesMut;
use kernel::error::{Internal, chain};
use kernel::functions::{ComputeError, FunctionVersion};
use kernel::identity::{AssumeRole, Principal};
use kernel::{Scope, spawn};
use runtimes::frame::{Decoder, encode_init};
use runtimes::registry::{Family, Runtime};
use sandbox::{Mount, Network, Spec};
use tokio::io::unix::AsyncFd;
use tokio::net::UnixStream;
use tokio::net::unix::pipe;

use crate::concurrency::ACCOUNT_REASON;
use crate::environment::{Environment, Link, Parts, Place, Said};
use crate::limits::{MEMORY_MB_PER_CORE, OPEN_FILES_MAX, PROCESSES_MAX};
use crate::lines::Lines;
use crate::mailbox::Mailbox;
use crate::report::{InitFailure, exited};
use crate::variables::{Credentials, Facts, LAYERS_ROOT, TASK_ROOT, variables};
use crate::{CpuRule, Shared, peer, runtime_api, time};

/// Descriptor of the bootstrap's socket inside.
const BOOTSTRAP_FD: i32 = 3;
/// Descriptor of its mailbox inside.
const MAILBOX_FD: i32 = 4;
/// How long an environment's credentials are good for, in seconds.
pub(crate) const CREDENTIALS_S: i64 = 12 * 60 * 60;
/// Bytes per MB, as Lambda's memory and storage settings count.
const MB: u64 = 1024 * 1024;

/// A ready environment, or why there is none.
pub(crate) enum Started {
    Ready(Box<Environment>),
    /// Its code did not become ready. The log goes on in the next attempt.
    Failed {
        lines: Box<Lines>,
        failure: InitFailure,
        init_ms: f64,
    },
}

impl Shared {
    /// Starts an environment and runs its Init phase, until `deadline` on the monotonic clock at the latest.
    ///
    /// # Errors
    /// No room for another one, no interpreter, a sandbox that cannot be had.
    pub(crate) async fn start(
        &self,
        version: &Arc<FunctionVersion>,
        lines: Option<Box<Lines>>,
        limit: Duration,
    ) -> Result<Started, ComputeError> {
        let clock = &self.host.clock;
        let mut lines = lines.unwrap_or_else(|| Box::new(self.lines(version)));
        let runtime = Runtime::parse(&version.runtime)
            .ok_or_else(|| ComputeError::Unavailable(format!("{} is not a runtime", version.runtime)))?;
        let place = self.place()?;
        let folders = self.folders(version).await?;
        let begun = clock.monotonic();
        let program = match self.program(version, runtime, &folders, &mut lines).await? {
            Ok(program) => program,
            Err(failure) => return Ok(Started::Failed { lines, failure, init_ms: 0.0 }),
        };
        let mut environment = match self.launch(version, runtime, program, &folders, lines, place).await? {
            Ok(environment) => environment,
            Err((lines, failure)) => return Ok(Started::Failed { lines, failure, init_ms: 0.0 }),
        };
        let said = environment.listen(begun + limit).await;
        let init_ms = (clock.monotonic() - begun).as_secs_f64() * 1000.0;
        let failure = match said {
            Said::Ready => {
                self.rule_cpu(version, &environment);
                self.compile_bootstrap(runtime).await;
                environment.init_ms = Some(init_ms);
                return Ok(Started::Ready(Box::new(environment)));
            }
            Said::TimedOut => InitFailure::Timeout,
            Said::InitError(payload) => {
                let error_type = error_type_of(&payload).unwrap_or_else(|| "Runtime.Unknown".to_owned());
                InitFailure::Error { error_type, payload: Some(payload), reason: String::new() }
            }
            _ => InitFailure::Error {
                error_type: "Runtime.ExitError".to_owned(),
                payload: None,
                reason: environment.exit_reason().await,
            },
        };
        environment.kill();
        environment.drain();
        Ok(Started::Failed { lines: Box::new(environment.into_lines()), failure, init_ms })
    }

    fn lines(&self, version: &FunctionVersion) -> Lines {
        let mut random = [0; 16];
        self.host.entropy.fill(&mut random);
        let stream = time::log_stream(self.host.clock.now_ms(), &version.version, random);
        let scope = Scope::new(&version.account, &version.region);
        let sink = Arc::clone(&self.host.rooms().logs);
        Lines::new(sink, scope, version.log_group.clone(), stream, self.host.clock.monotonic())
    }

    /// A place for one more environment; if there is none, the one that has been idle longest ends.
    fn place(&self) -> Result<Place, ComputeError> {
        let limit = self.config.environments_max;
        if let Some(place) = Place::take(&self.environments, limit) {
            return Ok(place);
        }
        self.end_longest_idle();
        Place::take(&self.environments, limit).ok_or(ComputeError::Throttled { reason: ACCOUNT_REASON })
    }

    /// The folders of the code and of each layer, unpacked.
    pub(crate) async fn folders(&self, version: &FunctionVersion) -> Result<Vec<PathBuf>, ComputeError> {
        let now = self.host.clock.monotonic();
        let mut folders = Vec::with_capacity(1 + version.layers.len());
        for code in std::iter::once(&version.code).chain(&version.layers) {
            folders.push(self.code.folder(&self.host.blobs, code, now).await?);
        }
        Ok(folders)
    }

    /// What is executed, and what has to be mounted for it.
    async fn program(
        &self,
        version: &FunctionVersion,
        runtime: &'static Runtime,
        folders: &[PathBuf],
        lines: &mut Lines,
    ) -> Result<Result<Program, InitFailure>, ComputeError> {
        if runtime.family == Family::Provided {
            // AWS: Building a custom runtime: `bootstrap` in the deployment package, else in a layer.
            let root = match folders.iter().position(|folder| folder.join("bootstrap").is_file()) {
                Some(0) => TASK_ROOT,
                Some(_) => LAYERS_ROOT,
                None => {
                    let paths = format!("[{TASK_ROOT}/bootstrap {LAYERS_ROOT}/bootstrap]");
                    return Ok(Err(invalid_entrypoint(format!("Couldn't find valid bootstrap(s): {paths}"))));
                }
            };
            let command = vec![format!("{root}/bootstrap")];
            return Ok(Ok(Program { command, mount: None }));
        }
        let interpreters = self.interpreters().await;
        let choice =
            interpreters.choose(runtime).map_err(|error| ComputeError::Unavailable(error.to_string()))?;
        if let Some(note) = &choice.note
            && self.say_once(runtime.id)
        {
            tracing::warn!("{note}");
        }
        let (major, minor, patch) = choice.interpreter.version;
        let language = if runtime.family == Family::Node { "nodejs" } else { "python" };
        if !version.logs_json {
            lines.platform(
                self.host.clock.now_ms(),
                format!("INIT_START Runtime Version: {language}:{major}.{minor}.{patch}"),
            );
        }
        let command = choice.interpreter.command(Path::new(runtimes::RUNTIME_DIR), version.memory_mb);
        Ok(Ok(Program { command, mount: choice.interpreter.mount.clone() }))
    }

    async fn launch(
        &self,
        version: &Arc<FunctionVersion>,
        runtime: &'static Runtime,
        program: Program,
        folders: &[PathBuf],
        lines: Box<Lines>,
        place: Place,
    ) -> Result<Result<Environment, (Box<Lines>, InitFailure)>, ComputeError> {
        let internal = |what: &'static str| move |error: std::io::Error| Internal::new(what, error);
        let credentials = self.credentials(version).await?;
        let (reader, writer) = std::io::pipe().map_err(internal("making a pipe"))?;
        let second = writer.try_clone().map_err(internal("making a pipe"))?;
        let mut fds: Vec<(OwnedFd, i32)> = vec![(writer.into(), 1), (second.into(), 2)];
        let mut session = None;
        let mut frames = None;
        if runtime.family == Family::Provided {
            let opened = runtime_api::Session::open(&*self.host.entropy).await;
            session = Some(opened.map_err(internal("opening a Runtime API"))?);
        } else {
            // The bootstrap's end stays blocking.
            let (ours, theirs) = StdUnixStream::pair().map_err(internal("making a socket"))?;
            ours.set_nonblocking(true).map_err(internal("making a socket"))?;
            let (mailbox, end) = Mailbox::open().map_err(internal("making a mailbox"))?;
            fds.push((theirs.into(), BOOTSTRAP_FD));
            fds.push((end, MAILBOX_FD));
            frames = Some((UnixStream::from_std(ours).map_err(internal("making a socket"))?, mailbox));
        }
        let is_managed = session.is_none();
        let address = session.as_ref().map(|session| session.address.to_string());
        let port = self.host.port.get().copied().unwrap_or_default();
        let facts = Facts {
            version,
            runtime,
            log_stream: lines.stream(),
            credentials: &credentials,
            endpoint_url: &format!("http://127.0.0.1:{port}"),
            runtime_api: address.as_deref(),
            bootstrap_fd: is_managed.then_some(BOOTSTRAP_FD),
        };
        let spec = self.spec(version, &program, folders, variables(&facts), fds);
        let jail = Arc::clone(&self.jail);
        let started = tokio::task::spawn_blocking(move || jail.start(spec))
            .await
            .map_err(|error| Internal::new("starting a sandbox", error))?;
        let process = match started {
            Ok(process) => Arc::new(process),
            Err(sandbox::Error::Step { step, source }) if !is_managed && step.starts_with("execute ") => {
                let reason = format!("fork/exec {}: {source}", program.command[0]);
                return Ok(Err((lines, invalid_entrypoint(reason))));
            }
            Err(error @ sandbox::Error::Incomplete { .. }) => {
                return Err(ComputeError::Unavailable(error.to_string()));
            }
            Err(error) => return Err(Internal::new("starting a sandbox", error).into()),
        };
        let link = match (session, frames) {
            (Some(session), _) => {
                if let Some(user) = peer::user_of_process(process.pid()) {
                    session.allow_only(user);
                }
                #[allow(
                    deprecated,
                    reason = "its successor is unsafe; this descriptor is owned and never replaced"
                )]
                let ended = process.pidfd().try_clone_to_owned().and_then(AsyncFd::new);
                Link::Api { session, ended: ended.map_err(internal("watching a process"))? }
            }
            (None, Some((socket, mailbox))) => Link::Frames { socket, decoder: Decoder::default(), mailbox },
            (None, None) => unreachable!("a runtime is either custom or managed"),
        };
        let pipe = pipe::Receiver::from_owned_fd(reader.into()).map_err(internal("making a pipe"))?;
        let clock = Arc::clone(&self.host.clock);
        let parts = Parts { version: Arc::clone(version), process, link, pipe, lines: *lines, clock, place };
        let mut environment = Environment::new(parts);
        if is_managed {
            let mut frame = BytesMut::new();
            let init = serde_json::json!({"handler": version.handler, "mailbox": MAILBOX_FD});
            encode_init(init.to_string().as_bytes(), &mut frame)
                .map_err(|error| Internal::new("encoding INIT", error))?;
            environment.send_init(&frame);
        }
        Ok(Ok(environment))
    }

    fn spec(
        &self,
        version: &FunctionVersion,
        program: &Program,
        folders: &[PathBuf],
        env: Vec<(OsString, OsString)>,
        fds: Vec<(OwnedFd, i32)>,
    ) -> Spec {
        let mut mounts =
            vec![Mount::new(&self.runtime_dir, runtimes::RUNTIME_DIR), Mount::new(&folders[0], TASK_ROOT)];
        mounts.extend(folders[1..].iter().map(|layer| Mount::new(layer, LAYERS_ROOT)));
        mounts.extend(program.mount.iter().map(|prefix| Mount::new(prefix, prefix)));
        let mut random = [0; 8];
        self.host.entropy.fill(&mut random);
        Spec {
            id: format!("fn-{:016x}", u64::from_be_bytes(random)),
            program: PathBuf::from(&program.command[0]),
            args: program.command[1..].iter().map(OsString::from).collect(),
            env,
            cwd: PathBuf::from(TASK_ROOT),
            mounts,
            tmp_bytes: u64::from(version.ephemeral_mb) * MB,
            memory_bytes: u64::from(version.memory_mb) * MB,
            cpu_millis: 0,
            pids_max: PROCESSES_MAX,
            open_files_max: OPEN_FILES_MAX,
            file_size_max: None,
            fds,
            network: Network::Host,
            hostname: "loggia".to_owned(),
        }
    }

    /// Has the bootstrap compiled for an interpreter that has just been used for the first time. Does not wait for it.
    async fn compile_bootstrap(&self, runtime: &Runtime) {
        let Ok(choice) = self.interpreters().await.choose(runtime) else { return };
        let path = &choice.interpreter.path;
        if !self.compiled.lock().unwrap_or_else(PoisonError::into_inner).insert(path.clone()) {
            return;
        }
        let Some(command) = choice.interpreter.compile_command(&self.runtime_dir) else { return };
        spawn("fleet/compile-bootstrap", async move {
            let mut process = tokio::process::Command::new(&command[0]);
            process
                .args(&command[1..])
                .env_clear()
                .kill_on_drop(true)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            match process.status().await {
                Ok(status) if status.success() => {}
                other => {
                    tracing::warn!(program = command[0], ?other, "the bootstrap could not be compiled ahead")
                }
            }
        });
    }

    /// AWS: Configure Lambda function memory: CPU in proportion to memory.
    fn rule_cpu(&self, version: &FunctionVersion, environment: &Environment) {
        let millis = u64::from(version.memory_mb) * 1000 / MEMORY_MB_PER_CORE;
        let millis = u32::try_from(millis.max(1)).unwrap_or(u32::MAX);
        let ruled = match self.config.cpu {
            CpuRule::Free => Ok(()),
            CpuRule::Share => environment.process().set_cpu_weight(millis),
            CpuRule::Limit => environment.process().set_limits(0, millis),
        };
        if let Err(error) = ruled
            && self.say_once("cpu")
        {
            tracing::warn!(%error, "functions run without a limit of CPU");
        }
    }

    /// A session of the execution role; where IAM does not know the role, keys of no account, which `--iam dev` takes for the
    /// function's own account.
    async fn credentials(&self, version: &FunctionVersion) -> Result<Credentials, ComputeError> {
        let request = AssumeRole {
            role_arn: version.role.clone(),
            session: version.name.clone(),
            by: Principal::service("lambda.amazonaws.com"),
            duration_s: CREDENTIALS_S,
            session_policies: Vec::new(),
            external_id: None,
        };
        match self.host.rooms().identities.assume_role(request).await {
            Ok(Some(session)) => Ok(Credentials {
                access_key: session.access_key,
                secret: session.secret,
                token: Some(session.token),
            }),
            Ok(None) => {
                let (access_key, secret) = (version.account.clone(), "test".to_owned());
                Ok(Credentials { access_key, secret, token: None })
            }
            Err(failure) if failure.code().is_some() => {
                tracing::warn!(
                    role = version.role,
                    error = chain(&failure),
                    "an execution role could not be assumed"
                );
                let text = "The role defined for the function cannot be assumed by Lambda.";
                Err(ComputeError::Unavailable(text.to_owned()))
            }
            Err(failure) => Err(Internal::new("assuming an execution role", failure).into()),
        }
    }
}

struct Program {
    command: Vec<String>,
    mount: Option<PathBuf>,
}

fn invalid_entrypoint(reason: String) -> InitFailure {
    InitFailure::Error { error_type: "Runtime.InvalidEntrypoint".to_owned(), payload: None, reason }
}

/// The `errorType` of an error object.
fn error_type_of(payload: &[u8]) -> Option<String> {
    let value: serde_json::Value = serde_json::from_slice(payload).ok()?;
    Some(value.get("errorType")?.as_str()?.to_owned())
}

/// The answer and the log line of an invocation whose environment did not become ready.
pub(crate) fn init_failed(
    request_id: &str,
    failure: &InitFailure,
) -> Option<(bytes::Bytes, String, Option<String>)> {
    match failure {
        InitFailure::Timeout => None,
        InitFailure::Error { error_type, payload: Some(payload), .. } => {
            Some((payload.clone(), error_type.clone(), None))
        }
        InitFailure::Error { error_type, payload: None, reason } => {
            let (line, object) = exited(request_id, error_type, reason);
            Some((object.into(), error_type.clone(), Some(line)))
        }
    }
}
