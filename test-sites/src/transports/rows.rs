//! The rows, by what they are about, and the journeys that bring them about.

mod moment;
mod parser;
mod place;
mod rest;
mod script;

use super::Transports;

/// Every journey of the transports lab, in order. One page that misbehaves hides no other's rows.
#[must_use]
pub fn transports() -> &'static [Transports] {
    TRANSPORTS
}

macro_rules! transports {
    ($name:literal, $title:literal, $($rows:expr),+) => {
        Transports {
            name: $name,
            title: $title,
            journey: include_str!(concat!("../../transports/", $name, ".toml")),
            rows: &[$($rows),+],
        }
    };
}

const TRANSPORTS: &[Transports] = &[
    transports!("page", "What the parser fetches", parser::PAGE),
    transports!("calls", "What a script sends", script::CALLS),
    transports!("legacy", "To a host that speaks HTTP/1.1", script::HTTP1),
    transports!("cleartext", "Without TLS", script::CLEARTEXT),
    transports!("frames", "Frames and forms", place::FRAMES),
    transports!("workers", "Workers and worklets", place::WORKERS),
    transports!("service-worker", "A service worker", place::SERVICE_WORKER),
    transports!("popups", "Popups, links and forms", place::POPUPS),
    transports!("cookies", "Cookies and redirects", rest::COOKIES),
    transports!("leaving", "On leaving", moment::LEAVING, moment::LEFT_BY_LINK, moment::LEFT_BY_SCRIPT, moment::LEFT_AT_THE_END),
    transports!("timers", "Sooner or later", moment::TIMERS),
    transports!("endless", "A page that never stops", moment::ENDLESS),
    transports!("ahead", "Fetched ahead", moment::AHEAD),
    transports!("reports", "Reports that the browser sends", moment::REPORTED),
    transports!("sockets", "Sockets and streams", script::SOCKETS),
    transports!("large", "Large bodies", script::LARGE),
    transports!("rarities", "What few pages use", rest::RARITIES),
    transports!("webtransport", "WebTransport", rest::WEBTRANSPORT),
    transports!("turn-tcp", "TURN over TCP", rest::TURN_TCP),
];
