use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use http::StatusCode;

use crate::received::Received;
use crate::{bench, libraries, sites, transports, vendors};

/// What the server says to a request.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    /// Links that are named before the answer itself comes (103 Early Hints), over HTTP/2 only.
    pub(crate) hints: Vec<String>,
}

impl Answer {
    pub(crate) fn new(status: StatusCode) -> Self {
        // Nothing is cached: each visit sends all its requests, whatever was visited before.
        Self { status, headers: vec![("cache-control", "no-store".to_owned())], body: Vec::new(), hints: Vec::new() }
    }

    pub(crate) fn of(kind: &str, body: impl Into<Vec<u8>>) -> Self {
        let mut answer = Self::new(StatusCode::OK).with("content-type", kind);
        answer.body = body.into();
        answer
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// Whether the lab plays this host. A browser's own traffic goes to others.
#[must_use]
pub fn plays(host: &str) -> bool {
    vendors::play(host) || libraries::plays(host) || transports::plays(host) || bench::play(host) || sites::folder(host).is_some()
}

/// Answers in the name of the host that was asked for: a vendor, a page of the transports, a site, or nobody.
pub(crate) fn answer(request: &Received) -> Answer {
    let played = vendors::answer(request)
        .or_else(|| libraries::answer(request))
        .or_else(|| transports::answer(request))
        .or_else(|| bench::answer(request));
    if let Some(answer) = played {
        return answer;
    }
    match sites::folder(request.host_name()) {
        Some(folder) => page(&folder, request),
        None => missing(),
    }
}

/// How long the answer is held back.
pub(crate) fn delay(request: &Received) -> Duration {
    Duration::from_millis(if transports::plays(request.host_name()) { transports::delay_ms(request) } else { 0 })
}

/// A first party's answer: its files, those all sites share, and its own counter.
fn page(folder: &Path, request: &Received) -> Answer {
    // The counter of a site that measures its visits itself, and the receiver of its forms.
    if request.method == "POST" {
        return Answer::new(StatusCode::NO_CONTENT);
    }
    for folder in [folder, &sites::shared_folder()] {
        if let Some((path, body)) = candidates(folder, request.path()).into_iter().find_map(read) {
            return Answer::of(content_type(&path), body);
        }
    }
    missing()
}

/// `/about` is `about.html` or `about/index.html`.
fn candidates(folder: &Path, path: &str) -> Vec<PathBuf> {
    let path = Path::new(path.trim_matches('/'));
    // A path that climbs is nobody's file.
    if path.components().any(|component| !matches!(component, Component::Normal(_))) {
        return Vec::new();
    }
    let plain = folder.join(path);
    vec![plain.join("index.html"), plain.with_extension("html"), plain]
}

fn read(path: PathBuf) -> Option<(PathBuf, Vec<u8>)> {
    let body = std::fs::read(&path).ok()?;
    Some((path, body))
}

fn content_type(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg" | "ico") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

fn missing() -> Answer {
    let mut answer = Answer::of("text/html; charset=utf-8", "<!doctype html><title>Page not found</title><h1>Page not found</h1>");
    answer.status = StatusCode::NOT_FOUND;
    answer
}
