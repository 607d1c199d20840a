//! Every test site's journey in a real browser: the findings are those its page set out to cause, and the recording is what the server
//! received.

use std::collections::BTreeSet;

use pixelwitness_classifier::{Findings, Leak};
use pixelwitness_recording::{Recording, Request, Transmission};
use pixelwitness_test_sites::{Received, Site, Told, sites};

use crate::support::{Bench, all_wanted, repository, run, tool};

#[test]
fn a_page_about_an_hiv_medicine_tells_meta_the_medicine_and_who_reads() {
    check("01-hiv-handbook");
}

#[test]
fn a_search_tells_meta_and_google_the_term_and_the_result_opened() {
    check("02-site-search");
}

#[test]
fn a_term_that_the_pixel_removes_is_not_claimed() {
    check("02b-filtered-search");
}

#[test]
fn buttons_tell_meta_what_was_booked_ordered_and_referred() {
    check("03-surgery-buttons");
}

#[test]
fn a_form_that_is_left_tells_its_hashes_only_where_the_page_sends_them() {
    check("04-contact-form");
}

#[test]
fn a_form_that_is_sent_tells_the_hashes_of_the_person() {
    check("04-contact-form-sent");
}

#[test]
fn a_page_for_under_18s_tells_where_they_go_next() {
    check("05-under-18s");
}

#[test]
fn a_gender_identity_service_tells_what_it_is_about() {
    check("06-gender-identity");
}

#[test]
fn a_pharmacy_basket_tells_the_search_the_name_and_the_phone() {
    check("07-pharmacy-basket");
}

#[test]
fn a_counselling_course_tells_the_progress() {
    check("08-counselling-course");
}

#[test]
fn a_cookie_banner_is_told_of_before_it_is_answered() {
    check("09-cookie-banner");
}

#[test]
fn a_clean_site_tells_nobody_anything() {
    check("10-clean");
}

#[test]
fn a_site_with_its_own_analytics_tells_no_third_party() {
    check("10b-own-analytics");
}

#[test]
fn real_libraries_tell_whoever_measures_an_audience() {
    check_with_libraries("11-libraries-audience");
}

#[test]
fn real_libraries_tell_whoever_watches_for_faults() {
    check_with_libraries("11-libraries-monitoring");
}

#[test]
fn real_libraries_tell_whoever_passes_it_on() {
    check_with_libraries("11-libraries-pipelines");
}

#[test]
fn real_libraries_tell_whoever_watches_how_pages_are_used() {
    check_with_libraries("11-libraries-products");
}

#[test]
fn every_site_is_tested() {
    let source = include_str!("journeys.rs");
    for site in sites() {
        let is_checked = ["check", "check_with_libraries"].iter().any(|check| source.contains(&format!("{check}(\"{}\")", site.name)));
        assert!(is_checked, "{} has no test", site.name);
    }
}

#[test]
fn ten_runs_in_a_row_give_the_same_leaks() {
    let (name, runs) = if all_wanted() { ("07-pharmacy-basket", 10) } else { ("01-hiv-handbook", 10) };
    let bench = Bench::new();
    let site = site(name);
    let first = without_identifiers(&bench.audit(site.journey, "run-0").findings());
    assert!(!first.is_empty());
    for number in 1..runs {
        let out = format!("run-{number}");
        assert_eq!(without_identifiers(&bench.audit(site.journey, &out).findings()), first, "run {number}");
    }
}

/// The same for a site whose libraries come from the npm registry.
fn check_with_libraries(name: &str) {
    let bundles = repository().join("test-sites/libraries/bundled");
    let missing = "cargo xtask test installs the libraries from the npm registry and bundles them";
    assert!(bundles.join(site(name).host.split('.').next().unwrap()).with_extension("js").exists(), "{missing}");
    check(name);
}

/// Runs a site's journey and holds findings and recording against the truth.
fn check(name: &str) {
    let site = site(name);
    let bench = Bench::new();
    let run_of = bench.audit(site.journey, "run");
    assert_eq!(run_of.ended.code, Some(i32::from(!site.told().is_empty())), "{:?}", run_of.ended);

    let recording = run_of.recording();
    let received = bench.received();
    let problems = held_against(&recording, &received);
    assert!(problems.is_empty(), "the recording is not what the server received:\n{}", problems.join("\n"));
    assert!(recording.completeness.finished, "{:?}", recording.gaps);
    assert_eq!(recording.completeness.unexplained, Vec::<String>::new());

    let differences = site.differences(&told(&run_of.findings()));
    assert!(differences.is_empty(), "missing (-) and surplus (+) findings:\n{}", differences.join("\n"));

    reading_again_gives_the_same_bytes(&run_of.directory);
}

pub(crate) fn site(name: &str) -> &'static Site {
    sites().iter().find(|site| site.name == name).unwrap()
}

/// The leaks as the sites' expectations are written.
pub(crate) fn told(findings: &Findings) -> Vec<Told> {
    let told = |leak: Leak| Told {
        recipient: leak.recipient.to_string(),
        what: serde_json::to_value(leak.what).unwrap().as_str().unwrap().to_owned(),
        name: leak.name.clone(),
        value: leak.value.clone(),
        step: leak.step.expect("every leak of a finished run belongs to a step"),
    };
    findings.leaks.iter().map(told).collect()
}

/// The leaks of a run in a form that is the same in every run: identifiers that are made up anew are left out.
pub(crate) fn without_identifiers(findings: &Findings) -> BTreeSet<String> {
    let line = |told: Told| Told { value: if told.what == "browser-id" { "<any>".to_owned() } else { told.value }, ..told }.to_string();
    told(findings).into_iter().map(line).collect()
}

/// Every request the server received is in the recording with the same body and `Cookie`, and none is in it that did not arrive.
fn held_against(recording: &Recording, received: &[Received]) -> Vec<String> {
    let mut unmatched: Vec<Request> = recording.requests.iter().filter(|request| request.transmission == Transmission::Sent).collect();
    let mut problems = Vec::new();
    for request in received.iter().filter(|request| !request.cut) {
        let scheme = if request.tls { "https" } else { "http" };
        let url = format!("{scheme}://{}{}", request.host, request.target);
        let same = |candidate: &Request| {
            candidate.method == request.method
                && candidate.url == url
                && candidate.body.bytes() == Some(&request.body[..])
                && candidate.header("cookie") == request.cookie().as_deref()
        };
        match unmatched.iter().position(same) {
            Some(at) => drop(unmatched.remove(at)),
            None => problems.push(format!(
                "not recorded as received: {} {url} ({} bytes, {:?})",
                request.method,
                request.body.len(),
                request.cookie()
            )),
        }
    }
    problems.extend(
        unmatched.iter().map(|request| format!("recorded and not received: {} {} {:?}", request.method, request.url, request.witness)),
    );
    problems
}

fn reading_again_gives_the_same_bytes(directory: &std::path::Path) {
    let files = ["recording.jsonl.zst", "findings.json", "report.html", "manifest.json", "SHA256SUMS"];
    let read = || files.map(|file| std::fs::read(directory.join(file)).unwrap());
    let verified = run(tool().arg("verify").arg(directory));
    assert!(verified.is_reproduced(), "{verified:?}");
    let before = read();
    for command in ["classify", "report"] {
        let again = run(tool().arg(command).arg(directory));
        assert!(matches!(again.code, Some(0 | 1)), "{again:?}");
        assert!(before == read(), "{command} wrote other bytes");
    }
}
