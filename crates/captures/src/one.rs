//! Requests as a person has them at hand: addresses, a request as text, commands copied from a browser, a HAR that was pasted.

mod command;
mod powershell;
mod words;

use std::io::Cursor;

use pixelwitness_recording::{Body, CaptureKind, HeaderSource, HttpVersion, Request, RequestId, Transmission};
use thiserror::Error;
use url::Url;

use crate::part::{header, told};
use crate::{har, http_text, kind};

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
    #[error("it is neither a web address, nor a request as text, nor a copied curl, fetch or PowerShell command, nor a HAR")]
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
        /// `curl`, `fetch` or `Invoke-WebRequest`.
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

/// Reads the requests in a text: one, or as many as “Copy all” of a browser gave.
///
/// # Errors
///
/// The text is no request in one of the forms that are known, or one of several is none. Where there is no error, there is a request.
pub fn requests(text: &str) -> Result<Vec<Request>, RequestError> {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.trim().is_empty() {
        return Err(RequestError::Nothing);
    }
    if let Some(requests) = of_har(text) {
        return Ok(requests);
    }
    drafts(text)?.into_iter().map(finished).collect()
}

fn drafts(text: &str) -> Result<Vec<Draft>, RequestError> {
    let first = text.split_whitespace().next().unwrap_or_default();
    if matches!(first, "curl" | "curl.exe") {
        return command::curls(text);
    }
    if first.starts_with("fetch(") || first == "await" {
        return command::fetches(text);
    }
    if powershell::begins(first) {
        return powershell::invocations(text);
    }
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let is_alone = |line: &&str| !line.contains(char::is_whitespace) && (lines.len() == 1 || line.contains("://"));
    if lines.iter().all(is_alone) {
        return Ok(lines.into_iter().map(|line| Draft { url: line.to_owned(), ..Draft::default() }).collect());
    }
    from_text(text).map(|draft| vec![draft])
}

