//! What steps put into pages and what they say where they cannot, the browser's own doings at a login or a form, and test authorities.

use pixelwitness_recording::{GapKind, Input, InputKind, Outcome, Recording, Sender};

use crate::support::browser::OddBrowser;
use crate::support::server::{Server, html};
use crate::support::{Bench, Run, run, tool};

#[test]
fn what_was_clicked_and_chosen_is_written_down() {
    let site = Server::start(|_| {
        html(
            "<!doctype html><html lang=en><title>Booking</title><link rel=icon href=\"data:,\">
            <form id=form onsubmit=\"event.preventDefault()\">
              <label><input type=checkbox id=news name=news value=yes-please> Send me news</label>
              <input type=checkbox id=terms name=terms checked aria-label=Terms>
              <label for=clinic>HIV clinic</label><input type=radio id=clinic name=where value=7>
              <select id=reason name=reason><option value=''>Choose</option><option value=r3>A new appointment</option></select>
              <select id=many name=many multiple size=4><option value=a selected>Asthma</option><option value=b>Back pain</option></select>
              <button>Book now</button>
            </form>
            <button type=button id=call>Call me back</button> <div id=plain style=\"width:9px;height:9px\"></div>",
        )
    });
    let steps = [
        "click = '#news'",
        "click = 'text=HIV clinic'",
        "click = '#terms'",
        "select = { in = '#reason', option = 'A new appointment' }",
        "select = { in = '#many', option = 'b' }",
        "click = '#call'",
        "click = '#plain'",
        "submit = '#form'",
    ];
    let bench = Bench::new();
    let recording = play(&bench, &[site.rule("*")], &steps, &[]).recording();
    let input = |at: usize| recording.steps[at].input.as_ref();
    let expected = [
        Some((InputKind::Checked, "yes-please", Some("yes-please"), Some("Send me news"))),
        Some((InputKind::Checked, "7", Some("7"), Some("HIV clinic"))),
        // A box that was cleared is sent by no form.
        Some((InputKind::Clicked, "Terms", Some("Terms"), Some("Terms"))),
        Some((InputKind::Chosen, "A new appointment", Some("r3"), Some("A new appointment"))),
        Some((InputKind::Chosen, "b", Some("b"), Some("Back pain"))),
        Some((InputKind::Clicked, "Call me back", Some("Call me back"), Some("Call me back"))),
        None,
        Some((InputKind::Clicked, "Book now", Some("Book now"), Some("Book now"))),
    ];
    for (at, expected) in expected.into_iter().enumerate() {
        let parts = |input: &Input| (input.kind, input.asked.clone(), input.held.clone(), input.label.clone());
        let expected =
            expected.map(|(kind, asked, held, label)| (kind, asked.to_owned(), held.map(str::to_owned), label.map(str::to_owned)));
        assert_eq!(recording.steps[at + 1].outcome, Outcome::Done, "{}", steps[at]);
        assert_eq!(input(at + 1).map(parts), expected, "{}", steps[at]);
    }
}

