//! What a browser is started with: a fresh profile, an unprivileged user, and its flags.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};

use pixelwitness_recording::{BrowserSettings, ThirdPartyCookies};
use serde_json::json;
use tempfile::TempDir;
use tokio::process::Command;

use crate::sinkhole::{Server, rules};
use crate::{Authority, Error, Options, own_network, trust_store};

/// The user that the browser runs as.
///
/// Chromium's sandbox refuses to start as root, and switching it off would hand root to whatever page is visited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BrowserUser(Option<Unprivileged>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Unprivileged {
    name: String,
    user: u32,
    group: u32,
}

impl BrowserUser {
    /// Ourselves, or `nobody` where we are root.
    pub(crate) fn here() -> Result<Self, Error> {
        if !rustix::process::geteuid().is_root() {
            return Ok(Self(None));
        }
        let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
        unprivileged_in(&users).map(|user| Self(Some(user))).ok_or(Error::NoUnprivilegedUser)
    }

    pub(crate) fn name(&self) -> Option<String> {
        self.0.as_ref().map(|user| user.name.clone())
    }

    /// As the keeper takes it: `UID:GID`, or `-` for ourselves.
    pub(crate) fn for_keeper(&self) -> String {
        self.0.as_ref().map_or_else(|| "-".to_owned(), |user| format!("{}:{}", user.user, user.group))
    }

    pub(crate) fn apply(&self, command: &mut Command) {
        if let Some(user) = &self.0 {
            command.uid(user.user).gid(user.group).env("HOME", "/nonexistent");
        }
    }

    pub(crate) fn own(&self, path: &Path) -> io::Result<()> {
        self.0.as_ref().map_or(Ok(()), |user| chown(path, Some(user.user), Some(user.group)))
    }
}

fn unprivileged_in(users: &str) -> Option<Unprivileged> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next().filter(|name| *name == "nobody")?;
        Some(Unprivileged { name: name.to_owned(), user: fields.nth(1)?.parse().ok()?, group: fields.next()?.parse().ok()? })
    })
}

/// A profile that nobody used before; it is deleted with this value.
pub(crate) struct Profile {
    directory: TempDir,
}

