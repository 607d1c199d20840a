//! An invented trust, an invented person, and a page that tries everything to be more than text.

use pixelwitness_classifier::{
    Alias, Answer, Basis, Blocked, ByteRange, Declared, Encoding, Event, FORMAT, Field, FilterList, Findings, Leak, ListedRule, Listing,
    Location, Manner, Meaning, Normalisation, Origin, Owner, OwnerBasis, Part, Party, Purpose, Recipient, RecipientId, SentTo, Sought,
    Unread, VendorName, Verdict, What,
};
use pixelwitness_recording::{
    Body, Bytes, Call, Canary, CanaryKind, Completeness, Cookie, Element, Environment, Gap, GapKind, Header, HeaderSource, HttpVersion,
    Initiator, Journey, Listening, LogLine, Message, MessageKind, Outcome, RawLog, Recording, Request, RequestId, Resolver, Response,
    Sender, SenderSource, Step, StepRun, TargetKind, Transmission, Viewport, Witness,
};

/// Markup, a way out of an attribute, an escape sequence and a direction override.
pub(crate) const HOSTILE: &str = "<script>alert(1)</script>\"><img src=x onerror=alert(2)> \u{1b}[31mred\u{202e}gpj.exe";

pub(crate) const PAGE: &str = "https://www.riverbank-trust.example/hiv/pre-exposure-prophylaxis";
pub(crate) const DIGEST: &str = "2a0a4b1cd4aa0bb6ee9a2a9f2f3f1b1dd7b4cbf4ee3a7f21c1a4b7a6f0a1c9d3";

/// Findings and the recording they were read from.
pub(crate) struct Example {
    pub(crate) findings: Findings,
    pub(crate) recording: Recording,
}

/// A search, a click and a form on a site with Meta, Google and TikTok, and a hostile page.
pub(crate) fn trust() -> Example {
    let mut example = Example {
        findings: Findings {
            format: FORMAT,
            journey: "Find a clinic and book".to_owned(),
            sites: vec!["riverbank-trust.example".to_owned()],
            ..Findings::default()
        },
        recording: recording(),
    };
    example.visit();
    example.meta_page_view();
    example.meta_copy();
    example.google();
    example.meta_click();
    example.tiktok();
    example.chat();
    example.unread();
    example.browser_own();
    example.known();
    example.finish();
    example.look_for();
    example.findings.verdict = Verdict::of(&example.findings, &example.recording);
    example
}

/// The same journey with its last step done.
pub(crate) fn completed() -> Example {
    let mut example = trust();
    example.recording.steps[2].outcome = Outcome::Done;
    example
}

/// The same site without anybody else on it.
pub(crate) fn clean() -> Example {
    let mut example = Example {
        findings: Findings {
            format: FORMAT,
            journey: "Opening times".to_owned(),
            sites: vec!["quiet-clinic.example".to_owned()],
            ..Findings::default()
        },
        recording: recording(),
    };
    example.recording.journey = Journey::visit("https://quiet-clinic.example/").unwrap();
    example.recording.steps.truncate(1);
    example.visit();
    example.findings.completeness = Completeness {
        finished: true,
        seen_by_both: 1,
        listened: vec![Listening { step: 0, url: "https://quiet-clinic.example/".to_owned(), listened_ms: 5000, settled: true }],
        ..Completeness::default()
    };
    example
}

/// A run whose only visit was answered by somebody before the site.
pub(crate) fn turned_away() -> Example {
    let mut example = clean();
    let basis = ["status 403", "header cf-mitigated: challenge"].map(str::to_owned).to_vec();
    let who = "a challenge of Cloudflare".to_owned();
    example.findings.blocked = vec![Blocked { step: Some(0), request: RequestId(1), url: PAGE.to_owned(), status: 403, who, basis }];
    example
}

impl Example {
    fn visit(&mut self) {
        let id = self.request(request("GET", PAGE, 0));
        self.receive(id, "riverbank-trust.example", None, Party::First, "riverbank-trust.example is the site itself");
    }

