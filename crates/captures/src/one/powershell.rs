//! Invoke-WebRequest commands, as browsers copy them for Windows PowerShell.

use super::{Draft, RequestError};

const COMMANDS: &[&str] = &["Invoke-WebRequest", "Invoke-RestMethod"];

/// HTTP/2's own headers, which Chrome writes among the others without their colon.
const PSEUDO: &[&str] = &["authority", "method", "path", "scheme"];

/// Whether a text that begins with this word is for PowerShell.
pub(super) fn begins(word: &str) -> bool {
    word.starts_with('$') || COMMANDS.iter().any(|command| word.eq_ignore_ascii_case(command))
}

/// The requests of all commands in a text. A session's user agent and cookies hold for those that come after.
pub(super) fn invocations(text: &str) -> Result<Vec<Draft>, RequestError> {
    let wrong = |why: &str| RequestError::Command { command: "Invoke-WebRequest", why: why.to_owned() };
    let tokens = tokens(text).ok_or_else(|| wrong("ends inside a quotation"))?;
    let mut session = Session::default();
    let mut drafts: Vec<Draft> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let Token::Word(word) = token else { continue };
        let rest = &tokens[at + 1..];
        if COMMANDS.iter().any(|command| word.eq_ignore_ascii_case(command)) {
            drafts.push(session.draft());
            continue;
        }
        session.take(word, rest);
        if let Some(draft) = drafts.last_mut() {
            option(draft, &word.to_ascii_lowercase(), rest);
        }
    }
    match drafts.iter().any(|draft| draft.url.is_empty()) {
        true => Err(wrong("has no address")),
        false if drafts.is_empty() => Err(wrong("is missing")),
        false => Ok(drafts),
    }
}

/// What requests of one session have in common.
#[derive(Default)]
struct Session {
    user_agent: Option<String>,
    cookies: Vec<String>,
}

impl Session {
    fn take(&mut self, word: &str, rest: &[Token]) {
        let texts = || texts(rest);
        match word {
            _ if word.ends_with(".WebRequestSession") => *self = Self::default(),
            _ if word.ends_with(".UserAgent") => self.user_agent = texts().next().map(str::to_owned),
            "System.Net.Cookie" => {
                let mut texts = texts();
                if let (Some(name), Some(value)) = (texts.next(), texts.next()) {
                    self.cookies.push(format!("{name}={value}"));
                }
            }
            _ => {}
        }
    }

    fn draft(&self) -> Draft {
        let agent = self.user_agent.iter().map(|agent| ("User-Agent".to_owned(), agent.clone()));
        let cookies = Some(self.cookies.join("; ")).filter(|line| !line.is_empty()).map(|line| ("Cookie".to_owned(), line));
        Draft { headers: agent.chain(cookies).collect(), ..Draft::default() }
    }
}

fn option(draft: &mut Draft, word: &str, rest: &[Token]) {
    let text = || texts(rest).next().unwrap_or_default().to_owned();
    let value = || match rest.first() {
        Some(Token::Word(word) | Token::Text(word)) => word.clone(),
        _ => String::new(),
    };
    match word {
        "-uri" => draft.url = value(),
        "-method" => draft.method = value(),
        "-contenttype" => draft.headers.push(("Content-Type".to_owned(), value())),
        "-useragent" => draft.headers.push(("User-Agent".to_owned(), value())),
        // The text may stand in a call that makes bytes of it.
        "-body" => draft.body = text().into_bytes(),
        "-headers" => {
            let end = rest.iter().position(|token| *token == Token::Symbol('}')).unwrap_or(rest.len());
            let listed: Vec<&str> = texts(&rest[..end]).collect();
            let headers = listed.chunks_exact(2).filter(|pair| !PSEUDO.contains(&pair[0]));
            draft.headers.extend(headers.map(|pair| (pair[0].to_owned(), pair[1].to_owned())));
        }
        _ => {}
    }
}

fn texts(tokens: &[Token]) -> impl Iterator<Item = &str> {
    tokens.iter().filter_map(|token| if let Token::Text(text) = token { Some(text.as_str()) } else { None })
}

#[derive(Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    /// What stood in quotes.
    Text(String),
    Symbol(char),
}

type Characters<'a> = std::iter::Peekable<std::str::Chars<'a>>;

/// Nothing where a quotation does not end.
fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' => tokens.push(Token::Text(in_double_quotes(&mut characters)?)),
            '\'' => tokens.push(Token::Text(in_single_quotes(&mut characters)?)),
            // A line that goes on.
            '`' | ';' => {}
            _ if character.is_whitespace() => {}
            '(' | ')' | '{' | '}' | '@' | '=' | ',' => tokens.push(Token::Symbol(character)),
            first => {
                let mut word = String::from(first);
                while let Some(next) = characters.next_if(|next| !next.is_whitespace() && !"\"'`;(){}=,".contains(*next)) {
                    word.push(next);
                }
                tokens.push(Token::Word(word));
            }
        }
    }
    Some(tokens)
}

fn in_single_quotes(characters: &mut Characters<'_>) -> Option<String> {
    let mut text = String::new();
    loop {
        match characters.next()? {
            '\'' if characters.next_if_eq(&'\'').is_some() => text.push('\''),
            '\'' => return Some(text),
            other => text.push(other),
        }
    }
}

/// A backtick escapes, and what is not ASCII stands as `$([char]233)`, a code unit of UTF-16 each.
fn in_double_quotes(characters: &mut Characters<'_>) -> Option<String> {
    let mut units: Vec<u16> = Vec::new();
    let push = |character: char, units: &mut Vec<u16>| units.extend_from_slice(character.encode_utf16(&mut [0; 2]));
    loop {
        match characters.next()? {
            '"' if characters.next_if_eq(&'"').is_some() => push('"', &mut units),
            '"' => return Some(String::from_utf16_lossy(&units)),
            '`' => push(escaped(characters.next()?), &mut units),
            '$' if characters.peek() == Some(&'(') => {
                let call: String = characters.by_ref().take_while(|character| *character != ')').collect();
                match call.strip_prefix("([char]").and_then(|number| number.trim().parse().ok()) {
                    Some(unit) => units.push(unit),
                    None => format!("${call})").chars().for_each(|character| push(character, &mut units)),
                }
            }
            other => push(other, &mut units),
        }
    }
}

fn escaped(letter: char) -> char {
    match letter {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        '0' => '\0',
        other => other,
    }
}
