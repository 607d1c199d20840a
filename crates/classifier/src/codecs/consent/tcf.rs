use super::bits::Bits;
use super::{calendar, listed};

/// The purposes of the Transparency and Consent Framework, by number, in short.
const PURPOSES: [&str; 11] = [
    "keep and read information on the device",
    "choose advertisements by limited data",
    "make profiles for advertising",
    "choose advertisements by profiles",
    "make profiles for content",
    "choose content by profiles",
    "measure advertisements",
    "measure content",
    "understand audiences",
    "develop services",
    "choose content by limited data",
];

const SPECIAL_FEATURES: [&str; 2] = ["use the precise location", "identify the device by its properties"];

/// A consent string of the TCF, version 2: `C…`, and after full stops what was disclosed and what is the publisher's own.
pub(super) fn in_words(value: &str, vendor: Option<u16>) -> Option<String> {
    let mut segments = value.split('.');
    let core = Core::read(&mut Bits::new(segments.next()?)?)?;
    let mut words = core.words(vendor);
    for segment in segments {
        words.extend(Bits::new(segment).and_then(|mut bits| of_segment(&mut bits, vendor)));
    }
    Some(words.join("; "))
}

/// Google's list of those that are in no list of the TCF: `2~43.46~dv.55`.
pub(super) fn additional(value: &str) -> Option<String> {
    let rest = value.strip_prefix("1~").or_else(|| value.strip_prefix("2~"))?;
    let (agreed, disclosed) = rest.split_once('~').map_or((rest, None), |(agreed, rest)| (agreed, rest.strip_prefix("dv.")));
    let count = |list: &str| {
        list.split('.').filter(|number| !number.is_empty()).map(|number| number.parse::<u32>().ok()).collect::<Option<Vec<_>>>()
    };
    let agreed = count(agreed).filter(|agreed| !agreed.is_empty() || disclosed.is_some())?.len();
    let disclosed = disclosed.and_then(count).map_or(String::new(), |disclosed| format!(", {} more disclosed", disclosed.len()));
    Some(format!("consent to {agreed} advertising companies that are in no list of the TCF{disclosed} (Google's additional consent)"))
}

struct Core {
    made: String,
    changed: String,
    platform: u64,
    vendor_list: u64,
    is_of_this_site: bool,
    special_features: Vec<u16>,
    consent: Vec<u16>,
    interest: Vec<u16>,
    no_consent_for_storage_asked: bool,
    country: String,
    vendors: Vec<u16>,
    vendors_by_interest: Vec<u16>,
    restrictions: u64,
}

impl Core {
    fn read(bits: &mut Bits) -> Option<Self> {
        if bits.number(6)? != 2 {
            return None;
        }
        let (made, changed) = (calendar::day(bits.number(36)?)?, calendar::day(bits.number(36)?)?);
        let platform = bits.number(12)?;
        // Version of the platform, screen, language: of no consequence here.
        bits.number(12 + 6 + 12)?;
        let vendor_list = bits.number(12)?;
        bits.number(6)?;
        let is_of_this_site = bits.flag()?;
        bits.flag()?;
        let special_features = bits.set_bits(12)?;
        let (consent, interest) = (bits.set_bits(24)?, bits.set_bits(24)?);
        let no_consent_for_storage_asked = bits.flag()?;
        let country = bits.letters()?;
        let (vendors, vendors_by_interest) = (bits.numbers()?, bits.numbers()?);
        // Strings that end here are read as far as they go.
        let restrictions = bits.number(12).unwrap_or(0);
        Some(Self {
            made,
            changed,
            platform,
            vendor_list,
            is_of_this_site,
            special_features,
            consent,
            interest,
            no_consent_for_storage_asked,
            country,
            vendors,
            vendors_by_interest,
            restrictions,
        })
    }

    fn words(&self, vendor: Option<u16>) -> Vec<String> {
        let changed = if self.changed == self.made { String::new() } else { format!(", changed {}", self.changed) };
        let scope = if self.is_of_this_site { "for this site" } else { "for a group of sites" };
        let mut words = vec![
            format!(
                "TCF string made {}{changed} by consent platform {}, {scope}, country {}, vendor list {}",
                self.made, self.platform, self.country, self.vendor_list
            ),
            format!("consent to purposes {}", named(&self.consent, &PURPOSES)),
            format!("legitimate interest for purposes {}", named(&self.interest, &PURPOSES)),
            format!("special features {}", named(&self.special_features, &SPECIAL_FEATURES)),
            format!("{} vendors with consent, {} by legitimate interest", self.vendors.len(), self.vendors_by_interest.len()),
        ];
        if self.no_consent_for_storage_asked {
            words.push("consent to purpose 1 was not asked for".to_owned());
        }
        if self.restrictions > 0 {
            let plural = if self.restrictions == 1 { "" } else { "s" };
            words.push(format!("{} restriction{plural} by the publisher", self.restrictions));
        }
        words.extend(vendor.map(|vendor| self.of_vendor(vendor)));
        words
    }

