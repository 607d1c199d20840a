//! The words of the command line.

use std::path::PathBuf;

use clap::{Args, Parser, ValueEnum};
use clap_complete::Shell;
use pixelwitness_recording::ThirdPartyCookies;

/// Proves what data actually left the browser.
///
/// pixelwitness runs a journey in a fresh headless Chromium, records every request that leaves it byte for byte, and says who was
/// told which page, which search term, which button and which identifier.
///
/// Exit status: 0 nothing was found, 1 something was found (for verify: something was altered), 2 it could not be done.
#[derive(Debug, Parser)]
#[command(name = "pixelwitness", version, arg_required_else_help = true, disable_help_subcommand = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) subcommand: Subcommand,
}

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Subcommand {
    /// Run a journey in Chromium and say who was told what
    Audit(Box<Audit>),
    /// Read the raw logs of a run again, offline
    Classify(Classify),
    /// Show the findings of a run again, and write its report.html anew
    Report(Report),
    /// Check that nothing in the directory of a run was altered, and that its raw logs still give the same findings
    Verify(Verify),
    /// Say whether this machine has what an audit needs
    Doctor(Doctor),
    /// Print the JSON Schema of findings.json
    Schema,
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page, as troff
    Man,
}

#[derive(Args, Debug)]
pub(crate) struct Audit {
    /// Address of the page to visit. Several are visited in a browser each
    #[arg(required_unless_present = "journey", conflicts_with = "journey", value_name = "URL")]
    pub(crate) urls: Vec<String>,
    /// Journey to run instead: a TOML file (docs/journeys.md), or a directory that holds several. May be given several times
    #[arg(long, short, value_name = "FILE|DIR")]
    pub(crate) journey: Vec<PathBuf>,
    /// How many journeys are run at once, in a browser each
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) jobs: u16,
    /// MiB of memory for all browsers together, 300 for each [default: what is available]
    #[arg(long, value_name = "MIB")]
    pub(crate) memory_budget: Option<u64>,
    /// Directory to write, which must not exist or be empty; of several journeys each has a directory in it [default:
    /// pixelwitness-HOST-TIME]
    #[arg(long, short, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Print the findings as JSON instead of the summary
    #[arg(long)]
    pub(crate) json: bool,
    /// Seconds to listen to a page at the least [default: 5, or what the journey says]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) dwell: Option<u64>,
    /// Third-party cookies [default: allow, or what the journey says]
    #[arg(long, value_name = "SETTING", value_enum)]
    pub(crate) third_party_cookies: Option<CookieSetting>,
    /// Browser to run: Chromium or Chrome [default: the one that is installed]
    #[arg(long, value_name = "PATH")]
    pub(crate) browser: Option<PathBuf>,
    /// Send the requests for a host name elsewhere; `*` stands for anything. May be given several times
    #[arg(long, value_name = "PATTERN=ADDR:PORT")]
    pub(crate) resolve: Vec<String>,
    /// Recipients to answer here and never contact, comma-separated: HOST, *.HOST (and HOST itself), @FILE with one a line, or
    /// all-third-parties. May be given several times (docs/sinkhole.md)
    #[arg(long, value_name = "LIST")]
    pub(crate) sinkhole: Vec<String>,
    /// Recipients to contact all the same, such as loaders of scripts; written like those of --sinkhole
    #[arg(long, value_name = "LIST", requires = "sinkhole")]
    pub(crate) sinkhole_except: Vec<String>,
    /// Certificate authority to trust beside the system's, whose certificate the server sends along. May be given several times
    #[arg(long, value_name = "CA.pem")]
    pub(crate) trust: Vec<PathBuf>,
    /// Directory with more vendor definitions (docs/adding-a-vendor.md)
    #[arg(long, value_name = "DIR")]
    pub(crate) vendors: Option<PathBuf>,
    /// Public address of this machine, to be recorded as the one every recipient saw
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) egress_address: Option<std::net::IpAddr>,
    /// Hold the page at this address to the rules for the public internet: it may not reach this machine or its network. For test
    /// benches on loopback. May be given several times
    #[arg(long, value_name = "ADDR:PORT")]
    pub(crate) treat_as_public: Vec<std::net::SocketAddr>,
    /// Run the browser without its sandbox. A hostile page can then take over this user's account
    #[arg(long)]
    pub(crate) no_sandbox: bool,
    /// Show no progress
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Classify {
    /// Directory of the run
    pub(crate) directory: PathBuf,
    /// Directory with more vendor definitions
    #[arg(long, value_name = "DIR")]
    pub(crate) vendors: Option<PathBuf>,
    /// Print the findings as JSON instead of the summary
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Report {
    /// Directory of the run
    pub(crate) directory: PathBuf,
    /// Print the findings as JSON instead of the summary
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Verify {
    /// Directory of the run
    pub(crate) directory: PathBuf,
    /// Directory with the vendor definitions that were added when the run was classified
    #[arg(long, value_name = "DIR")]
    pub(crate) vendors: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct Doctor {
    /// Browser to look at
    #[arg(long, value_name = "PATH")]
    pub(crate) browser: Option<PathBuf>,
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
