use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use pixelwitness_recording::{Body, Request};
use serde_json::Value;

use super::text;
use crate::attached::{self, Files, Kept};
use crate::http_text::{is_chunked, unchunked};
use crate::part::{absent_body, content_length};

/// What an entry holds of a body.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Source<'a> {
    /// `postData`, or what another tool has in its place.
    pub(super) held: Option<&'a Value>,
    /// What the HAR says of a body that it leaves out: HTTP Toolkit's `discarded:too-large`.
    pub(super) left_out: &'a str,
}

/// How a body came about.
#[derive(Debug, Default)]
pub(super) struct How {
    /// From a list of its parameters.
    pub(super) rebuilt: bool,
    /// It stands in the file as a JSON value and not as a text.
    pub(super) held_as_value: bool,
    /// It cannot be what was sent, byte for byte.
    pub(super) altered: bool,
    /// Why it is not that of its file, where it should be.
    pub(super) unread: Option<String>,
}

/// Members of `postData` that HAR and the tools that write it define. An object with none of them is the body itself.
const MEMBERS: &[&str] = &["mimeType", "text", "params", "encoding", "_encoding", "_file", "comment", "size"];

/// What form encoding leaves as it is.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'*');

/// Whether a value in a body's place says what the body was.
pub(super) fn holds_anything(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) => false,
        Value::Number(_) => true,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) if is_post_data(value) => {
            ["text", "params", "_file"].iter().filter_map(|name| members.get(*name)).any(holds_anything)
        }
        Value::Object(members) => !members.is_empty(),
    }
}

/// Whether it is what HAR calls `postData`, and not the body itself as a JSON value.
fn is_post_data(value: &Value) -> bool {
    let Some(members) = value.as_object() else { return false };
    members.contains_key("mimeType") || members.keys().all(|name| MEMBERS.contains(&name.as_str()) || name.starts_with('_'))
}

/// The body of an entry: as text, in base64, in a file of its own, as a JSON value, or as parameters only.
pub(super) fn body(request: &Request, source: Source<'_>, body_size: Option<i64>, files: &mut Files<'_>) -> (Body, How) {
    // A browser that cannot show a body (a file, a form with files) says that it has 0 bytes.
    let said = body_size.and_then(|size| u64::try_from(size).ok()).filter(|size| *size > 0);
    let announced = content_length(request).or(said);
    let post = source.held.filter(|held| is_post_data(held));
    let member = |name: &str| post.and_then(|post| post.get(name));
    let kind = member("mimeType").and_then(Value::as_str).or(request.header("content-type")).unwrap_or_default();
    let whole = if post.is_none() { source.held } else { None };
    if let Some(text) = whole.or(member("text")).filter(|text| holds_anything(text)) {
        let listed = text.as_array().filter(|_| whole.is_some()).and_then(|items| parameters(items));
        match listed {
            Some(params) => return (written(&params, kind).into(), How { rebuilt: true, ..How::default() }),
            None => {
                let encoding = [member("encoding"), member("_encoding")].into_iter().flatten().find_map(Value::as_str).unwrap_or_default();
                return told(request, text, encoding, kind);
            }
        }
    }
    let file = member("_file").and_then(Value::as_str).filter(|file| !file.is_empty());
    let content = file.map(|file| files.content(file, Kept::Body, attached::LARGEST));
    if let Some(Ok(bytes)) = content {
        return (bytes.into(), How::default());
    }
    let params: Vec<&Value> = member("params").and_then(Value::as_array).into_iter().flatten().collect();
    if !params.is_empty() {
        let unread = content.and_then(Result::err);
        return (written(&params, kind).into(), How { rebuilt: true, unread, ..How::default() });
    }
    let body = match (content, member("text")) {
        // There was one, whatever the method.
        (Some(Err(why)), _) => absent_body("POST", announced.filter(|bytes| *bytes > 0), &why),
        _ if source.left_out.starts_with("discarded") => {
            let why = format!("the HAR says that it leaves it out ({})", source.left_out);
            absent_body("POST", announced.filter(|bytes| *bytes > 0), &why)
        }
        (_, Some(Value::Null)) => absent_body(&request.method, announced, "it is larger than 64 MiB, or the HAR leaves it out"),
        _ => absent_body(&request.method, announced, "the HAR does not have it"),
    };
    (body, How::default())
}

/// A body that stands in the file, in whichever form.
fn told(request: &Request, value: &Value, encoding: &str, kind: &str) -> (Body, How) {
    let length = content_length(request);
    let Some(text) = value.as_str() else {
        let (bytes, is_bytes) = text::of_value(value, kind);
        let altered = is_bytes && length.is_some_and(|length| length != bytes.len() as u64);
        return (bytes.into(), How { held_as_value: !is_bytes, altered, ..How::default() });
    };
    let (mut bytes, is_misspelt) = text::of_text(text, encoding, length);
    // A proxy may keep a body as it came, with the lengths of its chunks.
    if is_chunked(&request.headers) {
        bytes = unchunked(&bytes);
    }
    // Where no length tells, the characters do that stand for bytes which are no text.
    let has_holes = encoding != "base64" && text.contains(char::REPLACEMENT_CHARACTER);
    let altered = is_misspelt || length.map_or(has_holes, |length| length != bytes.len() as u64);
    (bytes.into(), How { altered, ..How::default() })
}

