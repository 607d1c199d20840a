use pixelwitness_recording::CanaryKind;

use super::accents;
use crate::Normalisation::{
    self, CompactDate, DayFirst, DigitsOnly, Dots, DoubleZero, E164, E164NoPlus, FirstWord, GmailDots, GmailLocalPart, LastWord,
    LettersAndDigits, LocalPart, Lowercase, MonthFirst, National, NoAccents, NoLeadingZeros, NoPlusPart, NoSpaces, OutwardCode, PlusDigits,
    PostcodeSector, Slashes, Trim, Uppercase,
};

/// The value after these steps in this order; `None` where one of them does not apply to it (a date that is none).
pub(crate) fn normalised(value: &str, steps: &[Normalisation]) -> Option<String> {
    steps.iter().try_fold(value.to_owned(), |value, step| apply(*step, &value))
}

/// What vendors are known to do to a value of this kind before hashing it, the simplest first: where two lead to the same text, the
/// first is what a finding claims.
pub(super) fn known_steps(kind: CanaryKind) -> Vec<&'static [Normalisation]> {
    let of_kind: &[&[Normalisation]] = match kind {
        CanaryKind::Email => &[
            &[Trim, Lowercase, GmailDots],
            &[Trim, Lowercase, GmailLocalPart],
            &[Trim, Lowercase, LocalPart],
            &[Trim, Lowercase, NoPlusPart],
            &[Trim, Lowercase, LocalPart, NoAccents],
        ],
        CanaryKind::Phone => &[
            &[NoSpaces],
            &[DigitsOnly],
            &[NoLeadingZeros],
            &[E164],
            &[E164NoPlus],
            &[E164, DoubleZero],
            &[National],
            &[National, NoLeadingZeros],
            &[PlusDigits],
        ],
        CanaryKind::DateOfBirth => &[
            &[CompactDate],
            &[DayFirst],
            &[MonthFirst],
            &[Slashes],
            &[DayFirst, DigitsOnly],
            &[MonthFirst, DigitsOnly],
            &[DayFirst, Slashes],
            &[MonthFirst, Slashes],
            &[DayFirst, Dots],
        ],
        CanaryKind::Postcode => &[
            &[Uppercase, OutwardCode],
            &[Lowercase, OutwardCode],
            &[Uppercase, PostcodeSector],
            &[Lowercase, PostcodeSector],
            &[DigitsOnly],
        ],
        CanaryKind::FullName => &[
            &[FirstWord],
            &[FirstWord, Lowercase],
            &[FirstWord, Lowercase, NoAccents],
            &[FirstWord, Lowercase, LettersAndDigits],
            &[FirstWord, Lowercase, NoAccents, LettersAndDigits],
            &[LastWord],
            &[LastWord, Lowercase],
            &[LastWord, Lowercase, NoAccents],
            &[LastWord, Lowercase, LettersAndDigits],
            &[LastWord, Lowercase, NoAccents, LettersAndDigits],
        ],
        CanaryKind::SearchTerm | CanaryKind::FirstName | CanaryKind::LastName | CanaryKind::Text => &[],
    };
    let mut known = [EVERY_KIND, of_kind].concat();
    known.sort_by_key(|steps| steps.len());
    known
}

const EVERY_KIND: &[&[Normalisation]] = &[
    &[],
    &[Trim],
    &[Lowercase],
    &[Uppercase],
    &[Trim, Lowercase],
    &[Trim, Uppercase],
    &[Lowercase, NoSpaces],
    &[Uppercase, NoSpaces],
    &[Lowercase, LettersAndDigits],
    &[NoAccents],
    &[Lowercase, NoAccents],
    &[Uppercase, NoAccents],
    &[Lowercase, NoAccents, NoSpaces],
    &[Lowercase, NoAccents, LettersAndDigits],
];