#[test]
fn a_selector_that_is_not_one_element_says_where_it_matches() {
    let site = Server::start(|path| match path {
        "/inner" => html("<title>Inner</title><button id=inside>Inside</button>"),
        "/other" => html("<title>Other</title><button id=far>Far</button>"),
        _ => html(
            "<!doctype html><html lang=en><title>Places</title><link rel=icon href=\"data:,\">
            <header><input class=search-field id=top></header>
            <main><form><input class=search-field name=q><input type=submit id=send value=Go></form></main>
            <iframe id=frame src=/inner></iframe><iframe src=http://other.test/other></iframe><div id=host></div>
            <script>document.getElementById('host').attachShadow({ mode: 'open' }).innerHTML = '<input id=deep>'</script>",
        ),
    });
    let steps = [
        "click = '.search-field'",
        "visit = 'http://site.test/'",
        "click = '#inside'",
        "visit = 'http://site.test/'",
        "type = { into = '#deep', text = 'x' }",
        "visit = 'http://site.test/'",
        "type = { into = '#send', text = 'x' }",
        "visit = 'http://site.test/'",
        "click = '#far'",
    ];
    let bench = Bench::new();
    let run_of = play(&bench, &[site.rule("*")], &steps, &[]);
    assert_eq!(run_of.ended.code, Some(2), "{:?}", run_of.ended);
    let recording = run_of.recording();
    for (step, why) in [
        (1, ".search-field matches 2 elements on the page: #top, input[name=\"q\"]"),
        (3, "#inside matches nothing on the page itself, only in the frame <iframe#frame>: steps act on the page itself"),
        (5, "#deep matches nothing on the page itself, only in the shadow tree of <div#host>: steps act on the page itself"),
        (7, "#send is a button: nothing can be typed into it"),
        (9, "#far matches nothing on the page itself, only in the frame http://other.test/other: steps act on the page itself"),
    ] {
        assert_eq!(recording.steps[step].outcome, Outcome::Failed { why: why.to_owned() });
        assert_eq!(recording.steps[step].input, None, "{why}");
    }
    // The button was not pressed on the way.
    assert_eq!(site.asked().iter().filter(|path| *path == "/").count(), 5, "{:?}", site.asked());
}

#[test]
fn what_the_browser_would_ask_its_maker_at_a_visitors_doing_is_not_asked() {
    let french = "Bonjour, la clinique est ouverte tous les jours et nous sommes heureux de vous recevoir. ".repeat(40);
    let site = Server::start(move |path| {
        match path {
        "/login" => html("<!doctype html><title>Login</title><form action=/in><input id=u name=username autocomplete=username><input id=p type=password name=password autocomplete=current-password><button>Sign in</button></form>"),
        "/address" => html("<!doctype html><title>Address</title><form action=/in><input id=n name=name autocomplete=name><input id=a name=address autocomplete=street-address><input id=z name=zip autocomplete=postal-code><input id=t name=tel autocomplete=tel><button>Save</button></form>"),
        "/card" => html("<!doctype html><title>Card</title><form action=/in><input id=c name=cc autocomplete=cc-number><input id=x name=exp autocomplete=cc-exp><input name=csc id=v autocomplete=cc-csc><button>Pay</button></form>"),
        "/french" => html(&format!("<!doctype html><html lang=fr><title>Clinique</title><p>{french}</p><textarea id=t spellcheck=true></textarea><a id=get href=/file.exe download>programme</a>")),
        "/file.exe" => "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment\r\nContent-Length: 2\r\nConnection: close\r\n\r\nMZ".to_owned(),
        _ => html("<!doctype html><title>Thank you</title><p>thank you"),
    }
    });
    let typed = |into: &str, text: &str| format!("type = {{ into = '#{into}', text = '{text}' }}");
    let steps = [
        "visit = 'http://site.test/login'".to_owned(),
        typed("u", "ottoline"),
        typed("p", "password1"),
        "submit = 'form'".to_owned(),
        "visit = 'http://site.test/address'".to_owned(),
        typed("n", "Ottoline Brackwater"),
        typed("a", "1 High Street"),
        typed("z", "LS1 1AA"),
        typed("t", "07700 900731"),
        "submit = 'form'".to_owned(),
        "visit = 'http://site.test/card'".to_owned(),
        typed("c", "4111 1111 1111 1111"),
        typed("x", "12/29"),
        typed("v", "123"),
        "submit = 'form'".to_owned(),
        "visit = 'http://site.test/french'".to_owned(),
        typed("t", "helo wrld teh end"),
        "click = '#get'".to_owned(),
        // Nobody vouches for the certificate that the lab has for this name.
        "visit = 'https://untrusted.test/'".to_owned(),
    ];
    let bench = Bench::new();
    let rules = [site.rule("site.test"), bench.resolve_rule()];
    let run_of = play(&bench, &rules, &steps.each_ref().map(String::as_str), &[]);
    let failure = "error: step 20 failed: https://untrusted.test/ could not be visited: its TLS certificate is not valid: no authority known here vouches for it (ERR_CERT_AUTHORITY_INVALID)";
    assert!(run_of.ended.stderr.contains(failure), "{:?}", run_of.ended);
    let recording = run_of.recording();
    let hosts = [
        "passwordsleakcheck-pa.googleapis.com",
        "content-autofill.googleapis.com",
        "connectivitycheck.gstatic.com",
        "translate",
        "safebrowsing",
        "sb-ssl",
    ];
    let asked: Vec<String> =
        recording.requests.iter().map(|request| request.url).filter(|url| hosts.iter().any(|host| url.contains(host))).collect();
    assert_eq!(asked, Vec::<String>::new());
    // Whatever the browser asks its maker all the same is its own, and no page's.
    for request in recording.requests.iter().filter(|request| request.sender == Sender::Page) {
        assert!(request.url.starts_with("http://site.test/") || request.url.starts_with("https://untrusted.test/"), "{}", request.url);
    }
}

