//! Hand-made requests that the published data does not have.