fn apply(step: Normalisation, value: &str) -> Option<String> {
    match step {
        Trim => Some(value.trim().to_owned()),
        Lowercase => Some(value.to_lowercase()),
        Uppercase => Some(value.to_uppercase()),
        FirstWord => value.split_whitespace().next().map(str::to_owned),
        LastWord => value.split_whitespace().next_back().map(str::to_owned),
        LettersAndDigits => Some(value.chars().filter(|character| character.is_alphanumeric()).collect()),
        NoSpaces => Some(value.chars().filter(|character| !character.is_whitespace()).collect()),
        DigitsOnly => Some(digits(value)),
        NoLeadingZeros => Some(digits(value).trim_start_matches('0').to_owned()),
        E164 => Number::read(value).map(|number| format!("+{}{}", number.country, number.national)),
        E164NoPlus => Number::read(value).map(|number| format!("{}{}", number.country, number.national)),
        National => Number::read(value).filter(|number| number.country == BRITISH).map(|number| format!("0{}", number.national)),
        PlusDigits => Some(format!("+{}", digits(value))),
        GmailDots => gmail(value, false),
        GmailLocalPart => gmail(value, true),
        LocalPart => value.split_once('@').map(|(local, domain)| format!("{}@{domain}", without_plus_part(local).replace('.', ""))),
        NoPlusPart => value.split_once('@').map(|(local, domain)| format!("{}@{domain}", without_plus_part(local))),
        NoAccents => Some(accents::removed(value)),
        DoubleZero => value.strip_prefix('+').map(|number| format!("00{number}")),
        OutwardCode => Postcode::read(value).map(|postcode| postcode.outward),
        PostcodeSector => {
            Postcode::read(value).and_then(|postcode| Some(format!("{}{}", postcode.outward, postcode.inward.chars().next()?)))
        }
        CompactDate => Date::read(value).map(|date| format!("{}{}{}", date.year, date.month, date.day)),
        DayFirst => Date::read(value).map(|date| format!("{}-{}-{}", date.day, date.month, date.year)),
        MonthFirst => Date::read(value).map(|date| format!("{}-{}-{}", date.month, date.day, date.year)),
        Slashes => Some(value.replace('-', "/")),
        Dots => Some(value.replace('-', ".")),
    }
}

fn without_plus_part(local: &str) -> &str {
    local.split('+').next().unwrap_or(local)
}

fn digits(value: &str) -> String {
    value.chars().filter(char::is_ascii_digit).collect()
}

fn gmail(value: &str, cut_plus: bool) -> Option<String> {
    let (local, domain) = value.split_once('@')?;
    if !["gmail.com", "googlemail.com"].iter().any(|gmail| domain.eq_ignore_ascii_case(gmail)) {
        return None;
    }
    let local = if cut_plus { without_plus_part(local) } else { local };
    Some(format!("{}@{domain}", local.replace('.', "")))
}

const BRITISH: &str = "44";

/// A telephone number, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Number {
    /// Country code; empty where it is not told from the rest of the number.
    pub(super) country: &'static str,
    /// The rest, digits only, without a leading zero.
    pub(super) national: String,
}

impl Number {
    /// Reads a number as a British one where it has no country code. `None` where it has fewer than seven digits.
    pub(super) fn read(value: &str) -> Option<Self> {
        let international = value.trim_start().starts_with('+') || digits(value).starts_with("00");
        let digits = digits(&value.replace("(0)", ""));
        let (country, national) = match digits.trim_start_matches('0') {
            rest if !international => (BRITISH, rest),
            rest => match rest.strip_prefix(BRITISH) {
                Some(national) => (BRITISH, national.trim_start_matches('0')),
                None => ("", rest),
            },
        };
        (national.len() >= 7).then(|| Self { country, national: national.to_owned() })
    }
}

/// A British postcode, or an American one with its hyphen, taken apart.
pub(super) struct Postcode {
    pub(super) outward: String,
    pub(super) inward: String,
}

