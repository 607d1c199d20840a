use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::words::commands;
use super::{Draft, RequestError};

/// What curl leaves as it is when it encodes.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Boundary of a form that only its fields are known of.
const BOUNDARY: &str = "pixelwitness";

/// Options of curl that take a value which says nothing about the request.
const WITH_A_VALUE: &[&str] = &[
    "-o",
    "--output",
    "-m",
    "--max-time",
    "-x",
    "--proxy",
    "-w",
    "--write-out",
    "-c",
    "--cookie-jar",
    "--connect-timeout",
    "--cacert",
    "--cert",
    "--key",
    "--resolve",
    "--retry",
    "-u",
    "--user",
    "--interface",
    "--max-redirs",
    "--ciphers",
    "--limit-rate",
];

/// What the options of curl say so far.
#[derive(Default)]
struct Curl {
    draft: Draft,
    data: Vec<String>,
    parts: Vec<String>,
    in_address: bool,
    head: bool,
}

/// curl commands, as browsers copy them and people write them.
pub(super) fn curls(text: &str) -> Result<Vec<Draft>, RequestError> {
    let wrong = || RequestError::Command { command: "curl", why: "ends inside a quotation".to_owned() };
    commands(text).ok_or_else(wrong)?.into_iter().map(curl).collect()
}

fn curl(words: Vec<String>) -> Result<Draft, RequestError> {
    let wrong = |why: String| RequestError::Command { command: "curl", why };
    let mut curl = Curl::default();
    let mut words = words.into_iter().skip(1).peekable();
    while let Some(word) = words.next() {
        if !word.starts_with('-') || word == "-" {
            if curl.draft.url.is_empty() {
                curl.draft.url = with_scheme(&word);
            }
            continue;
        }
        let (option, value) = split(&word);
        let mut next = || value.clone().or_else(|| words.next()).ok_or_else(|| wrong(format!("has nothing after {option}")));
        match option {
            "-H" | "--header" => curl.header(&next()?),
            "-X" | "--request" => curl.draft.method = next()?,
            "-b" | "--cookie" => curl.set("Cookie", next()?),
            "-A" | "--user-agent" => curl.set("User-Agent", next()?),
            "-e" | "--referer" => curl.set("Referer", next()?),
            "--url" => curl.draft.url = with_scheme(&next()?),
            "-d" | "--data" | "--data-ascii" | "--data-binary" => {
                let data = next()?;
                if let Some(file) = data.strip_prefix('@') {
                    return Err(wrong(format!("takes its body from the file {file:?}: put the content in its place")));
                }
                curl.data.push(data);
            }
            "--data-raw" => curl.data.push(next()?),
            "--data-urlencode" => curl.data.push(encoded(&next()?)),
            "--json" => {
                curl.data.push(next()?);
                curl.set("Content-Type", "application/json".to_owned());
            }
            "-F" | "--form" | "--form-string" => curl.parts.push(next()?),
            "-G" | "--get" => curl.in_address = true,
            "-I" | "--head" => curl.head = true,
            option if WITH_A_VALUE.contains(&option) => _ = next()?,
            _ => {}
        }
    }
    if curl.draft.url.is_empty() {
        return Err(wrong("has no address".to_owned()));
    }
    Ok(curl.finish())
}

impl Curl {
    fn header(&mut self, line: &str) {
        if let Some((name, value)) = line.split_once(':').filter(|(name, _)| !name.is_empty()) {
            self.draft.headers.push((name.trim().to_owned(), value.trim().to_owned()));
        }
    }

    fn set(&mut self, name: &str, value: String) {
        self.draft.headers.push((name.to_owned(), value));
    }

    fn finish(mut self) -> Draft {
        let data = self.data.join("&");
        if self.in_address && !data.is_empty() {
            let mark = if self.draft.url.contains('?') { '&' } else { '?' };
            self.draft.url = format!("{}{mark}{data}", self.draft.url);
        } else if !self.parts.is_empty() {
            self.imply("Content-Type", &format!("multipart/form-data; boundary={BOUNDARY}"));
            self.draft.body = multipart(&self.parts).into_bytes();
        } else if !data.is_empty() {
            self.imply("Content-Type", "application/x-www-form-urlencoded");
            self.draft.body = data.into_bytes();
        }
        if self.draft.method.is_empty() && self.head {
            self.draft.method = "HEAD".to_owned();
        }
        self.draft
    }

    /// A header that curl sends where none of that name is given.
    fn imply(&mut self, name: &str, value: &str) {
        if !self.draft.headers.iter().any(|(other, _)| other.eq_ignore_ascii_case(name)) {
            self.set(name, value.to_owned());
        }
    }
}

/// `-XPOST` and `--request=POST` are one word each.
fn split(word: &str) -> (&str, Option<String>) {
    if word.starts_with("--") {
        return word.split_once('=').map_or((word, None), |(option, value)| (option, Some(value.to_owned())));
    }
    match word.char_indices().nth(2) {
        Some((at, _)) if "HXbAedF".contains(&word[1..at]) => (&word[..at], Some(word[at..].to_owned())),
        _ => (word, None),
    }
}

fn with_scheme(url: &str) -> String {
    if url.contains("://") { url.to_owned() } else { format!("http://{url}") }
}

fn encoded(data: &str) -> String {
    match data.split_once('=') {
        Some(("", value)) => utf8_percent_encode(value, KEPT).to_string(),
        Some((name, value)) => format!("{name}={}", utf8_percent_encode(value, KEPT)),
        None => utf8_percent_encode(data, KEPT).to_string(),
    }
}

fn multipart(parts: &[String]) -> String {
    let part = |part: &String| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n{value}\r\n", name.replace('"', "%22"))
    };
    parts.iter().map(part).collect::<String>() + &format!("--{BOUNDARY}--\r\n")
}

/// Calls of `fetch("…", {…})` as browsers copy them: the second argument is JSON.
pub(super) fn fetches(text: &str) -> Result<Vec<Draft>, RequestError> {
    let strange =
        || RequestError::Command { command: "fetch", why: "is not the one a browser's \u{201c}Copy as fetch\u{201d} writes".to_owned() };
    let mut drafts = Vec::new();
    let mut rest = text;
    while let Some((_, arguments)) = rest.split_once("fetch(") {
        let (draft, after) = fetch(arguments).ok_or_else(strange)?;
        drafts.push(draft);
        rest = after;
    }
    if drafts.is_empty() { Err(strange()) } else { Ok(drafts) }
}

/// What a call asks for, and what stands after its arguments.
fn fetch(arguments: &str) -> Option<(Draft, &str)> {
    let mut stream = serde_json::Deserializer::from_str(arguments).into_iter::<String>();
    let url = stream.next()?.ok()?;
    let mut rest = arguments[stream.byte_offset()..].trim_start();
    let mut options = Value::Null;
    if let Some(second) = rest.strip_prefix(',') {
        let mut stream = serde_json::Deserializer::from_str(second).into_iter::<Value>();
        options = stream.next()?.ok()?;
        rest = &second[stream.byte_offset()..];
    }
    let said = |name: &str| options.get(name).and_then(Value::as_str);
    let listed = options.get("headers").and_then(Value::as_object);
    let mut headers: Vec<(String, String)> =
        listed.into_iter().flatten().filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect();
    if let Some(referrer) = said("referrer").filter(|referrer| referrer.starts_with("http")) {
        headers.push(("Referer".to_owned(), referrer.to_owned()));
    }
    let body = said("body").unwrap_or_default().as_bytes().to_vec();
    Some((Draft { method: said("method").unwrap_or_default().to_owned(), url, headers, body }, rest))
}
