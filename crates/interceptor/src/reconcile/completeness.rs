use pixelwitness_recording::{
    Completeness, Gap, GapKind, HttpVersion, Listening, Lookup, NotSentCause, Outcome, Packed, Recording, Request, Resolver, Sinkhole,
    Transmission,
};

use crate::devtools::Devtools;
use crate::reconcile::failed_hosts::FailedHosts;
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
    let mut seen = Seen::of(&requests, devtools.environment.sinkhole.as_ref(), context);
    let mut gaps = devtools.troubles.clone();
    gaps.extend(devtools.held_back.gaps());
    gaps.extend(never_settled(&devtools));
    gaps.extend(seen.kept_from_the_own_network());
    gaps.extend(seen.failed.gaps());
    gaps.extend(log_gaps(&devtools, wire, context));
    gaps.extend(datagrams(wire));
    gaps.append(&mut seen.over_quic);
    gaps.append(&mut remarks.gaps);
    gaps.append(&mut seen.not_shown);
    remarks.unexplained.append(&mut seen.past_the_sinkhole);
    if context.wire_log == WireLog::Whole {
        remarks.unexplained.extend(wire.strays.iter().cloned());
    }
    let kind = if context.foreign { GapKind::Opaque } else { GapKind::WitnessesDisagree };
    gaps.extend(wire.strays.iter().map(|stray| gap(kind, format!("wire log: {stray}"))));
    let finished = devtools.begins && devtools.ends && devtools.damaged == 0 && context.wire_log == WireLog::Whole;
    let lookups = lookups(&devtools, wire, context);
    gaps.extend(unknown_aliases(&devtools, &lookups));
    let completeness = Completeness {
        finished,
        targets_attached: context.places.targets(),
        devtools_events: devtools.events,
        netlog_events: wire.reading.events,
        unexplained: remarks.unexplained,
        listened: devtools.listened,
        out_of_scope: OUT_OF_SCOPE.iter().map(|&words| words.to_owned()).collect(),
        ..seen.counted
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

/// What the requests say together, in one pass: there may be a hundred thousand, and they are kept packed.
#[derive(Default)]
struct Seen {
    /// The numbers of a completeness statement that are of requests.
    counted: Completeness,
    /// How many were kept from the auditor's own network, and the first.
    kept: Option<(usize, Request)>,
    /// What the network did not let through.
    failed: FailedHosts,
    over_quic: Vec<Gap>,
    not_shown: Vec<Gap>,
    past_the_sinkhole: Vec<String>,
}

impl Seen {
    fn of(requests: &Packed<Request>, sinkhole: Option<&Sinkhole>, context: &Context) -> Self {
        let mut seen = Self::default();
        for request in requests {
            seen.counted.count(&request);
            if !context.foreign && request.http_version == HttpVersion::Http3 {
                let why = format!("{} {} went over QUIC: its body cannot be read", request.method, request.url);
                seen.over_quic.push(of_request(GapKind::Opaque, why, &request));
            }
            if let Some(sinkhole) = sinkhole.filter(|_| request.may_have_left()) {
                seen.answered_here(&request, sinkhole);
            }
            match &request.transmission {
                Transmission::NotSent { cause: NotSentCause::HeldBack, .. } => seen.kept.get_or_insert((0, request)).0 += 1,
                Transmission::NotSent { cause: NotSentCause::NetworkFailure, why } => {
                    let is_answered_here = sinkhole.is_some_and(|sinkhole| sinkhole.takes_url(&request.url));
                    if is_page(&request) && !is_answered_here {
                        seen.failed.add(&request, why);
                    }
                }
                _ => {}
            }
        }
        seen
    }

    /// What a sinkhole takes note of: a page of a recipient that it answers, whose place was empty, and what was to be answered by it and
    /// was sent somewhere else. There is nothing of that kind unless the browser disobeyed.
    fn answered_here(&mut self, request: &Request, sinkhole: &Sinkhole) {
        let page = request.page_url.as_deref().unwrap_or_default().split('#').next();
        let opens_page = request.resource_type == "Document" && page == Some(request.url.as_str());
        if opens_page && is_page(request) && sinkhole.answered(request) {
            let why = format!("the page {} was not shown: the sinkhole answered in its place", request.url);
            self.not_shown.push(of_request(GapKind::HeldBack, why, request));
        }
        if sinkhole.missed(request) {
            let address = request.remote_address.as_deref().unwrap_or_default();
            self.past_the_sinkhole.push(format!("{} {} went to {address} and not to the sinkhole", request.method, request.url));
        }
    }

    /// What pages asked for on this machine or around it: no byte of it was sent, and somebody tried.
    fn kept_from_the_own_network(&self) -> Option<Gap> {
        let (count, first) = self.kept.as_ref()?;
        let why = match count {
            1 => format!("1 request for the auditor's own network was held back: {}", first.url),
            count => format!("{count} requests for the auditor's own network were held back, the first for {}", first.url),
        };
        Some(of_request(GapKind::HeldBack, why, first))
    }
}

fn log_gaps(devtools: &Devtools, wire: &Wire, context: &Context) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let log = if context.foreign { "NetLog" } else { "wire log" };
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
        gaps.push(gap(GapKind::NotTold, why.to_owned()));
    }
    if devtools.damaged > 0 {
        gaps.push(gap(GapKind::LogDamaged, unreadable(devtools.damaged, "DevTools log")));
    }
    if context.wire_log == WireLog::Missing {
        gaps.push(gap(GapKind::WitnessMissing, "there is no wire log: cookies and bodies are only what DevTools tells".to_owned()));
        return gaps;
    }
    if !wire.reading.whole {
        gaps.push(gap(GapKind::LogDamaged, format!("the {log} lacks its end")));
    }
    if wire.reading.restarts > 0 {
        let why = format!(
            "the browser's network service ended {} and was started again: what it sent last may be missing from the {log}",
            if wire.reading.restarts == 1 { "once".to_owned() } else { format!("{} times", wire.reading.restarts) }
        );
        gaps.push(gap(GapKind::Crash, why));
    }
    if wire.reading.damaged > 0 {
        gaps.push(gap(GapKind::LogDamaged, unreadable(wire.reading.damaged, log)));
    }
    gaps
}

fn unreadable(lines: usize, log: &str) -> String {
    format!("{lines} {} of the {log} cannot be read", if lines == 1 { "line" } else { "lines" })
}

/// Silence says nothing of a page that was still at it. What became of one that failed, crashed itself among them, is said already.
fn never_settled(devtools: &Devtools) -> Vec<Gap> {
    let failed = |step| devtools.steps.iter().any(|run| run.step == step && run.outcome != Outcome::Done);
    let restless = devtools.listened.iter().filter(|one| !one.settled && !failed(one.step));
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

/// Traffic of which only the address is known. Questions to a name server are none of it.
fn datagrams(wire: &Wire) -> impl Iterator<Item = Gap> {
    wire.udp.iter().filter(|(address, _)| !address.ends_with(":53")).map(|(address, udp)| {
        let (datagrams, bytes) = (udp.datagrams, udp.bytes);
        gap(GapKind::Opaque, format!("{datagrams} UDP datagrams ({bytes} bytes) went to {address}; what they held is not known"))
    })
}

fn of_request(kind: GapKind, why: String, request: &Request) -> Gap {
    Gap { kind, why, request: Some(request.id), step: request.step }
}

fn gap(kind: GapKind, why: String) -> Gap {
    Gap { kind, why, request: None, step: None }
}