impl Profile {
    pub(crate) fn create(settings: &BrowserSettings, trust: &[Authority], user: &BrowserUser) -> io::Result<Self> {
        let directory = tempfile::Builder::new().prefix("pixelwitness-").permissions(fs::Permissions::from_mode(0o700)).tempdir()?;
        let default = directory.path().join("Default");
        fs::create_dir(&default)?;
        fs::write(default.join("Preferences"), preferences(settings.third_party_cookies))?;
        let mut written = vec![default.join("Preferences")];
        if !trust.is_empty() {
            let certificates: Vec<&[u8]> = trust.iter().map(|authority| authority.certificate.as_slice()).collect();
            let too_large = || io::Error::new(io::ErrorKind::InvalidInput, "the authorities to trust take more than 64 KiB together");
            fs::write(default.join(trust_store::FILE), trust_store::database(&certificates).ok_or_else(too_large)?)?;
            written.push(default.join(trust_store::FILE));
        }
        for path in written.into_iter().chain([default, directory.path().to_owned()]) {
            user.own(&path)?;
        }
        Ok(Self { directory })
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Where the browser keeps its settings.
    pub(crate) fn preferences(&self) -> PathBuf {
        self.path().join("Default/Preferences")
    }

    pub(crate) fn pipe(&self) -> PathBuf {
        self.path().join("netlog.pipe")
    }
}

/// The settings of a fresh profile. A fresh headless one blocks third-party cookies, which is not what most visitors have.
///
/// What the browser would ask its maker at something the visitor does (a login, a form, a page in another language, a bad certificate) is
/// off: it is none of the site's doing, and no page can tell. docs/capture.md lists what each is for.
fn preferences(cookies: ThirdPartyCookies) -> String {
    json!({
        "profile": {
            "cookie_controls_mode": cookie_controls_mode(cookies),
            "block_third_party_cookies": cookies == ThirdPartyCookies::Block,
            "password_manager_leak_detection": false,
        },
        "credentials_enable_service": false,
        "credentials_enable_autosignin": false,
        "autofill": { "profile_enabled": false, "credit_card_enabled": false },
        "translate": { "enabled": false },
        "browser": { "enable_spellchecking": false },
        "spellcheck": { "use_spelling_service": false },
        "safebrowsing": { "enabled": false, "enhanced": false, "scout_reporting_enabled": false },
        "search": { "suggest_enabled": false },
        "alternate_error_pages": { "enabled": false },
        "signin": { "allowed": false, "allowed_on_next_startup": false },
        "url_keyed_anonymized_data_collection": { "enabled": false },
    })
    .to_string()
}

/// The value of the preference `profile.cookie_controls_mode`: 0 off, 1 block third-party cookies.
pub(crate) fn cookie_controls_mode(cookies: ThirdPartyCookies) -> u8 {
    match cookies {
        ThirdPartyCookies::Allow => 0,
        ThirdPartyCookies::Block => 1,
    }
}

/// Every argument the browser is started with. docs/capture.md says why each is there.
pub(crate) fn arguments(
    settings: &BrowserSettings,
    options: &Options,
    version: &str,
    profile: &Profile,
    sinkhole: Option<&Server>,
) -> Result<Vec<String>, Error> {
    let language = settings.locale.split(',').next().unwrap_or_default();
    let mut arguments: Vec<String> = [
        "--headless=new",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--no-default-browser-check",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-extensions",
        "--media-router=0",
        "--disable-blink-features=AutomationControlled",
        "--short-reporting-delay",
        "--remote-debugging-port=0",
        "--net-log-capture-mode=Everything",
    ]
    .map(str::to_owned)
    .into();
    arguments.push(format!("--log-net-log={}", profile.pipe().display()));
    arguments.push(format!("--user-data-dir={}", profile.path().display()));
    arguments.push(format!("--user-agent={}", settings.user_agent.clone().unwrap_or_else(|| visitors_user_agent(version))));
    arguments.push(format!("--accept-lang={}", settings.locale));
    arguments.push(format!("--lang={language}"));
    arguments.push(format!("--window-size={},{}", settings.viewport.width, settings.viewport.height));
    let rules = host_rules(options, sinkhole)?;
    if !rules.is_empty() {
        arguments.push(format!("--host-resolver-rules={rules}"));
    }
    let pins: Vec<&str> = options
        .trust
        .iter()
        .map(|authority| authority.key_pin.as_str())
        .chain(sinkhole.map(|sinkhole| sinkhole.key_pin.as_str()))
        .collect();
    if !pins.is_empty() {
        arguments.push(format!("--ignore-certificate-errors-spki-list={}", pins.join(",")));
    }
    // The sinkhole stands for recipients on the internet, and its one port counts as there; nothing else on this machine does.
    let public: Vec<SocketAddr> = options.treat_as_public.iter().copied().chain(sinkhole.map(|sinkhole| sinkhole.address)).collect();
    arguments.extend(own_network::arguments(&public, &options.allow_network));
    if sinkhole.is_some() {
        // A proxy would look up and contact the names itself, and UDP would go past every name.
        arguments.extend(["--no-proxy-server", "--webrtc-ip-handling-policy=disable_non_proxied_udp"].map(str::to_owned));
    }
    if options.no_sandbox {
        arguments.push("--no-sandbox".to_owned());
    }
    // Without an address the browser opens its start page: Debian's fetches a search engine's.
    arguments.push("about:blank".to_owned());
    Ok(arguments)
}

/// Which names are led where: by the user's own rules, and to the sinkhole.
fn host_rules(options: &Options, sinkhole: Option<&Server>) -> Result<String, Error> {
    match (&options.sinkhole, sinkhole) {
        (Some(wanted), Some(server)) => rules(wanted, &server.address.to_string(), &options.resolve),
        _ => {
            let rules: Vec<String> = options.resolve.iter().map(|rule| format!("MAP {} {}", rule.pattern, rule.address)).collect();
            Ok(rules.join(", "))
        }
    }
}

/// What this browser sends when a person uses it. Headless, it would call itself `HeadlessChrome`, and sites would answer a robot.
fn visitors_user_agent(version: &str) -> String {
    let major = version.split('.').next().unwrap_or_default();
    format!("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{major}.0.0.0 Safari/537.36")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unprivileged_user_is_read_from_the_list_of_users() {
        let users = "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65533:nobody:/nonexistent:/usr/sbin/nologin\n";
        assert_eq!(unprivileged_in(users), Some(Unprivileged { name: "nobody".to_owned(), user: 65534, group: 65533 }));
        assert_eq!(unprivileged_in("root:x:0:0:root:/root:/bin/bash\n"), None);
        assert_eq!(unprivileged_in("nobody:x:none\n"), None);
    }
}
