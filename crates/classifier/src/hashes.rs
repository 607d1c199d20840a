use crate::Meaning;

/// Texts that scripts hash by mistake, and their hashes, which say nothing about anybody.
const JUNK: &[(&str, &str)] = &[
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("undefined", "eb045d78d273107348b0300c01d29b7552d622abbc6faf81b3ec55359aa9950c"),
    ("null", "74234e98afe7498fb5daf1f36ac2d78acc339464f950703b8c019892f982b90b"),
];

/// The SHA-256 at the beginning of a value. Meta's tools append `.` and a short token to it.
pub(crate) fn sha256_of(value: &str) -> Option<&str> {
    let (digits, rest) = value.split_at_checked(64)?;
    let is_hash = (rest.is_empty() || rest.starts_with('.')) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hash.then_some(digits)
}

/// The text whose hash this is, where it is one that scripts hash by mistake.
pub(crate) fn junk(value: &str) -> Option<&'static str> {
    let hash = sha256_of(value)?;
    JUNK.iter().find(|(_, junk)| junk.eq_ignore_ascii_case(hash)).map(|(text, _)| *text)
}

/// What has to be known of a value that ought to be a hash.
pub(crate) fn note(value: &str) -> Option<String> {
    if let Some(text) = junk(value) {
        let what = if text.is_empty() { "of nothing".to_owned() } else { format!("of the word {text}") };
        return Some(format!("the hash {what}: it tells nothing"));
    }
    let is_error = value.len() <= 3 && value.starts_with('e') && value[1..].bytes().all(|byte| byte.is_ascii_digit());
    (is_error && value.len() > 1).then(|| "an error code: there was no usable value".to_owned())
}

/// Whether a value in place of a hash tells nobody anything.
pub(crate) fn tells_nothing(value: &str) -> bool {
    value.trim().is_empty() || JUNK.iter().any(|(text, _)| *text == value.trim()) || note(value).is_some()
}

/// Whether a value can be what a field of this meaning is said to hold: a digest, or the detail itself in the clear. A token or a
/// counter that a vendor puts there instead is no claim about a person.
pub(crate) fn fits(meaning: Meaning, value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let in_words = || value.chars().any(char::is_alphabetic) && !value.chars().any(|character| character.is_numeric() || character == '_');
    is_digest(value)
        || match meaning {
            Meaning::HashedEmail => value.contains('@'),
            Meaning::HashedPhone => digits >= 7 && value.chars().all(|character| character.is_numeric() || " +-().".contains(character)),
            Meaning::HashedFirstName | Meaning::HashedLastName => in_words(),
            Meaning::HashedDateOfBirth => digits >= 6,
            _ => true,
        }
}

/// Whether a value has the form of an MD5, a SHA-1 or one of the SHA-2 family: hexadecimal of their lengths, or 32 bytes in base64.
fn is_digest(value: &str) -> bool {
    let is_hexadecimal = || value.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_base64 = || value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/-_=".contains(&byte));
    sha256_of(value).is_some()
        || match value.len() {
            32 | 40 | 56 | 64 | 96 | 128 => is_hexadecimal(),
            43 | 44 => is_base64(),
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::*;

    #[test]
    fn a_field_for_a_hash_may_hold_something_else() {
        let hash = hex::encode(Sha256::digest("pat@clinic.example"));
        for (meaning, value, fits_it) in [
            (Meaning::HashedEmail, hash.as_str(), true),
            (Meaning::HashedEmail, &hash[..32], true),
            (Meaning::HashedEmail, "pat@clinic.example", true),
            (Meaning::HashedEmail, "2f1c", false),
            (Meaning::HashedEmail, "true", false),
            (Meaning::HashedPhone, "+44 7700 900142", true),
            (Meaning::HashedPhone, "1", false),
            (Meaning::HashedPhone, "id-77009001", false),
            (Meaning::HashedFirstName, "Marisol", true),
            (Meaning::HashedFirstName, "Zoë-Ann O'Brien", true),
            (Meaning::HashedFirstName, "u_1f", false),
            (Meaning::HashedDateOfBirth, "1984-03-27", true),
            (Meaning::HashedDateOfBirth, "no", false),
            (Meaning::HashedPostcode, "QX7 4RT", true),
        ] {
            assert_eq!(fits(meaning, value), fits_it, "{meaning:?} {value}");
        }
    }

    #[test]
    fn hashes_are_told_from_junk() {
        for (text, hash) in JUNK {
            assert_eq!(hex::encode(Sha256::digest(text)), *hash);
        }
        let real = hex::encode(Sha256::digest("pat@clinic.example"));
        assert_eq!(sha256_of(&real), Some(real.as_str()));
        assert_eq!(sha256_of(&format!("{real}.AQYCAQMA")), Some(real.as_str()));
        assert_eq!(junk(&JUNK[1].1.to_uppercase()), Some("undefined"));
        assert_eq!(sha256_of(&format!("{real}a")), None);
        assert_eq!(sha256_of("pat@clinic.example"), None);
        assert_eq!(sha256_of(&"é".repeat(40)), None);
        for (value, tells) in [
            (real.as_str(), true),
            ("pat@clinic.example", true),
            ("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", false),
            ("eb045d78d273107348b0300c01d29b7552d622abbc6faf81b3ec55359aa9950c", false),
            ("74234e98afe7498fb5daf1f36ac2d78acc339464f950703b8c019892f982b90b", false),
            ("e1", false),
            ("elm", true),
            ("undefined", false),
            ("", false),
        ] {
            assert_eq!(tells_nothing(value), !tells, "{value}");
        }
    }
}
