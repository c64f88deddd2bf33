//! Which media types an API treats as binary.
//!
//! AWS: Content type conversions in API Gateway: the request's `Content-Type`, and the first media type of its `Accept`, are looked up
//! among `binaryMediaTypes`; `*/*` stands for all. Parameters such as `;charset=utf-8` do not take part.

/// `binaryMediaTypes` of an API.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MediaTypes {
    all: bool,
    types: Vec<String>,
}

impl MediaTypes {
    /// Takes the list as it stands in the API.
    pub fn new(types: &[String]) -> MediaTypes {
        let types: Vec<String> = types.iter().map(|text| text.trim().to_ascii_lowercase()).collect();
        MediaTypes { all: types.iter().any(|text| text == "*/*"), types }
    }

    /// True if a body of this content type is binary; `None` counts as `application/json`.
    pub fn is_binary(&self, content_type: Option<&str>) -> bool {
        let given = content_type.unwrap_or("application/json");
        self.all || self.types.iter().any(|known| known.eq_ignore_ascii_case(essence(given)))
    }

    /// True if a client that sends this `Accept` wants binary answers: only its first media type counts.
    pub fn is_accepted(&self, accept: Option<&str>) -> bool {
        let first = accept.and_then(|accept| accept.split(',').next());
        self.is_binary(first)
    }
}

fn essence(media_type: &str) -> &str {
    media_type.split(';').next().unwrap_or_default().trim()
}

#[cfg(test)]
mod tests;
