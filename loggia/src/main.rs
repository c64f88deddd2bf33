//! loggia.
fn main() {}
