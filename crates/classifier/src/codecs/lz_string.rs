use crate::Encoding;

/// Characters that may come out: each code can stand for all that came before it.
const MOST_CHARACTERS: usize = 4 << 20;
/// Text of fewer characters is not worth a claim that it was packed.
const FEWEST_CHARACTERS: usize = 4;

/// The value of each character: base64 as the standard has it, and with `+` and `-` last, which addresses allow.
const STANDARD: [Option<u16>; 256] = values(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
const IN_ADDRESSES: [Option<u16>; 256] = values(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-");

const fn values(alphabet: &[u8; 64]) -> [Option<u16>; 256] {
    let mut values = [None; 256];
    let mut value = 0;
    while value < 64 {
        values[alphabet[value] as usize] = Some(value as u16);
        value += 1;
    }
    values
}

/// Undoes lz-string, in whichever of its forms the text is: base64 of its own or the standard's alphabet, or characters of fifteen bits.
///
/// There is no mark to know it by. It counts only if every bit of it belongs to a stream that ends as it should, and what comes out is text.
pub(crate) fn unpacked(text: &[u8]) -> Option<(Encoding, Vec<u8>)> {
    let out = of_alphabet(text, &STANDARD).or_else(|| of_alphabet(text, &IN_ADDRESSES)).or_else(|| of_characters(text))?;
    Some((Encoding::LzString, out))
}

fn of_alphabet(text: &[u8], alphabet: &[Option<u16>; 256]) -> Option<Vec<u8>> {
    let text = text.trim_ascii();
    let text = text.strip_suffix(b"===").or_else(|| text.strip_suffix(b"==")).or_else(|| text.strip_suffix(b"=")).unwrap_or(text);
    let values: Option<Vec<u16>> = text.iter().map(|byte| alphabet[usize::from(*byte)]).collect();
    text_of(Stream { values: values?, width: 6, at: 0 })
}

/// `compressToUTF16`: fifteen bits a character, from U+0020 on.
fn of_characters(text: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(text).ok().filter(|text| !text.is_ascii())?;
    let value = |character: char| u16::try_from(u32::from(character).checked_sub(32)?).ok().filter(|value| *value < 1 << 15);
    let values: Option<Vec<u16>> = text.strip_suffix(' ').unwrap_or(text).chars().map(value).collect();
    text_of(Stream { values: values?, width: 15, at: 0 })
}

fn text_of(mut stream: Stream) -> Option<Vec<u8>> {
    let units = decompressed(&mut stream)?;
    let text = String::from_utf16(&units).ok()?;
    let is_text = |character: char| !character.is_control() || character.is_whitespace();
    (text.chars().count() >= FEWEST_CHARACTERS && text.chars().all(is_text) && stream.is_spent()).then(|| text.into_bytes())
}

/// Bits, the first of each value being its highest.
struct Stream {
    values: Vec<u16>,
    width: usize,
    at: usize,
}

impl Stream {
    /// A number whose lowest bit stands first.
    fn number(&mut self, length: usize) -> Option<usize> {
        let mut number = 0;
        for position in 0..length {
            let value = self.values.get(self.at / self.width)?;
            number |= usize::from(value >> (self.width - 1 - self.at % self.width) & 1) << position;
            self.at += 1;
        }
        Some(number)
    }

    /// Whether no more than the rest of one value follows, and that is zeros.
    fn is_spent(&mut self) -> bool {
        let left = self.values.len() * self.width - self.at;
        left <= self.width && (0..left).all(|_| self.number(1) == Some(0))
    }
}

/// The entries of the dictionary are stretches of what has come out: each is the one before it and the character that followed.
fn decompressed(stream: &mut Stream) -> Option<Vec<u16>> {
    let mut out: Vec<u16> = Vec::new();
    let mut entries: Vec<(usize, usize)> = vec![(0, 0); 3];
    let first = match stream.number(2)? {
        0 => stream.number(8)?,
        1 => stream.number(16)?,
        _ => return None,
    };
    out.push(u16::try_from(first).ok()?);
    entries.push((0, 1));
    let (mut width, mut left, mut last) = (3, 4, (0, 1));
    loop {
        let code = stream.number(width)?;
        let start = out.len();
        match code {
            0 | 1 => {
                out.push(u16::try_from(stream.number(8 << code)?).ok()?);
                entries.push((start, 1));
                count_down(&mut left, &mut width);
            }
            2 => return Some(out),
            // The entry that is made by this very code: the last one and its own first character.
            _ if code == entries.len() => {
                out.extend_from_within(last.0..last.0 + last.1);
                out.push(*out.get(last.0)?);
            }
            _ => {
                let (from, length) = *entries.get(code)?;
                out.extend_from_within(from..from + length);
            }
        }
        if out.len() > MOST_CHARACTERS || width > 24 {
            return None;
        }
        entries.push((last.0, last.1 + 1));
        last = (start, out.len() - start);
        count_down(&mut left, &mut width);
    }
}

/// Codes grow by a bit each time that as many entries were made as they could name.
fn count_down(left: &mut usize, width: &mut usize) {
    *left -= 1;
    if *left == 0 {
        *left = 1 << *width;
        *width += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_undone() {
        for (packed, text) in [
            ("BYSwbgBALgpgzlCBDAdgE2RAxgGxCkLIA===", "hiv test and a clinic"),
            ("BYSwbgBALgpgzlCBDAdgE2RAxgGxCkLIA", "hiv test and a clinic"),
            (
                "\u{2e2}\u{2c3b}\u{4028}\u{300}\u{5326}\u{3962}\u{238}\u{780}\u{9d2}\u{1051}\u{4056}\u{10c4}\u{1660} ",
                "hiv test and a clinic",
            ),
            (
                "N4IgpgbmB2AuIC4QQJZgO4gDQgA4EMBzMREAC1llwGcEB6O9JgOgGMAbFaFV5sAD3wBbXOzB0yKCHVwAnMLgD8kiAF45C7CFgB7ANYxSuMqwD6ARnwAmAEYgAvkA",
                "{\"event\":\"view\",\"page\":\"https://www.clinic.example/hiv/prep?hiv=prep\",\"token\":\"phc_1a2b\"}",
            ),
            (
                "N4IgpgbmB2AuIC4QQJZgO4gDQgA4EMBzMREAC1llwGcEB6O9JgOgGMAbFaFV5sAD3wBbXOzB0yKCHVwAnMLgD8kiAF45C7CFgB7ANYxSuMqwD6ARnwAmAEYgAvkA",
                "{\"event\":\"view\",\"page\":\"https://www.clinic.example/hiv/prep?hiv=prep\",\"token\":\"phc_1a2b\"}",
            ),
            (
                "\u{1be1}\u{849}\u{40fc}\u{6096}\u{191}\u{d8}\u{20a1}\u{1680}\u{1de4}\u{f0}\u{4027}\u{12c}\u{3b9}\u{4464}6\u{5985}\u{6053}\u{4121}\u{7497}\u{5280}\u{1d20}\u{6320}\u{364b}\u{2175}\u{7380}\u{117}\u{602b}\u{35ee}\u{662e}\u{4caa}\u{45a}\u{5c20}\u{4e81}\u{3823}\u{7944}\u{2025}\u{71e8}\u{2ee2}\u{b20}\u{1ee0}\u{1ae6}\u{14ce}\u{1976}\u{11a}\u{ac}\u{7c20}\u{4c20}\u{4640}\u{19c}\u{4020} ",
                "{\"event\":\"view\",\"page\":\"https://www.clinic.example/hiv/prep?hiv=prep\",\"token\":\"phc_1a2b\"}",
            ),
            ("Foew1wBAsgPwNnApgJwoZAIKEdzQNXJdzoA=", "Zoë Müller – 東京 東京 東京"),
            ("Foew1wBAsgPwNnApgJwoZAIKEdzQNXJdzoA", "Zoë Müller – 東京 東京 東京"),
            (
                "\u{b63}\u{6c55}\u{6028}\u{b40}\u{1fa1}\u{59e0}\u{5321}\u{1c48}\u{3221}\u{2a4}\u{3bba}\u{377}\u{130e}\u{3a20} ",
                "Zoë Müller – 東京 東京 東京",
            ),
        ] {
            let (_, out) = unpacked(packed.as_bytes()).unwrap_or_else(|| panic!("{packed}"));
            assert_eq!(String::from_utf8(out).unwrap(), text);
        }
    }

    #[test]
    fn what_is_not_lz_string_is_left_alone() {
        for text in ["", "a", "pixel", "aGl2IHRlc3Q=", "PageView", "8f14e45fceea167a5a36dedd4bea2543", "é", "été", "Q", "N4Ig"] {
            assert!(unpacked(text.as_bytes()).is_none(), "{text}");
        }
    }

    #[test]
    fn a_stream_cut_anywhere_is_none() {
        let whole = "BYSwbgBALgpgzlCBDAdgE2RAxgGxCkLIA===";
        for end in 0..whole.trim_end_matches('=').len() - 1 {
            assert!(unpacked(&whole.as_bytes()[..end]).is_none(), "{end}");
        }
    }

    /// Codes that each name the entry they make: what comes out grows with the square of what goes in.
    #[test]
    fn a_bomb_ends() {
        let mut bits: Vec<bool> = vec![false; 10];
        let (mut width, mut left, mut next) = (3, 4, 4_usize);
        for _ in 0..20_000 {
            bits.extend((0..width).map(|bit| next >> bit & 1 == 1));
            next += 1;
            count_down(&mut left, &mut width);
        }
        let value = |bits: &[bool]| bits.iter().enumerate().fold(0, |value, (at, bit)| value | u16::from(*bit) << (5 - at));
        let mut stream = Stream { values: bits.chunks(6).map(value).collect(), width: 6, at: 0 };
        assert!(decompressed(&mut stream).is_none());
        assert!(stream.at < bits.len(), "it ends at the limit and not with the bits");
    }
}
