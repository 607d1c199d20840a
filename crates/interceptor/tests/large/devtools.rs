use std::collections::BTreeMap;
use std::io::{self, Write};

use pixelwitness_recording::raw_log::{FIRST_PREV, Note};
use pixelwitness_recording::{Canary, CanaryKind, Environment, FORMAT, Journey, Listening, Outcome, Step, StepRun};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::sent::{EMAIL, OFFSET_MS, PAGE, Sent, sent};

const SESSION: &str = "C85273BCA2EBACACE786D6CC7E25EA30";
const FRAME: &str = "4A517A7C2A137BEA3F3FE5ADA623779E";
const LOADER: &str = "464C687CB2DA532714D3B56CD796ADC8";

/// Writes the DevTools log of that many requests, with its hash chain.
pub(crate) fn devtools(requests: usize, out: &mut impl Write) -> io::Result<()> {
    let first = sent(0).tick + OFFSET_MS;
    let mut log = Log { out, seq: 0, prev: FIRST_PREV.to_owned(), at_ms: first - 500 };
    log.note(&Note::RunBegins { format: FORMAT, journey: Box::new(journey()) })?;
    log.note(&Note::BrowserReady(Box::new(environment(first))))?;
    log.received(json!({ "method": "Target.attachedToTarget", "params": {
        "sessionId": SESSION, "targetInfo": { "targetId": FRAME, "type": "page", "url": "about:blank" }, "waitingForDebugger": true } }))?;
    log.at_ms = first - 10;
    log.note(&Note::StepBegins { step: 0 })?;
    for number in 0..requests {
        log.request(&sent(number))?;
    }
    log.note(&Note::Listened(Listening { step: 0, url: PAGE.to_owned(), listened_ms: 5_000, settled: true }))?;
    log.note(&Note::StepEnds(Box::new(step(first, log.at_ms))))?;
    log.note(&Note::Leaving)?;
    log.note(&Note::RunEnds)
}

fn journey() -> Journey {
    let canary = |name: &str, kind, value: &str| Canary { name: name.to_owned(), kind, value: value.to_owned() };
    Journey {
        name: "A page that sends many requests".to_owned(),
        canaries: vec![canary("condition", CanaryKind::SearchTerm, "hiv test"), canary("address", CanaryKind::Email, EMAIL)],
        steps: vec![Step::Visit(PAGE.to_owned())],
        ..Journey::default()
    }
}

fn environment(started_at_ms: u64) -> Environment {
    Environment { tool_version: "0.0.0".to_owned(), started_at_ms, browser: "Chrome/156.0.8078.79".to_owned(), ..Environment::default() }
}

fn step(started_at_ms: u64, ended_at_ms: u64) -> StepRun {
    StepRun {
        step: 0,
        what: format!("visit {PAGE}"),
        started_at_ms,
        ended_at_ms,
        outcome: Outcome::Done,
        url_before: "about:blank".to_owned(),
        url_after: PAGE.to_owned(),
        title_after: "Conditions".to_owned(),
        element: None,
        input: None,
        screenshot_before: None,
        screenshot_after: None,
    }
}

struct Log<'a, W> {
    out: &'a mut W,
    seq: u64,
    prev: String,
    at_ms: u64,
}

