//! Chromium's NetLog file, line by line: constants first, then one event a line. Most events are of no interest here and are skipped
//! by a look at the end of their line.

use std::collections::HashMap;
use std::io::BufRead;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::lines::{Line, Lines};

/// Something in the log that is of interest, its parameters not read yet.
#[derive(Debug)]
pub(crate) struct Event<'a> {
    pub(crate) kind: Kind,
    pub(crate) begins: bool,
    pub(crate) ends: bool,
    /// Number of what it happened to; see [`Event::number`].
    pub(crate) source: i64,
    pub(crate) tick: u64,
    pub(crate) line: u64,
    /// Logs that ended before this one in the same file.
    before: i64,
    params: &'a [u8],
}

/// Numbers of one log stay below this.
const NUMBERS: i64 = 1 << 40;

/// The number that Chromium itself gave, whichever of the file's logs it stands in.
pub(crate) fn own_number(number: i64) -> i64 {
    number % NUMBERS
}

impl<'a> Event<'a> {
    /// The parameters, where they are of this form.
    pub(crate) fn params<T: Deserialize<'a>>(&self) -> Option<T> {
        serde_json::from_slice(self.params).ok()
    }

    /// A number that the parameters name, as it is in the whole file: each log in it counts from 1.
    pub(crate) fn number(&self, own: i64) -> i64 {
        in_file(own, self.before)
    }
}

fn in_file(own: i64, before: i64) -> i64 {
    own.saturating_add(before.saturating_mul(NUMBERS))
}

/// The events of interest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    RequestAlive,
    Cancelled,
    StartJob,
    BoundToJob,
    BoundToSocket,
    BoundToConnectJob,
    ConnectStarts,
    Http1Headers,
    Http2Headers,
    QuicHeaders,
    SessionInitialized,
    StreamHeaders,
    PlaintextSent,
    SocketSent,
    TcpConnect,
    ResponseHeaders,
    BodyRead,
    UdpConnect,
    UdpSent,
    NameJob,
    NameByDns,
    NameBySystem,
}

const KINDS: &[(&str, Kind)] = &[
    ("REQUEST_ALIVE", Kind::RequestAlive),
    ("CANCELLED", Kind::Cancelled),
    ("URL_REQUEST_START_JOB", Kind::StartJob),
    ("HTTP_STREAM_REQUEST_BOUND_TO_JOB", Kind::BoundToJob),
    ("SOCKET_POOL_BOUND_TO_SOCKET", Kind::BoundToSocket),
    ("SOCKET_POOL_BOUND_TO_CONNECT_JOB", Kind::BoundToConnectJob),
    ("TCP_CONNECT_JOB_CONNECTOR_CONNECT_START", Kind::ConnectStarts),
    ("HTTP_TRANSACTION_SEND_REQUEST_HEADERS", Kind::Http1Headers),
    ("HTTP_TRANSACTION_HTTP2_SEND_REQUEST_HEADERS", Kind::Http2Headers),
    ("HTTP_TRANSACTION_QUIC_SEND_REQUEST_HEADERS", Kind::QuicHeaders),
    ("HTTP2_SESSION_INITIALIZED", Kind::SessionInitialized),
    ("HTTP2_SESSION_SEND_HEADERS", Kind::StreamHeaders),
    ("SSL_SOCKET_BYTES_SENT", Kind::PlaintextSent),
    ("SOCKET_BYTES_SENT", Kind::SocketSent),
    ("TCP_CONNECT", Kind::TcpConnect),
    ("HTTP_TRANSACTION_READ_RESPONSE_HEADERS", Kind::ResponseHeaders),
    ("URL_REQUEST_JOB_FILTERED_BYTES_READ", Kind::BodyRead),
    ("UDP_CONNECT", Kind::UdpConnect),
    ("UDP_BYTES_SENT", Kind::UdpSent),
    ("HOST_RESOLVER_MANAGER_JOB", Kind::NameJob),
    ("HOST_RESOLVER_DNS_TASK", Kind::NameByDns),
    ("HOST_RESOLVER_SYSTEM_TASK", Kind::NameBySystem),
];

