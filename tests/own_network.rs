//! A page of the public internet must not reach this machine or its neighbours.

use pixelwitness_recording::Transmission;

use crate::support::server::{Server, html, redirect};
use crate::support::{Bench, Run, run};

/// Every way a page has to ask for something, aimed at this machine.
const PAGE: &str = r#"<!doctype html><html lang="en"><title>Scanner</title>
<img src="http://127.0.0.1:PORT/image"><iframe src="http://localhost:PORT/frame"></iframe>
<link rel="stylesheet" href="http://[::ffff:127.0.0.1]:PORT/mapped"><link rel="prefetch" href="http://127.0.0.1:PORT/prefetch">
<form id="form" method="post" action="http://127.0.0.1:PORT/form" target="inner"></form><iframe name="inner"></iframe>
<script>
fetch('http://127.0.0.1:PORT/fetch', { mode: 'no-cors' }).catch(() => {});
fetch('http://by-name.test:PORT/name', { mode: 'no-cors' }).catch(() => {});
fetch('/redirect', { mode: 'no-cors' }).catch(() => {});
navigator.sendBeacon('http://127.0.0.1:PORT/beacon', 'x');
new WebSocket('ws://127.0.0.1:PORT/socket');
new Worker(URL.createObjectURL(new Blob(["fetch('http://127.0.0.1:PORT/worker', { mode: 'no-cors' }).catch(() => {})"])));
document.getElementById('form').submit();
setTimeout(() => { location = 'http://127.0.0.1:PORT/page'; }, 1000);
</script></html>"#;

/// The paths of [`PAGE`], in the order of their names.
const TRIED: [&str; 12] =
    ["beacon", "fetch", "form", "frame", "image", "mapped", "name", "page", "prefetch", "redirected", "socket", "worker"];

#[test]
fn a_public_page_reaches_nothing_on_this_machine() {
    let bench = Bench::new();
    let inside = Server::start(|_| html("reached"));
    let port = inside.address.port().to_string();
    let page = PAGE.replace("PORT", &port);
    let outside = Server::start(move |path| match path {
        "/redirect" => redirect(&format!("http://127.0.0.1:{port}/redirected")),
        _ => html(&page),
    });
    let audit = |out: &str, public: bool| {
        let mut command = crate::support::tool();
        command.args(["audit", "--quiet", "--dwell", "3", "--resolve", &outside.rule("public.test")]).arg("--out").arg(bench.path(out));
        command.args(["--resolve", &format!("by-name.test={}", inside.address)]);
        if public {
            command.arg("--treat-as-public").arg(outside.address.to_string());
        }
        let ended = run(command.arg("http://public.test/"));
        Run { ended, directory: bench.path(out) }
    };

    let recording = audit("public", true).recording();
    assert_eq!(inside.asked(), Vec::<String>::new(), "nothing on this machine was reached");
    for path in TRIED {
        let tried = recording.requests.iter().find(|request| request.url.ends_with(&format!("/{path}")));
        let tried = tried.unwrap_or_else(|| panic!("the attempt at /{path} is not recorded"));
        assert!(matches!(tried.transmission, Transmission::NotSent { .. }), "{path}: {tried:?}");
    }

    // The same page from loopback is among its own, so that this test can fail.
    audit("own", false);
    assert!(inside.asked().len() >= 6, "{:?}", inside.asked());
}
