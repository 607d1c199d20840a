use super::bits::Bits;
use super::listed;
use Kind::{Consent, Notice, OptOut};

/// What two bits say: nothing, the first, or the second of two opposites.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A notice was given, or not.
    Notice,
    /// The visitor opted out, or not.
    OptOut,
    /// The visitor did not consent, or did.
    Consent,
}

type Field = (Kind, &'static str);

/// One section of the GPP for the United States: its version, then two bits for each of these, then three about the agreement (MSPA).
struct Section {
    number: u16,
    place: &'static str,
    version: u64,
    fields: &'static [&'static [Field]],
}

const SALE: &str = "sale of personal data";
const SHARING: &str = "sharing of personal data";
const TARGETED: &str = "targeted advertising";
const SENSITIVE: &str = "use of sensitive data";

/// Notices and choices that most states have in common. The notice of the first is of sharing in some, of processing in others.
const COMMON: &[Field] = &[(Notice, "processing or sharing"), (Notice, SALE), (Notice, TARGETED), (OptOut, SALE), (OptOut, TARGETED)];
const COMMON_WITH_SENSITIVE: &[Field] =
    &[(Notice, "processing or sharing"), (Notice, SALE), (Notice, TARGETED), (Notice, SENSITIVE), (OptOut, SALE), (OptOut, TARGETED)];
const NATIONAL: &[Field] = &[
    (Notice, SHARING),
    (Notice, SALE),
    (Notice, "sharing for advertising"),
    (Notice, TARGETED),
    (Notice, SENSITIVE),
    (Notice, "limits to the use of sensitive data"),
    (OptOut, SALE),
    (OptOut, "sharing for advertising"),
    (OptOut, TARGETED),
    (Consent, "racial or ethnic origin"),
    (Consent, "religious or philosophical beliefs"),
    (Consent, "health data"),
    (Consent, "sex life or sexual orientation"),
    (Consent, "citizenship or immigration status"),
    (Consent, "genetic data"),
    (Consent, "biometric data"),
    (Consent, "precise location"),
    (Consent, "identification documents"),
    (Consent, "financial data"),
    (Consent, "union membership"),
    (Consent, "contents of mail and messages"),
];
const NATIONAL_SECOND: &[Field] = &[
    (Consent, "general health data"),
    (Consent, "status as a victim of crime"),
    (Consent, "national origin"),
    (Consent, "transgender or non-binary status"),
];
const CALIFORNIA: &[Field] = &[
    (Notice, SALE),
    (Notice, SHARING),
    (Notice, "limits to the use of sensitive data"),
    (OptOut, SALE),
    (OptOut, SHARING),
    (OptOut, "use of identification documents"),
    (OptOut, "use of financial data"),
    (OptOut, "use of the precise location"),
    (OptOut, "use of origin, beliefs or union membership"),
    (OptOut, "use of contents of mail and messages"),
    (OptOut, "use of genetic data"),
    (OptOut, "use of biometric data"),
    (OptOut, "use of health data"),
    (OptOut, "use of sex life or sexual orientation"),
    (Consent, "selling data of a child"),
    (Consent, "sharing data of a child"),
];
const SENSITIVE_SEVEN: &[Field] = &[
    (Consent, "racial or ethnic origin"),
    (Consent, "religious beliefs"),
    (Consent, "health data"),
    (Consent, "sex life or sexual orientation"),
    (Consent, "citizenship or immigration status"),
    (Consent, "genetic data"),
    (Consent, "biometric data"),
];
const LOCATION: &[Field] = &[(Consent, "precise location")];
const SENSITIVE_UTAH: &[Field] = &[
    (Consent, "racial or ethnic origin"),
    (Consent, "religious beliefs"),
    (Consent, "sexual orientation"),
    (Consent, "citizenship or immigration status"),
    (Consent, "health data"),
    (Consent, "genetic data"),
    (Consent, "biometric data"),
    (Consent, "specific location"),
];
const SENSITIVE_OREGON: &[Field] = &[
    (Consent, "racial or ethnic origin"),
    (Consent, "religious beliefs"),
    (Consent, "health data"),
    (Consent, "sex life or sexual orientation"),
    (Consent, "transgender or non-binary status"),
    (Consent, "citizenship or immigration status"),
    (Consent, "national origin"),
    (Consent, "status as a victim of crime"),
    (Consent, "genetic data"),
    (Consent, "biometric data"),
    (Consent, "precise location"),
];
const TRANSGENDER: &[Field] = &[(Consent, "transgender or non-binary status")];
const FINANCIAL: &[Field] = &[(Consent, "financial data")];
const CHILD: &[Field] = &[(Consent, "data of a child")];
const CHILD_OF_TWO_AGES: &[Field] = &[(Consent, "data of a child of 13 to 16"), (Consent, "data of a child under 13")];
const CHILD_OF_THREE_AGES: &[Field] =
    &[(Consent, "data of a child under 13"), (Consent, "data of a child of 13 to 16"), (Consent, "data of a child of 16 to 18")];
