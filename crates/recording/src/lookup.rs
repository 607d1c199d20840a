use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::LogLine;

/// A host name that was looked up in the domain name system, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Lookup {
    /// The name, in lower case.
    pub host: String,
    /// The names it is an alias of (CNAME), each of the one before; the last is the name that has the addresses. Empty where there is no
    /// alias, and where `by` is one who is not told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Addresses it leads to, as far as they were told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<String>,
    /// Who looked it up.
    pub by: Resolver,
    /// Milliseconds since the Unix epoch when it was looked up.
    pub at_ms: u64,
    /// Where it stands in the raw logs.
    pub log_line: LogLine,
}

/// Who looked a name up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Resolver {
    /// Chromium itself, by DNS. It tells every alias.
    Browser,
    /// The operating system, for Chromium. It tells the addresses and no alias.
    System,
    /// pixelwitness, after the run. It tells every alias, at another time than the browser's.
    Afterwards {
        /// Addresses of the name servers it asked.
        servers: Vec<String>,
    },
    /// The log does not say: the lookup had no answer, or its end is missing.
    Unknown,
}
