//! A command line taken apart as a shell does.

/// The commands of a text, each as its words, as a POSIX shell or Windows' `cmd` reads them; nothing where a quotation does not end.
///
/// A person may have pasted an address with a `&` or `;` in it and no quotes around: these end a command only where `curl` or nothing
/// follows.
pub(super) fn commands(text: &str) -> Option<Vec<Vec<String>>> {
    let of_windows = is_of_windows(text);
    let text = match (of_windows, text.contains("^\"")) {
        (true, true) => without_carets(text),
        (true, false) => text.replace("^\r\n", " ").replace("^\n", " "),
        (false, _) => text.to_owned(),
    };
    let mut commands: Vec<Vec<String>> = vec![Vec::new()];
    let mut word: Option<String> = None;
    let mut rest = text.as_str();
    while let Some(character) = rest.chars().next() {
        let after = &rest[character.len_utf8()..];
        if let Some(next) = next_command(rest) {
            commands.last_mut()?.extend(word.take());
            commands.push(Vec::new());
            rest = next;
            continue;
        }
        let mut characters = after.chars();
        match character {
            _ if character.is_whitespace() => commands.last_mut()?.extend(word.take()),
            '\\' if !of_windows => match characters.next() {
                // A line that goes on.
                Some('\n') | None => {}
                Some('\r') if is_next(&characters, '\n') => _ = characters.next(),
                Some(other) => word.get_or_insert_default().push(other),
            },
            '\'' if !of_windows => until(&mut characters, word.get_or_insert_default(), '\'', Escapes::None)?,
            '"' if of_windows => until(&mut characters, word.get_or_insert_default(), '"', Escapes::Doubled)?,
            '"' => until(&mut characters, word.get_or_insert_default(), '"', Escapes::Quotes)?,
            '$' if is_next(&characters, '\'') => {
                characters.next();
                until(&mut characters, word.get_or_insert_default(), '\'', Escapes::Ansi)?;
            }
            other => word.get_or_insert_default().push(other),
        }
        rest = characters.as_str();
    }
    commands.last_mut()?.extend(word);
    commands.retain(|words| !words.is_empty());
    Some(commands)
}

/// `cmd` goes on in the next line after a caret, and PowerShell's curl.exe takes quotes as `cmd` does.
fn is_of_windows(text: &str) -> bool {
    ["^\"", " ^\r\n", " ^\n"].iter().any(|mark| text.contains(mark)) || text.starts_with("curl.exe")
}

/// What follows where a command ends here and another begins, or nothing more comes.
fn next_command(rest: &str) -> Option<&str> {
    let after = rest.trim_start_matches([';', '&']);
    let is_line = rest.starts_with('\n');
    if after.len() == rest.len() && !is_line {
        return None;
    }
    let next = after.trim_start();
    let is_curl = ["curl ", "curl.exe ", "curl\t"].iter().any(|begin| next.starts_with(begin));
    (is_curl || next.is_empty()).then_some(next)
}

/// What a backslash does inside a quotation.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Escapes {
    None,
    Quotes,
    /// As Windows' programs take their arguments apart: a doubled quote is one, too.
    Doubled,
    Ansi,
}

type Characters<'a> = std::str::Chars<'a>;

fn is_next(characters: &Characters<'_>, character: char) -> bool {
    characters.as_str().starts_with(character)
}

fn until(characters: &mut Characters<'_>, word: &mut String, end: char, escapes: Escapes) -> Option<()> {
    loop {
        let character = characters.next()?;
        if character == end && escapes == Escapes::Doubled && is_next(characters, end) {
            word.extend(characters.next());
            continue;
        }
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
        let Some(digit) = characters.clone().next().and_then(|digit| digit.to_digit(16)) else { break };
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
