/// The day of tenths of seconds since 1970, as `2026-11-25`. `None` for a day before this millennium or past the next century: no
/// consent string was made then, and the bits mean something else.
pub(super) fn day(tenths_of_seconds: u64) -> Option<String> {
    let days = tenths_of_seconds / 864_000;
    let (mut year, mut left) = (1970_u64, days);
    while left >= days_of_year(year) {
        left -= days_of_year(year);
        year += 1;
        if year > 2100 {
            return None;
        }
    }
    let mut month = 1;
    while left >= days_of_month(year, month) {
        left -= days_of_month(year, month);
        month += 1;
    }
    (year >= 2000).then(|| format!("{year}-{month:02}-{:02}", left + 1))
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn days_of_year(year: u64) -> u64 {
    if is_leap(year) { 366 } else { 365 }
}

fn days_of_month(year: u64, month: u64) -> u64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (seconds, expected) in [
            (951_782_400_u64, Some("2000-02-29")),
            (1_764_028_799, Some("2025-11-24")),
            (1_764_028_800, Some("2025-11-25")),
            (4_107_542_399, Some("2100-02-28")),
            (4_107_542_400, Some("2100-03-01")),
            (0, None),
            (946_684_799, None),
            (4_133_980_800, None),
        ] {
            assert_eq!(day(seconds * 10).as_deref(), expected, "{seconds}");
        }
        assert_eq!(day(u64::MAX), None);
    }
}