    fn meta_page_view(&mut self) {
        let url = "https://www.facebook.com/tr/?id=100200300400500&ev=PageView&dl=https%3A%2F%2Fwww.riverbank-trust.example%2Fhiv%2Fpre-exposure-prophylaxis%3Fq%3Dhiv%2520test&rl=&fbp=fb.1.1795332728000.1234567890&pmd[title]=PrEP%20%26%20HIV&xq=77";
        let mut sent = request("GET", url, 0);
        sent.headers.push(header("Referer", "https://www.riverbank-trust.example/"));
        sent.headers.push(header("Cookie", "fr=0AbCdEfGh..1; datr=QwErTyUiOp; c_user=100000000000001"));
        sent.response = Some(Response {
            status: 200,
            headers: vec![header("content-type", "image/gif"), header("set-cookie", "fr=0AbCdEfGh..2; Domain=.facebook.com")],
            body: None,
        });
        let id = self.request(sent);
        self.receive(id, "Meta Platforms", Some("Meta Pixel"), Party::Third, "facebook.com is not riverbank-trust.example");
        let fields = [
            ("id", "100200300400500", Meaning::AccountId),
            ("ev", "PageView", Meaning::EventName),
            ("dl", "https://www.riverbank-trust.example/hiv/pre-exposure-prophylaxis?q=hiv%20test", Meaning::PageUrl),
            ("fbp", "fb.1.1795332728000.1234567890", Meaning::BrowserId),
            ("pmd[title]", "PrEP & HIV", Meaning::PageTitle),
            ("xq", "77", Meaning::Unknown),
        ];
        self.event(id, "Meta Platforms", "meta_pixel", "PageView", &fields);
        self.leak(id, What::PageAddress, fields[2].1, "dl", Part::Query, &[Encoding::Percent]);
        self.leak(id, What::SearchTerm, "hiv test", "dl", Part::Query, &[Encoding::Percent, Encoding::Url, Encoding::Percent]);
        self.leak(id, What::PageTitle, "PrEP & HIV", "pmd[title]", Part::Query, &[Encoding::Percent]);
        self.leak(id, What::BrowserId, fields[3].1, "fbp", Part::Query, &[]);
        self.leak(id, What::BrowserId, "0AbCdEfGh..1", "fr", Part::Cookie, &[]);
        self.leak(id, What::BrowserId, "QwErTyUiOp", "datr", Part::Cookie, &[]);
        self.leak(id, What::PersonAccount, "100000000000001", "c_user", Part::Cookie, &[]);
    }

    /// The same event once more, for the browser's attribution reporting.
    fn meta_copy(&mut self) {
        let url = "https://www.facebook.com/privacy_sandbox/pixel/register/trigger/?id=100200300400500&ev=PageView&fbp=fb.1.1795332728000.1234567890";
        let id = self.request(request("GET", url, 0));
        self.receive(id, "Meta Platforms", Some("Meta Pixel"), Party::Third, "");
        self.event(id, "Meta Platforms", "meta_pixel", "PageView", &[("ev", "PageView", Meaning::EventName)]);
        self.copy_of(RequestId(2));
        self.leak(id, What::BrowserId, "fb.1.1795332728000.1234567890", "fbp", Part::Query, &[]);
        let answer = b"fbq.loadPlugin(\"inferredevents\");instance.optIn(\"100200300400500\", \"InferredEvents\", true);config.set(\"100200300400500\", \"automaticMatching\", {\"selectedMatchKeys\":[\"em\",\"fn\",\"ln\",\"ph\"]});";
        let config = self.request(Request {
            response: Some(Response {
                status: 200,
                headers: vec![header("content-type", "application/x-javascript")],
                body: Some(Bytes(answer.to_vec())),
            }),
            ..request("GET", "https://connect.facebook.net/signals/config/100200300400500?v=2.9.345", 0)
        });
        self.receive(config, "Meta Platforms", Some("Meta Pixel"), Party::Third, "");
        for (setting, value, note) in [
            ("InferredEvents", "on", Some("reports clicks on buttons and links of its own accord")),
            ("automaticMatching", "em, fn, ln, ph", None),
        ] {
            self.findings.declared.push(Declared {
                request: config,
                vendor: "meta_pixel".to_owned(),
                account: Some("100200300400500".to_owned()),
                setting: setting.to_owned(),
                value: value.to_owned(),
                note: note.map(str::to_owned),
            });
        }
    }

