//! The bytes of a body, in whichever form a tool put them into JSON.

use serde_json::Value;

use super::base64;

/// What Windows-1252 has in place of the control characters 0x80 to 0x9F.
const WINDOWS_1252: [char; 32] = [
    '\u{20ac}', '\u{81}', '\u{201a}', '\u{192}', '\u{201e}', '\u{2026}', '\u{2020}', '\u{2021}', '\u{2c6}', '\u{2030}', '\u{160}',
    '\u{2039}', '\u{152}', '\u{8d}', '\u{17d}', '\u{8f}', '\u{90}', '\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}', '\u{2022}', '\u{2013}',
    '\u{2014}', '\u{2dc}', '\u{2122}', '\u{161}', '\u{203a}', '\u{153}', '\u{9d}', '\u{17e}', '\u{178}',
];

/// How compressed data begins: gzip, zstd, and zlib at its usual levels.
const COMPRESSED: &[&[u8]] = &[b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"\x78\x01", b"\x78\x9c", b"\x78\xda", b"\x78\x5e"];

/// The bytes of a text, and whether it is not in the encoding that it is said to be in.
///
/// A tool that keeps bytes as text writes each as one character. That shows where the request says how many bytes it had, and where
/// compressed data begins as such data does: no text does that.
pub(super) fn of_text(text: &str, encoding: &str, length: Option<u64>) -> (Vec<u8>, bool) {
    let as_it_is = || text.as_bytes().to_vec();
    match encoding.to_ascii_lowercase().as_str() {
        "base64" => base64::decode(text).map_or_else(|| (as_it_is(), true), |bytes| (bytes, false)),
        "hex" => hex::decode(text.trim()).map_or_else(|_| (as_it_is(), true), |bytes| (bytes, false)),
        "binary" | "latin1" | "latin-1" | "iso-8859-1" => byte_each(text).map_or_else(|| (as_it_is(), true), |bytes| (bytes, false)),
        _ if text.is_ascii() => (as_it_is(), false),
        _ => (bytes_each_by(text, length).unwrap_or_else(as_it_is), false),
    }
}

/// The bytes that characters stand for, where the request's length or what they begin with says that they do.
fn bytes_each_by(text: &str, length: Option<u64>) -> Option<Vec<u8>> {
    let bytes = byte_each(text)?;
    match length {
        Some(length) => (length == bytes.len() as u64).then_some(bytes),
        None => COMPRESSED.iter().any(|begin| bytes.starts_with(begin)).then_some(bytes),
    }
}

/// One byte a character, where each character is one of Latin-1 or of Windows-1252.
fn byte_each(text: &str) -> Option<Vec<u8>> {
    let byte = |character: char| {
        let of_windows = || WINDOWS_1252.iter().zip(0x80..).find(|(other, _)| **other == character).map(|(_, byte)| byte);
        u8::try_from(u32::from(character)).ok().or_else(of_windows)
    };
    text.chars().map(byte).collect()
}

/// The bytes of a value that is no text, and whether the value is a list of them: else they are its JSON.
pub(super) fn of_value(value: &Value, kind: &str) -> (Vec<u8>, bool) {
    let is_json = kind.to_ascii_lowercase().contains("json");
    let listed = match value {
        Value::Array(items) => entries(items).or_else(|| if is_json { None } else { texts(items).or_else(|| numbers(items)) }),
        Value::Object(members) if value["type"] == "Buffer" && members.len() == 2 => {
            value["data"].as_array().and_then(|items| numbers(items))
        }
        Value::Object(members) => {
            let in_order: Option<Vec<Value>> = (0..members.len()).map(|at| members.get(&at.to_string()).cloned()).collect();
            in_order.and_then(|items| numbers(&items))
        }
        _ => None,
    };
    listed.map_or_else(|| (value.to_string().into_bytes(), false), |bytes| (bytes, true))
}

/// DevTools' `postDataEntries`: pieces in base64.
fn entries(items: &[Value]) -> Option<Vec<u8>> {
    let piece = |item: &Value| item.as_object().filter(|item| item.len() == 1)?.get("bytes")?.as_str().and_then(base64::decode);
    items.iter().map(piece).collect::<Option<Vec<_>>>().map(|pieces| pieces.concat())
}

fn texts(items: &[Value]) -> Option<Vec<u8>> {
    items.iter().map(Value::as_str).collect::<Option<Vec<_>>>().map(|texts| texts.concat().into_bytes())
}

fn numbers(items: &[Value]) -> Option<Vec<u8>> {
    items.iter().map(|item| u8::try_from(item.as_u64()?).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_stand_for_bytes_are_bytes() {
        let gzip = "\u{1f}\u{8b}\u{8}\u{0}\u{ff}";
        for (text, encoding, length, bytes) in [
            (gzip, "", Some(5), b"\x1f\x8b\x08\x00\xff".as_slice()),
            (gzip, "", None, b"\x1f\x8b\x08\x00\xff"),
            ("(\u{b5}/\u{fd}\u{4}", "", None, b"\x28\xb5\x2f\xfd\x04"),
            ("x\u{9c}\u{ab}", "", None, b"\x78\x9c\xab"),
            // Windows-1252, as some proxies decode it.
            ("\u{1f}\u{2039}\u{8}\u{20ac}", "", Some(4), b"\x1f\x8b\x08\x80"),
            ("caf\u{e9}", "", Some(4), b"caf\xe9"),
            ("caf\u{e9}", "latin1", None, b"caf\xe9"),
            ("1f8b08", "hex", None, b"\x1f\x8b\x08"),
            // Text in UTF-8 stays so.
            ("caf\u{e9}", "", Some(5), "caf\u{e9}".as_bytes()),
            ("caf\u{e9}", "", None, "caf\u{e9}".as_bytes()),
            ("\u{441}\u{43f}\u{438}\u{434}", "", Some(4), "\u{441}\u{43f}\u{438}\u{434}".as_bytes()),
        ] {
            assert_eq!(of_text(text, encoding, length).0, bytes, "{text:?} {encoding} {length:?}");
        }
    }
}