#[test]
fn an_authority_is_trusted_where_a_server_sends_its_own_certificate_alone() {
    let bench = Bench::new();
    let file = bench.path("journey.toml");
    std::fs::write(&file, journey("https://leaf-only.clinic.test/", &[])).unwrap();
    let ended = run(bench.audit_command("run").arg("--journey").arg(&file));
    let recording = Run { ended, directory: bench.path("run") }.recording();
    assert_eq!(recording.steps[0].outcome, Outcome::Done);
    assert!(bench.received().iter().any(|received| received.sni.as_deref() == Some("leaf-only.clinic.test")), "nothing came to the lab");
}

#[test]
fn a_browser_that_holds_something_back_is_told_of() {
    let site =
        Server::start(|_| html("<!doctype html><title>Ping</title><link rel=icon href=\"data:,\"><a id=a href=/next ping=/ping>next</a>"));
    for (switch, gaps, pings) in [("--disable-pings", 0, 1), ("--no-pings", 1, 0)] {
        let browser = OddBrowser::with_arguments(switch);
        let bench = Bench::new();
        let arguments = ["--browser".to_owned(), browser.path().display().to_string()];
        let before = site.asked().iter().filter(|path| *path == "/ping").count();
        let run_of = play(&bench, &[site.rule("*")], &["click = '#a'"], &arguments.each_ref().map(String::as_str));
        let recording = run_of.recording();
        let told = recording.gaps.iter().filter(|gap| gap.kind == GapKind::HeldBack && gap.why.contains(switch)).count();
        assert_eq!(told, gaps, "{switch}: {:?}", recording.gaps);
        assert_eq!(site.asked().iter().filter(|path| *path == "/ping").count() - before, pings, "{switch}");
        assert_eq!(pings_in(&recording), pings, "{switch}");
    }
}

fn pings_in(recording: &Recording) -> usize {
    recording.requests.iter().filter(|request| request.url == "http://site.test/ping").count()
}

/// Visits the site and does what follows, with host names led where the rules say.
fn play(bench: &Bench, rules: &[String], steps: &[&str], arguments: &[&str]) -> Run {
    let file = bench.path("journey.toml");
    std::fs::write(&file, journey("http://site.test/", steps)).unwrap();
    let mut command = tool();
    command.args(["audit", "--quiet"]).args(arguments).args(rules.iter().flat_map(|rule| ["--resolve", rule]));
    let ended = run(command.arg("--journey").arg(&file).arg("--out").arg(bench.path("run")));
    Run { ended, directory: bench.path("run") }
}

fn journey(start: &str, steps: &[&str]) -> String {
    let steps: String = steps.iter().map(|step| format!("[[step]]\n{step}\n")).collect();
    format!("name = \"steps\"\n[browser]\ndwell_ms = 300\n[[step]]\nvisit = \"{start}\"\n{steps}")
}