    fn google(&mut self) {
        let body = "en=page_view&dl=https%3A%2F%2Fwww.riverbank-trust.example%2Fhiv%2Fpre-exposure-prophylaxis\r\nen=view_search_results&ep.search_term=hiv%20test";
        let mut sent = request("POST", "https://region1.google-analytics.com/g/collect?v=2&tid=G-EXAMPLE001&cid=555666777.1795332728", 1);
        sent.body = body.as_bytes().to_vec().into();
        let id = self.request(sent);
        self.receive(id, "Google", Some("Google Analytics 4"), Party::Third, "google-analytics.com is not riverbank-trust.example");
        self.event(id, "Google", "ga4", "page_view", &[("en", "page_view", Meaning::EventName)]);
        self.event(id, "Google", "ga4", "view_search_results", &[("ep.search_term", "hiv test", Meaning::SearchTerm)]);
        self.leak(id, What::PageAddress, PAGE, "dl", Part::BatchLine, &[Encoding::Percent]);
        self.leak(id, What::SearchTerm, "hiv test", "ep.search_term", Part::BatchLine, &[Encoding::Percent]);
        self.leak(id, What::BrowserId, "555666777.1795332728", "cid", Part::Query, &[]);
    }

    /// A multipart beacon with the text of a hostile button, an explained hash and one that nothing explains.
    fn meta_click(&mut self) {
        let body = format!(
            "------x\r\nContent-Disposition: form-data; name=\"cd[buttonText]\"\r\n\r\nBook an appointment\r\n------x\r\nContent-Disposition: form-data; \
             name=\"cd[buttonFeatures]\"\r\n\r\n{HOSTILE}\r\n------x\r\nContent-Disposition: form-data; name=\"udff[em]\"\r\n\r\n{DIGEST}\r\n------x--\r\n"
        );
        let mut sent = request("POST", "https://www.facebook.com/tr/", 1);
        sent.headers.push(header("Content-Type", "multipart/form-data; boundary=----x"));
        sent.headers.push(header("X-Hostile", HOSTILE));
        sent.body = body.into_bytes().into();
        sent.witness = Witness::WireOnly;
        let id = self.request(sent);
        self.receive(id, "Meta Platforms", Some("Meta Pixel"), Party::Third, "");
        let fields =
            [("cd[buttonText]", "Book an appointment", Meaning::ButtonText), ("cd[buttonFeatures]", HOSTILE, Meaning::ButtonDetail)];
        self.event(id, "Meta Platforms", "meta_pixel", "SubscribedButtonClick", &fields);
        self.leak(id, What::ButtonText, "Book an appointment", "cd[buttonText]", Part::Multipart, &[]);
        self.leak(id, What::ButtonText, HOSTILE, "cd[buttonFeatures]", Part::Multipart, &[]);
        let normalised = vec![Normalisation::Trim, Normalisation::Lowercase];
        self.leak(id, What::Email, DIGEST, "udff[em]", Part::Multipart, &[Encoding::Sha256 { normalised }]);
        self.change(|leaks| {
            let email = leaks.last_mut().unwrap();
            email.clear_value = Some("pat.morgan@mail.example".to_owned());
            email.basis.insert(0, Basis::Canary { name: "email".to_owned() });
        });
    }

    /// Changes its claims.
    pub(crate) fn change(&mut self, change: impl FnOnce(&mut Vec<Leak>)) {
        let mut leaks: Vec<Leak> = self.findings.leaks.iter().collect();
        change(&mut leaks);
        self.findings.leaks = leaks.into();
    }

    /// A gzip'd body: bytes, not text. Its claims name the whole body.
    fn tiktok(&mut self) {
        let mut sent = request("POST", "https://analytics.tiktok.com/api/v2/pixel/act", 2);
        let bytes: Vec<u8> = [0x1f, 0x8b, 8, 0].into_iter().chain((0..60_u8).map(|byte| byte.wrapping_mul(37))).collect();
        let length = bytes.len();
        sent.body = bytes.into();
        let id = self.request(sent);
        self.receive(id, "ByteDance", Some("TikTok Pixel"), Party::Third, "tiktok.com is not riverbank-trust.example");
        self.event(id, "ByteDance", "tiktok_pixel", "EnrichAM", &[("context.user.auto_email", DIGEST, Meaning::HashedEmail)]);
        self.leak(id, What::Phone, &DIGEST.replace('2', "7"), "context.user.auto_phone_number", Part::Json, &[Encoding::Gzip]);
        self.change(|leaks| leaks.last_mut().unwrap().location.range = Some(ByteRange { start: 4, end: length }));
        self.leak(id, What::PageTitle, HOSTILE, "context.page.title", Part::Json, &[Encoding::Gzip, Encoding::JsonString]);
    }

