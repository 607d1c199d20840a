//! What stands where a value was taken out, or where one was to be put in: something was sent, and this is not it.

/// Words for taking out, in lower case. A placeholder has one of them and a frame around it, or is one by itself in capitals.
const TAKEN_OUT: &[&str] = &[
    "redacted",
    "removed",
    "scrubbed",
    "masked",
    "filtered",
    "sanitized",
    "sanitised",
    "anonymized",
    "anonymised",
    "obfuscated",
    "censored",
    "hidden",
    "omitted",
    "stripped",
];

/// Characters of a placeholder at the most: a text about redaction is longer.
const LONGEST: usize = 64;

/// Whether a value stands for another that is not there: taken out, or never put in.
pub(crate) fn is_one(value: &str) -> bool {
    let value = value.trim();
    value.len() <= LONGEST && (is_removed(value) || is_template(value))
}

/// Whether a value was taken out: `[email redacted]`, `MARKUP_REDACTED`, `_removed_`, `(redacted)`, `***`.
pub(crate) fn is_removed(value: &str) -> bool {
    let value = value.trim();
    if value.len() > LONGEST {
        return false;
    }
    let is_starred =
        value.len() >= 3 && value.bytes().all(|byte| matches!(byte, b'*' | b' ' | b'-' | b'@' | b'.')) && value.contains("***");
    is_starred || names_removal(value)
}

/// What vendors' own scripts put in place of a value before they send a request: Meta's, Google's. There, nothing more was sent.
const OF_VENDORS: &[&str] = &["_removed_", "(redacted)"];

/// Whether a value in a capture says that somebody took another out of it after it had been sent. A recorder's own asterisks were sent.
pub(crate) fn was_taken_out_of_a_capture(value: &str) -> bool {
    let value = value.trim();
    value.len() <= LONGEST && names_removal(value) && !OF_VENDORS.contains(&value)
}

fn names_removal(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    if !TAKEN_OUT.iter().any(|word| lower.contains(word)) {
        return false;
    }
    let frames = [('[', ']'), ('(', ')'), ('<', '>'), ('{', '}'), ('_', '_'), ('*', '*'), ('%', '%'), ('#', '#')];
    let is_framed = frames.iter().any(|(open, close)| value.starts_with(*open) && value.ends_with(*close) && value.len() > 2);
    let letters = || value.chars().filter(|character| character.is_alphabetic());
    let is_shouted = letters().all(char::is_uppercase) && !value.contains(char::is_whitespace);
    is_framed || is_shouted || TAKEN_OUT.iter().any(|word| lower == format!("{word}-value"))
}

/// Whether a value is a place for one that nobody filled in: `{search_term_string}`, `{{ email }}`, `${id}`, `%%EMAIL%%`, `%s`, `<email>`.
fn is_template(value: &str) -> bool {
    if value == "%s" {
        return true;
    }
    let inside = [("{{", "}}"), ("${", "}"), ("{", "}"), ("%%", "%%"), ("<%=", "%>"), ("[[", "]]")]
        .iter()
        .find_map(|(open, close)| value.strip_prefix(open)?.strip_suffix(close));
    let is_name = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b' '));
    inside.is_some_and(|name| !name.trim().is_empty() && name.bytes().any(|byte| byte.is_ascii_alphabetic()) && is_name(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_taken_out_of_a_capture_is_told_from_what_was_sent_so() {
        for (value, is_taken_out) in [
            ("[uid redacted]", true),
            ("MARKUP_REDACTED", true),
            ("[scrubbed]", true),
            ("_removed_", false),
            ("(redacted)", false),
            ("***", false),
            ("{email}", false),
            ("alex.morgan@post.example", false),
        ] {
            assert_eq!(was_taken_out_of_a_capture(value), is_taken_out, "{value}");
        }
    }

    #[test]
    fn a_placeholder_is_no_value() {
        for value in [
            "[uid redacted]",
            "[c_user redacted]",
            "[REDACTED]",
            "MARKUP_REDACTED",
            "REDACTED",
            "[scrubbed]",
            "[Filtered]",
            "_removed_",
            "(redacted)",
            "<removed>",
            "***",
            "*** ***",
            "***@***.***",
            "*removed*",
            "%REDACTED%",
            "{search_term_string}",
            "{{ email }}",
            "${user.id}",
            "%%EMAIL%%",
            "%s",
            " [redacted] ",
        ] {
            assert!(is_one(value), "{value}");
        }
        for value in [
            "",
            "a",
            "alex.morgan@post.example",
            "redacted",
            "what was removed from the market",
            "Removed",
            "hidden gems (a walk)",
            "[12]",
            "{}",
            "{1}",
            "{\"a\":1}",
            "[\"a\"]",
            "fb.1.1796032800000.100000000000000001",
            "**",
            "5***",
            "100%",
            "[how a text was redacted, which goes on for so long that it can be no placeholder at all]",
        ] {
            assert!(!is_one(value), "{value}");
        }
    }
}
