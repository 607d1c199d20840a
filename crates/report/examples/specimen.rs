//! Prints the report of the tests' example, to be looked at: `cargo run -p pixelwitness-report --example specimen -- html > report.html`.
//!
//! Pictures are read from the directory named next, where there are any.

#[allow(dead_code, clippy::unwrap_used, reason = "the tests use the rest, and may panic")]
#[path = "../tests/report/example.rs"]
mod example;

use pixelwitness_report::{Files, Style, terminal, write_html, write_json};

#[expect(clippy::print_stdout, reason = "printing is what it is for")]
fn main() {
    let mut arguments = std::env::args().skip(1);
    let format = arguments.next();
    let directory = arguments.next();
    let example = example::trust();
    let findings = example.with_verdict();
    let picture = |name: &str| directory.as_ref().and_then(|directory| std::fs::read(format!("{directory}/{name}")).ok());
    let style = Style { colour: true, width: 100 };
    match format.as_deref() {
        Some("html") => write_html(&findings, &example.recording, &picture, std::io::stdout()).expect("somebody reads the output"),
        Some("json") => write_json(&findings, std::io::stdout()).expect("somebody reads the output"),
        _ => print!("{}", terminal(&findings, &example.recording, &Files::default(), style)),
    }
}