/// Names and values that stand where `postData` should be.
fn parameters(items: &[Value]) -> Option<Vec<&Value>> {
    let is_parameter = |item: &Value| item.get("name").is_some_and(Value::is_string) && item.get("value").is_some();
    items.iter().all(is_parameter).then(|| items.iter().collect())
}

fn written(params: &[&Value], kind: &str) -> Vec<u8> {
    if kind.starts_with("multipart/") { multipart(params, kind) } else { form(params) }
}

/// A member of a listed parameter.
fn said<'a>(param: &'a Value, name: &str) -> Cow<'a, str> {
    match param.get(name) {
        Some(Value::String(text)) => Cow::Borrowed(text),
        None | Some(Value::Null) => Cow::Borrowed(""),
        Some(other) => Cow::Owned(other.to_string()),
    }
}

/// Some list parameters as they were sent, some decoded.
fn form(params: &[&Value]) -> Vec<u8> {
    let values: Vec<Cow<'_, str>> = params.iter().map(|param| said(param, "value")).collect();
    // Of a value with nothing but a `+` the others tell whether that is a space.
    let are_encoded = values.iter().all(|value| may_be_encoded(value)) && values.iter().any(|value| value.contains('%'));
    let pair = |(param, value): (&&Value, &Cow<'_, str>)| {
        let value = if are_encoded { Cow::Borrowed(value.as_ref()) } else { encoded(value) };
        format!("{}={value}", encoded(&said(param, "name")))
    };
    params.iter().zip(&values).map(pair).collect::<Vec<_>>().join("&").into_bytes()
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

    fn read(held: &Value, headers: &[(&str, &str)]) -> (Body, How) {
        let mut request = told("POST", "https://collect.example/c", 1);
        request.headers.extend(headers.iter().map(|(name, value)| header(name, value)));
        body(&request, Source { held: Some(held), left_out: "" }, None, &mut Files::new(None))
    }

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
            let length = sent.map(|length: u64| length.to_string());
            let headers: Vec<(&str, &str)> = length.iter().map(|length| ("Content-Length", length.as_str())).collect();
            let (read, how) = read(&json!({"text": text, "encoding": encoding}), &headers);
            assert_eq!((read.bytes(), how.altered), (Some(bytes.as_bytes()), altered), "{text:?} {encoding} {sent:?}");
        }
    }

    #[test]
    fn a_body_in_another_form_is_a_body() {
        let chunked = [("Transfer-Encoding", "chunked")];
        for (held, headers, bytes, held_as_value) in [
            (json!({"mimeType": "application/json", "text": {"email": "a@b.example"}}), &[][..], r#"{"email":"a@b.example"}"#, true),
            (json!({"mimeType": "application/json", "text": ["a", {"b": 1}]}), &[], r#"["a",{"b":1}]"#, true),
            (json!({"mimeType": "text/plain", "text": 7}), &[], "7", true),
            (json!("email=a%40b.example"), &[], "email=a%40b.example", false),
            (json!({"email": "a@b.example", "page": "/hiv"}), &[], r#"{"email":"a@b.example","page":"/hiv"}"#, true),
            (json!([{"name": "email", "value": "a@b.example"}]), &[], "email=a%40b.example", false),
            (json!([{"event": "view"}]), &[], r#"[{"event":"view"}]"#, true),
            (json!([{"bytes": "aGl2"}, {"bytes": "IQ=="}]), &[], "hiv!", false),
            (json!({"text": {"type": "Buffer", "data": [104, 105, 118]}}), &[], "hiv", false),
            (json!({"text": {"0": 104, "1": 105, "2": 118}}), &[], "hiv", false),
            (json!({"text": [104, 105, 118], "mimeType": "application/octet-stream"}), &[], "hiv", false),
            (json!({"text": ["a=1", "&b=2"], "mimeType": "text/plain"}), &[], "a=1&b=2", false),
            (json!({"text": "3\r\na=b\r\n0\r\n\r\n"}), &chunked, "a=b", false),
            (json!({"params": [{"name": "a", "value": 1}, {"name": "b", "value": true}]}), &[], "a=1&b=true", false),
        ] {
            let (read, how) = read(&held, headers);
            let text = read.bytes().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
            assert_eq!((text.as_deref(), how.held_as_value), (Some(bytes), held_as_value), "{held}");
        }
    }

    #[test]
    fn a_body_that_is_left_out_says_so_in_its_makers_words() {
        let mut request = told("POST", "https://collect.example/c", 1);
        request.headers.push(header("Content-Length", "90"));
        let source = Source { held: None, left_out: "discarded:too-large" };
        let (read, _) = body(&request, source, None, &mut Files::new(None));
        let why = "the HAR says that it leaves it out (discarded:too-large), and it had 90 bytes".to_owned();
        assert_eq!(read, Body::Unavailable { why });
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
