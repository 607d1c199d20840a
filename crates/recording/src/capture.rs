use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A capture that was made elsewhere, by somebody else's browser, proxy or archiver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Capture {
    /// Name of its file.
    pub file: String,
    /// What sort of file it is.
    pub kind: CaptureKind,
    /// What it says made it, in its own words; empty where it does not say.
    pub made_by: String,
    /// Requests it tells of.
    pub requests: usize,
    /// Whether it could be read to its end.
    pub whole: bool,
}

/// The sorts of capture that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CaptureKind {
    /// An HTTP archive, HAR 1.2.
    Har,
    /// Chromium's log of its network stack, such as `chrome://net-export` writes.
    Netlog,
    /// A web archive, WARC.
    Warc,
    /// A packed web archive, WACZ.
    Wacz,
    /// A log of the DevTools protocol.
    Devtools,
    /// A list of addresses.
    Urls,
    /// A table with a request a row: OpenWPM's, or one that was exported as CSV.
    Table,
    /// A crawler's account of the requests that it saw: tracker-radar-collector's, Blacklight's.
    Crawl,
    /// An archive of sessions of Fiddler's, SAZ.
    Saz,
}

impl CaptureKind {
    /// What it is called in a sentence.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Har => "HAR",
            Self::Netlog => "NetLog",
            Self::Warc => "WARC",
            Self::Wacz => "WACZ",
            Self::Devtools => "DevTools log",
            Self::Urls => "list of addresses",
            Self::Table => "table of requests",
            Self::Crawl => "crawler's account",
            Self::Saz => "Fiddler archive",
        }
    }

    /// What a place in such a file is counted in.
    #[must_use]
    pub fn place(self) -> &'static str {
        match self {
            Self::Har => "entry",
            Self::Netlog | Self::Urls => "line",
            Self::Warc | Self::Wacz => "record",
            Self::Devtools => "message",
            Self::Table => "row",
            Self::Crawl => "request",
            Self::Saz => "session",
        }
    }
}
