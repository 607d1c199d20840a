//! The words of the command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, ValueEnum};
use clap_complete::Shell;
use pixelwitness_recording::{Canary, CanaryKind, Network, NetworkError, ThirdPartyCookies, host_of_site};

use crate::help;

/// Proves what data actually left the browser.
///
/// pixelwitness runs a journey in a fresh headless Chromium, records every request that leaves it byte for byte, and says who was
/// told which page, which search term, which button and which identifier.
#[derive(Debug, Parser)]
#[command(name = "pixelwitness", version, arg_required_else_help = true, after_help = help::PROGRAM)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) subcommand: Subcommand,
}

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Subcommand {
    /// Run a journey in Chromium and say who was told what
    Audit(Box<Audit>),
    /// Read captures that were made elsewhere (HAR, NetLog, WARC, WACZ, DevTools logs, lists of addresses), offline
    Read(Read),
    /// Decode one request: an address, a request as text, or a copied `curl` or `fetch` command
    Explain(Explain),
    /// Read the raw logs of a run again, offline
    Classify(Classify),
    /// Show the findings of a run again, and write its report.html anew
    Report(Report),
    /// Check that nothing in the directory of a run was altered, and that its raw logs still give the same findings
    Verify(Verify),
    /// Say whether this machine has what an audit needs
    Doctor(Doctor),
    /// Print the JSON Schema of findings.json
    #[command(after_help = help::SCHEMA)]
    Schema,
    /// Print completions for a shell
    #[command(after_help = help::COMPLETIONS)]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print a manual page, as troff, or write them all
    Man(Man),
}

#[derive(Args, Debug)]
#[command(after_help = help::AUDIT)]
pub(crate) struct Audit {
    /// Address of the page to visit. One without http:// or https:// is visited by https, and by http where https cannot be reached.
    /// Several are visited in a browser each
    #[arg(required_unless_present_any = ["journey", "urls_file"], conflicts_with = "journey", value_name = "URL")]
    pub(crate) urls: Vec<String>,
    /// File with more addresses, one a line; what follows a `#` is a comment. `-` reads the standard input
    #[arg(long = "urls", id = "urls_file", value_name = "FILE", help_heading = VISIT)]
    pub(crate) urls_file: Option<PathBuf>,
    /// Journey to run instead: a TOML file (docs/journeys.md), or a directory that holds several. May be given several times
    #[arg(long, short, value_name = "FILE|DIR", help_heading = VISIT)]
    pub(crate) journey: Vec<PathBuf>,
    /// Browser to run: Chromium or Chrome [default: the one that is installed]
    #[arg(long, value_name = "PATH", help_heading = BROWSER)]
    pub(crate) browser: Option<PathBuf>,
    /// Seconds to listen to a page at the least [default: 5, or what the journey says]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, help_heading = BROWSER)]
    pub(crate) dwell: Option<u64>,
    /// Third-party cookies [default: allow, or what the journey says]
    #[arg(long, value_name = "SETTING", value_enum, help_heading = BROWSER)]
    pub(crate) third_party_cookies: Option<CookieSetting>,
    /// Seconds that the steps may take in all [default: what they take at the most, reckoned from the journey]
    #[arg(long, value_name = "SECONDS", value_parser = limit, help_heading = BROWSER)]
    pub(crate) deadline: Option<Duration>,
    /// Run the browser without its sandbox. A hostile page can then take over this user's account
    #[arg(long, help_heading = BROWSER)]
    pub(crate) no_sandbox: bool,
    /// Recipients to answer here and never contact, comma-separated: HOST, *.HOST (and HOST itself), @FILE with one a line, or
    /// all-third-parties. May be given several times (docs/sinkhole.md)
    #[arg(long, value_name = "LIST", help_heading = NETWORK)]
    pub(crate) sinkhole: Vec<String>,
    /// Recipients to contact all the same, such as loaders of scripts; written like those of --sinkhole
    #[arg(long, value_name = "LIST", requires = "sinkhole", help_heading = NETWORK)]
    pub(crate) sinkhole_except: Vec<String>,
    /// Public address of this machine, to be recorded as the one every recipient saw
    #[arg(long, value_name = "ADDRESS", help_heading = NETWORK)]
    pub(crate) egress_address: Option<std::net::IpAddr>,
    /// Send the requests for a host name elsewhere; `*` stands for anything. May be given several times
    #[arg(long, value_name = "PATTERN=ADDR:PORT", help_heading = BENCH)]
    pub(crate) resolve: Vec<String>,
    /// Certificate authority to trust beside the system's, whose certificate the server sends along. May be given several times
    #[arg(long, value_name = "CA.pem", help_heading = BENCH)]
    pub(crate) trust: Vec<PathBuf>,
    /// Hold the page at this address to the rules for the public internet: it may not reach this machine or its network. For test
    /// benches on loopback. May be given several times
    #[arg(long, value_name = "ADDR:PORT", help_heading = BENCH)]
    pub(crate) treat_as_public: Vec<std::net::SocketAddr>,
    /// Network around this machine that pages of the public internet may reach all the same. For test benches. May be given several
    /// times
    #[arg(long, value_name = "CIDR", value_parser = network, help_heading = BENCH)]
    pub(crate) allow_network: Vec<Network>,
    /// How many journeys are run at once, in a browser each
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256), help_heading = SEVERAL)]
    pub(crate) jobs: u16,
    /// MiB of memory for all browsers together, 300 for each [default: what is available]
    #[arg(long, value_name = "MIB", help_heading = SEVERAL)]
    pub(crate) memory_budget: Option<u64>,
    /// Leave out the journeys whose run in --out reached its end as asked, unaltered, and count what was found in it
    #[arg(long, requires = "out", help_heading = SEVERAL)]
    pub(crate) resume: bool,
    #[command(flatten)]
    pub(crate) brought: Brought,
    /// Directory to write; of several journeys each has a directory in it. A run that is there stays as it is: the new one goes beside
    /// it, to DIR-2 [default: pixelwitness-HOST-TIME]
    #[arg(long, short, value_name = "DIR", help_heading = OUTPUT)]
    pub(crate) out: Option<PathBuf>,
    /// Print the findings as JSON instead of the summary
    #[arg(long, help_heading = OUTPUT)]
    pub(crate) json: bool,
    /// Show no progress
    #[arg(long, short, help_heading = OUTPUT)]
    pub(crate) quiet: bool,
}

