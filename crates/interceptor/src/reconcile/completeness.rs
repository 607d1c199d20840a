use pixelwitness_recording::{
    Body, Completeness, Gap, GapKind, HttpVersion, Listening, Lookup, Outcome, Packed, Recording, Request, Sinkhole, Transmission, Witness,
};

use crate::devtools::Devtools;
use crate::own_network;
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
    gaps.extend(devtools.held_back.gaps());
    gaps.extend(never_settled(&devtools));
    gaps.extend(kept_from_the_own_network(&requests));
    gaps.extend(log_gaps(&devtools, wire, context));
    gaps.extend(opaque(&requests, wire));
    gaps.append(&mut remarks.gaps);
    if let Some(sinkhole) = &devtools.environment.sinkhole {
        gaps.extend(pages_not_shown(&requests, sinkhole));
        remarks.unexplained.extend(past_the_sinkhole(&requests, sinkhole));
    }
    if context.wire_log == WireLog::Whole {
        remarks.unexplained.extend(wire.strays.iter().cloned());
    }
    gaps.extend(wire.strays.iter().map(|stray| gap(GapKind::WitnessesDisagree, format!("wire log: {stray}"))));
    let finished = devtools.begins && devtools.ends && devtools.damaged == 0 && context.wire_log == WireLog::Whole;
    let tally = Tally::of(&requests);
    let lookups = lookups(&devtools, wire, context);
    let completeness = Completeness {
        finished,
        targets_attached: context.places.targets(),
        devtools_events: devtools.events,
        netlog_events: wire.reading.events,
        seen_by_both: tally.seen_by_both,
        wire_only: tally.wire_only,
        devtools_only: tally.devtools_only,
        not_transmitted: tally.not_transmitted,
        browser_own: tally.browser_own,
        bodies_unavailable: tally.bodies_unavailable,
        unexplained: remarks.unexplained,
        listened: devtools.listened,
        out_of_scope: OUT_OF_SCOPE.iter().map(|&words| words.to_owned()).collect(),
    };
    let Devtools { journey, environment, steps, .. } = devtools;
    Recording { journey, environment, steps, requests, messages, lookups, gaps, completeness }
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

/// How many requests each witness saw, in one pass.
#[derive(Default)]
struct Tally {
    seen_by_both: usize,
    wire_only: usize,
    devtools_only: usize,
    not_transmitted: usize,
    browser_own: usize,
    bodies_unavailable: usize,
}

impl Tally {
    fn of(requests: &Packed<Request>) -> Self {
        let mut tally = Self::default();
        for request in requests {
            let seen = match request.witness {
                _ if !is_page(&request) => &mut tally.browser_own,
                _ if !left(&request) => &mut tally.not_transmitted,
                Witness::Both => &mut tally.seen_by_both,
                Witness::WireOnly => &mut tally.wire_only,
                Witness::DevtoolsOnly => &mut tally.devtools_only,
            };
            *seen += 1;
            tally.bodies_unavailable +=
                usize::from(is_page(&request) && left(&request) && matches!(request.body, Body::Unavailable { .. }));
        }
        tally
    }
}

fn left(request: &Request) -> bool {
    !matches!(request.transmission, Transmission::NotSent { .. })
}

/// Pages that were to be opened and are of a recipient that the sinkhole answers: their place was empty.
fn pages_not_shown(requests: &Packed<Request>, sinkhole: &Sinkhole) -> Vec<Gap> {
    let is_shown = |request: &Request| {
        let page = request.page_url.as_deref().unwrap_or_default().split('#').next();
        request.resource_type == "Document" && page == Some(request.url.as_str())
    };
    let pages = requests.iter().filter(|request| left(request) && is_page(request) && sinkhole.answered(request)).filter(is_shown);
    let gap = |request: Request| Gap {
        kind: GapKind::HeldBack,
        why: format!("the page {} was not shown: the sinkhole answered in its place", request.url),
        request: Some(request.id),
        step: request.step,
    };
    pages.map(gap).collect()
}

/// What was to be answered by the sinkhole and was sent somewhere else. There is nothing of the kind unless the browser disobeyed.
fn past_the_sinkhole(requests: &Packed<Request>, sinkhole: &Sinkhole) -> Vec<String> {
    let missed = requests.iter().filter(|request| left(request) && sinkhole.missed(request));
    let words = |request: Request| {
        let address = request.remote_address.as_deref().unwrap_or_default();
        format!("{} {} went to {address} and not to the sinkhole", request.method, request.url)
    };
    missed.map(words).collect()
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
    if devtools.trace_lost {
        let why = "the browser dropped entries of its trace: which script sent what a page sent on leaving may not be known";
        gaps.push(gap(GapKind::LogDamaged, why.to_owned()));
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

/// Silence says nothing of a page that was still at it. What became of one that crashed or failed is said already.
fn never_settled(devtools: &Devtools) -> Vec<Gap> {
    let crashed = |step| devtools.troubles.iter().any(|gap| gap.kind == GapKind::Crash && gap.step == Some(step));
    let failed = |step| devtools.steps.iter().any(|run| run.step == step && run.outcome != Outcome::Done);
    let restless = devtools.listened.iter().filter(|one| !one.settled && !crashed(one.step) && !failed(one.step));
    let gap = |listening: &Listening| Gap {
        kind: GapKind::NeverSettled,
        why: format!(
            "the page had not fallen silent when listening ended after {} s: what it sent later was not seen",
            listening.listened_ms / 1000
        ),
        request: None,
        step: Some(listening.step),
    };
    restless.map(gap).collect()
}

/// What pages asked for on this machine or around it: no byte of it was sent, and somebody tried.
fn kept_from_the_own_network(requests: &Packed<Request>) -> Option<Gap> {
    let is_kept = |request: &Request| matches!(&request.transmission, Transmission::NotSent { why } if own_network::is_kept(why));
    let mut kept = requests.iter().filter(is_kept);
    let first = kept.next()?;
    let why = match 1 + kept.count() {
        1 => format!("1 request for the auditor's own network was held back: {}", first.url),
        count => format!("{count} requests for the auditor's own network were held back, the first for {}", first.url),
    };
    Some(Gap { kind: GapKind::HeldBack, why, request: Some(first.id), step: first.step })
}

/// Traffic of which only the address is known. Questions to a name server are none of it.
fn opaque(requests: &Packed<Request>, wire: &Wire) -> Vec<Gap> {
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