/// What reading the whole file showed.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    /// Events, those of no interest included.
    pub(crate) events: usize,
    /// Time of the last event.
    pub(crate) last_tick: u64,
    /// Lines that are no event.
    pub(crate) damaged: usize,
    /// Whether the file is there to its end.
    pub(crate) whole: bool,
    /// How often the network service ended and another took its place, which logs to the same file from the beginning again.
    pub(crate) restarts: usize,
    /// What Chromium calls its errors, by number.
    pub(crate) errors: HashMap<i64, String>,
    /// Milliseconds since the Unix epoch at tick 0.
    pub(crate) offset_ms: i64,
    /// What wrote it, as it names itself.
    pub(crate) made_by: String,
    /// How much it was allowed to write: `Default`, `IncludeSensitive`, `Everything`.
    pub(crate) mode: String,
}

/// How a log begins.
const HEAD: &[u8] = b"{\"constants\":";

/// Hands over every event of interest, in order. A read error ends the log like a cut.
pub(crate) fn read(log: impl BufRead, mut take: impl FnMut(&Event<'_>)) -> Reading {
    let mut reading = Reading::default();
    let mut table = Table::default();
    let mut lines = Lines::of(log);
    let mut line = 0;
    let mut events_ended = false;
    loop {
        let Some(next) = lines.next() else { return reading };
        line += 1;
        let Line::Whole(text) = next else {
            reading.damaged += 1;
            continue;
        };
        let text = text.trim_ascii();
        if line == 1 {
            if let Some(constants) = constants(text) {
                table = Table::new(&constants);
                reading.offset_ms = constants.offset();
                reading.errors = constants.errors();
                reading.made_by = constants.client();
                reading.mode.clone_from(&constants.log_capture_mode);
            } else {
                reading.damaged += 1;
            }
            continue;
        }
        if events_ended && !text.starts_with(HEAD) {
            reading.whole |= text == b"}";
            continue;
        }
        match text {
            b"\"events\": [" | b"" => continue,
            b"]," | b"]" => {
                events_ended = true;
                continue;
            }
            // Without polled data the events' end is the file's.
            b"]}" => {
                events_ended = true;
                reading.whole = true;
                continue;
            }
            _ => {}
        }
        let (object, last) = without_separator(text);
        events_ended = last;
        reading.whole |= text.ends_with(b"]}") && last;
        match event(object, &table, line, i64::try_from(reading.restarts).unwrap_or_default()) {
            Seen::Event(event) => {
                reading.events += 1;
                reading.last_tick = reading.last_tick.max(event.tick);
                take(&event);
            }
            Seen::Skipped => reading.events += 1,
            Seen::Damaged => match next_log(text) {
                Some((rest, constants)) => {
                    table = Table::new(&constants);
                    reading.restarts += 1;
                    reading.damaged += usize::from(rest > 0);
                }
                None => reading.damaged += 1,
            },
        }
    }
}

/// The beginning of another log in the same file, and how much of the one before stands in front of it.
fn next_log(text: &[u8]) -> Option<(usize, Constants)> {
    let rest = memchr::memmem::find(text, HEAD)?;
    constants(&text[rest..]).map(|constants| (rest, constants))
}

/// An event's own text, and whether it is the last one.
fn without_separator(text: &[u8]) -> (&[u8], bool) {
    for (end, last) in [(&b"}],"[..], true), (b"}]}", true), (b"}]", true), (b"},", false)] {
        if text.ends_with(end) {
            return (&text[..text.len() - end.len() + 1], last);
        }
    }
    (text, false)
}

enum Seen<'a> {
    Event(Event<'a>),
    Skipped,
    Damaged,
}

fn event<'a>(object: &'a [u8], table: &Table, line: u64, before: i64) -> Seen<'a> {
    let Some(tail) = Tail::of(object).or_else(|| Tail::by_keys(object)) else { return Seen::Damaged };
    let Some(kind) = table.kinds.get(tail.kind).copied().flatten() else { return Seen::Skipped };
    Seen::Event(Event {
        kind,
        begins: tail.phase == table.begin,
        ends: tail.phase == table.end,
        source: in_file(tail.source, before),
        tick: tail.tick,
        line,
        before,
        params: tail.params,
    })
}

/// Numbers of the log's own vocabulary.
#[derive(Default)]
struct Table {
    kinds: Vec<Option<Kind>>,
    begin: u64,
    end: u64,
}