/// The groups of options, as the help shows them.
const VISIT: &str = "What to visit";
const BROWSER: &str = "Browser";
const NETWORK: &str = "Network";
const BENCH: &str = "Test benches and staging sites";
const SEVERAL: &str = "Several journeys";
const KNOWLEDGE: &str = "What it is read with";
const LOOK_FOR: &str = "What to look for";
const INPUT: &str = "What to read";
const OUTPUT: &str = "Output";

/// What the user brings to read a recording with, beside what comes with pixelwitness.
#[derive(Args, Debug)]
pub(crate) struct Brought {
    /// Directory with more vendor definitions (docs/adding-a-vendor.md)
    #[arg(long, value_name = "DIR", help_heading = KNOWLEDGE)]
    pub(crate) vendors: Option<PathBuf>,
    /// Directory with filter lists such as EasyPrivacy, to say which recipients they name (docs/lists.md)
    #[arg(long, value_name = "DIR", help_heading = KNOWLEDGE)]
    pub(crate) lists: Option<PathBuf>,
}

#[derive(Args, Debug)]
#[command(after_help = help::READ)]
pub(crate) struct Read {
    /// Captures, each known by its content. Several make one case
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Site that counts as first party, where the captures do not say which pages were visited. May be given several times
    #[arg(long, value_name = "SITE", value_parser = site, help_heading = INPUT)]
    pub(crate) first_party: Vec<String>,
    /// Value that was typed, to be looked for in everything sent: email=maria@example.org, search-term=…, phone, first-name,
    /// last-name, full-name, date-of-birth (YYYY-MM-DD), postcode or text. May be given several times
    #[arg(long, value_name = "KIND=VALUE", value_parser = canary, help_heading = LOOK_FOR)]
    pub(crate) canary: Vec<Canary>,
    /// Journey file whose canaries are to be looked for; its steps count for nothing
    #[arg(long, short, value_name = "FILE", help_heading = LOOK_FOR)]
    pub(crate) journey: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) brought: Brought,
    /// Directory to write. A run that is there stays as it is: the new one goes beside it, to DIR-2 [default: pixelwitness-NAME-TIME]
    #[arg(long, short, value_name = "DIR", help_heading = OUTPUT)]
    pub(crate) out: Option<PathBuf>,
    /// Print the findings as JSON instead of the summary
    #[arg(long, help_heading = OUTPUT)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
