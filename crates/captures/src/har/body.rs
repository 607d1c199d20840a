use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use pixelwitness_recording::{Body, Request};
use serde_json::Value;

use super::base64;
use crate::attached::{self, Files, Kept};
use crate::part::{absent_body, content_length};

/// How a body came about.
#[derive(Debug, Default)]
pub(super) struct How {
    /// From a list of its parameters.
    pub(super) rebuilt: bool,
    /// It cannot be what was sent, byte for byte.
    pub(super) altered: bool,
    /// Why it is not that of its file, where it should be.
    pub(super) unread: Option<String>,
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
        let undone = if in_base64 { base64::decode(text) } else { None };
        let is_misspelt = in_base64 && undone.is_none();
        // Where no length tells, the characters do that stand for bytes which are no text.
        let has_holes = !in_base64 && text.contains(char::REPLACEMENT_CHARACTER);
        let bytes = undone.unwrap_or_else(|| text.as_bytes().to_vec());
        let altered = is_misspelt || content_length(request).map_or(has_holes, |length| length != bytes.len() as u64);
        return (bytes.into(), How { altered, ..How::default() });
    }
    let file = member("_file").and_then(Value::as_str).filter(|file| !file.is_empty());
    let content = file.map(|file| files.content(file, Kept::Body, attached::LARGEST));
    if let Some(Ok(bytes)) = content {
        return (bytes.into(), How::default());
    }
    let params: Vec<&Value> = member("params").and_then(Value::as_array).into_iter().flatten().collect();
    if !params.is_empty() {
        let kind = member("mimeType").and_then(Value::as_str).or(request.header("content-type")).unwrap_or_default();
        let bytes = if kind.starts_with("multipart/") { multipart(&params, kind) } else { form(&params) };
        let unread = content.and_then(Result::err);
        return (bytes.into(), How { rebuilt: true, unread, ..How::default() });
    }
    let body = match (content, member("text")) {
        // There was one, whatever the method.
        (Some(Err(why)), _) => absent_body("POST", announced.filter(|bytes| *bytes > 0), &why),
        (_, Some(Value::Null)) => absent_body(&request.method, announced, "it is larger than 64 MiB, or the HAR leaves it out"),
        _ => absent_body(&request.method, announced, "the HAR does not have it"),
    };
    (body, How::default())
}

/// A member of a listed parameter.
fn said<'a>(param: &'a Value, name: &str) -> &'a str {
    param.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Some list parameters as they were sent, some decoded.
fn form(params: &[&Value]) -> Vec<u8> {
    let mut values = params.iter().map(|param| said(param, "value"));
    // Of a value with nothing but a `+` the others tell whether that is a space.
    let are_encoded = values.clone().all(may_be_encoded) && values.any(|value| value.contains('%'));
    let pair = |param: &&Value| {
        let value = said(param, "value");
        let value = if are_encoded { Cow::Borrowed(value) } else { encoded(value) };
        format!("{}={value}", encoded(said(param, "name")))
    };
    params.iter().map(pair).collect::<Vec<_>>().join("&").into_bytes()
}

/// A text as a form sends it, where it does not already stand so.
fn encoded(text: &str) -> Cow<'_, str> {
    match text.contains('%') && may_be_encoded(text) {
        true => Cow::Borrowed(text),
        false => utf8_percent_encode(text, KEPT).into(),
    }
}

/// Whether no character is left that encoding replaces, and two hexadecimal digits follow each `%`.
fn may_be_encoded(text: &str) -> bool {
    let is_escape = |rest: &str| rest.len() > 1 && rest.bytes().take(2).all(|byte| byte.is_ascii_hexdigit());
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._*+%".contains(&byte)) && text.split('%').skip(1).all(is_escape)
}

fn multipart(params: &[&Value], kind: &str) -> Vec<u8> {
    let boundary =
        kind.split_once("boundary=").map_or("pixelwitness", |(_, rest)| rest.split(';').next().unwrap_or(rest).trim().trim_matches('"'));
    let mut body = String::new();
    for param in params {
        let file = Some(said(param, "fileName"))
            .filter(|file| !file.is_empty())
            .map(|file| format!("; filename=\"{}\"", file.replace('"', "%22")));
        body.push_str(&format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"{}\r\n\r\n{}\r\n",
            said(param, "name").replace('"', "%22"),
            file.unwrap_or_default(),
            said(param, "value")
        ));
    }
    body.push_str(&format!("--{boundary}--\r\n"));
    body.into_bytes()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::part::{header, told};

    #[test]
    fn a_body_that_cannot_be_what_was_sent_is_told_from_one_that_is() {
        for (text, encoding, sent, bytes, altered) in [
            ("a\u{fffd}b", "", None, "a\u{fffd}b", true),
            ("a\u{fffd}b", "", Some(5), "a\u{fffd}b", false),
            ("ab", "", None, "ab", false),
            ("ab", "", Some(3), "ab", true),
            ("aGl2IQ", "base64", None, "hiv!", false),
            ("aGl2IQ", "base64", Some(4), "hiv!", false),
            ("aGl2IQ", "base64", Some(3), "hiv!", true),
            ("77+9", "base64", None, "\u{fffd}", false),
            ("q=hiv test", "base64", None, "q=hiv test", true),
            ("q=hiv test", "base64", Some(10), "q=hiv test", true),
        ] {
            let mut request = told("POST", "https://collect.example/c", 1);
            request.headers.extend(sent.map(|length: u64| header("Content-Length", &length.to_string())));
            let (read, how) = body(&request, Some(&json!({"text": text, "encoding": encoding})), None, &mut Files::new(None));
            assert_eq!((read.bytes(), how.altered), (Some(bytes.as_bytes()), altered), "{text:?} {encoding} {sent:?}");
        }
    }

    #[test]
    fn a_plus_is_a_space_where_the_list_is_encoded() {
        for (values, body) in [
            (["https%3A%2F%2Fclinic.example%2Fhiv", "hiv+test"], "a=https%3A%2F%2Fclinic.example%2Fhiv&b%5Bc%5D=hiv+test"),
            (["https://clinic.example/hiv", "hiv+test"], "a=https%3A%2F%2Fclinic.example%2Fhiv&b%5Bc%5D=hiv%2Btest"),
            (["hiv", "50%"], "a=hiv&b%5Bc%5D=50%25"),
        ] {
            let params = [json!({"name": "a", "value": values[0]}), json!({"name": "b[c]", "value": values[1]})];
            assert_eq!(form(&params.iter().collect::<Vec<_>>()), body.as_bytes());
        }
    }
}
