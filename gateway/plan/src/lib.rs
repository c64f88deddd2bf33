//! What a deployment *is*: the definition that the control plane snapshots, and the immutable plan it is compiled to.
//!
//! Pure: no socket, no clock. REST and HTTP APIs both compile to a plan. The control plane writes [`definition`] records; the data plane
//! reads nothing else of it.

pub mod definition;
