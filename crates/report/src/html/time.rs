use time::OffsetDateTime;
use time::macros::format_description;

/// `2026-11-22 07:32:08.123 UTC`; a number that is no time is shown as the number it is.
///
/// 0 stands for a time that a capture does not have.
pub(super) fn utc(ms: u64) -> String {
    if ms == 0 {
        return "at a time that is not on record".to_owned();
    }
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second].[subsecond digits:3] UTC");
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000)
        .ok()
        .and_then(|time| time.format(format).ok())
        .unwrap_or_else(|| format!("{ms} ms after 1970"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_utc_and_never_fail() {
        for (ms, shown) in [
            (0, "at a time that is not on record"),
            (1, "1970-01-01 00:00:00.001 UTC"),
            (1_795_332_728_123, "2026-11-22 07:32:08.123 UTC"),
            (u64::MAX, "18446744073709551615 ms after 1970"),
        ] {
            assert_eq!(utc(ms), shown);
        }
    }
}
