//! A command line taken apart as a shell does.

/// The words of a command as a POSIX shell or Windows' `cmd` reads them; nothing where a quotation does not end.
pub(super) fn words(text: &str) -> Option<Vec<String>> {
    let of_windows = text.contains("^\"");
    let text = if of_windows { without_carets(text) } else { text.to_owned() };
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            _ if character.is_whitespace() => words.extend(word.take()),
            '\\' if !of_windows => match characters.next() {
                // A line that goes on.
                Some('\n') | None => {}
                Some('\r') if characters.peek() == Some(&'\n') => _ = characters.next(),
                Some(other) => word.get_or_insert_default().push(other),
            },
            '\'' => until(&mut characters, word.get_or_insert_default(), '\'', Escapes::None)?,
            '"' => until(&mut characters, word.get_or_insert_default(), '"', Escapes::Quotes)?,
            '$' if characters.peek() == Some(&'\'') => {
                characters.next();
                until(&mut characters, word.get_or_insert_default(), '\'', Escapes::Ansi)?;
            }
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    Some(words)
}

/// What a backslash does inside a quotation.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Escapes {
    None,
    Quotes,
    Ansi,
}

type Characters<'a> = std::iter::Peekable<std::str::Chars<'a>>;

fn until(characters: &mut Characters<'_>, word: &mut String, end: char, escapes: Escapes) -> Option<()> {
    loop {
        let character = characters.next()?;
        if character == end {
            return Some(());
        }
        if character != '\\' || escapes == Escapes::None {
            word.push(character);
            continue;
        }
        let escaped = characters.next()?;
        match (escapes, escaped) {
            (Escapes::Ansi, _) => word.push(ansi(characters, escaped)),
            (_, '"' | '\\' | '$' | '`') => word.push(escaped),
            (_, '\n') => {}
            (_, other) => word.extend(['\\', other]),
        }
    }
}

/// One escape of `$'…'`, as browsers write it for what is not plain text.
fn ansi(characters: &mut Characters<'_>, escaped: char) -> char {
    let most = match escaped {
        'n' => return '\n',
        'r' => return '\r',
        't' => return '\t',
        'x' => 2,
        'u' => 4,
        'U' => 8,
        other => return other,
    };
    let mut number = 0;
    for _ in 0..most {
        let Some(digit) = characters.peek().and_then(|digit| digit.to_digit(16)) else { break };
        number = number * 16 + digit;
        characters.next();
    }
    char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// `cmd` takes away each caret and keeps what follows it; before a line's end it joins the lines.
fn without_carets(text: &str) -> String {
    let mut kept = String::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if character != '^' {
            kept.push(character);
            continue;
        }
        match characters.next() {
            Some('\r') => _ = characters.next_if_eq(&'\n'),
            Some('\n') | None => {}
            Some(other) => kept.push(other),
        }
    }
    kept
}
