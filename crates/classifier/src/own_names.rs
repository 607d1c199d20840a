//! What sites call a person's data among properties of their own, whatever product they send them to.

use std::sync::LazyLock;

use crate::rule::Rule;
use crate::{Meaning, What};

/// Characters of a name at the most that are looked at.
const MOST_NAME: usize = 24;

/// Digits of a telephone number at the least, and of a date of birth.
const LEAST_DIGITS: usize = 6;

/// Characters of a postcode and of a name at the most.
const MOST_POSTCODE: usize = 10;
const MOST_PERSON: usize = 100;

/// The rule for a property that the site named itself, if its name and its value say that it is contact data.
pub(crate) fn rule(name: &str, value: &[u8]) -> Option<&'static Rule> {
    let (what, says_hashed) = what(name)?;
    let number = WORDS.iter().position(|(one, ..)| *one == what)?;
    let value = std::str::from_utf8(value).ok()?.trim();
    if is_hash(value) {
        return Some(&RULES[number].1);
    }
    (!says_hashed && fits(what, value)).then(|| &RULES[number].0)
}

/// What of a person's each rule is for, in words.
const WORDS: [(What, Meaning, &str); 5] = [
    (What::Email, Meaning::HashedEmail, "an e-mail address"),
    (What::Phone, Meaning::HashedPhone, "a telephone number"),
    // Of which name it is, the claim does not tell.
    (What::Name, Meaning::HashedFirstName, "a person's name"),
    (What::Postcode, Meaning::HashedPostcode, "a postcode"),
    (What::DateOfBirth, Meaning::HashedDateOfBirth, "a date of birth"),
];

/// Each in the clear, and hashed.
static RULES: LazyLock<[(Rule, Rule); 5]> = LazyLock::new(|| {
    WORDS.map(|(what, hashed, words)| (Rule::of_a_site(Meaning::PlainContact, what, words), Rule::of_a_site(hashed, what, words)))
});

/// What names of hashed properties begin or end with: `sha256_email_address`, `hashed_phone`, `email_md5`.
const HASHED: &[&[u8]] = &[b"sha256", b"sha1", b"md5", b"hashed", b"hash"];

/// By the last part of a name, its case and its punctuation left out: `ep.user_email`, `cd[userEmail]`. And whether it says that the value is
/// hashed.
fn what(name: &str) -> Option<(What, bool)> {
    let last = name.trim_end_matches(']').rsplit(['.', '[']).next().unwrap_or_default();
    let mut letters = [0; MOST_NAME];
    let mut length = 0;
    for byte in last.bytes().filter(|byte| byte.is_ascii_alphanumeric()) {
        *letters.get_mut(length)? = byte.to_ascii_lowercase();
        length += 1;
    }
    let letters = &letters[..length];
    let plain = without_hash(letters);
    let what = match plain {
        b"email" | b"emailaddress" | b"mail" | b"useremail" | b"customeremail" | b"contactemail" => Some(What::Email),
        b"phone" | b"phonenumber" | b"telephone" | b"mobile" | b"mobilenumber" | b"mobilephone" | b"userphone" | b"customerphone" => {
            Some(What::Phone)
        }
        b"firstname" | b"lastname" | b"fullname" | b"givenname" | b"familyname" | b"surname" | b"forename" => Some(What::Name),
        b"postcode" | b"postalcode" | b"zipcode" => Some(What::Postcode),
        b"dateofbirth" | b"birthdate" | b"birthday" | b"dob" => Some(What::DateOfBirth),
        _ => None,
    };
    what.map(|what| (what, plain.len() < letters.len()))
}

/// A name without what says that its value is hashed.
fn without_hash(name: &[u8]) -> &[u8] {
    let plain = |word: &&[u8]| name.strip_prefix(*word).or_else(|| name.strip_suffix(*word));
    HASHED.iter().find_map(plain).unwrap_or(name)
}

fn is_hash(value: &str) -> bool {
    matches!(value.len(), 32 | 40 | 64) && value.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a value can be what the name says: many properties of such a name only say whether there is one.
fn fits(what: What, value: &str) -> bool {
    let digits = || value.bytes().filter(u8::is_ascii_digit).count();
    let says_no_more_than = ["true", "false", "yes", "no", "null", "undefined", "none", "unknown", "on", "off", "n/a"];
    match what {
        What::Email => value.contains('@'),
        What::Phone => digits() >= LEAST_DIGITS && value.chars().all(|one| one.is_ascii_digit() || " +-().".contains(one)),
        What::Postcode => digits() > 0 && value.chars().count() <= MOST_POSTCODE,
        What::DateOfBirth => digits() >= LEAST_DIGITS,
        _ => {
            value.chars().any(char::is_alphabetic)
                && value.chars().count() <= MOST_PERSON
                && !says_no_more_than.iter().any(|word| value.eq_ignore_ascii_case(word))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_property_is_contact_data_by_its_name_and_its_value() {
        for (name, value, expected) in [
            ("properties.email", "maria@mail.example", Some(What::Email)),
            ("ep.user_email", "maria@mail.example", Some(What::Email)),
            ("cd[emailAddress]", "0123456789abcdef0123456789abcdef", Some(What::Email)),
            ("ep.user_data.sha256_email_address", "98f6f78ddc565a02d0e12532d5989f3c4d1d48def1e3797104378dbe43bc2cbb", Some(What::Email)),
            (
                "ep.user_data.address.0.sha256_first_name",
                "4135aa9dc1b842a653dea846903ddb95bfb8c5a10c504a7fa16e10bc31d1fdf0",
                Some(What::Name),
            ),
            ("user.hashed_phone", "a8acc3a90a7b4e4dc65e93db9240ed26523050ef754d63b75b5161de76781436", Some(What::Phone)),
            ("em.email_md5", "0123456789abcdef0123456789abcdef", Some(What::Email)),
            ("sha256_email_address", "maria@mail.example", None),
            ("email_hash", "1", None),
            ("hash", "0123456789abcdef0123456789abcdef", None),
            ("properties.email", "true", None),
            ("properties.email_opened", "maria@mail.example", None),
            ("up.Phone-Number", "07700 900123", Some(What::Phone)),
            ("phone", "iPhone 15", None),
            ("phone", "3", None),
            ("traits.firstName", "Maria", Some(What::Name)),
            ("traits.last_name", "Müller-O'Neill", Some(What::Name)),
            ("traits.last_name", "Yes", None),
            ("traits.last_name", "42", None),
            ("properties.name", "Blue chair", None),
            ("properties.post_code", "SW1A 1AA", Some(What::Postcode)),
            ("properties.postcode", "valid", None),
            ("properties.dob", "1980-02-29", Some(What::DateOfBirth)),
            ("properties.dob", "1980", None),
            ("email", "", None),
            ("", "maria@mail.example", None),
            ("a.name.that.is.as.long.as.thisnameherewhichisnone", "x@y", None),
        ] {
            assert_eq!(rule(name, value.as_bytes()).and_then(|rule| rule.what), expected, "{name}={value}");
        }
    }
}
