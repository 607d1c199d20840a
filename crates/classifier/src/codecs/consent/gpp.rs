use super::bits::Bits;
use super::{tcf, tcf_canada, us_privacy, us_sections};

/// A string of the Global Privacy Platform: a header that lists its sections by number, then the sections, parted by `~`.
pub(super) fn in_words(value: &str, vendor: Option<u16>) -> Option<String> {
    let mut parts = value.split('~');
    let numbers = header(parts.next()?)?;
    let sections: Vec<&str> = parts.collect();
    if numbers.len() != sections.len() {
        return None;
    }
    let words = numbers.iter().zip(sections).map(|(number, text)| section(*number, text, vendor));
    let words: Vec<String> = words.collect();
    Some(if words.is_empty() { "a GPP string without sections".to_owned() } else { format!("GPP: {}", words.join(" | ")) })
}

/// The numbers of the sections that follow.
fn header(text: &str) -> Option<Vec<u16>> {
    let mut bits = Bits::new(text)?;
    let is_gpp = bits.number(6)? == 3 && bits.number(6)? == 1;
    if is_gpp { bits.fibonacci_ranges() } else { None }
}

fn section(number: u16, text: &str, vendor: Option<u16>) -> String {
    let words = match number {
        2 => tcf::in_words(text, vendor),
        5 => tcf_canada::in_words(text, vendor),
        6 => us_privacy::in_words(text),
        _ => us_sections::in_words(number, text),
    };
    words.unwrap_or_else(|| format!("section {number}, not read: {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The strings are examples of the specification.
    #[test]
    fn a_header_lists_the_sections() {
        for (text, expected) in [
            ("DBABMA", Some(vec![2])),
            ("DBACNY", Some(vec![2, 6])),
            ("DBABTA", Some(vec![6])),
            ("DBABjw", Some(vec![5, 6])),
            ("CPXx", None),
        ] {
            assert_eq!(header(text), expected, "{text}");
        }
    }

    #[test]
    fn sections_read_one_after_the_other() {
        let words = in_words("DBACNY~CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA~1YNN", Some(755)).unwrap();
        let (first, second) = words.split_once(" | ").unwrap();
        assert_eq!(
            first,
            "GPP: TCF string made 2022-04-20 by consent platform 31, for this site, country DE, vendor list 126; consent to purposes none; \
             legitimate interest for purposes none; special features none; 0 vendors with consent, 0 by legitimate interest; this recipient \
             (vendor 755) is among neither"
        );
        assert!(second.starts_with("notice of the right to opt out was given"), "{second}");
        assert_eq!(in_words("DBACNY~1YNN", None), None, "a section is missing");
        assert_eq!(in_words("DBABTA~what", None).as_deref(), Some("GPP: section 6, not read: what"));
    }
}
