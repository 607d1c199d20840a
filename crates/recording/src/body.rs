use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What a request carried.
///
/// Silence is never passed off as absence: a body that was not seen is [`Body::Unavailable`], not [`Body::Empty`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Body {
    /// The request is known to have carried no body.
    Empty,
    /// The body, byte for byte as it left the browser.
    Bytes(Bytes),
    /// There was, or may have been, a body that nobody saw.
    Unavailable {
        /// Why it was not seen, as the end of the sentence "the body is unavailable: …".
        why: String,
    },
}

impl Body {
    /// The bytes, where they are known; an empty body is known to be none.
    #[must_use]
    pub fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Empty => Some(&[]),
            Self::Bytes(bytes) => Some(&bytes.0),
            Self::Unavailable { .. } => None,
        }
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        if bytes.is_empty() { Self::Empty } else { Self::Bytes(Bytes(bytes)) }
    }
}

/// Bytes that are stored as text where they are valid UTF-8 (`{"text": "…"}`) and as base64 elsewhere (`{"base64": "…"}`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Stored<'a> {
    Text(Cow<'a, str>),
    Base64(Cow<'a, str>),
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(&self.0) {
            Ok(text) => Stored::Text(text.into()),
            Err(_) => Stored::Base64(STANDARD.encode(&self.0).into()),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Stored::deserialize(deserializer)? {
            Stored::Text(text) => Ok(Self(text.into_owned().into_bytes())),
            Stored::Base64(text) => STANDARD.decode(text.as_bytes()).map(Self).map_err(serde::de::Error::custom),
        }
    }
}

impl JsonSchema for Bytes {
    fn schema_name() -> Cow<'static, str> {
        "Bytes".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Stored::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_as_they_were_stored() {
        for (bytes, stored) in [(&b"ev=PageView"[..], r#"{"text":"ev=PageView"}"#), (&[0xff, 0, 1], r#"{"base64":"/wAB"}"#)] {
            let body = Bytes(bytes.to_vec());
            assert_eq!(serde_json::to_string(&body).unwrap(), stored);
            assert_eq!(serde_json::from_str::<Bytes>(stored).unwrap(), body);
        }
    }
}
