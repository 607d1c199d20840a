//! Host names of the site's own that lead to somebody else.

use std::fmt::Write as _;

use expect_test::{Expect, expect};
use pixelwitness_classifier::{Definitions, Findings, classify};
use pixelwitness_recording::{CanaryKind, LogLine, Lookup, RawLog, Recording, Request, Resolver};

use crate::recorded::{get, leaks, post, recording, with_canary};

fn lookup(host: &str, aliases: &[&str], by: Resolver) -> Lookup {
    Lookup {
        host: host.to_owned(),
        aliases: aliases.iter().map(|&alias| alias.to_owned()).collect(),
        addresses: vec!["192.0.2.7".to_owned()],
        by,
        at_ms: 1_000,
        log_line: LogLine { log: RawLog::Netlog, line: 7 },
    }
}

fn read(requests: Vec<Request>, lookups: Vec<Lookup>) -> Findings {
    let recording = Recording { lookups, ..recording(requests) };
    classify(&with_canary(recording, CanaryKind::SearchTerm, "chilblains"), &Definitions::built_in())
}

fn check(requests: Vec<Request>, lookups: Vec<Lookup>, expected: Expect) {
    let findings = read(requests, lookups);
    let mut lines = String::new();
    for alias in &findings.aliases {
        let owner = alias.owner.as_deref().unwrap_or("nobody known");
        let basis = alias.basis.as_ref().map(|basis| format!("{basis:?}")).unwrap_or_default();
        let _ = writeln!(lines, "{} -> {}: {owner} {basis}, told by {:?}", alias.host, alias.leads_to, alias.by);
    }
    lines.push_str(&leaks(&findings));
    expected.assert_eq(&lines);
}

#[test]
fn the_owner_behind_a_name_of_the_sites_own_is_told() {
    let chain = ["clinic.sc.omtrdc.net", "edge.omtrdc.net"];
    check(
        vec![get("https://metrics.clinic.example/b.gif"), get("https://www.clinic.example/")],
        vec![lookup("metrics.clinic.example", &chain, Resolver::Browser), lookup("www.clinic.example", &[], Resolver::Browser)],
        expect![[r#"
            metrics.clinic.example -> clinic.sc.omtrdc.net: Adobe Definition { vendor: "adobe_analytics" }, told by Browser
        "#]],
    );
}

#[test]
fn of_a_chain_the_first_name_outside_counts_unless_a_later_one_is_known_to_collect() {
    check(
        vec![
            get("https://a.clinic.example/"),
            get("https://b.clinic.example/"),
            get("https://c.clinic.example/"),
            get("https://d.clinic.example/"),
        ],
        vec![
            lookup("a.clinic.example", &["a.edge.clinic.example", "clinic.unheard-of.test", "d1.cloudfront.net"], Resolver::Browser),
            lookup("d.clinic.example", &["d.unheard-of.test", "d.edgekey.net", "clinic.sc.omtrdc.net"], Resolver::Browser),
            lookup("b.clinic.example", &["other.unheard-of.test"], Resolver::System),
            lookup("c.clinic.example", &["c.edge.clinic.example"], Resolver::Browser),
        ],
        expect![[r#"
            a.clinic.example -> clinic.unheard-of.test: nobody known , told by Browser
            b.clinic.example -> other.unheard-of.test: nobody known , told by System
            d.clinic.example -> clinic.sc.omtrdc.net: Adobe Definition { vendor: "adobe_analytics" }, told by Browser
        "#]],
    );
}

#[test]
fn only_hosts_of_the_site_that_received_something_are_told_of_and_each_chain_once() {
    let afterwards = || Resolver::Afterwards { servers: vec!["192.0.2.53".to_owned()] };
    check(
        vec![get("https://metrics.clinic.example/1"), get("https://metrics.clinic.example/2"), get("https://cdn.elsewhere.example/x")],
        vec![
            lookup("metrics.clinic.example", &["clinic.sc.omtrdc.net"], Resolver::Browser),
            lookup("metrics.clinic.example", &["clinic.sc.omtrdc.net"], afterwards()),
            lookup("metrics.clinic.example", &["clinic.data.adobedc.net"], afterwards()),
            lookup("cdn.elsewhere.example", &["clinic.sc.omtrdc.net"], Resolver::Browser),
            lookup("unused.clinic.example", &["clinic.sc.omtrdc.net"], Resolver::Browser),
        ],
        expect![[r#"
            metrics.clinic.example -> clinic.sc.omtrdc.net: Adobe Definition { vendor: "adobe_analytics" }, told by Browser
            metrics.clinic.example -> clinic.data.adobedc.net: Adobe Definition { vendor: "adobe_analytics" }, told by Afterwards { servers: ["192.0.2.53"] }
        "#]],
    );
}

/// A collector under a name of the site's is somebody else; a host that only serves the site's files is not.
#[test]
fn what_goes_to_a_collector_behind_the_sites_own_name_is_searched() {
    let sent = || vec![post("https://data.clinic.example/v1/ingest", "q=chilblains")];
    check(
        sent(),
        vec![lookup("data.clinic.example", &["clinic.sc.omtrdc.net"], Resolver::Browser)],
        expect![[r#"
        data.clinic.example -> clinic.sc.omtrdc.net: Adobe Definition { vendor: "adobe_analytics" }, told by Browser
        r1 clinic.example | SearchTerm | q = chilblains | form q 2..12 [] | canary search-term
    "#]],
    );
    for aliases in [&["d1.cloudfront.net"][..], &["other.unheard-of.test"], &[]] {
        assert_eq!(read(sent(), vec![lookup("data.clinic.example", aliases, Resolver::Browser)]).leaks.len(), 0);
    }
}
