//! The fleet's limits, named. AWS's own are from its page "Lambda quotas"; the others protect the machine.

use std::time::Duration;

/// Most bytes of a function's code and layers when unpacked. AWS: Lambda quotas, 250 MB.
pub const UNZIPPED_BYTES_MAX: u64 = 262_144_000;
/// Most entries in a deployment package.
pub const ZIP_ENTRIES_MAX: usize = 65_535;
/// Longest name of an entry in a deployment package, in bytes.
pub const ZIP_NAME_LEN_MAX: usize = 4_096;
/// Longest Init phase of a new environment; after that init runs again within the invocation. AWS: execution environment lifecycle.
pub const INIT_TIMEOUT: Duration = Duration::from_secs(10);
/// Concurrent executions of an account in a region. AWS: Lambda quotas.
pub const ACCOUNT_CONCURRENCY: u32 = 1_000;
/// Log tail that an invocation returns, in bytes. AWS: Invoke, `LogType`.
pub const LOG_TAIL_LEN: usize = 4_096;
/// Longest single log event, in bytes. AWS: CloudWatch Logs quotas, 256 KB with 26 bytes of its own.
pub const LOG_EVENT_LEN_MAX: usize = 256 * 1024 - 26;
/// Bytes of log output that an environment may write at once.
pub const LOG_BURST_BYTES: u64 = 4 * 1024 * 1024;
/// Bytes of log output that an environment may write per second for long.
pub const LOG_BYTES_PER_SECOND: u64 = 512 * 1024;
/// Log events an environment gathers before it hands them over.
pub const LOG_BATCH_LEN: usize = 200;
/// Most processes and threads of one environment. AWS: Lambda quotas, 1,024.
pub const PROCESSES_MAX: u32 = 1_024;
/// Most open files of a process. AWS: Lambda quotas, 1,024.
pub const OPEN_FILES_MAX: u64 = 1_024;
/// Memory that is worth one core, in MB. AWS: Configure Lambda function memory.
pub const MEMORY_MB_PER_CORE: u64 = 1_769;
/// Memory usage is read again for a REPORT line when the last reading is older than this.
pub const MEMORY_READING_AGE_MAX: Duration = Duration::from_millis(500);
/// Invocations of one version that may wait for an environment.
pub const WAITERS_MAX: usize = 1_000;
/// Largest request head and body that the Runtime API takes from a custom runtime, in bytes.
pub const RUNTIME_API_BODY_LEN_MAX: usize = runtimes::frame::RESPONSE_LEN_MAX;
