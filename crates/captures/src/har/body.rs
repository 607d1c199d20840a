use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use pixelwitness_recording::{Body, Request};
use serde_json::Value;

use crate::attached::{self, Files};
use crate::part::{absent_body, content_length};

/// How a body came about.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct How {
    /// From a list of its parameters.
    pub(super) rebuilt: bool,
    /// Its length is not the one it was sent with.
    pub(super) altered: bool,
}

/// What form encoding leaves as it is.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'*');

/// The body of an entry: as text, in base64, in a file of its own, or as parameters only.
pub(super) fn body(request: &Request, post: Option<&Value>, body_size: Option<i64>, files: &mut Files<'_>) -> (Body, How) {
    // A browser that cannot show a body (a file, a form with files) says that it has 0 bytes.
    let said = body_size.and_then(|size| u64::try_from(size).ok()).filter(|size| *size > 0);
    let announced = content_length(request).or(said);
    let member = |name: &str| post.and_then(|post| post.get(name));
    let text = member("text").and_then(Value::as_str).filter(|text| !text.is_empty());
    if let Some(text) = text {
        let in_base64 = [member("encoding"), member("_encoding")].iter().flatten().any(|value| value.as_str() == Some("base64"));
        let bytes = match in_base64.then(|| STANDARD.decode(text)) {
            Some(Ok(bytes)) => bytes,
            _ => text.as_bytes().to_vec(),
        };
        let altered = content_length(request).is_some_and(|length| length != bytes.len() as u64);
        return (bytes.into(), How { rebuilt: false, altered });
    }
    let file = member("_file").and_then(Value::as_str).filter(|file| !file.is_empty());
    let content = file.map(|file| files.content(file, attached::LARGEST));
    if let Some(Ok(bytes)) = content {
        return (bytes.into(), How::default());
    }
    let params: Vec<&Value> = member("params").and_then(Value::as_array).into_iter().flatten().collect();
    if !params.is_empty() {
        let kind = member("mimeType").and_then(Value::as_str).or(request.header("content-type")).unwrap_or_default();
        let bytes = if kind.starts_with("multipart/") { multipart(&params, kind) } else { form(&params) };
        return (bytes.into(), How { rebuilt: true, altered: false });
    }
    let why = match (content, member("text")) {
        (Some(Err(why)), _) => why,
        (_, Some(Value::Null)) => "it is larger than 64 MiB, or the HAR leaves it out",
        _ => "the HAR does not have it",
    };
    (absent_body(&request.method, announced, why), How::default())
}

fn form(params: &[&Value]) -> Vec<u8> {
    let encoded = |param: &Value, name: &str| {
        let text = param.get(name).and_then(Value::as_str).unwrap_or_default();
        // Some list parameters as they were sent, some decoded. What is encoded already has no character that would need it.
        let is_encoded = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._*+%".contains(&byte)) && text.contains('%');
        if is_encoded { text.to_owned() } else { utf8_percent_encode(text, KEPT).to_string() }
    };
    let pairs: Vec<String> = params.iter().map(|param| format!("{}={}", encoded(param, "name"), encoded(param, "value"))).collect();
    pairs.join("&").into_bytes()
}

fn multipart(params: &[&Value], kind: &str) -> Vec<u8> {
    let boundary =
        kind.split_once("boundary=").map_or("pixelwitness", |(_, rest)| rest.split(';').next().unwrap_or(rest).trim().trim_matches('"'));
    let mut body = String::new();
    for param in params {
        let said = |name: &str| param.get(name).and_then(Value::as_str).unwrap_or_default();
        let file =
            Some(said("fileName")).filter(|file| !file.is_empty()).map(|file| format!("; filename=\"{}\"", file.replace('"', "%22")));
        body.push_str(&format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"{}\r\n\r\n{}\r\n",
            said("name").replace('"', "%22"),
            file.unwrap_or_default(),
            said("value")
        ));
    }
    body.push_str(&format!("--{boundary}--\r\n"));
    body.into_bytes()
}
