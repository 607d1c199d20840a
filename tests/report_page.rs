//! The report in a real browser: nothing leaves it, nothing in it runs, everybody can read it.

use std::fs;
use std::process::Command;

use pixelwitness_recording::{Outcome, Sender};
use serde_json::Value;

use crate::support::server::{Server, html};
use crate::support::{Bench, Run, repository, run};

/// A page whose every string is markup, script or a control character, with the stand-in of Meta's pixel on it.
const HOSTILE: &str = r#"<!doctype html><html lang="en"><head><meta charset="utf-8">
<title>&lt;script>document.title='pwned'&lt;/script>"'>&lt;img src=/pwned-title></title>
<meta property="og:title" content="&lt;svg onload=fetch('/pwned-og')>">
<script src="https://connect.facebook.net/en_US/fbevents.js" async></script>
<script>
window.fbq = window.fbq || function () { fbq.callMethod ? fbq.callMethod.apply(fbq, arguments) : fbq.queue.push(arguments); };
fbq.queue = fbq.queue || []; fbq.version = '2.0';
fbq('init', '482915530127703');
fbq('track', 'PageView');
fbq('trackCustom', '<script>alert(1)<\/script>', { '"><img src=/pwned-name>': '</pre><img src=/pwned-value onerror=alert(2)>\u202e\u001b[31m' });
addEventListener('load', () => navigator.sendBeacon('https://collect.unread.test/in', new Blob([new Uint8Array([60, 115, 99, 114, 105, 112, 116, 62, 255, 0])])));
</script></head><body>
<h1>Hostile strings</h1>
<button type="button">&lt;/pre>&lt;script>fetch('/pwned-button')&lt;/script></button>
</body></html>"#;

#[test]
fn the_report_of_a_hostile_page_is_text_that_everybody_can_read() {
    let bench = Bench::new();
    let report = report_of_a_hostile_page(&bench);
    let html = fs::read_to_string(&report).unwrap();
    assert!(!html.contains("<script"), "no script of anybody's is in it");

    nothing_leaves_it(&bench, &html);
    no_console_message(&bench, &html);
    no_serious_finding_of_axe(&bench, &html);
    it_fits_a_telephone(&bench, &html);
    it_can_be_printed(&bench, &html);
}

fn report_of_a_hostile_page(bench: &Bench) -> std::path::PathBuf {
    let server = Server::start(|_| html(HOSTILE));
    let journey = "name = \"<b>bold</b>\"\n[browser]\ndwell_ms = 2500\n\
         [[canary]]\nname = \"<i>\"\nkind = \"text\"\nvalue = \"<img src=/pwned-canary>\"\n\
         [[step]]\nvisit = \"http://hostile.test/%3Cscript%3E?q=%22%3E%3Cimg%20src=/pwned-url%3E\"\n[[step]]\nclick = \"button\"\n";
    let file = bench.path("hostile.toml");
    fs::write(&file, journey).unwrap();
    let mut command = bench.audit_command_mapping("hostile", &[&server.rule("hostile.test")]);
    let ended = run(command.arg("--journey").arg(&file));
    let of = Run { ended, directory: bench.path("hostile") };
    let recording = of.recording();
    assert!(recording.steps.iter().all(|step| step.outcome == Outcome::Done), "{:?}\n{:?}", of.ended, recording.steps);
    let findings = of.findings();
    assert!(findings.leaks.iter().any(|leak| leak.value.contains("fetch('/pwned-button')")), "{:?}", of.ended);
    assert!(findings.unread.iter().any(|unread| unread.endpoint.contains("collect.unread.test")), "{:?}", findings.unread);
    of.directory.join("report.html")
}

/// The tool audits its own report.
fn nothing_leaves_it(bench: &Bench, html: &str) {
    let server = {
        let page = html.to_owned();
        Server::start(move |_| self::html(&page))
    };
    let mut command = bench.audit_command_mapping("self", &[&server.rule("report.test")]);
    let ended = run(command.args(["--dwell", "2", "http://report.test/report.html"]));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let of = Run { ended, directory: bench.path("self") };
    let sent: Vec<String> =
        of.recording().requests.into_iter().filter(|request| request.sender == Sender::Page).map(|request| request.url).collect();
    let allowed = ["http://report.test/report.html", "http://report.test/favicon.ico"];
    assert!(sent.iter().any(|url| url == allowed[0]) && sent.iter().all(|url| allowed.contains(&url.as_str())), "{sent:?}");
    let asked = server.asked();
    assert!(asked.iter().all(|path| ["/report.html", "/favicon.ico"].contains(&path.as_str())), "{asked:?}");
}

fn no_console_message(bench: &Bench, html: &str) {
    let page = page(bench, "console", html);
    let shown = chromium(bench, &["--enable-logging=stderr", "--v=0", "--dump-dom", &page]);
    assert!(shown.stdout.contains("</html>"), "{shown:?}");
    assert!(!shown.stderr.contains("CONSOLE"), "{}", shown.stderr);
    // The same with a message, so that this test can fail.
    let loud = self::page(bench, "loud", "<script>console.log('a message')</script>");
    assert!(chromium(bench, &["--enable-logging=stderr", "--v=0", "--dump-dom", &loud]).stderr.contains("CONSOLE"));
}