impl<W: Write> Log<'_, W> {
    fn line(&mut self, content: &str) -> io::Result<()> {
        let line = format!("{{\"seq\":{},\"at_ms\":{},\"prev\":\"{}\",{content}}}", self.seq, self.at_ms, self.prev);
        self.seq += 1;
        self.prev = Sha256::digest(&line).iter().map(|byte| format!("{byte:02x}")).collect();
        writeln!(self.out, "{line}")
    }

    fn note(&mut self, note: &Note) -> io::Result<()> {
        self.line(&format!("\"note\":{}", serde_json::to_string(note)?))
    }

    fn received(&mut self, mut frame: Value) -> io::Result<()> {
        frame["sessionId"] = SESSION.into();
        self.line(&format!("\"in\":{frame}"))
    }

    fn event(&mut self, method: &str, params: Value) -> io::Result<()> {
        self.received(json!({ "method": method, "params": params }))
    }

    fn request(&mut self, sent: &Sent) -> io::Result<()> {
        let request = if sent.number == 0 { LOADER.to_owned() } else { format!("4499.{}", sent.number) };
        let seconds = sent.tick as f64 / 1_000.0;
        self.at_ms = sent.tick + OFFSET_MS;
        let all: BTreeMap<String, String> = sent.headers().into_iter().collect();
        let asked: BTreeMap<&String, &String> =
            all.iter().filter(|(name, _)| !["cookie", "accept-encoding"].contains(&name.as_str())).collect();
        let entries: Vec<Value> = (!sent.body.is_empty()).then(|| json!({ "bytes": base64(&sent.body) })).into_iter().collect();
        let mut announced = json!({
            "requestId": request, "loaderId": LOADER, "documentURL": PAGE,
            "request": { "url": sent.url(), "method": sent.method, "headers": asked, "mixedContentType": "none", "initialPriority": "High",
                "referrerPolicy": "strict-origin-when-cross-origin", "isSameSite": sent.connection() == 0 },
            "timestamp": seconds, "wallTime": self.at_ms as f64 / 1_000.0, "initiator": initiator(sent), "redirectHasExtraInfo": false,
            "type": sent.kind, "frameId": FRAME, "hasUserGesture": false });
        if !entries.is_empty() {
            announced["request"]["hasPostData"] = true.into();
            announced["request"]["postData"] = sent.body.as_str().into();
            announced["request"]["postDataEntries"] = entries.into();
        }
        self.event("Network.requestWillBeSent", announced)?;
        self.event("Network.requestWillBeSentExtraInfo", json!({
            "requestId": request, "associatedCookies": [], "headers": all, "connectTiming": { "requestTime": seconds },
            "clientSecurityState": { "initiatorIsSecureContext": true, "initiatorIPAddressSpace": "Public", "localNetworkAccessRequestPolicy": "PermissionBlock" } }))?;
        if !sent.body.is_empty() {
            let id = sent.number + 100;
            let asks =
                json!({ "id": id, "method": "Network.getRequestPostData", "params": { "requestId": request }, "sessionId": SESSION });
            self.line(&format!("\"out\":{asks}"))?;
            self.received(json!({ "id": id, "result": { "postData": sent.body, "base64Encoded": false } }))?;
        }
        self.answer(sent, &request, seconds + 0.04)
    }

    fn answer(&mut self, sent: &Sent, request: &str, seconds: f64) -> io::Result<()> {
        let headers: BTreeMap<String, String> = sent.answer_headers().into_iter().collect();
        let text: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        self.event("Network.responseReceivedExtraInfo", json!({
            "requestId": request, "blockedCookies": [], "headers": headers, "resourceIPAddressSpace": "Public", "statusCode": 200, "headersText": text }))?;
        self.event(
            "Network.responseReceived",
            json!({
            "requestId": request, "loaderId": LOADER, "timestamp": seconds, "type": sent.kind,
            "response": { "url": sent.url(), "status": 200, "statusText": "", "headers": headers, "mimeType": sent.answer_type,
                "connectionReused": true, "connectionId": 10 + sent.connection() * 2, "remoteIPAddress": "192.0.2.7", "remotePort": 443,
                "fromDiskCache": false, "fromServiceWorker": false, "fromPrefetchCache": false, "encodedDataLength": 234 },
            "hasExtraInfo": true, "frameId": FRAME }),
        )?;
        self.event(
            "Network.dataReceived",
            json!({ "requestId": request, "timestamp": seconds, "dataLength": sent.answer_bytes, "encodedDataLength": 0 }),
        )?;
        self.event(
            "Network.loadingFinished",
            json!({ "requestId": request, "timestamp": seconds, "encodedDataLength": sent.answer_bytes }),
        )?;
        if sent.number == 0 {
            self.event("Page.frameNavigated", json!({ "frame": { "id": FRAME, "loaderId": LOADER, "url": PAGE }, "type": "Navigation" }))?;
        }
        Ok(())
    }
}

/// Some forty places in scripts that requests come from.
fn initiator(sent: &Sent) -> Value {
    if sent.number == 0 {
        return json!({ "type": "other" });
    }
    let call = |depth: usize| {
        json!({ "functionName": format!("step{depth}"), "scriptId": "7", "url": "https://www.clinic.example/assets/application.js",
            "lineNumber": 1, "columnNumber": 1_000 + sent.number % 40 * 100 + depth })
    };
    json!({ "type": "script", "stack": { "callFrames": (0..6).map(call).collect::<Vec<_>>() } })
}

fn base64(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}