const CHILD_SOLD: &[Field] =
    &[(Consent, "data of a child"), (Consent, "selling data of a child of 13 to 16"), (Consent, "using data of a child of 13 to 16")];
const ELDER_CHILD_SOLD: &[Field] = &[(Consent, "selling data of a child over 16"), (Consent, "using data of a child over 16")];
const CHILD_OF_16: &[Field] = &[(Consent, "data of a child of 16 or 17")];
const PERSONAL: &[Field] = &[(Consent, "other use of personal data")];

const SECTIONS: &[Section] = &[
    Section { number: 7, place: "United States", version: 1, fields: &[NATIONAL, CHILD_OF_TWO_AGES, PERSONAL] },
    Section {
        number: 7,
        place: "United States",
        version: 2,
        fields: &[NATIONAL, NATIONAL_SECOND, CHILD_OF_TWO_AGES, CHILD_OF_16, PERSONAL],
    },
    Section { number: 8, place: "California", version: 1, fields: &[CALIFORNIA, PERSONAL] },
    Section { number: 9, place: "Virginia", version: 1, fields: &[COMMON, SENSITIVE_SEVEN, LOCATION, CHILD] },
    Section { number: 10, place: "Colorado", version: 1, fields: &[COMMON, SENSITIVE_SEVEN, CHILD] },
    Section { number: 11, place: "Utah", version: 1, fields: &[COMMON_WITH_SENSITIVE, SENSITIVE_UTAH, CHILD] },
    Section { number: 12, place: "Connecticut", version: 1, fields: &[COMMON, SENSITIVE_SEVEN, LOCATION, CHILD_SOLD] },
    Section { number: 13, place: "Florida", version: 1, fields: &[COMMON, SENSITIVE_SEVEN, LOCATION, CHILD_OF_THREE_AGES, PERSONAL] },
    Section { number: 14, place: "Montana", version: 1, fields: &[COMMON, SENSITIVE_SEVEN, LOCATION, CHILD_SOLD, PERSONAL] },
    Section { number: 15, place: "Oregon", version: 1, fields: &[COMMON, SENSITIVE_OREGON, CHILD_SOLD, PERSONAL] },
    Section { number: 16, place: "Texas", version: 1, fields: &[COMMON, SENSITIVE_SEVEN, LOCATION, CHILD, PERSONAL] },
    Section {
        number: 17,
        place: "Delaware",
        version: 1,
        fields: &[COMMON, SENSITIVE_SEVEN, LOCATION, TRANSGENDER, CHILD_SOLD, ELDER_CHILD_SOLD, PERSONAL],
    },
    Section { number: 18, place: "Iowa", version: 1, fields: &[COMMON_WITH_SENSITIVE, SENSITIVE_SEVEN, LOCATION, CHILD] },
    Section { number: 19, place: "Nebraska", version: 1, fields: &[COMMON, SENSITIVE_SEVEN, LOCATION, CHILD, PERSONAL] },
    Section { number: 20, place: "New Hampshire", version: 1, fields: &[COMMON, SENSITIVE_SEVEN, LOCATION, CHILD_SOLD, PERSONAL] },
    Section {
        number: 21,
        place: "New Jersey",
        version: 1,
        fields: &[COMMON, SENSITIVE_SEVEN, LOCATION, TRANSGENDER, FINANCIAL, CHILD_SOLD, ELDER_CHILD_SOLD, PERSONAL],
    },
    Section { number: 22, place: "Tennessee", version: 1, fields: &[COMMON, SENSITIVE_SEVEN, LOCATION, CHILD, PERSONAL] },
    Section { number: 23, place: "Minnesota", version: 1, fields: &[COMMON, SENSITIVE_SEVEN, LOCATION, CHILD, PERSONAL] },
];

