use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why a journey could not be run at all.
///
/// Messages finish the sentence "cannot run the journey: …".
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// No Chromium is installed, or none was found.
    #[error("no Chromium or Chrome was found on this machine")]
    NoBrowser,
    /// The given browser is not there or is not executable.
    #[error("{} cannot be started", path.display())]
    NotExecutable {
        /// The executable.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The program does not say that it is Chromium.
    #[error("{} is not Chromium or Chrome: asked for its version it said {answer:?}", path.display())]
    NotABrowser {
        /// The executable.
        path: PathBuf,
        /// The first line it printed.
        answer: String,
    },
    /// The browser ended before it could be driven.
    #[error("the browser did not start: {reason}")]
    DidNotStart {
        /// What it printed, or how it ended.
        reason: String,
    },
    /// The browser's sandbox is not available here.
    #[error("the browser's sandbox cannot be used on this machine: {reason}")]
    NoSandbox {
        /// What the browser printed.
        reason: String,
    },
    /// The machine has no unprivileged user to run the browser as.
    #[error("this machine has no user \"nobody\", and the browser does not run as root")]
    NoUnprivilegedUser,
    /// The browser does not have the setting for third-party cookies that the journey asks for.
    #[error("the browser did not take the third-party cookie setting: it has {in_force}, the journey asks for {wanted}")]
    CookieSetting {
        /// What the browser says.
        in_force: String,
        /// What the journey wants.
        wanted: String,
    },
    /// The connection to the browser could not be made or used.
    #[error("the browser could not be driven: {reason}")]
    Connection {
        /// What went wrong.
        reason: String,
    },
    /// A mapping of host names is not of the form `PATTERN=ADDRESS:PORT`.
    #[error("{rule:?} is not of the form PATTERN=ADDRESS:PORT")]
    ResolveRule {
        /// What was given.
        rule: String,
    },
    /// The sinkhole's rules and the mapping of host names contradict each other.
    #[error("{kept} is to be looked up as ever and {other} is not: the browser cannot be told both")]
    SinkholeRules {
        /// Names that the sinkhole leaves alone.
        kept: String,
        /// The mapping, or the recipient, among them.
        other: String,
    },
    /// The sinkhole could not be started.
    #[error("the sinkhole could not be started on this machine")]
    Sinkhole {
        /// The cause.
        source: io::Error,
    },
    /// A file of a certificate authority cannot be used.
    #[error("{} is not a certificate in PEM form: {reason}", path.display())]
    Authority {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A file could not be read or written.
    #[error("{} could not be {action}", path.display())]
    File {
        /// `read` or `written`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The disk is full. What was captured until then is in the directory.
    #[error("the disk is full: the raw log could not be written on; what was captured before is kept")]
    DiskFull {
        /// The cause.
        source: io::Error,
    },
}

impl Error {
    /// What a person can do about it.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            Self::NoBrowser => "on Debian and Ubuntu: apt-get install chromium; or name one with --browser PATH",
            Self::NotExecutable { .. } | Self::NotABrowser { .. } => "give the path of a Chromium or Chrome executable with --browser PATH",
            Self::DidNotStart { .. } | Self::Connection { .. } => "run `pixelwitness doctor` to see what is missing",
            Self::NoSandbox { .. } => {
                "allow unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone=1), or accept the risk with --no-sandbox"
            }
            Self::NoUnprivilegedUser => "run pixelwitness as an ordinary user",
            Self::CookieSetting { .. } => "this browser may be managed by a policy; try another with --browser PATH",
            Self::ResolveRule { .. } => "for example --resolve '*.clinic.example=127.0.0.1:8443', or '*=127.0.0.1:8443' for every host",
            Self::SinkholeRules { .. } => {
                "map every name of that site with --resolve, or name each recipient with --sinkhole instead of all-third-parties"
            }
            Self::Sinkhole { .. } => "it needs a free port on 127.0.0.1",
            Self::Authority { .. } => "give a file that starts with -----BEGIN CERTIFICATE-----",
            Self::File { .. } => "check that the directory exists and that you may write there",
            Self::DiskFull { .. } => "make room and run again; `pixelwitness classify` reads what is there",
        }
    }
}

/// Why a journey that had begun did not reach its end as asked. What was captured is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Number of the step, 1 is the first.
    pub step: usize,
    /// One sentence without its full stop.
    pub why: String,
    /// What a person can do about it.
    pub help: String,
}

/// How the sentence about a page that never answered goes on after its address.
pub(crate) const NO_ANSWER: &str = "did not answer within";

impl Failure {
    /// Chromium's word for what went wrong, where a page could not be loaded: `ERR_CONNECTION_REFUSED`.
    #[must_use]
    pub fn net_error(&self) -> Option<&str> {
        let (_, word) = self.why.strip_suffix(')')?.rsplit_once(" (")?;
        word.starts_with("ERR_").then_some(word)
    }

    /// Whether no connection came about as the page's address asks for it. By another protocol one may.
    #[must_use]
    pub fn is_of_the_connection(&self) -> bool {
        const KINDS: [&str; 5] = ["ERR_CONNECTION_", "ERR_SSL_", "ERR_TLS", "ERR_CERT", "ERR_TIMED_OUT"];
        let never_answered = || self.why.contains(NO_ANSWER);
        self.net_error().map_or_else(never_answered, |word| word == "ERR_EMPTY_RESPONSE" || KINDS.iter().any(|kind| word.starts_with(kind)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_of_the_connection_is_told_from_others() {
        for (why, word, is_of_the_connection) in [
            (
                "https://a.example/ could not be visited: the connection was refused (ERR_CONNECTION_REFUSED)",
                Some("ERR_CONNECTION_REFUSED"),
                true,
            ),
            (
                "https://a.example/ could not be visited: the TLS connection failed (ERR_SSL_PROTOCOL_ERROR)",
                Some("ERR_SSL_PROTOCOL_ERROR"),
                true,
            ),
            (
                "https://a.example/ could not be visited: its TLS certificate is not valid (ERR_CERT_DATE_INVALID)",
                Some("ERR_CERT_DATE_INVALID"),
                true,
            ),
            (
                "https://a.example/ could not be visited: its host name is unknown (ERR_NAME_NOT_RESOLVED)",
                Some("ERR_NAME_NOT_RESOLVED"),
                false,
            ),
            (
                "https://a.example/ could not be visited: it redirects in a circle (ERR_TOO_MANY_REDIRECTS)",
                Some("ERR_TOO_MANY_REDIRECTS"),
                false,
            ),
            ("https://a.example/ did not answer within 30 s", None, true),
            ("#q matches 2 elements on the page (a, b)", None, false),
            ("the browser ended", None, false),
        ] {
            let failure = Failure { step: 1, why: why.to_owned(), help: String::new() };
            assert_eq!((failure.net_error(), failure.is_of_the_connection()), (word, is_of_the_connection), "{why}");
        }
    }
}
