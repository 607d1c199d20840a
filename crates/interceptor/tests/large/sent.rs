use std::fmt::Write as _;

pub(crate) const PAGE: &str = "https://www.clinic.example/conditions?search=hiv+test";
pub(crate) const EMAIL: &str = "sam.field@patient.example";
/// Milliseconds since the Unix epoch at tick 0.
pub(crate) const OFFSET_MS: u64 = 1_795_000_000_000;
/// When the first request is made, in ticks.
const FIRST_TICK: u64 = 3_130_000;
/// Connections to recipients that nobody defined.
const RECIPIENTS: usize = 60;

/// One request of the page and its answer.
pub(crate) struct Sent {
    pub(crate) number: usize,
    pub(crate) tick: u64,
    pub(crate) method: &'static str,
    pub(crate) host: String,
    pub(crate) path: String,
    pub(crate) kind: &'static str,
    pub(crate) body: String,
    pub(crate) cookie: String,
    pub(crate) answer_type: &'static str,
    pub(crate) answer_bytes: usize,
}

impl Sent {
    pub(crate) fn url(&self) -> String {
        format!("https://{}{}", self.host, self.path)
    }

    /// Its number on the connection to its host: 0 is the first.
    pub(crate) fn connection(&self) -> usize {
        match self.host.as_str() {
            "www.clinic.example" => 0,
            "www.facebook.com" => 1,
            "region1.google-analytics.com" => 2,
            host => 3 + host.trim_start_matches("collect-").split('.').next().and_then(|number| number.parse::<usize>().ok()).unwrap_or(0),
        }
    }

    pub(crate) fn is_http2(&self) -> bool {
        !self.connection().is_multiple_of(5) || self.connection() == 0
    }

