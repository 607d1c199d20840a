//! Strings that say what a visitor agreed to, in words. Each is what the page reported, and none says that it is true.

mod bits;
mod calendar;
mod google;
mod gpp;
mod tcf;
mod tcf_canada;
mod us_privacy;
mod us_sections;

/// A consent string in words, whichever kind it is. `vendor` is the number of the one that was told, in the TCF's list of vendors.
pub(crate) fn in_words(value: &str, vendor: Option<u16>) -> Option<String> {
    let value = value.trim();
    let words = us_privacy::in_words(value)
        .or_else(|| gpp::in_words(value, vendor))
        .or_else(|| tcf::in_words(value, vendor))
        .or_else(|| tcf::additional(value));
    match words {
        Some(words) => Some(format!("consent as the page reported it: {words}")),
        None => google::in_words(value),
    }
}

/// `1 and 2`, `1, 2 and 3`
fn listed(items: &[String]) -> String {
    match items {
        [] => "none".to_owned(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_consent_string_has_no_words() {
        for value in
            ["", "0", "1", "true", "C", "D", "CPX", "DBAB", "1Y", "2~", "~", "é", "cookie", "Clinic", "CAMPAIGN-2026-11-24-NEWSLETTER"]
        {
            assert_eq!(in_words(value, None), None, "{value}");
        }
    }

    #[test]
    fn every_string_cut_anywhere_or_mangled_is_read_without_a_panic() {
        for whole in [
            "CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA.YAAAAAAAAAAA",
            "DBACNYA~CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA~1YNN",
            "DBABLA~BVVqAAAAAWA.QA",
            "DBABjw~BPXuQIAPXuQIAAfKABENB-CgAAAAAAAAAAAAAAAA.YAAAAAAAAAA~1YNN",
        ] {
            for at in 0..whole.len() {
                let _ = in_words(&whole[..at], Some(755));
                for other in ["_", "A", "é", "~", "."] {
                    let _ = in_words(&format!("{}{other}{}", &whole[..at], &whole[at + 1..]), Some(755));
                }
            }
        }
    }
}
