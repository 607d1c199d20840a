use super::{has_cookie, readable, script};
use crate::answer::Answer;
use crate::received::Received;

pub(super) const HOSTS: &[&str] = &["analytics.tiktok.com"];

pub(super) fn answer(request: &Received) -> Option<Answer> {
    match request.path() {
        "/i18n/pixel/events.js" => Some(loader(request, script("tiktok.js")?)),
        "/api/v2/pixel" | "/api/v2/pixel/act" => Some(readable(Answer::of("application/json", r#"{"code":0}"#), request)),
        _ => None,
    }
}

/// The script comes with the browser's identifier as a cookie, so that every event after it carries one.
fn loader(request: &Received, script: Answer) -> Answer {
    if has_cookie(request, "_ttp") {
        return script;
    }
    let value = format!("2tt{:x}x{:x}", request.at_ms, request.number);
    script.with("set-cookie", format!("_ttp={value}; Max-Age=33696000; Domain=.tiktok.com; Path=/; Secure; SameSite=None"))
}