#[command(after_help = help::EXPLAIN)]
pub(crate) struct Explain {
    /// Address of the request; `-` or nothing reads a request from the standard input
    pub(crate) request: Option<String>,
    /// Site that counts as first party. May be given several times
    #[arg(long, value_name = "SITE", value_parser = site, help_heading = INPUT)]
    pub(crate) first_party: Vec<String>,
    /// Value to be looked for in the request, as for read. May be given several times
    #[arg(long, value_name = "KIND=VALUE", value_parser = canary, help_heading = LOOK_FOR)]
    pub(crate) canary: Vec<Canary>,
    /// Directory with more vendor definitions
    #[arg(long, value_name = "DIR", help_heading = KNOWLEDGE)]
    pub(crate) vendors: Option<PathBuf>,
    /// Print the request, its events and what it tells as JSON
    #[arg(long, help_heading = OUTPUT)]
    pub(crate) json: bool,
    /// When to use colours
    #[arg(long, value_name = "WHEN", value_enum, default_value = "auto", help_heading = OUTPUT)]
    pub(crate) color: Colours,
}

/// When text has colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Colours {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Args, Debug)]
#[command(after_help = help::CLASSIFY)]
pub(crate) struct Classify {
    /// Directory of the run
    pub(crate) directory: PathBuf,
    #[command(flatten)]
    pub(crate) brought: Brought,
    /// Print the findings as JSON instead of the summary
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
#[command(after_help = help::REPORT)]
pub(crate) struct Report {
    /// Directory of the run
    pub(crate) directory: PathBuf,
    /// Print the findings as JSON instead of the summary
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
#[command(after_help = help::VERIFY)]
pub(crate) struct Verify {
    /// Directory of the run
    pub(crate) directory: PathBuf,
    /// Directory with the vendor definitions that were added when the run was classified
    #[arg(long, value_name = "DIR")]
    pub(crate) vendors: Option<PathBuf>,
    /// Directory with the filter lists that were used when the run was classified
    #[arg(long, value_name = "DIR")]
    pub(crate) lists: Option<PathBuf>,
}

#[derive(Args, Debug)]
#[command(after_help = help::DOCTOR)]
pub(crate) struct Doctor {
    /// Browser to look at
    #[arg(long, value_name = "PATH")]
    pub(crate) browser: Option<PathBuf>,
}

#[derive(Args, Debug)]
#[command(after_help = help::MAN)]
pub(crate) struct Man {
    /// Command whose page is printed [default: that of pixelwitness itself]
    pub(crate) command: Option<String>,
    /// Directory to write the pages of all commands to instead, as pixelwitness-COMMAND.1
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum CookieSetting {
    /// Send and store them, as most visitors' browsers do
    Allow,
    /// Neither send nor store them
    Block,
}

impl From<CookieSetting> for ThirdPartyCookies {
    fn from(setting: CookieSetting) -> Self {
        match setting {
            CookieSetting::Allow => Self::Allow,
            CookieSetting::Block => Self::Block,
        }
    }
}

/// Seconds, with a fraction if need be, as milliseconds.
fn seconds(text: &str) -> Result<u64, String> {
    match text.parse::<f64>() {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be between 0 and 3600")]
        Ok(seconds) if (0.0..=3600.0).contains(&seconds) => Ok((seconds * 1000.0).round() as u64),
        _ => Err("it takes a number of seconds from 0 to 3600".to_owned()),
    }
}

fn network(text: &str) -> Result<Network, String> {
    text.parse().map_err(|error: NetworkError| error.to_string())
}

/// Seconds in which a run has to be done.
fn limit(text: &str) -> Result<Duration, String> {
    match text.parse::<f64>() {
        Ok(seconds) if (1.0..=86400.0).contains(&seconds) => Ok(Duration::from_secs_f64(seconds)),
        _ => Err("it takes a number of seconds from 1 to 86400".to_owned()),
    }
}

/// `email=maria@example.org`; the canary's name is its kind.
fn canary(text: &str) -> Result<Canary, String> {
    let kinds = || CanaryKind::ALL.map(|(name, _)| name).join(", ");
    let (kind, value) = text.split_once('=').ok_or_else(|| format!("it takes KIND=VALUE, where KIND is one of {}", kinds()))?;
    let known = CanaryKind::ALL.into_iter().find(|(name, _)| *name == kind);
    let (name, kind) = known.ok_or_else(|| format!("{kind:?} is no kind of value; there are {}", kinds()))?;
    Ok(Canary { name: name.to_owned(), kind, value: value.to_owned() })
}

/// A host name or an address of the web.
fn site(text: &str) -> Result<String, String> {
    host_of_site(text).ok_or_else(|| "it takes a host name such as www.clinic.example".to_owned())
}