    /// Whether the one that was told is among those that may.
    fn of_vendor(&self, vendor: u16) -> String {
        let (agreed, interest) = (self.vendors.contains(&vendor), self.vendors_by_interest.contains(&vendor));
        match (agreed, interest) {
            (true, true) => format!("this recipient (vendor {vendor}) is among both"),
            (true, false) => format!("this recipient (vendor {vendor}) has consent"),
            (false, true) => format!("this recipient (vendor {vendor}) has no consent, and legitimate interest"),
            (false, false) => format!("this recipient (vendor {vendor}) is among neither"),
        }
    }
}

fn of_segment(bits: &mut Bits, vendor: Option<u16>) -> Option<String> {
    match bits.number(3)? {
        1 => {
            let disclosed = bits.numbers()?;
            let this = match vendor {
                Some(vendor) if !disclosed.contains(&vendor) => ", this recipient not among them",
                _ => "",
            };
            Some(format!("{} vendors disclosed{this}", disclosed.len()))
        }
        2 => Some(format!("{} vendors allowed by the publisher", bits.numbers()?.len())),
        3 => publisher(bits),
        _ => None,
    }
}

/// What the visitor agreed to with the publisher itself.
pub(super) fn publisher(bits: &mut Bits) -> Option<String> {
    let (consent, interest) = (bits.set_bits(24)?, bits.set_bits(24)?);
    let own = usize::try_from(bits.number(6)?).ok()?;
    let own_consent = bits.set_bits(own)?.len();
    let own = if own == 0 { String::new() } else { format!(", {own_consent} of {own} purposes of its own") };
    Some(format!("for the publisher: consent to purposes {}, legitimate interest for {}{own}", numbers(&consent), numbers(&interest)))
}

/// `1 (keep and read information on the device) and 7 (measure advertisements)`
pub(super) fn named(set: &[u16], names: &[&str]) -> String {
    let one = |number: &u16| match names.get(usize::from(*number).wrapping_sub(1)) {
        Some(name) => format!("{number} ({name})"),
        None => number.to_string(),
    };
    listed(&set.iter().map(one).collect::<Vec<_>>())
}

/// `1, 3 and 7`
pub(super) fn numbers(set: &[u16]) -> String {
    listed(&set.iter().map(u16::to_string).collect::<Vec<_>>())
}

pub(super) fn purposes(set: &[u16]) -> String {
    named(set, &PURPOSES)
}

pub(super) fn special_features(set: &[u16]) -> String {
    named(set, &SPECIAL_FEATURES)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    /// Made for this test: a range of vendors, a restriction, and all three parts.
    const WHOLE: &str = "CQZCrAAQZjoYAEsACBENB-FkALIAAECAAAwIF5wAwAQABbgV4BeYAFkAgAhAAIAWw.IAKgAgC.eAAAAEAAAUg";

    #[test]
    fn a_string_reads_in_words() {
        expect![[r#"
            TCF string made 2025-10-09, changed 2025-10-19 by consent platform 300, for this site, country GB, vendor list 126
            consent to purposes 1 (keep and read information on the device), 3 (make profiles for advertising), 4 (choose advertisements by profiles) and 7 (measure advertisements)
            legitimate interest for purposes 2 (choose advertisements by limited data) and 9 (understand audiences)
            special features 2 (identify the device by its properties)
            58 vendors with consent, 2 by legitimate interest
            1 restriction by the publisher
            this recipient (vendor 755) has consent
            2 vendors disclosed, this recipient not among them
            for the publisher: consent to purposes 1 and 2, legitimate interest for 7, 1 of 2 purposes of its own"#]]
        .assert_eq(&in_words(WHOLE, Some(755)).unwrap().replace("; ", "\n"));
    }

    #[test]
    fn who_was_told_is_looked_for_among_the_vendors() {
        for (vendor, words) in [
            (32, "this recipient (vendor 32) has consent"),
            (710, "this recipient (vendor 710) has consent"),
            (11, "this recipient (vendor 11) has no consent, and legitimate interest"),
            (756, "this recipient (vendor 756) is among neither"),
        ] {
            assert!(in_words(WHOLE, Some(vendor)).unwrap().contains(words), "{words}");
        }
        assert!(!in_words(WHOLE, None).unwrap().contains("this recipient"));
    }

    #[test]
    fn a_string_that_is_cut_or_of_another_time_has_no_words() {
        assert_eq!(in_words(&WHOLE[..30], None), None);
        assert_eq!(in_words("CAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", None), None, "made in 1970");
        assert_eq!(in_words("BQZCrAAQZjoYAEsACBENB-FkALIAAECAAAwIF5wAwAQABbgV4BeYAFkAgAhAAIAWw", None), None, "version 1");
    }

    #[test]
    fn additional_consent_is_counted() {
        for (value, words) in [
            ("2~43.46.55~dv.61.70", Some("consent to 3 advertising companies that are in no list of the TCF, 2 more disclosed")),
            ("1~7.12", Some("consent to 2 advertising companies that are in no list of the TCF")),
            ("2~~dv.61", Some("consent to 0 advertising companies that are in no list of the TCF, 1 more disclosed")),
            ("2~", None),
            ("2~a.b", None),
            ("43.46", None),
        ] {
            let words = words.map(|words| format!("{words} (Google's additional consent)"));
            assert_eq!(additional(value), words, "{value}");
        }
    }
}
