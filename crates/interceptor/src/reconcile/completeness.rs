use pixelwitness_recording::{Body, Completeness, Gap, GapKind, HttpVersion, Lookup, Recording, Request, Resolver, Transmission, Witness};

use crate::devtools::Devtools;
use crate::reconcile::{Context, Joined, WireLog, is_page, netlog_line};
use crate::wire::Wire;

/// What a run like this cannot show, whatever it saw.
const OUT_OF_SCOPE: &[&str] = &[
    "What a recipient does with the data, and what servers pass on to other servers.",
    "What another browser, another device, another place or another visit would have sent.",
    "QUIC and HTTP/3: they are switched off so that the bytes can be read; a site may behave differently over them.",
    "The content of UDP traffic (WebRTC, WebTransport); its addresses are listed where there was any.",
    "What host names that were looked up may say by themselves: they are in the recording, and are not searched.",
    "Actions this journey did not take, and what a page sends later than we listened.",
];

/// Puts the recording together: gaps, numbers, and what they allow to be said.
pub(super) fn complete(devtools: Devtools, wire: &Wire, context: &Context, joined: Joined) -> Recording {
    let Joined { requests, messages, mut remarks } = joined;
    let mut gaps = devtools.troubles.clone();
    gaps.extend(log_gaps(&devtools, wire, context));
    gaps.extend(opaque(&requests, wire));
    gaps.append(&mut remarks.gaps);
    if context.wire_log == WireLog::Whole {
        remarks.unexplained.extend(wire.strays.iter().cloned());
    }
    gaps.extend(wire.strays.iter().map(|stray| gap(GapKind::WitnessesDisagree, format!("wire log: {stray}"))));
    let finished = devtools.begins && devtools.ends && devtools.damaged == 0 && context.wire_log == WireLog::Whole;
    let page = |is: fn(&Request) -> bool| requests.iter().filter(|request| is_page(request) && is(request)).count();
    let lookups = lookups(&devtools, wire, context);
    gaps.extend(unknown_aliases(&devtools, &lookups));
    let completeness = Completeness {
        finished,
        targets_attached: context.places.targets(),
        devtools_events: devtools.events,
        netlog_events: wire.reading.events,
        seen_by_both: page(|request| left(request) && request.witness == Witness::Both),
        wire_only: page(|request| left(request) && request.witness == Witness::WireOnly),
        devtools_only: page(|request| left(request) && request.witness == Witness::DevtoolsOnly),
        not_transmitted: page(|request| !left(request)),
        browser_own: requests.iter().filter(|request| !is_page(request)).count(),
        bodies_unavailable: page(|request| left(request) && matches!(request.body, Body::Unavailable { .. })),
        unexplained: remarks.unexplained,
        listened: devtools.listened,
        out_of_scope: OUT_OF_SCOPE.iter().map(|&words| words.to_owned()).collect(),
    };
    let Devtools { journey, environment, steps, .. } = devtools;
    Recording { journey, environment, steps, requests, messages, lookups, gaps, completeness }
}

/// Names of the site's own that the system looked up for the browser, so that their aliases are not in its log, and that nobody else did.
fn unknown_aliases(devtools: &Devtools, lookups: &[Lookup]) -> Vec<Gap> {
    let by = |host: &str, resolver: &Resolver| lookups.iter().any(|lookup| lookup.host == host && lookup.by == *resolver);
    let matters = devtools.not_looked_up.iter().filter(|(host, _)| by(host, &Resolver::System) && !by(host, &Resolver::Browser));
    let why = matters.map(|(host, why)| format!("whether {host} is an alias of somebody else's name was not learned: {why}"));
    why.map(|why| gap(GapKind::AliasUnknown, why)).collect()
}

/// Names as the browser looked them up, then those that were looked up afterwards.
fn lookups(devtools: &Devtools, wire: &Wire, context: &Context) -> Vec<Lookup> {
    let of_the_browser = wire.names.iter().map(|name| Lookup {
        host: name.host.clone(),
        aliases: name.aliases.clone(),
        addresses: name.addresses.clone(),
        by: name.by.clone(),
        at_ms: context.unix_ms(name.tick),
        log_line: netlog_line(name.line),
    });
    of_the_browser.chain(devtools.lookups.iter().cloned()).collect()
}

fn left(request: &Request) -> bool {
    !matches!(request.transmission, Transmission::NotSent { .. })
}

fn log_gaps(devtools: &Devtools, wire: &Wire, context: &Context) -> Vec<Gap> {
    let mut gaps = Vec::new();
    if !devtools.begins {
        gaps.push(gap(GapKind::LogDamaged, "the DevTools log lacks its beginning".to_owned()));
    }
    if !devtools.ends {
        gaps.push(gap(
            GapKind::RunIncomplete,
            "the run did not reach its end: what came after the last entry of the logs is not known".to_owned(),
        ));
    }
    if devtools.damaged > 0 {
        gaps.push(gap(GapKind::LogDamaged, format!("{} lines of the DevTools log cannot be read", devtools.damaged)));
    }
    if context.wire_log == WireLog::Missing {
        gaps.push(gap(GapKind::WitnessMissing, "there is no wire log: cookies and bodies are only what DevTools tells".to_owned()));
        return gaps;
    }
    if !wire.reading.whole {
        gaps.push(gap(GapKind::LogDamaged, "the wire log lacks its end".to_owned()));
    }
    if wire.reading.restarts > 0 {
        let why = format!(
            "the browser's network service ended {} and was started again: what it sent last may be missing from the wire log",
            if wire.reading.restarts == 1 { "once".to_owned() } else { format!("{} times", wire.reading.restarts) }
        );
        gaps.push(gap(GapKind::Crash, why));
    }
    if wire.reading.damaged > 0 {
        gaps.push(gap(GapKind::LogDamaged, format!("{} lines of the wire log cannot be read", wire.reading.damaged)));
    }
    gaps
}

/// Traffic of which only the address is known. Questions to a name server are none of it.
fn opaque(requests: &[Request], wire: &Wire) -> Vec<Gap> {
    let datagrams = wire.udp.iter().filter(|(address, _)| !address.ends_with(":53"));
    let udp = datagrams.map(|(address, udp)| {
        format!("{} UDP datagrams ({} bytes) went to {address}; what they held is not known", udp.datagrams, udp.bytes)
    });
    let mut gaps: Vec<Gap> = udp.map(|why| gap(GapKind::Opaque, why)).collect();
    let quic = requests.iter().filter(|request| request.http_version == HttpVersion::Http3);
    gaps.extend(quic.map(|request| Gap {
        kind: GapKind::Opaque,
        why: format!("{} {} went over QUIC: its body cannot be read", request.method, request.url),
        request: Some(request.id),
        step: request.step,
    }));
    gaps
}

fn gap(kind: GapKind, why: String) -> Gap {
    Gap { kind, why, request: None, step: None }
}