/// The requests of a HAR that was pasted: what “Copy as HAR” and “Copy all as HAR” give.
fn of_har(text: &str) -> Option<Vec<Request>> {
    if kind::of_head(text.as_bytes()) != Some(CaptureKind::Har) {
        return None;
    }
    let mut requests = Vec::new();
    har::read(&mut Cursor::new(text.as_bytes()), Box::new(|_| None)).requests.for_each(|mut request| {
        request.id = RequestId(1);
        request.log_lines.clear();
        // Each is explained by itself: which pages there were is not known of one request.
        (request.step, request.page_url, request.redirected_from) = (None, None, None);
        requests.push(request);
    });
    Some(requests).filter(|requests| !requests.is_empty())
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
        let one = |request: &Request| {
            let headers: String = request.headers.iter().map(|header| format!(" [{}: {}]", header.name, header.value)).collect();
            let body = String::from_utf8_lossy(request.body.bytes().unwrap_or_default()).into_owned();
            format!("{} {}{headers} {body}", request.method, request.url).trim_end().to_owned()
        };
        match requests(text) {
            Ok(requests) => requests.iter().map(one).collect::<Vec<_>>().join(" | "),
            Err(error) => error.to_string(),
        }
    }

    /// As browsers join them: with a semicolon, and for Windows with an ampersand.
    #[test]
    fn several_requests_that_were_copied_at_once_are_all_read() {
        for (text, read) in [
            (
                "curl 'https://a.example/x?y=1&z=2;3' -H 'a: b;c' ;\ncurl 'https://t.example/' \\\n  --data-raw 'q=1; curl x' ;\ncurl 'https://c.example/'",
                "GET https://a.example/x?y=1&z=2;3 [a: b;c] | POST https://t.example/ [Content-Type: application/x-www-form-urlencoded] q=1; curl x | GET https://c.example/",
            ),
            ("curl https://a.example/?x=1&y=2; curl https://t.example/;", "GET https://a.example/?x=1&y=2 | GET https://t.example/"),
            ("curl https://a.example/ && curl https://t.example/", "GET https://a.example/ | GET https://t.example/"),
            ("curl 'https://a.example/'\ncurl 'https://t.example/'\n", "GET https://a.example/ | GET https://t.example/"),
            ("curl 'https://a.example/' \\\n  -H 'a: b'\n", "GET https://a.example/ [a: b]"),
            (
                "curl ^\"https://a.example/?a=1^&b=2^\" ^\r\n  -H ^\"x: y^\" &\r\ncurl ^\"https://t.example/^\" ^\r\n  --data-raw ^\"^{^\\^\"a^\\^\":^\\^\"b^%^20c^\\^\"^}^\"",
                "GET https://a.example/?a=1&b=2 [x: y] | POST https://t.example/ [Content-Type: application/x-www-form-urlencoded] {\"a\":\"b%20c\"}",
            ),
            (
                "curl \"https://a.example/?a=1&b=2\" ^\r\n  -H \"x: \"\"y^z\"\"\" ^\r\n  --data \"{\"\"a\"\":1}\"",
                "POST https://a.example/?a=1&b=2 [x: \"y^z\"] [Content-Type: application/x-www-form-urlencoded] {\"a\":1}",
            ),
            (
                "fetch(\"https://a.example/\", {\"body\": \"; fetch(1)\", \"method\": \"POST\"}); ;\nfetch(\"https://t.example/\", {\n  \"headers\": {\"cookie\": \"a=b\"}, \"referrer\": \"about:client\"\n});",
                "POST https://a.example/ ; fetch(1) | GET https://t.example/ [cookie: a=b]",
            ),
            (
                "await fetch(\"https://a.example/\");\nawait fetch(\"https://t.example/\");",
                "GET https://a.example/ | GET https://t.example/",
            ),
            (
                "$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession\n$session.UserAgent = \"Me/1\"\n\
                 $session.Cookies.Add((New-Object System.Net.Cookie(\"c_user\", \"7\", \"/\", \".t.example\")))\n\
                 Invoke-WebRequest -UseBasicParsing -Uri \"https://t.example/c?a=`$1\" `\n-Method \"POST\" `\n-WebSession $session `\n\
                 -Headers @{\n\"authority\"=\"t.example\"\n  \"accept\"=\"*/*\"\n} `\n-ContentType \"application/json\" `\n\
                 -Body ([System.Text.Encoding]::UTF8.GetBytes(\"{`\"a`\":`\"$([char]233)$([char]55357)$([char]56832)`\"}\"));\n\
                 Invoke-WebRequest -UseBasicParsing -Uri \"https://a.example/\"",
                "POST https://t.example/c?a=$1 [User-Agent: Me/1] [Cookie: c_user=7] [accept: */*] [Content-Type: application/json] {\"a\":\"\u{e9}\u{1f600}\"} | GET https://a.example/ [User-Agent: Me/1] [Cookie: c_user=7]",
            ),
            (
                "{\"log\": {\"entries\": [{\"request\": {\"method\": \"GET\", \"url\": \"https://a.example/\"}}, {\"request\": {\"method\": \"POST\", \"url\": \"https://t.example/\", \"postData\": {\"text\": \"q\"}}}]}}",
                "GET https://a.example/ | POST https://t.example/ q",
            ),
            ("https://a.example/\nhttps://t.example/?x=1\n", "GET https://a.example/ | GET https://t.example/?x=1"),
            ("curl https://a.example/ ;\ncurl -H 'a: b'", "the curl command has no address"),
            ("Invoke-WebRequest -Method \"POST\"", "the Invoke-WebRequest command has no address"),
            ("Invoke-WebRequest -Uri \"https://a.example/", "the Invoke-WebRequest command ends inside a quotation"),
        ] {
            assert_eq!(shown(text), read, "{text}");
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
            ("hello", "it is neither a web address, nor a request as text, nor a copied curl, fetch or PowerShell command, nor a HAR"),
            ("two words", "it is neither a web address, nor a request as text, nor a copied curl, fetch or PowerShell command, nor a HAR"),
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
            let _ = requests(&text[..cut]);
            let _ = requests(&text[cut..]);
        }
        let text = "Invoke-WebRequest -Uri \"https://t.example/`\"$([char]233)\" -Headers @{\"a\"='b''c'} -Body (x(\"é\"))";
        for cut in (0..=text.len()).filter(|cut| text.is_char_boundary(*cut)) {
            let _ = requests(&text[..cut]);
            let _ = requests(&format!("Invoke-WebRequest {}", &text[cut..]));
        }
    }
}