    /// Header lines as the network stack writes them, the pseudo headers of HTTP/2 left out.
    pub(crate) fn headers(&self) -> Vec<(String, String)> {
        let mut headers = vec![
            ("sec-ch-ua-platform", "\"Linux\"".to_owned()),
            (
                "user-agent",
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36".to_owned(),
            ),
            ("sec-ch-ua", "\"Not:A-Brand\";v=\"8\", \"Chromium\";v=\"156\"".to_owned()),
            ("sec-ch-ua-mobile", "?0".to_owned()),
            ("accept", "*/*".to_owned()),
        ];
        if self.connection() != 0 {
            headers.push(("origin", "https://www.clinic.example".to_owned()));
        }
        headers.extend([
            ("sec-fetch-site", if self.connection() == 0 { "same-origin" } else { "cross-site" }.to_owned()),
            ("sec-fetch-mode", "cors".to_owned()),
            ("sec-fetch-dest", "empty".to_owned()),
            ("referer", if self.connection() == 0 { PAGE } else { "https://www.clinic.example/" }.to_owned()),
            ("accept-encoding", "gzip, deflate, br, zstd".to_owned()),
            ("accept-language", "en-GB,en;q=0.9".to_owned()),
            ("cookie", self.cookie.clone()),
            ("priority", "u=1, i".to_owned()),
        ]);
        if !self.body.is_empty() {
            headers.push(("content-length", self.body.len().to_string()));
            headers.push(("content-type", "text/plain;charset=UTF-8".to_owned()));
        }
        headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    pub(crate) fn answer_headers(&self) -> Vec<(String, String)> {
        let second = self.number / 400 % 60;
        [
            ("date", format!("Wed, 18 Nov 2026 10:20:{second:02} GMT")),
            ("content-type", self.answer_type.to_owned()),
            ("content-length", self.answer_bytes.to_string()),
            ("cache-control", "no-cache, no-store, must-revalidate".to_owned()),
            ("strict-transport-security", "max-age=31536000; includeSubDomains; preload".to_owned()),
            ("x-request-id", token(self.number, 1)),
            ("etag", format!("\"{}\"", &token(self.number, 2)[..16])),
            ("server", "nginx".to_owned()),
            ("vary", "Accept-Encoding, Origin".to_owned()),
            ("access-control-allow-origin", "*".to_owned()),
            ("x-content-type-options", "nosniff".to_owned()),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
    }
}

/// The request of this number; 0 is the page itself.
pub(crate) fn sent(number: usize) -> Sent {
    let (token, tick) = (token(number, 0), FIRST_TICK + number as u64 * 2);
    let fallback = Sent {
        number,
        tick,
        method: "GET",
        host: "www.clinic.example".to_owned(),
        path: format!("/api/items/{number}?token={token}&page=conditions"),
        kind: "Fetch",
        body: String::new(),
        // Analytics cookies that count are written anew again and again.
        cookie: format!(
            "_ga=GA1.1.1234567890.1795000000; _ga_ABCD=GS2.1.s1795000000$o1$g1$t{}$j60$l0$h0; _fbp=fb.1.1795000000000.1234567890; session={}",
            1_795_000_000 + number / 100,
            "c".repeat(120)
        ),
        answer_type: "application/json",
        answer_bytes: 2_400,
    };
    match number % 20 {
        _ if number == 0 => Sent {
            path: PAGE.trim_start_matches("https://www.clinic.example").to_owned(),
            kind: "Document",
            answer_type: "text/html; charset=utf-8",
            answer_bytes: 60_000,
            ..fallback
        },
        1 => Sent { answer_bytes: 43, answer_type: "image/gif", kind: "Image", ..meta(fallback) },
        2 => Sent { answer_bytes: 0, answer_type: "text/plain", kind: "Ping", ..google(fallback) },
        3..10 => fallback,
        10..14 => {
            Sent { path: format!("/images/{token}.webp"), kind: "Image", answer_type: "image/webp", answer_bytes: 12_000, ..fallback }
        }
        _ => {
            let told = if number % 500 == 14 { EMAIL } else { "nobody" };
            let mut body = format!("{{\"number\":{number},\"session\":\"{token}\",\"user\":\"{told}\",\"events\":[");
            for part in 0..3 {
                let _ = write!(body, "{{\"name\":\"scroll\",\"depth\":{part},\"at\":{}}},", tick + part);
            }
            body.push_str("{}]}");
            Sent {
                method: "POST",
                host: format!("collect-{}.recipient-{}.test", number / 7 % RECIPIENTS, number / 7 % RECIPIENTS),
                path: format!("/in?v=2&id={token}"),
                kind: "Ping",
                body,
                cookie: format!("uid={}", "u".repeat(40)),
                answer_type: "text/plain",
                answer_bytes: 20,
                ..fallback
            }
        }
    }
}

fn meta(sent: Sent) -> Sent {
    let path = format!(
        "/tr/?id=100200300400500&ev=PageView&dl=https%3A%2F%2Fwww.clinic.example%2Fconditions%3Fsearch%3Dhiv%2Btest&rl=&if=false&ts={}&sw=1280&sh=900\
         &v=2.9.200&r=stable&ec={}&o=4126&fbp=fb.1.1795000000000.1234567890&eid={}&ler=empty&it=1795000000000&coo=false&rqm=GET",
        OFFSET_MS + sent.tick,
        sent.number,
        token(sent.number, 3)
    );
    Sent {
        host: "www.facebook.com".to_owned(),
        path,
        cookie: "datr=abcdefghijklmnopqrstuvwx; sb=abcdefghijklmnopqrstuvwx".to_owned(),
        ..sent
    }
}

fn google(sent: Sent) -> Sent {
    let path = format!(
        "/g/collect?v=2&tid=G-ABCDEF1234&gtm=45je6b1v9&_p={}&gcs=G111&gcd=13t3t3t3t5l1&npa=0&dma=0&cid=1234567890.1795000000&ul=en-gb&sr=1280x900&_s={}\
         &sid=1795000000&sct=1&seg=1&dl=https%3A%2F%2Fwww.clinic.example%2Fconditions%3Fsearch%3Dhiv%2Btest&dt=Conditions",
        sent.tick, sent.number
    );
    let body = format!("en=scroll&epn.percent_scrolled=90&_et={}\r\nen=view_search_results&ep.search_term=hiv%20test&_et=3", sent.number);
    Sent { method: "POST", host: "region1.google-analytics.com".to_owned(), path, body, cookie: String::new(), ..sent }
}

/// Thirty-two letters and digits that belong to this number.
pub(crate) fn token(number: usize, salt: u64) -> String {
    let mut state = (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ salt.wrapping_mul(0xd1b5_4a32_d192_ed03) ^ 0x2545_f491_4f6c_dd1d;
    let mut text = String::with_capacity(32);
    for _ in 0..2 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let _ = write!(text, "{state:016x}");
    }
    text
}