impl Postcode {
    pub(super) fn read(value: &str) -> Option<Self> {
        let characters: Vec<char> = value.chars().filter(|character| !character.is_whitespace()).collect();
        let digits = |range: &[char]| range.iter().all(char::is_ascii_digit);
        if characters.len() == 10 && characters[5] == '-' && digits(&characters[..5]) && digits(&characters[6..]) {
            return Some(Self { outward: characters[..5].iter().collect(), inward: characters[6..].iter().collect() });
        }
        let (outward, inward) = characters.split_at_checked(characters.len().checked_sub(3)?)?;
        let is_british = (2..=4).contains(&outward.len())
            && outward[0].is_ascii_alphabetic()
            && outward.iter().all(char::is_ascii_alphanumeric)
            && inward[0].is_ascii_digit()
            && inward[1..].iter().all(char::is_ascii_alphabetic);
        is_british.then(|| Self { outward: outward.iter().collect(), inward: inward.iter().collect() })
    }
}

/// A date `YYYY-MM-DD`, taken apart.
pub(super) struct Date {
    pub(super) year: String,
    pub(super) month: String,
    pub(super) day: String,
}

impl Date {
    pub(super) fn read(value: &str) -> Option<Self> {
        let parts: Vec<&str> = value.trim().split('-').collect();
        let &[year, month, day] = parts.as_slice() else { return None };
        let is_number = |text: &str, length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
        (is_number(year, 4) && is_number(month, 2) && is_number(day, 2)).then(|| Self {
            year: year.to_owned(),
            month: month.to_owned(),
            day: day.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_does_what_its_name_says() {
        for (value, steps, expected) in [
            (" Jo@Clinic.Example ", &[Trim, Lowercase][..], Some("jo@clinic.example")),
            ("jo.b.loggs+nhs@gmail.com", &[GmailLocalPart], Some("jobloggs@gmail.com")),
            ("jo.b.loggs+nhs@gmail.com", &[GmailDots], Some("jobloggs+nhs@gmail.com")),
            ("jo.b@clinic.example", &[GmailLocalPart], None),
            ("07700 900123", &[DigitsOnly], Some("07700900123")),
            ("07700 900123", &[NoLeadingZeros], Some("7700900123")),
            ("07700 900123", &[E164], Some("+447700900123")),
            ("07700 900123", &[E164NoPlus], Some("447700900123")),
            ("07700 900123", &[PlusDigits], Some("+07700900123")),
            ("+44 (0)7700 900123", &[E164], Some("+447700900123")),
            ("0044 7700 900123", &[National], Some("07700900123")),
            ("+1 202 555 0123", &[E164], Some("+12025550123")),
            ("+1 202 555 0123", &[National], None),
            ("999", &[E164], None),
            ("Mary-Jane O'Neil", &[LastWord, Lowercase, LettersAndDigits], Some("oneil")),
            ("AB1 2CD", &[Lowercase, NoSpaces], Some("ab12cd")),
            ("1990-02-01", &[CompactDate], Some("19900201")),
            ("1 February", &[CompactDate], None),
            ("jo.b.loggs+nhs@post.example", &[LocalPart], Some("jobloggs@post.example")),
            ("jo.b.loggs+nhs@post.example", &[NoPlusPart], Some("jo.b.loggs@post.example")),
            ("no address", &[LocalPart], None),
            ("José Ångström-Łódź", &[NoAccents], Some("Jose Angstrom-Lodz")),
            ("Jose\u{301}", &[NoAccents], Some("Jose")),
            ("straße œuvre", &[NoAccents], Some("strasse oeuvre")),
            ("07700 900123", &[E164, DoubleZero], Some("00447700900123")),
            ("+1 202 555 0123", &[E164, DoubleZero], Some("0012025550123")),
            ("001 202 555 0123", &[E164], Some("+12025550123")),
            ("sw1a 1aa", &[Uppercase, OutwardCode], Some("SW1A")),
            ("AB1 2CD", &[Lowercase, PostcodeSector], Some("ab12")),
            ("90210-1234", &[OutwardCode], Some("90210")),
            ("90210", &[OutwardCode], None),
            ("1990-02-01", &[DayFirst, Slashes], Some("01/02/1990")),
            ("1990-02-01", &[MonthFirst, DigitsOnly], Some("02011990")),
            ("1990-02-01", &[DayFirst, Dots], Some("01.02.1990")),
            ("", &[FirstWord], None),
        ] {
            assert_eq!(normalised(value, steps).as_deref(), expected, "{value} {steps:?}");
        }
    }
}
