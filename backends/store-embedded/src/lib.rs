//! store-embedded.
