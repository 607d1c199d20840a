//! One request as a person has it at hand: an address, a request as text, or a command copied from a browser.

mod command;
mod words;

use pixelwitness_recording::{Body, HeaderSource, HttpVersion, Request, RequestId, Transmission};
use thiserror::Error;
use url::Url;

use crate::http_text;
use crate::part::{header, told};

/// Why a text is no request.
///
/// Messages finish the sentence "cannot explain the request: …".
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RequestError {
    /// There is no text.
    #[error("nothing was given")]
    Nothing,
    /// It is none of the forms that are known.
    #[error("it is neither a web address, nor a request as text, nor a copied curl or fetch command")]
    Unknown,
    /// Its address is not one.
    #[error("{address:?} is not a web address: {why}")]
    Address {
        /// What was given.
        address: String,
        /// What is wrong with it.
        why: String,
    },
    /// A command leaves out something that the request has, or is not written as such commands are.
    #[error("the {command} command {why}")]
    Command {
        /// `curl` or `fetch`.
        command: &'static str,
        /// What is wrong with it.
        why: String,
    },
}

/// What a form of text gives, before the address is checked.
#[derive(Debug, Default, PartialEq, Eq)]
struct Draft {
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// Reads one request.
///
/// # Errors
///
/// The text is no request in one of the forms that are known.
pub fn request(text: &str) -> Result<Request, RequestError> {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.trim().is_empty() {
        return Err(RequestError::Nothing);
    }
    let first = text.split_whitespace().next().unwrap_or_default();
    let draft = match first {
        "curl" | "curl.exe" => command::curl(text)?,
        _ if first.starts_with("fetch(") || first == "await" => command::fetch(text)?,
        _ if text.trim().lines().count() == 1 && first == text.trim() => Draft { url: first.to_owned(), ..Draft::default() },
        _ => from_text(text)?,
    };
    finished(draft)
}

/// `POST https://host/path` or `POST /path HTTP/1.1` with a `Host` header. The text's last line break is not part of the body.
fn from_text(text: &str) -> Result<Draft, RequestError> {
    let read = http_text::request(text.as_bytes()).ok_or(RequestError::Unknown)?;
    let said =
        |name: &str| read.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name)).map(|header| header.value.to_string());
    let url = match (read.target.contains("://"), said("host")) {
        (true, _) => read.target.clone(),
        (false, Some(host)) if read.target.starts_with('/') => format!("https://{host}{}", read.target),
        _ => return Err(RequestError::Unknown),
    };
    let is_multipart = said("content-type").is_some_and(|kind| kind.starts_with("multipart/"));
    let body = read.body.strip_suffix(b"\n").unwrap_or(&read.body);
    // Multipart needs CRLF, which a text that was copied has seldom kept.
    let body = if is_multipart && !body.contains(&b'\r') { with_carriage_returns(body) } else { body.to_vec() };
    let headers = read.headers.iter().map(|header| (header.name.to_string(), header.value.to_string())).collect();
    Ok(Draft { method: read.method, url, headers, body })
}

fn with_carriage_returns(body: &[u8]) -> Vec<u8> {
    body.iter().flat_map(|byte| if *byte == b'\n' { vec![b'\r', b'\n'] } else { vec![*byte] }).collect()
}

