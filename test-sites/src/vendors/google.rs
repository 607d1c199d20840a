use http::StatusCode;

use super::{readable, script};
use crate::answer::Answer;
use crate::received::Received;

pub(super) const HOSTS: &[&str] = &["www.googletagmanager.com", "www.google-analytics.com", "region1.google-analytics.com"];

pub(super) fn answer(request: &Received) -> Option<Answer> {
    match (request.host_name(), request.path()) {
        ("www.googletagmanager.com", "/gtag/js") => script("gtag.js"),
        (_, "/g/collect") => Some(readable(Answer::new(StatusCode::NO_CONTENT), request)),
        _ => None,
    }
}
