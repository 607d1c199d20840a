use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use md5::Md5;
use rustc_hash::FxHashMap;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use crate::Meaning;

/// Texts that scripts hash by mistake. They and their hashes say nothing about anybody.
const TRIVIAL: &[&str] = &[
    "",
    " ",
    "undefined",
    "null",
    "none",
    "nil",
    "nan",
    "NaN",
    "None",
    "NULL",
    "Null",
    "true",
    "false",
    "True",
    "False",
    "0",
    "1",
    "2",
    "3",
    "4",
    "5",
    "6",
    "7",
    "8",
    "9",
    "-1",
    "-",
    "--",
    "n/a",
    "N/A",
    "test",
    "unknown",
    "Unknown",
    "anonymous",
    "guest",
    "email",
    "phone",
    "(not set)",
    "not set",
    "[object Object]",
    "[object object]",
    "{}",
    "[]",
];

/// Each of their digests in hexadecimal, by MD5, SHA-1 and SHA-256, and what was hashed.
static TRIVIAL_DIGESTS: LazyLock<FxHashMap<String, &str>> = LazyLock::new(|| {
    let digests = |text: &&'static str| {
        let (md5, sha1, sha256) = (Md5::digest(text), Sha1::digest(text), Sha256::digest(text));
        [hex::encode(md5), hex::encode(sha1), hex::encode(sha256)].map(|digest| (digest, *text))
    };
    TRIVIAL.iter().flat_map(digests).collect()
});

/// The SHA-256 at the beginning of a value. Meta's tools append `.` and a short token to it.
pub(crate) fn sha256_of(value: &str) -> Option<&str> {
    let (digits, rest) = value.split_at_checked(64)?;
    let is_hash = (rest.is_empty() || rest.starts_with('.')) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hash.then_some(digits)
}

/// The text whose hash this is, where it is one that scripts hash by mistake.
pub(crate) fn junk(value: &str) -> Option<&'static str> {
    let value = value.trim();
    let digest = match sha256_of(value) {
        Some(digest) => digest.to_ascii_lowercase(),
        None if matches!(value.len(), 32 | 40) => value.to_ascii_lowercase(),
        None if matches!(value.len(), 43 | 44) => hex::encode(base64(value)?),
        None => return None,
    };
    TRIVIAL_DIGESTS.get(&digest).copied()
}

/// 32 bytes in either alphabet of base64.
fn base64(value: &str) -> Option<Vec<u8>> {
    let plain: String = value.trim_end_matches('=').replace('-', "+").replace('_', "/");
    STANDARD_NO_PAD.decode(plain).ok().filter(|bytes| bytes.len() == 32)
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
    value.trim().is_empty() || matches!(value.trim(), "undefined" | "null") || note(value).is_some()
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
        let real = hex::encode(Sha256::digest("pat@clinic.example"));
        assert_eq!(sha256_of(&real), Some(real.as_str()));
        assert_eq!(sha256_of(&format!("{real}.AQYCAQMA")), Some(real.as_str()));
        assert_eq!(junk("EB045D78D273107348B0300C01D29B7552D622ABBC6FAF81B3EC55359AA9950C"), Some("undefined"));
        assert_eq!(sha256_of(&format!("{real}a")), None);
        assert_eq!(sha256_of("pat@clinic.example"), None);
        assert_eq!(sha256_of(&"é".repeat(40)), None);
        for (value, tells) in [
            (real.as_str(), true),
            ("pat@clinic.example", true),
            ("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", false),
            ("eb045d78d273107348b0300c01d29b7552d622abbc6faf81b3ec55359aa9950c", false),
            ("74234e98afe7498fb5daf1f36ac2d78acc339464f950703b8c019892f982b90b", false),
            ("6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b", false),
            ("a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s=", false),
            ("a4ayc_80_OGda4BO_1o_V0etpOqiLx1JwB5S3beHW0s", false),
            ("c4ca4238a0b923820dcc509a6f75849b", false),
            ("da39a3ee5e6b4b0d3255bfef95601890afd80709", false),
            ("D41D8CD98F00B204E9800998ECF8427E", false),
            ("0123456789abcdef0123456789abcdef", true),
            ("e1", false),
            ("elm", true),
            ("undefined", false),
            ("", false),
        ] {
            assert_eq!(tells_nothing(value), !tells, "{value}");
        }
    }
}