    /// A chat over a WebSocket on a host nobody knows.
    fn chat(&mut self) {
        let id = self.request(request("GET", "wss://chat.helpful-widget.test/socket", 2));
        self.receive(id, "helpful-widget.test", None, Party::Third, "helpful-widget.test is not riverbank-trust.example");
        let payload = "{\"say\":\"is the hiv test free?\"}";
        self.recording.messages.push(Message {
            request: id,
            step: Some(2),
            sent_at_ms: 1_795_332_741_000,
            kind: MessageKind::Text,
            payload: Bytes(payload.as_bytes().to_vec()),
            witness: Witness::Both,
            log_lines: vec![LogLine { log: RawLog::Netlog, line: 4001 }],
        });
        self.leak(id, What::SearchTerm, "hiv test", "WebSocket message", Part::Message, &[]);
        self.change(|leaks| {
            let leak = leaks.last_mut().unwrap();
            leak.location = Location { part: Part::Message, name: "1".to_owned(), range: Some(ByteRange { start: 15, end: 23 }) };
            leak.basis = vec![Basis::Canary { name: "condition".to_owned() }];
            leak.vendor = None;
            leak.event = None;
        });
    }

    fn unread(&mut self) {
        for (host, bytes) in [("cdn.session-film.test", 9000), ("pixel.bid-stream.test", 44)] {
            let mut sent = request("POST", &format!("https://{host}/v1/batch?k={HOSTILE}"), 2);
            sent.body = "zQ9x".repeat(bytes / 4).into_bytes().into();
            let id = self.request(sent);
            self.receive(id, host.split_once('.').unwrap().1, None, Party::Third, &format!("{host} is another site"));
            self.findings.unread.push(Unread {
                request: id,
                recipient: RecipientId(host.split_once('.').unwrap().1.to_owned()),
                endpoint: format!("POST https://{host}/v1/batch"),
                bytes,
            });
        }
    }

    fn browser_own(&mut self) {
        let mut sent = request("POST", "https://accounts.google.com/ListAccounts", 0);
        sent.sender = Sender::Browser { rule: "the browser's own account list".to_owned() };
        sent.body = Body::Unavailable { why: "DevTools did not announce the request".to_owned() };
        self.request(sent);
    }

    /// What is known of recipients beside what they were told.
    fn known(&mut self) {
        let list = |file: &str, title: Option<&str>| FilterList {
            file: file.to_owned(),
            title: title.map(str::to_owned),
            version: title.map(|_| "202611250900".to_owned()),
            modified: None,
            sha256: DIGEST.to_owned(),
            rules: 50_000,
            unread: usize::from(title.is_some()),
        };
        let rule = |line: usize, text: &str| ListedRule { line, text: text.to_owned() };
        let listing = |list, line, text: &str, recipient: &str, requests: &[u32]| Listing {
            list,
            rule: rule(line, text),
            important: false,
            exception: None,
            recipient: RecipientId(recipient.to_owned()),
            requests: requests.iter().copied().map(RequestId).collect(),
        };
        self.findings.lists = vec![list("watchers.txt", Some("Watchers")), list(HOSTILE, None)];
        self.findings.listed = vec![
            listing(0, 1234, "||facebook.com^$third-party", "Meta Platforms", &[2, 3]),
            Listing {
                exception: Some(rule(77, "@@||bid-stream.test^$ping")),
                ..listing(0, 9, "||bid-stream.test^", "bid-stream.test", &[9])
            },
            listing(1, 3, HOSTILE, "session-film.test", &[8]),
        ];
        let owner = |domain: &str, owner: &str, basis: OwnerBasis| Owner {
            domain: domain.to_owned(),
            owner: owner.to_owned(),
            country: Some("GB".to_owned()),
            purpose: Purpose::SessionReplay,
            date: "2026-11-25".to_owned(),
            basis,
            recipient: RecipientId(domain.to_owned()),
        };
        self.findings.owners = vec![
            owner("session-film.test", "Session Film Ltd", OwnerBasis::Recalled),
            owner(
                "helpful-widget.test",
                "Helpful Widgets",
                OwnerBasis::Documented { source: "https://helpful-widget.test/domains".to_owned() },
            ),
        ];
        self.findings.aliases = vec![Alias {
            host: "metrics.riverbank-trust.example".to_owned(),
            aliases: vec!["riverbank.sc.omtrdc.net".to_owned(), "edge.omtrdc.net".to_owned()],
            leads_to: "riverbank.sc.omtrdc.net".to_owned(),
            owner: Some("Adobe".to_owned()),
            purpose: Some(Purpose::Analytics),
            basis: Some(OwnerBasis::Definition { vendor: "adobe_analytics".to_owned() }),
            by: Resolver::Browser,
            at_ms: 1_795_332_728_500,
            log_line: LogLine { log: RawLog::Netlog, line: 77 },
            recipient: RecipientId("riverbank-trust.example".to_owned()),
        }];
    }

