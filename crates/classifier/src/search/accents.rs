/// A text in whose Latin letters there are no accents any more, composed or not.
pub(super) fn removed(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\u{0}'..='\u{7f}' => plain.push(character),
            // Accents that stand by themselves after the letter.
            '\u{300}'..='\u{36f}' => {}
            _ => match PLAIN.iter().find(|(_, accented)| accented.contains(character)) {
                Some((letter, _)) => plain.push_str(letter),
                None => plain.push(character),
            },
        }
    }
    plain
}

/// The Latin letters of European languages.
const PLAIN: &[(&str, &str)] = &[
    ("a", "àáâãäåāăąǎ"),
    ("A", "ÀÁÂÃÄÅĀĂĄǍ"),
    ("ae", "æ"),
    ("AE", "Æ"),
    ("c", "çćĉċč"),
    ("C", "ÇĆĈĊČ"),
    ("d", "ďđð"),
    ("D", "ĎĐÐ"),
    ("e", "èéêëēĕėęěẽ"),
    ("E", "ÈÉÊËĒĔĖĘĚẼ"),
    ("g", "ĝğġģ"),
    ("G", "ĜĞĠĢ"),
    ("h", "ĥħ"),
    ("H", "ĤĦ"),
    ("i", "ìíîïĩīĭįıǐ"),
    ("I", "ÌÍÎÏĨĪĬĮİǏ"),
    ("j", "ĵ"),
    ("J", "Ĵ"),
    ("k", "ķ"),
    ("K", "Ķ"),
    ("l", "ĺļľł"),
    ("L", "ĹĻĽŁ"),
    ("n", "ñńņň"),
    ("N", "ÑŃŅŇ"),
    ("o", "òóôõöøōŏőǒ"),
    ("O", "ÒÓÔÕÖØŌŎŐǑ"),
    ("oe", "œ"),
    ("OE", "Œ"),
    ("r", "ŕŗř"),
    ("R", "ŔŖŘ"),
    ("s", "śŝşšș"),
    ("S", "ŚŜŞŠȘ"),
    ("ss", "ß"),
    ("t", "ţťțŧ"),
    ("T", "ŢŤȚŦ"),
    ("th", "þ"),
    ("TH", "Þ"),
    ("u", "ùúûüũūŭůűųǔ"),
    ("U", "ÙÚÛÜŨŪŬŮŰŲǓ"),
    ("w", "ŵẁẃẅ"),
    ("W", "ŴẀẂẄ"),
    ("y", "ýÿŷỳ"),
    ("Y", "ÝŸŶỲ"),
    ("z", "źżž"),
    ("Z", "ŹŻŽ"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_letter_is_listed_once_and_becomes_plain() {
        let all: Vec<char> = PLAIN.iter().flat_map(|(_, accented)| accented.chars()).collect();
        for (index, letter) in all.iter().enumerate() {
            assert!(!all[..index].contains(letter), "{letter} twice");
            assert!(removed(&letter.to_string()).is_ascii(), "{letter}");
        }
        assert_eq!(removed("日本 Привет 12"), "日本 Привет 12");
    }
}
