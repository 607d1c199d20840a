//! What stands between the tool and the browser: the script by which a distribution starts it, and switches that make a browser send less
//! than a visitor's.

use std::fs;
use std::path::{Path, PathBuf};

/// Scripts of distributions, by a word of theirs, and the browser that they start. They add switches, extensions that happen to be
/// installed, and whatever an administrator wrote into their settings.
const SCRIPTS: &[(&str, &str)] = &[("/etc/chromium.d/", "/usr/lib/chromium/chromium")];

/// Switches that keep a page from sending something, and what that is.
const HOLDING_BACK: &[(&str, &str)] = &[
    ("--no-pings", "no pings of links"),
    ("--load-extension", "nothing that the extension it loads keeps from being sent"),
    ("--disable-javascript", "nothing that scripts would send"),
    ("--blink-settings", "nothing that the settings it gives to pages switch off"),
    ("--block-new-web-contents", "nothing of windows that pages open"),
    ("--disable-remote-fonts", "no requests for fonts"),
    ("--host-rules", "nothing to hosts that it leads elsewhere"),
    ("--proxy-server", "nothing that the proxy it goes through does not let through"),
    ("--proxy-pac-url", "nothing that the proxy it goes through does not let through"),
];

/// The browser itself, where `path` is a distribution's script that starts it. A script of the user's own is started as it is.
pub(crate) fn browser_behind(path: &Path) -> PathBuf {
    let mut start = [0; 2];
    let is_script = fs::File::open(path).is_ok_and(|mut file| std::io::Read::read_exact(&mut file, &mut start).is_ok()) && start == *b"#!";
    if !is_script {
        return path.to_owned();
    }
    let script = fs::read_to_string(path).unwrap_or_default();
    let known = SCRIPTS.iter().find(|(word, browser)| script.contains(word) && Path::new(browser).is_file());
    known.map_or_else(|| path.to_owned(), |(_, browser)| PathBuf::from(browser))
}

/// What a browser with this command line does not send, where a visitor's would: a sentence for each switch.
pub(crate) fn held_back_by(command_line: &[String]) -> Vec<String> {
    let is_it = |word: &&String, switch: &str| word.strip_prefix(switch).is_some_and(|rest| rest.is_empty() || rest.starts_with('='));
    HOLDING_BACK
        .iter()
        .filter_map(|(switch, what)| {
            let word = command_line.iter().find(|word| is_it(word, switch) && *word != &format!("{switch}="))?;
            Some(format!("the browser was started with {word}, which the tool did not ask for: it sends {what}"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn only_a_distributions_own_script_is_seen_through() {
        let directory = tempfile::tempdir().unwrap();
        for (name, contents) in
            [("own", &b"#!/bin/sh\nexec /usr/bin/chromium \"$@\" --no-pings\n"[..]), ("binary", b"\x7fELF /etc/chromium.d/")]
        {
            let path = directory.path().join(name);
            fs::File::create(&path).unwrap().write_all(contents).unwrap();
            assert_eq!(browser_behind(&path), path);
        }
        let script = directory.path().join("chromium");
        fs::write(&script, "#!/bin/sh\nfor file in /etc/chromium.d/*; do . $file; done\n").unwrap();
        let behind = browser_behind(&script);
        let is_there = Path::new("/usr/lib/chromium/chromium").is_file();
        assert_eq!(behind, if is_there { PathBuf::from("/usr/lib/chromium/chromium") } else { script });
        assert_eq!(browser_behind(Path::new("/nowhere/chromium")), Path::new("/nowhere/chromium"));
    }

    #[test]
    fn a_switch_that_makes_the_browser_send_less_is_named() {
        let held_back = |words: &[&str]| held_back_by(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>()).len();
        for (words, count) in [
            (&["chromium", "--disable-pings", "--media-router=0", "--load-extension=", "--no-proxy-server", "about:blank"][..], 0),
            (&["chromium", "--no-pings"], 1),
            (&["chromium", "--load-extension=/usr/share/chromium/extensions/blocker", "--proxy-server=127.0.0.1:3128"], 2),
            (&["chromium", "--no-pings-at-all"], 0),
        ] {
            assert_eq!(held_back(words), count, "{words:?}");
        }
        let said = held_back_by(&["--no-pings".to_owned()]);
        assert_eq!(said, ["the browser was started with --no-pings, which the tool did not ask for: it sends no pings of links"]);
    }
}
