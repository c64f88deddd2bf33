//! What one rendering may cost.
//!
//! Everything that can grow asks here first: steps of evaluation, and bytes of output, strings and collections made on the way.

use std::cell::Cell;

/// The limits of one rendering.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Rounds of one `#foreach`; what is beyond is passed over in silence, as Velocity's `directive.foreach.maxloops` does.
    /// AWS: Quotas for configuring and running a REST API: 1,000 iterations of a `#foreach` loop in a mapping template.
    pub foreach_iterations: usize,
    /// Bytes of output. AWS: payloads end at 10 MB.
    pub output_bytes: usize,
    /// Bytes of strings and collections made while rendering, the output included.
    pub memory_bytes: usize,
    /// Nodes of the template that may be evaluated, each time counted.
    pub steps: u64,
    /// Macros within macros. Velocity: `velocimacro.max.depth` is 20.
    pub macro_depth: usize,
    /// Blocks and expressions within each other at the same time, through macros and `#evaluate` too.
    pub nesting: usize,
}

impl Limits {
    /// AWS's number of rounds of a `#foreach`.
    pub const FOREACH_ITERATIONS: usize = 1_000;
    /// 10 MB.
    pub const OUTPUT_BYTES: usize = 10 * 1024 * 1024;
    /// 64 MB.
    pub const MEMORY_BYTES: usize = 64 * 1024 * 1024;
    /// A few hundred milliseconds of work.
    pub const STEPS: u64 = 5_000_000;
    /// Velocity's own.
    pub const MACRO_DEPTH: usize = 20;
    /// What a thread's stack of 2 MB carries with room to spare.
    pub const NESTING: usize = 200;
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            foreach_iterations: Limits::FOREACH_ITERATIONS,
            output_bytes: Limits::OUTPUT_BYTES,
            memory_bytes: Limits::MEMORY_BYTES,
            steps: Limits::STEPS,
            macro_depth: Limits::MACRO_DEPTH,
            nesting: Limits::NESTING,
        }
    }
}

/// What is left of the limits.
pub(crate) struct Budget {
    steps: Cell<u64>,
    bytes: Cell<usize>,
}

impl Budget {
    pub fn new(limits: &Limits) -> Budget {
        Budget { steps: Cell::new(limits.steps), bytes: Cell::new(limits.memory_bytes) }
    }

    /// Takes steps.
    pub fn step(&self, count: usize) -> Result<(), String> {
        let left = self.steps.get().checked_sub(count as u64).ok_or("the template takes too many steps")?;
        self.steps.set(left);
        Ok(())
    }

    /// Takes memory.
    pub fn charge(&self, bytes: usize) -> Result<(), String> {
        let left = self.bytes.get().checked_sub(bytes).ok_or("the template takes too much memory")?;
        self.bytes.set(left);
        Ok(())
    }
}