impl Table {
    fn new(constants: &Constants) -> Self {
        let mut kinds = Vec::new();
        for (name, kind) in KINDS {
            // A number beyond any table is no number of an event.
            let Some(&number) = constants.log_event_types.get(*name).filter(|number| **number < 1 << 16) else { continue };
            if kinds.len() <= number {
                kinds.resize(number + 1, None);
            }
            kinds[number] = Some(*kind);
        }
        let phase = |name: &str, usual: u64| constants.log_event_phase.get(name).copied().unwrap_or(usual);
        Self { kinds, begin: phase("PHASE_BEGIN", 1), end: phase("PHASE_END", 2) }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Constants {
    log_event_types: HashMap<String, usize>,
    #[serde(default)]
    log_event_phase: HashMap<String, u64>,
    #[serde(default)]
    net_error: HashMap<String, i64>,
    #[serde(default)]
    time_tick_offset: serde_json::Value,
    #[serde(default)]
    log_capture_mode: String,
    #[serde(default)]
    client_info: serde_json::Value,
}

impl Constants {
    /// Chromium has written it as a number and as a string.
    fn offset(&self) -> i64 {
        self.time_tick_offset.as_i64().or_else(|| self.time_tick_offset.as_str()?.parse().ok()).unwrap_or(0)
    }

    /// `Chromium 156.0.8078.79 (Linux)`
    fn client(&self) -> String {
        let said = |key: &str| self.client_info.get(key).and_then(serde_json::Value::as_str).unwrap_or_default();
        let system = said("os_type").split(':').next().unwrap_or_default();
        let name = format!("{} {}", said("name"), said("version")).trim().to_owned();
        if system.is_empty() { name } else { format!("{name} ({system})").trim().to_owned() }
    }

    fn errors(&self) -> HashMap<i64, String> {
        self.net_error.iter().map(|(name, &number)| (number, format!("net::{name}"))).collect()
    }
}

fn constants(text: &[u8]) -> Option<Constants> {
    #[derive(Deserialize)]
    struct First {
        constants: Constants,
    }
    // The line opens the file's object and ends with a comma.
    let closed = [text.strip_suffix(b",").unwrap_or(text), b"}"].concat();
    serde_json::from_slice(&closed).ok().map(|first: First| first.constants)
}

/// What follows an event's parameters, read without a JSON parser.
struct Tail<'a> {
    params: &'a [u8],
    phase: u64,
    source: i64,
    tick: u64,
    kind: usize,
}

impl<'a> Tail<'a> {
    /// Chromium writes the keys in alphabetical order:
    /// `{"params":{…},"phase":0,"source":{"id":161,"start_time":"12","type":32},"time":"13","type":197}`.
    fn of(object: &'a [u8]) -> Option<Self> {
        const LONGEST: usize = 200;
        let from = object.len().saturating_sub(LONGEST);
        let at = from + memchr::memmem::rfind(&object[from..], b"\"phase\":")?;
        let params = object[..at].strip_prefix(b"{\"params\":").and_then(|params| params.strip_suffix(b",")).unwrap_or(b"{}");
        let mut rest = &object[at..];
        let phase = number_after(&mut rest, b"\"phase\":")?;
        let source = number_after(&mut rest, b",\"source\":{\"id\":")?;
        rest = &rest[memchr::memchr(b'}', rest)?..];
        let tick = number_after(&mut rest, b"},\"time\":\"")?;
        let kind = number_after(&mut rest, b"\",\"type\":")?;
        if rest != b"}" {
            return None;
        }
        Some(Self { params, phase: phase.try_into().ok()?, source, tick: tick.try_into().ok()?, kind: kind.try_into().ok()? })
    }