fn finished(draft: Draft) -> Result<Request, RequestError> {
    let Draft { method, url, headers, body } = draft;
    let wrong = |why: String| RequestError::Address { address: url.clone(), why };
    match Url::parse(&url) {
        Ok(parsed) if !matches!(parsed.scheme(), "http" | "https" | "ws" | "wss") => {
            return Err(wrong(format!("requests go by http, https, ws or wss, not {}", parsed.scheme())));
        }
        Ok(_) => {}
        Err(_) if !url.contains("://") => return Err(RequestError::Unknown),
        Err(error) => return Err(wrong(error.to_string())),
    }
    let implied = if body.is_empty() { "GET" } else { "POST" };
    let mut request = told(if method.is_empty() { implied } else { &method }, &url, 1);
    request.id = RequestId(1);
    request.log_lines.clear();
    request.http_version = HttpVersion::Unknown;
    request.headers = headers.iter().filter(|(name, _)| !name.starts_with(':')).map(|(name, value)| header(name, value)).collect();
    request.headers_from = if request.headers.is_empty() { HeaderSource::Nobody } else { HeaderSource::Capture };
    request.body = Body::from(body);
    request.transmission = Transmission::Unknown { why: "it was given by hand".to_owned() };
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match request(text) {
            Ok(request) => {
                let headers: String = request.headers.iter().map(|header| format!(" [{}: {}]", header.name, header.value)).collect();
                let body = String::from_utf8_lossy(request.body.bytes().unwrap_or_default()).into_owned();
                format!("{} {}{headers} {body}", request.method, request.url).trim_end().to_owned()
            }
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_request_is_read_from_whatever_form_it_was_copied_in() {
        for (text, read) in [
            ("https://t.example/tr?id=1#x\n", "GET https://t.example/tr?id=1"),
            ("POST https://t.example/c\nContent-Type: text/plain\n\na=b\n", "POST https://t.example/c [Content-Type: text/plain] a=b"),
            ("GET /tr?id=1 HTTP/2\r\nHost: t.example\r\n\r\n", "GET https://t.example/tr?id=1 [Host: t.example]"),
            ("curl 'https://t.example/tr?id=1' \\\n  -H 'cookie: a=b' --compressed", "GET https://t.example/tr?id=1 [cookie: a=b]"),
            (
                "curl 'https://t.example/c' -X 'PUT' -b 'a=b' -A me -e https://p.example/ --data-raw $'it\\'s \\u0040\\n'",
                "PUT https://t.example/c [Cookie: a=b] [User-Agent: me] [Referer: https://p.example/] [Content-Type: application/x-www-form-urlencoded] it's @",
            ),
            (
                "curl --url https://t.example/c -d a=b --data-urlencode 'q=hiv test' -H 'Content-Type: text/plain'",
                "POST https://t.example/c [Content-Type: text/plain] a=b&q=hiv%20test",
            ),
            ("curl -G https://t.example/c -d a=b", "GET https://t.example/c?a=b"),
            (
                "curl ^\"https://t.example/c?a=1^&b=2^\" ^\r\n  -H ^\"x: ^\\^\"y^\\^\"^\" ^\r\n  --data-raw ^\"q^\"",
                "POST https://t.example/c?a=1&b=2 [x: \"y\"] [Content-Type: application/x-www-form-urlencoded] q",
            ),
            (
                "fetch(\"https://t.example/c\", {\n \"headers\": { \"content-type\": \"text/plain\" },\n \"referrer\": \"https://p.example/\",\n \"body\": \"a=b\",\n \"method\": \"POST\"\n});",
                "POST https://t.example/c [content-type: text/plain] [Referer: https://p.example/] a=b",
            ),
            ("await fetch(\"https://t.example/c\");", "GET https://t.example/c"),
            ("", "nothing was given"),
            ("hello", "it is neither a web address, nor a request as text, nor a copied curl or fetch command"),
            ("two words", "it is neither a web address, nor a request as text, nor a copied curl or fetch command"),
            ("ftp://t.example/", "\"ftp://t.example/\" is not a web address: requests go by http, https, ws or wss, not ftp"),
            ("https://", "\"https://\" is not a web address: empty host"),
            ("curl -H 'a: b'", "the curl command has no address"),
            ("curl 'https://t.example/", "the curl command ends inside a quotation"),
            ("curl https://t.example/ -d @file", "the curl command takes its body from the file \"file\": put the content in its place"),
            (
                "fetch(\"https://t.example/\", { body: x })",
                "the fetch command is not the one a browser's \u{201c}Copy as fetch\u{201d} writes",
            ),
        ] {
            assert_eq!(shown(text), read, "{text}");
        }
    }

    #[test]
    fn no_text_is_too_strange() {
        let text = "curl ^\"https://t.example/é^\" -H $'a: \\x41\\u00e9' --data-raw '{\"a\":1}'";
        for cut in (0..=text.len()).filter(|cut| text.is_char_boundary(*cut)) {
            let _ = request(&text[..cut]);
            let _ = request(&text[cut..]);
        }
    }
}
