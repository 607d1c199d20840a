//! Whether a value has the shape of an e-mail address. It is stricter than mail is: what it lets through is one.

/// Characters of an address at the most, and of what stands before the `@` (RFC 5321).
const MOST: usize = 254;
const MOST_LOCAL: usize = 64;
/// Characters of `a@b.uk`.
const LEAST: usize = 6;

/// Top-level domains that are set aside for examples and tests, and in no list of those that there are.
const RESERVED: &[&str] = &["example", "test"];

/// The domain of the address that this is, if it is one from its first character to its last.
///
/// Before the `@`: ASCII letters, digits and `.`, `_`, `+`, `-`, `'`, at least one letter or digit, no dot at an end or beside another.
/// After it: a host name under a top-level domain that there is, so that `logo@2x.png` and `pkg@1.2.3` are none. Nor is what programs write
/// alike: a key or an identifier before a host (`0123…cdef@ingest.host.example`), and a picture's density (`logo@2x.ai`).
pub(crate) fn domain(value: &str) -> Option<&str> {
    let value = value.trim_ascii();
    let (local, domain) = value.split_once('@').filter(|_| (LEAST..=MOST).contains(&value.len()))?;
    (is_local(local) && !is_identifier(local) && is_domain(domain)).then_some(domain)
}

fn is_local(local: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._+-'".contains(&byte);
    let is_dotted_well = !local.starts_with('.') && !local.ends_with('.') && !local.contains("..");
    let says_something = local.bytes().any(|byte| byte.is_ascii_alphanumeric());
    local.len() <= MOST_LOCAL && says_something && is_dotted_well && local.bytes().all(is_allowed)
}

/// 32 hexadecimal digits, as keys and identifiers are written, with hyphens or without.
fn is_identifier(local: &str) -> bool {
    let digits = local.bytes().filter(|byte| *byte != b'-');
    digits.clone().count() == 32 && digits.clone().all(|byte| byte.is_ascii_hexdigit())
}

fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-') && label.bytes().all(is_allowed)
    };
    let labels = || domain.split('.');
    labels().count() >= 2 && labels().all(is_label) && !is_density(domain) && is_under_a_known_top(domain)
}

/// `2x.png`, `1x.ai`
fn is_density(domain: &str) -> bool {
    let first = domain.split('.').next().unwrap_or_default();
    first.strip_suffix(['x', 'X']).is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

fn is_under_a_known_top(domain: &str) -> bool {
    let domain = domain.to_ascii_lowercase();
    let top = domain.rsplit('.').next().unwrap_or_default();
    let has_a_name_before = |suffix: psl::Suffix<'_>| suffix.is_known() && suffix.as_bytes().len() < domain.len();
    RESERVED.contains(&top) || psl::suffix(domain.as_bytes()).is_some_and(has_a_name_before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_the_shape_of_an_address_is_told_from_what_looks_alike() {
        for (value, expected) in [
            ("maria@mail.example", Some("mail.example")),
            (" maria@mail.example\n", Some("mail.example")),
            ("M.O'Neill+news_1@Mail.Post.co.uk", Some("Mail.Post.co.uk")),
            ("12345@qq.com", Some("qq.com")),
            ("a@b.uk", Some("b.uk")),
            ("pat@xn--bcher-kva.example", Some("xn--bcher-kva.example")),
            ("8f3k2j1h@privaterelay.appleid.com", Some("privaterelay.appleid.com")),
            // Pictures, packages, keys, handles, places.
            ("logo@2x.png", None),
            ("logo@2x.ai", None),
            ("icon@1.svg", None),
            ("main@chunk.js", None),
            ("style@media.css", None),
            ("lodash@4.17.21", None),
            ("pkg@1.2.3-beta.1", None),
            ("@scope/pkg@latest", None),
            ("react@npm", None),
            ("0123456789abcdef0123456789abcdef@o1.ingest.sentry.io", None),
            ("2f1c9a9e-0b1d-4c55-9a53-1b7d1c6f0a11@calls.jitsi.net", None),
            ("@clinic", None),
            ("@52.5,13.4,15z", None),
            ("pat@localhost", None),
            ("pat@192.0.2.7", None),
            ("pat@co.uk", None),
            ("pat@corp.internal", None),
            // Not the whole value, or no address.
            ("https://user@host.example/", None),
            ("mailto:maria@mail.example", None),
            ("write to maria@mail.example", None),
            ("maria@mail.example,pat@mail.example", None),
            ("to=maria@mail.example", None),
            ("maria%40mail.example", None),
            ("\"a b\"@mail.example", None),
            ("***@mail.example", None),
            (".a@mail.example", None),
            ("a..b@mail.example", None),
            ("a@-mail.example", None),
            ("a@mail..example", None),
            ("a@mail.example.", None),
            ("é@mail.example", None),
            ("@", None),
            ("", None),
        ] {
            assert_eq!(domain(value), expected, "{value}");
        }
        let long = |local: usize| format!("{}@mail.example", "a".repeat(local));
        assert!(domain(&long(64)).is_some() && domain(&long(65)).is_none() && domain(&long(100_000)).is_none());
    }
}
