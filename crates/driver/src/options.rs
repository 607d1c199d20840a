use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use pixelwitness_recording::{Network, Sinkhole};

use crate::Error;
use crate::browser::Found;
use crate::sinkhole::rules;
use crate::trust::Authority;

/// How the tool wants a journey to be run, beside what the journey says itself.
#[derive(Clone, Debug)]
pub struct Options {
    /// The browser.
    pub browser: Found,
    /// Program that acts as the keeper when its first argument is [`crate::KEEPER_COMMAND`]; the tool itself.
    pub keeper: PathBuf,
    /// Version of the tool, for the record.
    pub tool_version: String,
    /// Host names to map elsewhere.
    pub resolve: Vec<ResolveRule>,
    /// Authorities to trust beside the system's.
    pub trust: Vec<Authority>,
    /// Public address that recipients see, as the user states it.
    pub egress_address: Option<String>,
    /// Addresses to treat as if they were on the public internet, so that a test bench is held to the same rules.
    pub treat_as_public: Vec<SocketAddr>,
    /// Networks around this machine that public pages may reach all the same.
    pub allow_network: Vec<Network>,
    /// How long the steps may take in all, where it is not to be derived from the journey.
    pub deadline: Option<Duration>,
    /// Run without the browser's sandbox.
    pub no_sandbox: bool,
    /// Whom to answer instead of contacting them: a sinkhole made for the journey that is run.
    pub sinkhole: Option<Sinkhole>,
}

impl Options {
    /// Whether the browser can be told all of this at once.
    ///
    /// # Errors
    ///
    /// The sinkhole and the mapping of host names contradict each other.
    pub fn check(&self) -> Result<(), Error> {
        self.sinkhole.as_ref().map_or(Ok(()), |sinkhole| rules(sinkhole, "", &self.resolve).map(drop))
    }
}

/// A mapping of host names: `*.clinic.example=127.0.0.1:8443`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolveRule {
    /// Host name, in which `*` stands for anything.
    pub pattern: String,
    /// Address and port.
    pub address: String,
}

impl FromStr for ResolveRule {
    type Err = Error;

    fn from_str(rule: &str) -> Result<Self, Error> {
        let wrong = || Error::ResolveRule { rule: rule.to_owned() };
        let (pattern, address) = rule.split_once('=').ok_or_else(wrong)?;
        let (host, port) = address.rsplit_once(':').ok_or_else(wrong)?;
        let plain = |text: &str, extra: &str| {
            !text.is_empty() && text.chars().all(|character| character.is_ascii_alphanumeric() || extra.contains(character))
        };
        if !plain(pattern, "*.-_") || !plain(host, ".-_[]:") || port.parse::<u16>().is_err() {
            return Err(wrong());
        }
        Ok(Self { pattern: pattern.to_owned(), address: address.to_owned() })
    }
}

impl fmt::Display for ResolveRule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}={}", self.pattern, self.address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resolve_rule_maps_a_pattern_to_an_address_and_nothing_else() {
        for (rule, valid) in [
            ("*=127.0.0.1:8443", true),
            ("*.clinic.example=localhost:443", true),
            ("clinic.example=[::1]:443", true),
            ("clinic.example=127.0.0.1", false),
            ("clinic.example", false),
            ("=127.0.0.1:1", false),
            ("a=b:99999", false),
            ("a,EXCLUDE b=127.0.0.1:1", false),
            ("a=127.0.0.1:1, MAP b c:1", false),
        ] {
            assert_eq!(rule.parse::<ResolveRule>().is_ok(), valid, "{rule}");
        }
    }
}
