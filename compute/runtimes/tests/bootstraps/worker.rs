//! A bootstrap as a plain process on a socketpair, for tests and for `examples/roundtrip.rs`: no sandbox, blocking I/O.

use std::io::{IoSlice, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use bytes::BytesMut;
use runtimes::frame::{Decoder, FromBootstrap, Invoke, RequestBody, Stream, encode_init};
use runtimes::registry::{Family, Search, find_interpreters};

/// Well in the future: the year 2100.
pub const DEADLINE_MS: u64 = 4_102_444_800_000;

/// A running bootstrap.
pub struct Worker {
    child: Child,
    socket: UnixStream,
    decoder: Decoder,
}

/// What an invocation (or the init) came to: the final frame, and what was logged and printed before it.
#[derive(Debug)]
#[allow(dead_code, reason = "the example looks at the final frame only")]
pub struct Outcome {
    pub last: FromBootstrap,
    pub logs: Vec<String>,
    pub out: String,
}

impl Worker {
    /// Starts the bootstrap of `family` on the files in `task`, with `env` beside the variables every function has.
    pub fn start(family: Family, task: &Path, handler: &str, env: &[(&str, &str)]) -> Worker {
        let interpreters = find_interpreters(&Search::this_machine());
        let interpreter = interpreters
            .found
            .iter()
            .find(|interpreter| interpreter.family == family)
            .expect("the machine has Node.js and Python");
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(if family == Family::Node {
            "node"
        } else {
            "python"
        });
        let command = interpreter.command(&folder, 128);
        let (ours, theirs) = UnixStream::pair().expect("a socketpair");
        ours.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
        // The socket comes as standard input, which is how a descriptor is passed without unsafe code; the shell moves it.
        let mut child = Command::new("/bin/sh");
        child.args(["-c", "exec \"$@\" 3<&0 </dev/null", "sh"]).args(&command).env_clear().current_dir(task);
        child.stdin(Stdio::from(OwnedFd::from(theirs))).stdout(Stdio::piped()).stderr(Stdio::piped());
        child.env("LOGGIA_FD", "3").env("PATH", "/usr/bin:/bin");
        child.env("AWS_LAMBDA_FUNCTION_NAME", "hello").env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128");
        child
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/hello");
        child.env("AWS_LAMBDA_LOG_STREAM_NAME", "2026/01/01/[$LATEST]0");
        child.envs(env.iter().copied());
        let child = child.spawn().expect("the interpreter starts");
        let mut worker = Worker { child, socket: ours, decoder: Decoder::default() };
        let mut init = BytesMut::new();
        let layers = task.join("opt");
        let json = serde_json::json!({"handler": handler, "task_root": task, "layers_root": layers, "env": {"FROM_INIT": "yes"}});
        encode_init(json.to_string().as_bytes(), &mut init).expect("a small frame");
        worker.socket.write_all(&init).expect("the worker reads");
        worker
    }

    /// Sends an invocation without waiting for what comes of it.
    pub fn send(&mut self, invoke: &Invoke<'_>) {
        let mut head = BytesMut::new();
        invoke.encode_head(&mut head).expect("a frame within the limits");
        let parts = [&head[..], invoke.event, invoke.body_bytes()];
        let total: usize = parts.iter().map(|part| part.len()).sum();
        let sent = self.socket.write_vectored(&parts.map(IoSlice::new)).expect("the worker reads");
        if sent < total {
            self.socket.write_all(&parts.concat()[sent..]).expect("the worker reads");
        }
    }

    /// The next frame, or `None` when the process closed its end.
    pub fn frame(&mut self) -> Option<FromBootstrap> {
        loop {
            if let Some(frame) = self.decoder.next_frame().expect("a well-formed frame") {
                return Some(frame);
            }
            let mut bytes = [0; 64 * 1024];
            let len = self.socket.read(&mut bytes).expect("an answer in time");
            if len == 0 {
                return None;
            }
            self.decoder.buffer().extend_from_slice(&bytes[..len]);
        }
    }

    /// Everything up to READY, INIT_ERROR, RESULT or ERROR.
    pub fn outcome(&mut self) -> Outcome {
        let (mut logs, mut out) = (Vec::new(), String::new());
        loop {
            match self.frame().expect("the process goes on") {
                FromBootstrap::Log { message, .. } => {
                    logs.push(String::from_utf8(message.to_vec()).expect("UTF-8"))
                }
                FromBootstrap::Out { stream, data } => {
                    out.push_str(if stream == Stream::Stderr { "E:" } else { "" });
                    out.push_str(std::str::from_utf8(&data).expect("UTF-8"));
                }
                last => return Outcome { last, logs, out },
            }
        }
    }

    /// One invocation with `event`, to its end.
    #[allow(dead_code, reason = "the example has its own loop")]
    pub fn invoke(&mut self, event: &str) -> Outcome {
        self.invoke_with(&Invoke { event: event.as_bytes(), ..invoke_base() })
    }

    /// One invocation, to its end.
    #[allow(dead_code, reason = "the example has its own loop")]
    pub fn invoke_with(&mut self, invoke: &Invoke<'_>) -> Outcome {
        self.send(invoke);
        self.outcome()
    }

    /// Waits for the process to end by itself; its status and what reached the plain pipes.
    #[allow(dead_code, reason = "the example has its own loop")]
    pub fn finish(mut self) -> (ExitStatus, String) {
        let mut text = String::new();
        if let Some(mut stdout) = self.child.stdout.take() {
            stdout.read_to_string(&mut text).expect("UTF-8");
        }
        if let Some(mut stderr) = self.child.stderr.take() {
            stderr.read_to_string(&mut text).expect("UTF-8");
        }
        (self.child.wait().expect("a child"), text)
    }
}

/// An invocation with an id, an ARN and a deadline.
pub fn invoke_base() -> Invoke<'static> {
    Invoke {
        request_id: "11111111-2222-3333-4444-555555555555",
        deadline_ms: DEADLINE_MS,
        trace_id: "Root=1-2-3",
        invoked_arn: "arn:aws:lambda:us-east-1:000000000000:function:hello",
        event: b"{}",
        body: RequestBody::None,
        ..Invoke::default()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