    fn finish(&mut self) {
        self.findings.gaps = vec![
            Gap {
                kind: GapKind::BodyUnavailable,
                why: format!("the body of {HOSTILE} was not seen"),
                request: Some(RequestId(8)),
                step: Some(2),
            },
            Gap { kind: GapKind::HeldBack, why: "the page asked to open a second window".to_owned(), request: None, step: None },
        ];
        self.findings.completeness = Completeness {
            finished: true,
            targets_attached: 3,
            devtools_events: 812,
            netlog_events: 15_310,
            seen_by_both: 8,
            wire_only: 1,
            browser_own: 1,
            bodies_unavailable: 1,
            listened: (0..3)
                .map(|step| Listening { step, url: PAGE.to_owned(), listened_ms: 5000 + 1200 * step as u64, settled: step < 2 })
                .collect(),
            out_of_scope: vec!["QUIC is switched off, so that every byte can be read; a site may behave otherwise over it".to_owned()],
            ..Completeness::default()
        };
        self.recording.gaps = self.findings.gaps.clone();
        self.recording.completeness = self.findings.completeness.clone();
    }

    /// What the findings amount to, as the classifier has it, after a test has changed them.
    pub(crate) fn with_verdict(&self) -> Findings {
        let verdict = Verdict::of(&self.findings, &self.recording);
        Findings { verdict, ..self.findings.clone() }
    }

    /// What became of the values that the journey put into pages.
    fn look_for(&mut self) {
        let sought = |(canary, answer, who): (&Canary, Answer, &[(&str, u32)])| Sought {
            name: canary.name.clone(),
            kind: canary.kind,
            value: canary.value.clone(),
            asked: None,
            origin: Origin::Canary,
            steps: vec![1],
            answer,
            sent_to: who
                .iter()
                .map(|(who, request)| SentTo {
                    recipient: RecipientId((*who).to_owned()),
                    party: Party::Third,
                    manner: Manner::Whole,
                    requests: vec![RequestId(*request)],
                })
                .collect(),
        };
        let canaries = &self.recording.journey.canaries;
        let everybody: &[(&str, u32)] = &[("Meta Platforms", 2), ("Google", 5), ("helpful-widget.test", 8)];
        self.findings.sought = [
            (&canaries[0], Answer::SentToThirdParty, everybody),
            (&canaries[1], Answer::SentToThirdParty, &[("Meta Platforms", 6)][..]),
            (&canaries[2], Answer::NotObserved, &[][..]),
        ]
        .map(sought)
        .to_vec();
        self.findings.vendors = [("ga4", "Google Analytics 4", "Google"), ("meta_pixel", "Meta Pixel", "Meta Platforms")]
            .map(|(id, name, owner)| VendorName { id: id.to_owned(), name: name.to_owned(), owner: owner.to_owned() })
            .to_vec();
    }

    /// The last event is a copy of the one in this request.
    fn copy_of(&mut self, original: RequestId) {
        let mut events: Vec<Event> = self.findings.events.iter().collect();
        events.last_mut().unwrap().copy_of = Some(original);
        self.findings.events = events.into();
    }

    fn request(&mut self, mut request: Request) -> RequestId {
        request.id = RequestId(u32::try_from(self.recording.requests.len()).unwrap() + 1);
        let id = request.id;
        self.recording.requests.push(request);
        id
    }

