//! What is behind methods: one file an integration type.

pub(crate) mod http;
pub(crate) mod lambda;
pub(crate) mod mock;
