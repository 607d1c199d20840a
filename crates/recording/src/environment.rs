use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Network, Sinkhole};

/// Under what conditions the browser ran. Empty strings stand for what could not be learned.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Environment {
    /// Version of pixelwitness that made the raw logs.
    pub tool_version: String,
    /// Milliseconds since the Unix epoch, by this machine's clock, when the run began.
    pub started_at_ms: u64,
    /// Browser product and version as it names itself, `Chrome/156.0.8078.79`.
    pub browser: String,
    /// Source revision of the browser.
    pub browser_revision: String,
    /// Path of the executable.
    pub browser_path: String,
    /// The browser's command line: the executable that runs, and every argument.
    pub command_line: Vec<String>,
    /// User agent sent to sites.
    pub user_agent: String,
    /// Whether the browser's own sandbox was on.
    pub sandbox: bool,
    /// System user the browser ran as, where it was not ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ran_as: Option<String>,
    /// Third-party cookie setting asked for.
    pub third_party_cookies: ThirdPartyCookies,
    /// What the browser itself says of that setting, read back after launch.
    pub third_party_cookies_in_force: String,
    /// Preferred languages.
    pub locale: String,
    /// Time zone of the browser, an IANA name.
    pub time_zone: String,
    /// Size of the page in CSS pixels.
    pub viewport: Viewport,
    /// Host names mapped to other addresses, each `PATTERN=ADDRESS:PORT`.
    pub resolve: Vec<String>,
    /// Certificate authorities trusted beside the system's, each as the SHA-256 of its certificate in hexadecimal.
    pub trusted_authorities: Vec<String>,
    /// Networks around this machine that public pages were allowed to reach, by the user's wish.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed_networks: Vec<Network>,
    /// Operating system, kernel and architecture.
    pub host: String,
    /// Public address the recipients saw, only where the user asked for it to be recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub egress_address: Option<String>,
    /// Recipients that were answered by the tool itself and never contacted, where it was so asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sinkhole: Option<Sinkhole>,
}

/// What the browser does with third-party cookies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ThirdPartyCookies {
    /// Sent and stored, as in most visitors' browsers.
    #[default]
    Allow,
    /// Neither sent nor stored.
    Block,
}

/// A page's size in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Viewport {
    /// Width in CSS pixels.
    pub width: u32,
    /// Height in CSS pixels.
    pub height: u32,
}

impl Default for Viewport {
    fn default() -> Self {
        Self { width: 1280, height: 900 }
    }
}