    fn receive(&mut self, request: RequestId, id: &str, vendor: Option<&str>, party: Party, why: &str) {
        let url = self.recording.requests.iter().find(|one| one.id == request).unwrap().url;
        let host = url.split('/').nth(2).unwrap().to_owned();
        let recipients = &mut self.findings.recipients;
        if !recipients.iter().any(|recipient| recipient.id.0 == id) {
            recipients.push(Recipient {
                id: RecipientId(id.to_owned()),
                owner: vendor.map(|_| id.to_owned()),
                vendors: vendor.map(str::to_owned).into_iter().collect(),
                hosts: Vec::new(),
                party,
                why: why.to_owned(),
                sinkhole: false,
                requests: Vec::new(),
            });
            recipients.sort_by_key(|recipient| recipient.party);
        }
        let recipient = recipients.iter_mut().find(|recipient| recipient.id.0 == id).unwrap();
        recipient.requests.push(request);
        if !recipient.hosts.contains(&host) {
            recipient.hosts.push(host);
        }
    }

    fn event(&mut self, request: RequestId, recipient: &str, vendor: &str, name: &str, fields: &[(&str, &str, Meaning)]) {
        let step = self.recording.requests.get(request.0 as usize - 1).unwrap().step;
        let field = |(name, value, meaning): &(&str, &str, Meaning)| Field {
            name: (*name).to_owned(),
            value: (*value).to_owned(),
            meaning: *meaning,
            note: (*name == "fbp").then(|| "first-party cookie _fbp: one per browser and site".to_owned()),
            location: Location { part: Part::Query, name: (*name).to_owned(), range: Some(ByteRange { start: 3, end: 9 }) },
            encodings: vec![Encoding::Percent],
        };
        self.findings.events.push(Event {
            request,
            recipient: RecipientId(recipient.to_owned()),
            vendor: vendor.to_owned(),
            name: Some(name.to_owned()),
            account: Some("100200300400500".to_owned()),
            step,
            form: Vec::new(),
            copy_of: None,
            fields: fields.iter().map(field).collect(),
        });
    }

    /// A claim whose place is looked up in the request, so that marks can be checked against values.
    fn leak(&mut self, request: RequestId, what: What, value: &str, name: &str, part: Part, encodings: &[Encoding]) {
        let sent = self.recording.requests.get(request.0 as usize - 1).unwrap();
        let recipient = self.findings.recipients.iter().find(|one| one.requests.contains(&request)).unwrap().id.clone();
        let carrier: Vec<u8> = match part {
            Part::Query | Part::Path | Part::Host => sent.url.clone().into_bytes(),
            Part::Header | Part::Cookie => sent.header("cookie").unwrap_or_default().as_bytes().to_vec(),
            _ => sent.body.bytes().unwrap_or_default().to_vec(),
        };
        let written = written(value, encodings);
        let start = carrier.windows(written.len()).position(|window| window == written.as_bytes());
        self.findings.leaks.push(Leak {
            what,
            value: value.to_owned(),
            clear_value: None,
            name: name.to_owned(),
            recipient,
            request,
            step: sent.step,
            vendor: Some("meta_pixel".to_owned()),
            event: Some("PageView".to_owned()),
            location: Location { part, name: name.to_owned(), range: start.map(|start| ByteRange { start, end: start + written.len() }) },
            encodings: encodings.to_vec(),
            basis: match value {
                "hiv test" => vec![Basis::Canary { name: "condition".to_owned() }, field_basis(name)],
                _ => vec![field_basis(name)],
            },
        });
    }
}

fn field_basis(name: &str) -> Basis {
    Basis::VendorField { vendor: "meta_pixel".to_owned(), field: name.to_owned() }
}

/// Percent-encoding as often as it is listed: enough for an example.
fn written(value: &str, encodings: &[Encoding]) -> String {
    let times = encodings.iter().filter(|encoding| **encoding == Encoding::Percent).count();
    let encode = |text: String| -> String {
        let each = |byte: u8| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        };
        text.bytes().map(each).collect()
    };
    (0..times).fold(value.to_owned(), |text, _| encode(text))
}

