/// Google's `gcs`: `G1`, then one character each for advertising and analytics storage.
pub(crate) fn in_words(value: &str) -> Option<String> {
    let states = value.strip_prefix("G1")?.as_bytes();
    let [advertising, analytics] = states else { return None };
    Some(format!("consent as the page reported it: advertising storage {}, analytics storage {}", word(*advertising)?, word(*analytics)?))
}

fn word(state: u8) -> Option<&'static str> {
    match state {
        b'1' => Some("granted"),
        b'0' => Some("denied"),
        b'-' => Some("not set"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn consent_reads_in_words() {
        for (value, words) in [
            ("G111", Some("consent as the page reported it: advertising storage granted, analytics storage granted")),
            ("G10-", Some("consent as the page reported it: advertising storage denied, analytics storage not set")),
            ("G1", None),
            ("G112", None),
            ("é", None),
        ] {
            assert_eq!(in_words(value).as_deref(), words);
        }
    }
}
