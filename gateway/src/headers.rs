//! Which headers API Gateway drops, and which of an answer it keeps for itself.
//!
//! AWS: Important notes for REST APIs; the lists were recorded on AWS. Names are lower-case throughout. A header of an answer that is
//! kept for API Gateway's own use goes out as `x-amzn-remapped-NAME`, so that no answer can disturb the connection it travels on.

use http::HeaderName;

/// True for a header of a request that no integration sees.
pub(crate) fn is_dropped(name: &str) -> bool {
    matches!(
        name,
        "connection"
            | "content-length"
            | "content-md5"
            | "expect"
            | "keep-alive"
            | "max-forwards"
            | "proxy-authenticate"
            | "proxy-connection"
            | "server"
            | "te"
            | "trailer"
            | "transfer-encoding"
            | "upgrade"
            | "www-authenticate"
    )
}

/// True for a header that does not reach an HTTP backend, whether the client sends it or a mapping makes it.
pub(crate) fn is_dropped_towards_http(name: &str) -> bool {
    matches!(
        name,
        "connection"
            | "expect"
            | "keep-alive"
            | "proxy-authenticate"
            | "proxy-connection"
            | "te"
            | "transfer-encoding"
            | "via"
    )
}

/// The name under which a proxy's header goes to the client; `None` if it does not go.
pub(crate) fn of_proxy(name: HeaderName) -> Option<HeaderName> {
    match name.as_str() {
        "keep-alive" | "proxy-connection" | "te" | "trailer" | "transfer-encoding" | "upgrade" => None,
        "connection" | "content-length" | "date" | "server" | "www-authenticate" | "x-amzn-requestid" => {
            remapped(&name)
        }
        _ => Some(name),
    }
}

/// The name under which a header of an integration response's mapping goes to the client; `None` if it does not go.
pub(crate) fn of_mapping(name: HeaderName) -> Option<HeaderName> {
    match name.as_str() {
        "keep-alive" | "proxy-connection" | "transfer-encoding" => None,
        "authorization" | "connection" | "content-length" | "content-md5" | "date" | "expect" | "host"
        | "max-forwards" | "proxy-authenticate" | "server" | "trailer" | "upgrade" | "user-agent"
        | "www-authenticate" => remapped(&name),
        _ => Some(name),
    }
}

fn remapped(name: &HeaderName) -> Option<HeaderName> {
    HeaderName::try_from(format!("x-amzn-remapped-{name}")).ok()
}

#[cfg(test)]
mod tests;
