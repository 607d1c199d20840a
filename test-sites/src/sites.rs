use std::io;
use std::path::{Path, PathBuf};

/// The lab's folder. Pages and vendor scripts are read from it at run time, so that they can be edited while the server runs;
/// journeys and expected findings are compiled in.
pub(crate) const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// One journey on one site, and what it must be found to leak.
#[derive(Debug)]
pub struct Site {
    /// Name: the folder's, and the variant's where a folder has several journeys.
    pub name: &'static str,
    /// Host of its first page.
    pub host: &'static str,
    /// The journey, as TOML.
    pub journey: &'static str,
    /// What it must yield: a line `recipient | what | name | value | step` for each leak, sorted, each once. `<any>` stands for a
    /// value that differs from run to run.
    pub expected: &'static str,
}

/// Every journey, in order.
#[must_use]
pub fn sites() -> &'static [Site] {
    SITES
}

macro_rules! site {
    ($name:literal, $host:literal, $folder:literal) => {
        site!($name, $host, $folder, "journey.toml", "expected.txt")
    };
    ($name:literal, $host:literal, $folder:literal, $journey:literal, $expected:literal) => {
        Site {
            name: $name,
            host: $host,
            journey: include_str!(concat!("../sites/", $folder, "/", $journey)),
            expected: include_str!(concat!("../sites/", $folder, "/", $expected)),
        }
    };
}

const SITES: &[Site] = &[
    site!("01-hiv-handbook", "handbook.northmere-trust.example", "01-hiv-handbook"),
    site!("02-site-search", "www.harrowbeck-health.example", "02-site-search"),
    site!("02b-filtered-search", "www.orchardcombe-health.example", "02b-filtered-search"),
    site!("03-surgery-buttons", "www.tillingford-surgery.example", "03-surgery-buttons"),
    site!("04-contact-form", "www.eastwold-clinic.example", "04-contact-form"),
    site!("04-contact-form-sent", "www.eastwold-clinic.example", "04-contact-form", "journey-sent.toml", "expected-sent.txt"),
    site!("05-under-18s", "www.brightside-minds.example", "05-under-18s"),
    site!("06-gender-identity", "www.aldermoor-gender.example", "06-gender-identity"),
    site!("07-pharmacy-basket", "www.fennick-pharmacy.example", "07-pharmacy-basket"),
    site!("08-counselling-course", "learn.calmwater-counselling.example", "08-counselling-course"),
    site!("09-cookie-banner", "www.wrenfield-hospitals.example", "09-cookie-banner"),
    site!("10-clean", "www.marlstone-practice.example", "10-clean"),
    site!("10b-own-analytics", "www.brackenfold-centre.example", "10b-own-analytics"),
    site!("11-libraries-audience", "audience.saltmarsh-clinic.example", "11-libraries", "journey-audience.toml", "expected-audience.txt"),
    site!(
        "11-libraries-monitoring",
        "monitoring.saltmarsh-clinic.example",
        "11-libraries",
        "journey-monitoring.toml",
        "expected-monitoring.txt"
    ),
    site!(
        "11-libraries-pipelines",
        "pipelines.saltmarsh-clinic.example",
        "11-libraries",
        "journey-pipelines.toml",
        "expected-pipelines.txt"
    ),
    site!("11-libraries-products", "products.saltmarsh-clinic.example", "11-libraries", "journey-products.toml", "expected-products.txt"),
];

/// Which folder under `sites/` a host's pages are in.
const HOSTS: &[(&str, &str)] = &[
    ("handbook.northmere-trust.example", "01-hiv-handbook/pages"),
    ("www.harrowbeck-health.example", "02-site-search/pages"),
    ("www.orchardcombe-health.example", "02b-filtered-search/pages"),
    ("www.tillingford-surgery.example", "03-surgery-buttons/pages"),
    ("www.eastwold-clinic.example", "04-contact-form/pages"),
    ("www.brightside-minds.example", "05-under-18s/pages"),
    ("www.safeharbour-text.example", "05-under-18s/other-service"),
    ("www.aldermoor-gender.example", "06-gender-identity/pages"),
    ("www.fennick-pharmacy.example", "07-pharmacy-basket/pages"),
    ("learn.calmwater-counselling.example", "08-counselling-course/pages"),
    ("www.wrenfield-hospitals.example", "09-cookie-banner/pages"),
    ("www.marlstone-practice.example", "10-clean/pages"),
    ("www.brackenfold-centre.example", "10b-own-analytics/pages"),
    ("stats.brackenfold-centre.example", "10b-own-analytics/pages"),
    ("audience.saltmarsh-clinic.example", "11-libraries/pages"),
    ("monitoring.saltmarsh-clinic.example", "11-libraries/pages"),
    ("pipelines.saltmarsh-clinic.example", "11-libraries/pages"),
    ("products.saltmarsh-clinic.example", "11-libraries/pages"),
];

/// A site that also has a name under a public suffix: Chromium does to those what it does to no `.example`. It upgrades `http://` to `https://`.
const UNDER_A_PUBLIC_SUFFIX: (&str, &str) = ("www.secure-bench.org", "www.marlstone-practice.example");

/// Where a first party's pages are.
pub(crate) fn folder(host: &str) -> Option<PathBuf> {
    let (public, same) = UNDER_A_PUBLIC_SUFFIX;
    let host = if host == public { same } else { host };
    let (_, folder) = HOSTS.iter().find(|(name, _)| *name == host)?;
    Some(Path::new(ROOT).join("sites").join(folder))
}

/// Where the files are that every site has.
pub(crate) fn shared_folder() -> PathBuf {
    Path::new(ROOT).join("sites/shared")
}

/// Says clearly that the folder has gone, instead of answering that every page is missing.
pub(crate) fn check_folder() -> io::Result<()> {
    std::fs::metadata(shared_folder()).map(drop).map_err(|error| {
        let message = format!("the test sites' folder {ROOT} cannot be read ({error}); build again where it now is");
        io::Error::new(error.kind(), message)
    })
}

#[cfg(test)]
mod tests;
