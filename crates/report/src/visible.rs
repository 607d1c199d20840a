use std::borrow::Cow;
use std::fmt::Write as _;

/// Makes every character visible that steers a terminal or a reader's eye instead of being seen: ASCII's control characters by
/// name (`⟨ESC⟩`), bidirectional overrides and other invisible ones by number (`⟨U+202E⟩`).
///
/// Line feeds and tabs stay. So do joiners: scripts and emoji need them, and they move nothing.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(steers) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            _ if !steers(character) => shown.push(character),
            _ => match NAMES.get(u32::from(character) as usize) {
                Some(name) => write!(shown, "⟨{name}⟩"),
                None => write!(shown, "⟨U+{:04X}⟩", u32::from(character)),
            }
            .expect("a String takes all that is written to it"),
        }
    }
    Cow::Owned(shown)
}

/// Names of the first 32 characters. Unicode has pictures of them, which few fonts have.
const NAMES: [&str; 32] = [
    "NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "HT", "LF", "VT", "FF", "CR", "SO", "SI", "DLE", "DC1", "DC2", "DC3",
    "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "ESC", "FS", "GS", "RS", "US",
];

fn steers(character: char) -> bool {
    match character {
        '\n' | '\t' => false,
        // Soft hyphen, Arabic letter mark, Mongolian vowel separator, zero-width space, directional marks.
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' => true,
        // Line and paragraph separators, embeddings and overrides, invisible operators, isolates, byte order mark.
        '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' => true,
        // Tags: a whole invisible alphabet.
        '\u{e0000}'..='\u{e0fff}' => true,
        _ => character.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_steer_is_seen() {
        for (text, shown) in [
            ("hiv test\n\tb", "hiv test\n\tb"),
            ("a\x1b[31mb", "a⟨ESC⟩[31mb"),
            ("a\0\r\x7f\u{85}", "a⟨NUL⟩⟨CR⟩⟨U+007F⟩⟨U+0085⟩"),
            ("cod\u{202e}gpj.exe", "cod⟨U+202E⟩gpj.exe"),
            ("a\u{2066}b\u{e0041}", "a⟨U+2066⟩b⟨U+E0041⟩"),
            ("👩\u{200d}⚕️ نمی\u{200c}خواهم", "👩\u{200d}⚕️ نمی\u{200c}خواهم"),
        ] {
            assert_eq!(visible(text), shown);
        }
    }
}
