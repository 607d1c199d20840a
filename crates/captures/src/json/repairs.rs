/// What is whole of a value that breaks off, as a value of its own.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Begun {
    pub(crate) bytes: Vec<u8>,
    /// The member that it breaks off in; empty where that is between two.
    pub(crate) member: Vec<u8>,
}

/// Leaves out what is not whole, and closes what is open.
pub(crate) fn closed(begun: &[u8]) -> Begun {
    let mut open: Vec<u8> = Vec::new();
    let mut member = Vec::new();
    let (mut at, mut whole, mut is_key) = (0, 0, false);
    while let Some(&byte) = begun.get(at) {
        let end = token_end(begun, at);
        match byte {
            b'{' | b'[' => {
                open.push(if byte == b'{' { b'}' } else { b']' });
                is_key = byte == b'{';
            }
            b'}' | b']' => {
                open.pop();
            }
            b',' => is_key = open.last() == Some(&b'}'),
            b':' => is_key = false,
            _ => {}
        }
        match end {
            None => break,
            Some(end) if is_key && byte == b'"' => {
                if open.len() == 1 {
                    member = begun[at + 1..end - 1].to_vec();
                }
                at = end;
            }
            Some(end) => {
                let is_part = matches!(byte, b',' | b':') || byte.is_ascii_whitespace();
                whole = if is_part { whole } else { end };
                if open.len() == 1 && !is_part && byte != b'{' {
                    member.clear();
                }
                at = end;
            }
        }
    }
    let mut bytes = begun[..whole].to_vec();
    bytes.extend(open.iter().rev());
    Begun { bytes, member }
}

/// Where the token ends that begins here; nothing where it may go on.
fn token_end(text: &[u8], at: usize) -> Option<usize> {
    match text[at] {
        b'"' => {
            let mut end = at + 1;
            loop {
                end += memchr::memchr2(b'"', b'\\', text.get(end..)?)?;
                if text[end] == b'"' {
                    return Some(end + 1);
                }
                end += 2;
            }
        }
        byte if is_of_scalar(byte) => text[at..].iter().position(|byte| !is_of_scalar(*byte)).map(|length| at + length),
        _ => Some(at + 1),
    }
}

fn is_of_scalar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.')
}

/// Numbers that JSON does not have (`NaN`), or that nothing can hold (`1e999`), become `null`: they cost nothing but themselves.
pub(crate) fn without_odd_numbers(text: &str) -> String {
    let text = text.as_bytes();
    let mut plain = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let end = token_end(text, at).unwrap_or(text.len());
        let token = &text[at..end];
        let is_number = token[0].is_ascii_digit() || b"-+.".contains(&token[0]);
        let is_odd = is_number && serde_json::from_slice::<serde_json::Value>(token).is_err();
        plain.extend_from_slice(if is_odd || matches!(token, b"NaN" | b"Infinity" | b"undefined") { b"null" } else { token });
        at = end;
    }
    String::from_utf8(plain).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_whole_of_a_piece_that_breaks_off_is_a_piece() {
        for (begun, bytes, member) in [
            (r#"{"a":1,"b":{"c":"d","e":"f"#, r#"{"a":1,"b":{"c":"d"}}"#, "b"),
            (r#"{"a":1,"b":{"c":"d","e":"\""#, r#"{"a":1,"b":{"c":"d"}}"#, "b"),
            (r#"{"a":1,"b":{"c":"d"}"#, r#"{"a":1,"b":{"c":"d"}}"#, ""),
            (r#"{"a":1,"b":{"c":"d"},"#, r#"{"a":1,"b":{"c":"d"}}"#, ""),
            (r#"{"a":1,"b":{"c":"d"},"e""#, r#"{"a":1,"b":{"c":"d"}}"#, "e"),
            (r#"{"a":1,"b":{"c":"d"},"e":12"#, r#"{"a":1,"b":{"c":"d"}}"#, "e"),
            (r#"{"a":[1,{"n":"x"},{"n":"#, r#"{"a":[1,{"n":"x"},{}]}"#, "a"),
            (r#"{"a":[1,2"#, r#"{"a":[1]}"#, "a"),
            ("{\"a\":\"\u{e9}\",\"b\":\"\u{e9}", "{\"a\":\"\u{e9}\"}", "b"),
            ("{", "{}", ""),
            ("", "", ""),
            ("tru", "", ""),
            ("]", "]", ""),
        ] {
            let expected = Begun { bytes: bytes.as_bytes().to_vec(), member: member.as_bytes().to_vec() };
            assert_eq!(closed(begun.as_bytes()), expected, "{begun}");
        }
    }

    #[test]
    fn numbers_that_are_none_cost_nothing_but_themselves() {
        for (text, plain) in [
            (
                r#"{"a":1e999,"b":[-1e999,NaN,-Infinity,1.5e3,01],"c":"NaN 1e999"}"#,
                r#"{"a":null,"b":[null,null,null,1.5e3,null],"c":"NaN 1e999"}"#,
            ),
            ("{\"\u{e9}\":\u{e9}POST}", "{\"\u{e9}\":\u{e9}POST}"),
            ("[true,null,.5", "[true,null,null"),
        ] {
            assert_eq!(without_odd_numbers(text), plain);
        }
    }
}
