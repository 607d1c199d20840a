use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
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
    /// It cannot be what was sent, byte for byte.
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
        let (bytes, altered) = if in_base64 { from_base64(text) } else { as_it_stands(text, content_length(request)) };
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

/// Undoes base64 of either alphabet, padded or not, in one line or several; and whether it was anything else, and is left alone.
fn from_base64(text: &str) -> (Vec<u8>, bool) {
    const LENIENT: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent).with_decode_allow_trailing_bits(true);
    const ENGINE: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
    let letter = |byte: u8| match byte {
        b'-' => b'+',
        b'_' => b'/',
        other => other,
    };
    let letters: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).map(letter).collect();
    ENGINE.decode(letters).map_or_else(|_| (text.as_bytes().to_vec(), true), |bytes| (bytes, false))
}

/// A body as text, and whether it is not what was sent: where no length says so, the characters that stand for bytes which are no text do.
fn as_it_stands(text: &str, sent: Option<u64>) -> (Vec<u8>, bool) {
    let altered = sent.map_or_else(|| text.contains(char::REPLACEMENT_CHARACTER), |length| length != text.len() as u64);
    (text.as_bytes().to_vec(), altered)
}

fn form(params: &[&Value]) -> Vec<u8> {
    let said = |param: &Value, name: &str| param.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    // Some list parameters as they were sent, some decoded. What is encoded has no character that would need it. Of a value with nothing but
    // a `+` the others of the list tell whether that is a space.
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._*+%".contains(&byte)) && escapes(text);
    let values: Vec<String> = params.iter().map(|param| said(param, "value")).collect();
    let are_encoded = values.iter().all(|value| plain(value)) && values.iter().any(|value| value.contains('%'));
    let encoded = |text: &str| utf8_percent_encode(text, KEPT).to_string();
    let pairs: Vec<String> = params
        .iter()
        .zip(&values)
        .map(|(param, value)| {
            let name = said(param, "name");
            let name = if plain(&name) && name.contains('%') { name } else { encoded(&name) };
            let value = if are_encoded || plain(value) && value.contains('%') { Cow::Borrowed(value) } else { Cow::Owned(encoded(value)) };
            format!("{name}={value}")
        })
        .collect();
    pairs.join("&").into_bytes()
}

/// Whether two hexadecimal digits follow each `%`.
fn escapes(text: &str) -> bool {
    text.split('%').skip(1).all(|rest| rest.len() > 1 && rest.bytes().take(2).all(|byte| byte.is_ascii_hexdigit()))
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn base64_of_any_spelling_is_undone_and_what_is_none_is_left_alone() {
        for (written, bytes, altered) in [
            ("+/8AaGl2", b"\xfb\xff\0hiv".as_slice(), false),
            ("-_8AaGl2", b"\xfb\xff\0hiv", false),
            ("+/8A\r\naGl2\n", b"\xfb\xff\0hiv", false),
            ("aGl2IQ==", b"hiv!", false),
            ("aGl2IQ", b"hiv!", false),
            ("q=hiv test", b"q=hiv test", true),
        ] {
            assert_eq!(from_base64(written), (bytes.to_vec(), altered), "{written:?}");
        }
    }

    #[test]
    fn a_text_with_a_hole_in_it_is_what_was_sent_only_where_its_length_says_so() {
        for (text, sent, altered) in
            [("a\u{fffd}b", None, true), ("a\u{fffd}b", Some(5), false), ("ab", None, false), ("ab", Some(3), true)]
        {
            assert_eq!(as_it_stands(text, sent).1, altered, "{text:?} {sent:?}");
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
