//! What the vendors' servers answer. Their scripts are in `vendors/`.

mod google;
mod meta;
mod tiktok;

use std::path::Path;

use crate::answer::Answer;
use crate::received::Received;
use crate::sites;

/// One vendor: the hosts it answers for, and how.
struct Vendor {
    hosts: &'static [&'static str],
    answer: fn(&Received) -> Option<Answer>,
}

const VENDORS: &[Vendor] = &[
    Vendor { hosts: meta::HOSTS, answer: meta::answer },
    Vendor { hosts: tiktok::HOSTS, answer: tiktok::answer },
    Vendor { hosts: google::HOSTS, answer: google::answer },
];

/// The answer of the vendor whose host was asked; none where it is no vendor's, or the vendor has nothing there.
pub(crate) fn answer(request: &Received) -> Option<Answer> {
    let vendor = VENDORS.iter().find(|vendor| vendor.hosts.contains(&request.host_name()))?;
    (vendor.answer)(request)
}

/// Whether it is a vendor's host.
pub(crate) fn play(host: &str) -> bool {
    VENDORS.iter().any(|vendor| vendor.hosts.contains(&host))
}

/// A vendor's script, with what several of them need in front, in a scope of its own.
fn script(name: &str) -> Option<Answer> {
    let read = |name: &str| std::fs::read_to_string(Path::new(sites::ROOT).join("vendors").join(name)).ok();
    let text = format!("(() => {{\n{}{}}})();\n", read("sha256.js")?, read(name)?);
    Some(Answer::of("text/javascript; charset=utf-8", text).with("cross-origin-resource-policy", "cross-origin"))
}

/// Whether the request brings a cookie of that name.
fn has_cookie(request: &Received, name: &str) -> bool {
    let cookies = request.cookie().unwrap_or_default();
    cookies.split("; ").any(|pair| pair.split('=').next() == Some(name))
}

/// Lets the page that asked read the answer.
pub(crate) fn readable(answer: Answer, request: &Received) -> Answer {
    match request.header("origin") {
        Some(origin) => answer.with("access-control-allow-origin", origin).with("access-control-allow-credentials", "true"),
        None => answer,
    }
}
