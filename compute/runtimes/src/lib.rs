//! runtimes.