    /// The same by the keys' names, should a Chromium ever write them in another order.
    fn by_keys(object: &'a [u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Keys<'a> {
            #[serde(borrow, default)]
            params: Option<&'a RawValue>,
            phase: u64,
            source: Source,
            time: String,
            #[serde(rename = "type")]
            kind: usize,
        }
        #[derive(Deserialize)]
        struct Source {
            id: i64,
        }
        let keys: Keys<'a> = serde_json::from_slice(object).ok()?;
        let params = keys.params.map_or(&b"{}"[..], |params| params.get().as_bytes());
        Some(Self { params, phase: keys.phase, source: keys.source.id, tick: keys.time.parse().ok()?, kind: keys.kind })
    }
}

fn number_after(rest: &mut &[u8], key: &[u8]) -> Option<i64> {
    let text = rest.strip_prefix(key)?;
    let end = text.iter().position(|byte| !(byte.is_ascii_digit() || *byte == b'-'))?;
    *rest = &text[end..];
    std::str::from_utf8(&text[..end]).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = r#"{"constants":{"logEventTypes":{"REQUEST_ALIVE":2,"URL_REQUEST_START_JOB":136,"OTHER":7},"logEventPhase":{"PHASE_BEGIN":1,"PHASE_END":2},"netError":{"ERR_NAME_NOT_RESOLVED":-105},"timeTickOffset":1700000000000},"#;

    fn shown(text: &str) -> (Vec<String>, Reading) {
        let mut events = Vec::new();
        let reading = read(text.as_bytes(), |event| {
            let params: Option<serde_json::Value> = event.params();
            events.push(format!("{:?} {} {} {} {}", event.kind, event.source, event.tick, event.begins, params.unwrap_or_default()));
        });
        (events, reading)
    }

    fn log(events: &str) -> String {
        format!("{FIRST}\n\"events\": [\n{events}")
    }

    #[test]
    fn events_are_found_by_their_ends_or_by_their_keys() {
        for (line, expected) in [
            (
                r#"{"params":{"url":"https://a.example/?\"phase\":9}"},"phase":1,"source":{"id":-5,"start_time":"1","type":1},"time":"12","type":2}"#,
                r#"RequestAlive -5 12 true {"url":"https://a.example/?\"phase\":9}"}"#,
            ),
            (r#"{"phase":2,"source":{"id":5,"start_time":"1","type":1},"time":"13","type":136}"#, "StartJob 5 13 false {}"),
            (r#"{"type":2,"time":"14","source":{"type":1,"id":6},"phase":1,"params":{"x":1}}"#, r#"RequestAlive 6 14 true {"x":1}"#),
        ] {
            let (events, reading) = shown(&log(&format!("{line}],\n\"polledData\": [{{}}]\n}}\n")));
            assert_eq!((events, reading.whole, reading.damaged), (vec![expected.to_owned()], true, 0), "{line}");
        }
    }

    #[test]
    fn a_log_says_whether_it_is_whole() {
        let event = r#"{"phase":2,"source":{"id":5,"start_time":"1","type":1},"time":"13","type":7}"#;
        for (end, events, whole, damaged) in [
            (format!("{event},\n{event}],\n\"polledData\": [{{}}]\n}}\n"), 2, true, 0),
            (format!("{event},\n{event}]}}\n"), 2, true, 0),
            (format!("{event},\n]}}\n"), 1, true, 0),
            (format!("{event},\n{event}],\n\"polledData\": [{{"), 2, false, 0),
            (format!("{event},\n{event},\n"), 2, false, 0),
            (format!("{event},\n{}", &event[..40]), 1, false, 1),
            (format!("{event},\nnot an event,\n{event}]}}\n"), 2, true, 1),
        ] {
            let (_, reading) = shown(&log(&end));
            assert_eq!((reading.events, reading.whole, reading.damaged), (events, whole, damaged), "{end}");
        }
        assert!(!shown("").1.whole);
        assert_eq!(shown("garbage\n").1.damaged, 1);
    }

    #[test]
    fn a_network_service_that_takes_anothers_place_counts_from_the_beginning() {
        let event = |source: i64| format!(r#"{{"phase":1,"source":{{"id":{source},"start_time":"1","type":1}},"time":"13","type":136}}"#);
        for (cut, damaged) in [(String::new(), 0), (event(6)[..40].to_owned(), 1), (format!("{}],\n", event(6)), 0)] {
            let second = format!("{FIRST}\n\"events\": [\n{}]}}\n", event(5));
            let mut sources = Vec::new();
            let reading = read(log(&format!("{},\n{cut}{second}", event(5))).as_bytes(), |event| {
                assert_eq!(event.number(own_number(event.source)), event.source);
                sources.push((own_number(event.source), event.before));
            });
            assert_eq!((sources[0], *sources.last().unwrap()), ((5, 0), (5, 1)), "{cut}");
            assert_eq!((reading.restarts, reading.damaged, reading.whole), (1, damaged, true), "{cut}");
        }
    }

    #[test]
    fn ticks_and_errors_have_their_meaning_in_the_constants() {
        let (_, reading) = shown(&log(""));
        assert_eq!((reading.offset_ms, reading.errors[&-105].as_str()), (1_700_000_000_000, "net::ERR_NAME_NOT_RESOLVED"));
    }
}