/// A section for the United States or one of them; `None` where its number or version is not known here.
pub(super) fn in_words(number: u16, text: &str) -> Option<String> {
    let mut segments = text.split('.');
    let mut bits = Bits::new(segments.next()?)?;
    let version = bits.number(6)?;
    let section = SECTIONS.iter().find(|section| section.number == number && section.version == version)?;
    let mut said = Vec::new();
    for (kind, what) in section.fields.iter().copied().flatten() {
        said.push((*kind, *what, bits.number(2)?));
    }
    let mut words = grouped(&said);
    words.extend(agreement(&mut bits)?);
    // A segment of its own repeats what the browser signals (Global Privacy Control).
    for mut segment in segments.filter_map(Bits::new) {
        if segment.number(2) == Some(1) {
            words.extend(segment.flag().map(|on| format!("Global Privacy Control {}", if on { "on" } else { "off" })));
        }
    }
    let words = if words.is_empty() { "nothing applies".to_owned() } else { words.join("; ") };
    Some(format!("{}: {words}", section.place))
}

/// What is alike in one sentence: `opted out of the sale of personal data and targeted advertising`.
fn grouped(said: &[(Kind, &str, u64)]) -> Vec<String> {
    let groups = [
        (OptOut, 1, "opted out of"),
        (OptOut, 2, "did not opt out of"),
        (Consent, 2, "consent to"),
        (Consent, 1, "no consent to"),
        (Notice, 1, "notice was given of"),
        (Notice, 2, "no notice was given of"),
    ];
    let sentence = |(kind, value, words): (Kind, u64, &str)| {
        let these: Vec<String> = said.iter().filter(|one| one.0 == kind && one.2 == value).map(|one| one.1.to_owned()).collect();
        (!these.is_empty()).then(|| format!("{words} {}", listed(&these)))
    };
    groups.into_iter().filter_map(sentence).collect()
}

/// Whether the Multi-State Privacy Agreement covers it.
fn agreement(bits: &mut Bits) -> Option<Option<String>> {
    let covered = bits.number(2)?;
    // How it is applied says nothing about the visitor.
    bits.number(4)?;
    Some(match covered {
        1 => Some("covered by the MSPA".to_owned()),
        2 => Some("not covered by the MSPA".to_owned()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_reads_in_words() {
        for (number, text, words) in [
            (
                8,
                "BVoYAAAAAAI.YA",
                Some(
                    "California: opted out of use of financial data; did not opt out of sale of personal data, sharing of personal data and use \
                     of the precise location; notice was given of sale of personal data, sharing of personal data and limits to the use of \
                     sensitive data; Global Privacy Control on",
                ),
            ),
            (
                7,
                "CWQZSAEAQEJA.YA",
                Some(
                    "United States: opted out of sale of personal data and targeted advertising; did not opt out of sharing for advertising; \
                     consent to health data and other use of personal data; no consent to racial or ethnic origin, precise location, general \
                     health data and data of a child of 13 to 16; notice was given of sharing of personal data, sale of personal data and \
                     targeted advertising; no notice was given of sharing for advertising; covered by the MSPA; Global Privacy Control on",
                ),
            ),
            (9, "BAAAAAAAAAA", Some("Virginia: nothing applies")),
            (9, "CAAAAAAAAAA", None),
            (9, "BAA", None),
            (99, "BAAAAAAAAAA", None),
        ] {
            assert_eq!(in_words(number, text).as_deref(), words, "{number} {text}");
        }
    }

    /// Every field has two bits, and the last of the agreement ends within the bytes that a section of its length takes.
    #[test]
    fn each_section_is_as_long_as_the_specification_says() {
        let bits = |section: &Section| 6 + 2 * section.fields.iter().map(|fields| fields.len()).sum::<usize>() + 6;
        let lengths: Vec<String> =
            SECTIONS.iter().map(|section| format!("{}.{}={}", section.number, section.version, bits(section))).collect();
        assert_eq!(
            lengths.join(" "),
            "7.1=60 7.2=70 8.1=46 9.1=40 10.1=38 11.1=42 12.1=44 13.1=46 14.1=46 15.1=52 16.1=42 17.1=52 18.1=42 19.1=42 20.1=46 21.1=54 \
             22.1=42 23.1=42"
        );
    }
}