fn recording() -> Recording {
    let canaries = [
        ("condition", CanaryKind::SearchTerm, "hiv test"),
        ("email", CanaryKind::Email, "pat.morgan@mail.example"),
        ("phone", CanaryKind::Phone, "07700 900123"),
    ];
    let step = |index: usize, what: &str, outcome: Outcome, title: &str| StepRun {
        step: index,
        what: what.to_owned(),
        started_at_ms: 1_795_332_728_000 + 6000 * index as u64,
        ended_at_ms: 1_795_332_733_500 + 6000 * index as u64,
        outcome,
        url_before: if index == 0 { "about:blank".to_owned() } else { PAGE.to_owned() },
        url_after: PAGE.to_owned(),
        title_after: title.to_owned(),
        element: (index > 0).then(|| Element { selector: "a.book".to_owned(), tag: "a".to_owned(), text: HOSTILE.to_owned() }),
        input: None,
        screenshot_before: (index > 0).then(|| format!("step-0{}-before.png", index + 1)),
        screenshot_after: Some(format!("step-0{}-after.png", index + 1)),
    };
    Recording {
        journey: Journey {
            name: "Find a clinic and book".to_owned(),
            cookies: vec![Cookie { domain: ".facebook.com".to_owned(), name: "c_user".to_owned(), value: "100000000000001".to_owned() }],
            canaries: canaries.map(|(name, kind, value)| Canary { name: name.to_owned(), kind, value: value.to_owned() }).to_vec(),
            steps: vec![Step::Visit(PAGE.to_owned()), Step::Click("a.book".to_owned()), Step::Submit("#contact".to_owned())],
            ..Journey::default()
        },
        environment: Environment {
            tool_version: "0.1.0".to_owned(),
            started_at_ms: 1_795_332_728_123,
            browser: "Chrome/156.0.8078.79".to_owned(),
            browser_path: "/usr/bin/chromium".to_owned(),
            command_line: vec!["chromium".to_owned(), "--headless=new".to_owned(), "--disable-quic".to_owned()],
            user_agent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36".to_owned(),
            sandbox: true,
            third_party_cookies_in_force: "allow".to_owned(),
            locale: "en-GB".to_owned(),
            time_zone: "Europe/London".to_owned(),
            viewport: Viewport::default(),
            host: "Linux 6.1 x86_64".to_owned(),
            ..Environment::default()
        },
        steps: vec![
            step(0, &format!("visit {PAGE}"), Outcome::Done, "PrEP & HIV"),
            step(1, "click \"Book an appointment\"", Outcome::Done, HOSTILE),
            step(2, "submit #contact", Outcome::Failed { why: "no element matches #contact".to_owned() }, "Contact us"),
        ],
        ..Recording::default()
    }
}

pub(crate) fn request(method: &str, url: &str, step: usize) -> Request {
    Request {
        id: RequestId(0),
        step: Some(step),
        sent_at_ms: 1_795_332_729_000 + 6000 * step as u64,
        sender: Sender::Page,
        page_url: Some(PAGE.to_owned()),
        frame: None,
        target: TargetKind::Page,
        resource_type: "Ping".to_owned(),
        method: method.to_owned(),
        url: url.to_owned(),
        http_version: HttpVersion::Http2,
        headers: vec![header("accept", "*/*"), header("accept-language", "en-GB,en;q=0.9")],
        headers_from: HeaderSource::Wire,
        body: Body::Empty,
        body_from: Witness::Both,
        initiator: Initiator {
            kind: "script".to_owned(),
            url: None,
            stack: vec![
                Call {
                    function: "sendPing".to_owned(),
                    url: "https://connect.facebook.net/en_US/fbevents.js".to_owned(),
                    line: 23,
                    column: 4711,
                },
                Call { function: String::new(), url: format!("{PAGE}?{HOSTILE}"), line: 88, column: 3 },
            ],
            origin: Some("https://www.riverbank-trust.example".to_owned()),
        },
        sender_from: SenderSource::Devtools,
        top_site: Some("https://riverbank-trust.example".to_owned()),
        redirected_from: None,
        response: None,
        remote_address: Some("192.0.2.7:443".to_owned()),
        transmission: Transmission::Sent,
        witness: Witness::Both,
        log_lines: vec![LogLine { log: RawLog::Devtools, line: 120 }, LogLine { log: RawLog::Netlog, line: 2331 }],
    }
}

pub(crate) fn header(name: &str, value: &str) -> Header {
    Header { name: name.to_owned(), value: value.to_owned() }
}