fn no_serious_finding_of_axe(bench: &Bench, html: &str) {
    let axe = fs::read_to_string(repository().join("tests/npm/node_modules/axe-core/axe.min.js"))
        .expect("cargo xtask test installs axe-core from the npm registry");
    let serious = |html: &str| -> Vec<String> {
        let run = "document.querySelectorAll('details').forEach(details => { details.open = true });\n\
                   axe.run(document).then(found => { document.documentElement.innerHTML = '<pre></pre>'; document.querySelector('pre').textContent = JSON.stringify(found.violations.map(v => [v.impact, v.id, v.nodes[0].html])) + 'END' })";
        let with_axe = format!("{}<script>{axe}</script><script>{run}</script>", without_policy(html));
        let shown = chromium(bench, &["--virtual-time-budget=60000", "--dump-dom", &page(bench, "axe", &with_axe)]);
        let json =
            shown.stdout.split_once("<pre>").and_then(|(_, rest)| rest.split_once("END</pre>")).unwrap_or_else(|| panic!("{shown:?}")).0;
        let json = json.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
        let violations: Vec<Value> = serde_json::from_str(&json).unwrap();
        violations
            .iter()
            .filter(|violation| matches!(violation[0].as_str(), Some("serious" | "critical")))
            .map(ToString::to_string)
            .collect()
    };
    assert_eq!(serious(html), Vec::<String>::new());
    assert_ne!(serious("<html><body><img src=x></body></html>"), Vec::<String>::new(), "axe finds what is wrong");
}

fn it_fits_a_telephone(bench: &Bench, html: &str) {
    let width = |html: &str| -> u32 {
        let framed = html.replace('&', "&amp;").replace('"', "&quot;");
        let frame = format!(
            "<body><iframe width=360 height=800 style='border:0' srcdoc=\"{framed}\"></iframe><script>addEventListener('load', () => {{\
             const inner = document.querySelector('iframe').contentDocument;\
             inner.querySelectorAll('details').forEach(details => {{ details.open = true }});\
             document.body.innerHTML = `<pre>WIDTH${{inner.documentElement.scrollWidth}}WIDTH</pre>`;\
             }})</script>"
        );
        let shown = chromium(bench, &["--dump-dom", &page(bench, "narrow", &frame)]);
        shown.stdout.split("WIDTH").nth(1).and_then(|width| width.parse().ok()).unwrap_or_else(|| panic!("{shown:?}"))
    };
    assert!(width(&without_policy(html)) <= 360, "the report scrolls sideways");
    assert!(width("<div style='width:700px'>x</div>") > 360, "this would show");
}

fn it_can_be_printed(bench: &Bench, html: &str) {
    let pdf = scratch(bench).join("report.pdf");
    chromium(bench, &[&format!("--print-to-pdf={}", pdf.display()), &page(bench, "print", html)]);
    let text = run(Command::new("pdftotext").args(["-layout".as_ref(), pdf.as_os_str(), "-".as_ref()]));
    assert_eq!(text.code, Some(0), "{text:?}");
    for held in ["Meta", "fetch('/pwned-button')", "/tr/"] {
        assert!(text.stdout.contains(held), "{held} is not on paper");
    }
}

/// The report without its Content-Security-Policy, so that a test can look at it with a script.
fn without_policy(html: &str) -> String {
    let start = html.find("<meta http-equiv=\"Content-Security-Policy\"").unwrap_or(html.len());
    let end = html[start..].find('>').map_or(start, |end| start + end + 1);
    format!("{}{}", &html[..start], &html[end..])
}

/// A place that the unprivileged browser may read and write.
fn scratch(bench: &Bench) -> std::path::PathBuf {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = bench.path("browser");
    let _ = fs::create_dir(&directory);
    for path in [directory.parent().unwrap(), &directory] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o777)).unwrap();
    }
    directory
}

fn page(bench: &Bench, name: &str, html: &str) -> String {
    let file = scratch(bench).join(format!("{name}.html"));
    fs::write(&file, html).unwrap();
    format!("file://{}", file.display())
}

/// A plain browser, which does not start as root.
fn chromium(bench: &Bench, arguments: &[&str]) -> crate::support::Ended {
    use std::os::unix::fs::MetadataExt as _;
    let directory = scratch(bench);
    let mut command = if fs::metadata("/proc/self").unwrap().uid() == 0 {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "chromium"]);
        command
    } else {
        Command::new("chromium")
    };
    let _ = fs::remove_dir_all(directory.join("profile"));
    command.args(["--headless=new", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]);
    command.arg(format!("--user-data-dir={}", directory.join("profile").display())).env("HOME", &directory);
    run(command.args(arguments))
}
