use thiserror::Error;

use crate::CanaryKind;

/// Why a value is no canary.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("the canary {name:?} {why}")]
pub struct CanaryError {
    /// The canary's name.
    pub name: String,
    /// What is wrong with it.
    pub why: String,
}

/// Fewer letters and digits are found everywhere.
const LEAST: usize = 3;

/// No telephone number has fewer digits, and fewer are found everywhere.
const LEAST_DIGITS_OF_A_PHONE: usize = 5;

/// Whether the value is what its kind says and long enough to be told from chance. `today` is `YYYY-MM-DD`.
pub(super) fn check_value(kind: CanaryKind, value: &str, today: Option<&str>) -> Result<(), String> {
    if value.chars().filter(|character| character.is_alphanumeric()).count() < LEAST {
        return Err("has fewer than three letters or digits: finding it again would prove nothing".to_owned());
    }
    match kind {
        CanaryKind::Email => check_email(value),
        CanaryKind::Phone => check_phone(value),
        CanaryKind::DateOfBirth => check_date(value, today),
        _ => Ok(()),
    }
}

fn check_email(value: &str) -> Result<(), String> {
    let wrong = |why: &str| Err(format!("is no e-mail address: {value:?} {why}"));
    match value.rsplit_once('@') {
        None => wrong("has no @"),
        Some(("", _)) => wrong("has nothing before the @"),
        Some((_, "")) => wrong("has nothing after the @"),
        Some((name, host)) if name.contains('@') && !name.starts_with('"') || host.contains('@') => wrong("has more than one @"),
        Some(_) if value.contains(char::is_whitespace) => wrong("has a space in it"),
        Some(_) => Ok(()),
    }
}

fn check_phone(value: &str) -> Result<(), String> {
    match value.chars().filter(char::is_ascii_digit).count() {
        0 => Err(format!("is no telephone number: {value:?} has no digit")),
        digits if digits < LEAST_DIGITS_OF_A_PHONE => {
            Err(format!("is no telephone number: {value:?} has fewer than {LEAST_DIGITS_OF_A_PHONE} digits"))
        }
        _ => Ok(()),
    }
}

fn check_date(value: &str, today: Option<&str>) -> Result<(), String> {
    let Some((year, month, day)) = date_of(value) else {
        return Err(format!("is no date of birth: {value:?} is not of the form YYYY-MM-DD"));
    };
    if !(1..=12).contains(&month) || day == 0 || day > days_in(year, month) {
        return Err(format!("is no date of birth: {value} is not in the calendar"));
    }
    // Both are of one form, in which the order of text is that of time.
    match today {
        Some(today) if value > today => Err(format!("is no date of birth: {value} is in the future")),
        _ => Ok(()),
    }
}

fn date_of(text: &str) -> Option<(u32, u32, u32)> {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts[..] else { return None };
    let number = |part: &str, digits: usize| {
        let is_number = part.len() == digits && part.chars().all(|one| one.is_ascii_digit());
        is_number.then(|| part.parse().ok()).flatten()
    };
    Some((number(year, 4)?, number(month, 2)?, number(day, 2)?))
}

fn days_in(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_what_its_kind_says() {
        const TODAY: &str = "2026-12-01";
        for (kind, value, wrong) in [
            (CanaryKind::Text, "abc", None),
            (CanaryKind::Text, "a-b", Some("has fewer than three letters or digits")),
            (CanaryKind::SearchTerm, "", Some("has fewer than three letters or digits")),
            (CanaryKind::Postcode, "N1", Some("has fewer than three letters or digits")),
            (CanaryKind::Email, "ottoline@post.example", None),
            (CanaryKind::Email, "ottoline", Some("is no e-mail address: \"ottoline\" has no @")),
            (CanaryKind::Email, "@post.example", Some("is no e-mail address: \"@post.example\" has nothing before the @")),
            (CanaryKind::Email, "ottoline@", Some("is no e-mail address: \"ottoline@\" has nothing after the @")),
            (CanaryKind::Email, "a@b@post.example", Some("is no e-mail address: \"a@b@post.example\" has more than one @")),
            (CanaryKind::Email, "otto line@post.example", Some("is no e-mail address: \"otto line@post.example\" has a space in it")),
            (CanaryKind::Phone, "07700 900731", None),
            (CanaryKind::Phone, "+44 (0)7700 900731", None),
            (CanaryKind::Phone, "unlisted", Some("is no telephone number: \"unlisted\" has no digit")),
            (CanaryKind::Phone, "ext. 999", Some("is no telephone number: \"ext. 999\" has fewer than 5 digits")),
            (CanaryKind::DateOfBirth, "1979-10-04", None),
            (CanaryKind::DateOfBirth, "2000-02-29", None),
            (CanaryKind::DateOfBirth, TODAY, None),
            (CanaryKind::DateOfBirth, "2026-12-02", Some("is no date of birth: 2026-12-02 is in the future")),
            (CanaryKind::DateOfBirth, "1900-02-29", Some("is no date of birth: 1900-02-29 is not in the calendar")),
            (CanaryKind::DateOfBirth, "1979-13-04", Some("is no date of birth: 1979-13-04 is not in the calendar")),
            (CanaryKind::DateOfBirth, "1979-04-31", Some("is no date of birth: 1979-04-31 is not in the calendar")),
            (CanaryKind::DateOfBirth, "1979-00-10", Some("is no date of birth: 1979-00-10 is not in the calendar")),
            (CanaryKind::DateOfBirth, "04/10/1979", Some("is no date of birth: \"04/10/1979\" is not of the form YYYY-MM-DD")),
            (CanaryKind::DateOfBirth, "1979-10-4", Some("is no date of birth: \"1979-10-4\" is not of the form YYYY-MM-DD")),
            (CanaryKind::DateOfBirth, "4 October 1979", Some("is no date of birth: \"4 October 1979\" is not of the form YYYY-MM-DD")),
        ] {
            let checked = check_value(kind, value, Some(TODAY));
            match wrong {
                None => assert_eq!(checked, Ok(()), "{value}"),
                Some(wrong) => assert!(checked.clone().is_err_and(|why| why.starts_with(wrong)), "{value}: {checked:?}"),
            }
        }
        assert_eq!(check_value(CanaryKind::DateOfBirth, "2126-12-02", None), Ok(()), "whoever does not know the day cannot say");
    }
}
