/// Google's consent signals in words: `gcs`, which says how things stand, and `gcd`, which also says how they came to stand so.
pub(crate) fn in_words(value: &str) -> Option<String> {
    states(value).or_else(|| histories(value))
}

/// `G1`, then one character each for advertising and analytics storage.
fn states(value: &str) -> Option<String> {
    let states = value.strip_prefix("G1")?.as_bytes();
    let [advertising, analytics] = states else { return None };
    Some(format!("consent as the page reported it: advertising storage {}, analytics storage {}", state(*advertising)?, state(*analytics)?))
}

fn state(state: u8) -> Option<&'static str> {
    match state {
        b'1' => Some("granted"),
        b'0' => Some("denied"),
        b'-' => Some("not set"),
        _ => None,
    }
}

const PURPOSES: [&str; 4] = ["advertising storage", "analytics storage", "user data for advertising", "personalised advertising"];

/// `1`, a digit and a letter for each purpose, and an end that does not matter here: `13r3t3l3m5`.
fn histories(value: &str) -> Option<String> {
    let bytes = value.strip_prefix('1')?.as_bytes();
    let mut words = String::from("consent as the page reported it:");
    for (index, purpose) in PURPOSES.iter().enumerate() {
        let (digit, letter) = (bytes.get(2 * index)?, bytes.get(2 * index + 1)?);
        let history = digit.is_ascii_digit().then(|| history(*letter))??;
        words.extend([if index == 0 { " " } else { ", " }, purpose, " ", history]);
    }
    Some(words)
}

fn history(letter: u8) -> Option<&'static str> {
    Some(match letter {
        b'l' => "not set",
        b'p' => "denied by default",
        b'q' => "denied by default and again later",
        b't' => "granted by default",
        b'r' => "denied by default, then granted",
        b'u' => "granted by default, then denied",
        b'v' => "granted by default and again later",
        b'm' => "denied",
        b'n' => "granted",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn consent_reads_in_words() {
        for (value, words) in [
            ("G111", Some("consent as the page reported it: advertising storage granted, analytics storage granted")),
            ("G10-", Some("consent as the page reported it: advertising storage denied, analytics storage not set")),
            (
                "13r3t3l3m5",
                Some(
                    "consent as the page reported it: advertising storage denied by default, then granted, analytics storage granted by \
                     default, user data for advertising not set, personalised advertising denied",
                ),
            ),
            ("G1", None),
            ("G112", None),
            ("11x1t1t1t5", None),
            ("13r3t", None),
            ("1760000000", None),
            ("é", None),
            ("1é", None),
        ] {
            assert_eq!(in_words(value).as_deref(), words);
        }
    }
}
