//! Times as captures write them.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Milliseconds since the Unix epoch of `2026-11-25T10:00:00.123+01:00`; 0 where it is no such time.
pub(crate) fn unix_ms(text: &str) -> u64 {
    let text = text.trim();
    let parse = |text: &str| OffsetDateTime::parse(text, &Rfc3339).ok();
    let compact = || {
        // WARC allows only 14 digits in some tools' hands: 20261125100000.
        let digits = text.len() == 14 && text.bytes().all(|byte| byte.is_ascii_digit());
        let part = |from: usize, to: usize| &text[from..to];
        digits.then(|| format!("{}-{}-{}T{}:{}:{}Z", part(0, 4), part(4, 6), part(6, 8), part(8, 10), part(10, 12), part(12, 14)))
    };
    let found = parse(text).or_else(|| parse(&format!("{text}Z"))).or_else(|| parse(&compact()?));
    found.and_then(|time| u64::try_from(time.unix_timestamp_nanos() / 1_000_000).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_the_forms_that_captures_have() {
        for (text, ms) in [
            ("2026-11-25T10:00:00.123Z", 1_795_600_800_123),
            ("2026-11-25T11:00:00.123+01:00", 1_795_600_800_123),
            ("2026-11-25T10:00:00.123456+00:00", 1_795_600_800_123),
            ("2026-11-25T10:00:00", 1_795_600_800_000),
            ("20261125100000", 1_795_600_800_000),
            ("yesterday", 0),
            ("", 0),
        ] {
            assert_eq!(unix_ms(text), ms, "{text}");
        }
    }
}
