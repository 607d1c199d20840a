/// The string of the United States of before the GPP: `1`, then a letter each for notice, opting out, and the agreement on it.
pub(super) fn in_words(value: &str) -> Option<String> {
    let [b'1', notice, out, agreement] = value.as_bytes() else { return None };
    let notice = match notice.to_ascii_uppercase() {
        b'Y' => "notice of the right to opt out was given",
        b'N' => "no notice of the right to opt out was given",
        b'-' => "notice does not apply",
        _ => return None,
    };
    let out = match out.to_ascii_uppercase() {
        b'Y' => "opted out of the sale of personal data",
        b'N' => "did not opt out of the sale of personal data",
        b'-' => "opting out does not apply",
        _ => return None,
    };
    let agreement = match agreement.to_ascii_uppercase() {
        b'Y' => "under the Limited Service Provider Agreement",
        b'N' => "not under the Limited Service Provider Agreement",
        b'-' => "the Limited Service Provider Agreement does not apply",
        _ => return None,
    };
    Some(format!("{notice}, {out}, {agreement} (US Privacy)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_letter_has_its_words() {
        for (value, words) in [
            (
                "1YNN",
                Some(
                    "notice of the right to opt out was given, did not opt out of the sale of personal data, not under the Limited Service \
                     Provider Agreement (US Privacy)",
                ),
            ),
            (
                "1NYY",
                Some(
                    "no notice of the right to opt out was given, opted out of the sale of personal data, under the Limited Service Provider \
                     Agreement (US Privacy)",
                ),
            ),
            (
                "1---",
                Some(
                    "notice does not apply, opting out does not apply, the Limited Service Provider Agreement does not apply (US Privacy)",
                ),
            ),
            ("1", None),
            ("1YN", None),
            ("2YNN", None),
            ("1YNX", None),
            ("1000", None),
        ] {
            assert_eq!(in_words(value).as_deref(), words, "{value}");
        }
    }
}
