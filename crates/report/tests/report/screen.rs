use expect_test::{Expect, expect};
use pixelwitness_classifier::{Answer, Event, Masking, RecipientId, Recorded, RecordedWhat, Replay};
use pixelwitness_recording::{Packed, RequestId};
use pixelwitness_report::{Files, Style, terminal};

use crate::example::{self, Example};

fn check(example: &Example, expected: Expect) {
    expected.assert_eq(&show(example, Style { colour: false, width: 100 }));
}

fn show(example: &Example, style: Style) -> String {
    let files = Files {
        directory: "runs/find-a-clinic".to_owned(),
        report: Some("runs/find-a-clinic/report.html".to_owned()),
        findings: Some("runs/find-a-clinic/findings.json".to_owned()),
    };
    terminal(&example.with_verdict(), &example.recording, &files, style)
}

#[test]
fn a_trust_tells_three_companies() {
    check(
        &example::trust(),
        expect![[r#"
            Stopped at step 3 of 3: submit #contact: no element matches #contact
            What left the browser: Find a clinic and book
            2 of 3 steps on riverbank-trust.example; Chrome/156.0.8078.79, third-party cookies allowed, en-GB

            Meta Platforms received through Meta Pixel (www.facebook.com, connect.facebook.net):
              the page address https://www.riverbank-trust.example/hiv/pre-exposure-prophylaxis?q=hiv%20test
              the page title “PrEP & HIV”
              the search term “hiv test”
              the texts of the buttons or links “Book an appointment” and “<script>alert(1)</script>"><img src=x
                  onerror=alert(2)> ⟨ESC⟩[31mred⟨U+202E⟩gpj.exe”
              the e-mail address as a SHA-256 hash, which is that of “pat.morgan@mail.example”
              the browser identifiers fbp, fr and datr
              the identifier of a person's account 100000000000001 (c_user): somebody was logged in there
              in the events PageView, SubscribedButtonClick; 1 copy not counted
              listed in Watchers, line 1234: ||facebook.com^$third-party (2 requests)

            Google received through Google Analytics 4 (region1.google-analytics.com):
              the page address https://www.riverbank-trust.example/hiv/pre-exposure-prophylaxis
              the search term “hiv test”
              the browser identifier cid
              in the events page_view, view_search_results

            ByteDance received through TikTok Pixel (analytics.tiktok.com):
              the page title “<script>alert(1)</script>"><img src=x onerror=alert(2)>
                  ⟨ESC⟩[31mred⟨U+202E⟩gpj.exe”
              a telephone number as a hash of a value not known here, 7a0a4b1cd4aa…
              in the events EnrichAM

            helpful-widget.test received (chat.helpful-widget.test):
              the search term “hiv test”
              helpful-widget.test belongs to Helpful Widgets (GB), session replay: documented by the owner:
                  https://helpful-widget.test/domains, 2026-11-25

            This run cannot show that nothing more is sent: it stopped at step 3 of 3.
            Every recipient also received the IP address of the connection (not recorded here).
            Unread: 2 requests to third parties that no definition reads: cdn.session-film.test,
              pixel.bid-stream.test.
            Alias: metrics.riverbank-trust.example is an alias of riverbank.sc.omtrdc.net, which is one of
              edge.omtrdc.net; riverbank.sc.omtrdc.net belongs to Adobe, analytics: known by the definition
              adobe_analytics; as the browser looked it up.
            Owners: session-film.test: Session Film Ltd (recalled, not confirmed).
            session-film.test is listed in <script>alert(1)</script>"><img src=x onerror=alert(2)>
              ⟨ESC⟩[31mred⟨U+202E⟩gpj.exe, line 3: <script>alert(1)</script>"><img src=x onerror=alert(2)>
              ⟨ESC⟩[31mred⟨U+202E⟩gpj.exe (1 request)
            bid-stream.test is named in Watchers, line 9: ||bid-stream.test^, with an exception in line 77:
              @@||bid-stream.test^$ping (1 request)
            List: Watchers names 1 of 6 third parties.
            List: <script>alert(1)</script>"><img src=x onerror=alert(2)> ⟨ESC⟩[31mred⟨U+202E⟩gpj.exe names 1 of
              6 third parties.
            Looked for: 07700 900123 (this run does not show what became of it).
            Declared: Meta Pixel 100200300400500 is set to InferredEvents on, automaticMatching em, fn, ln, ph
              (declared by its answer).
            Not seen: the body of <script>alert(1)</script>"><img src=x onerror=alert(2)>
              ⟨ESC⟩[31mred⟨U+202E⟩gpj.exe was not seen
            Not seen: the page asked to open a second window
            Completeness: 9 requests: 8 seen by both witnesses, 1 by the wire log alone, 0 by DevTools alone; 0
              announced and never sent; 1 of the browser's own set aside; bodies not seen 1; listened 5.0 s to
              7.4 s after each of 3 steps (1 had not fallen silent); unexplained 0.

            Report: runs/find-a-clinic/report.html
            Findings: runs/find-a-clinic/findings.json
            All files: runs/find-a-clinic
        "#]],
    );
}

#[test]
fn a_site_alone_tells_nobody_and_claims_no_more() {
    check(
        &example::clean(),
        expect![[r#"
            What left the browser: Opening times
            1 step on quiet-clinic.example; Chrome/156.0.8078.79, third-party cookies allowed, en-GB

            Nothing was seen leaving for a third party within 5.0 s under these conditions
              (Chrome/156.0.8078.79, third-party cookies allowed, en-GB).
            Every recipient also received the IP address of the connection (not recorded here).
            Completeness: 1 request: 1 seen by both witnesses, 0 by the wire log alone, 0 by DevTools alone; 0
              announced and never sent; 0 of the browser's own set aside; bodies not seen 0; listened 5.0 s
              after 1 step; unexplained 0.

            Report: runs/find-a-clinic/report.html
            Findings: runs/find-a-clinic/findings.json
            All files: runs/find-a-clinic
        "#]],
    );
}

#[test]
fn third_parties_that_were_told_nothing_recognisable_are_named() {
    let mut example = example::completed();
    example.findings.leaks = Packed::default();
    example.findings.events = Packed::default();
    example.findings.declared.clear();
    example.findings.gaps.clear();
    example.findings.sought.iter_mut().for_each(|one| (one.answer, one.sent_to) = (Answer::NotObserved, Vec::new()));
    example.findings.egress_address = Some("203.0.113.7".to_owned());
    check(
        &example,
        expect![[r#"
            What left the browser: Find a clinic and book
            3 steps on riverbank-trust.example; Chrome/156.0.8078.79, third-party cookies allowed, en-GB

            6 third parties received requests. In them no page address, search term or identifier was recognised
              within 5.0 s to 7.4 s under these conditions (Chrome/156.0.8078.79, third-party cookies allowed,
              en-GB). Not known: what 1 body held that nobody saw; what 1 page sent later, which had not fallen
              silent.
            Every recipient also received the IP address of the connection, 203.0.113.7.
            Also received requests in which nothing was recognised: www.facebook.com, connect.facebook.net,
              region1.google-analytics.com, analytics.tiktok.com, chat.helpful-widget.test.
            Unread: 2 requests to third parties that no definition reads: cdn.session-film.test,
              pixel.bid-stream.test.
            Alias: metrics.riverbank-trust.example is an alias of riverbank.sc.omtrdc.net, which is one of
              edge.omtrdc.net; riverbank.sc.omtrdc.net belongs to Adobe, analytics: known by the definition
              adobe_analytics; as the browser looked it up.
            Owners: helpful-widget.test: Helpful Widgets (documented by the owner), session-film.test: Session
              Film Ltd (recalled, not confirmed).
            Meta Platforms is listed in Watchers, line 1234: ||facebook.com^$third-party (2 requests)
            session-film.test is listed in <script>alert(1)</script>"><img src=x onerror=alert(2)>
              ⟨ESC⟩[31mred⟨U+202E⟩gpj.exe, line 3: <script>alert(1)</script>"><img src=x onerror=alert(2)>
              ⟨ESC⟩[31mred⟨U+202E⟩gpj.exe (1 request)
            bid-stream.test is named in Watchers, line 9: ||bid-stream.test^, with an exception in line 77:
              @@||bid-stream.test^$ping (1 request)
            List: Watchers names 1 of 6 third parties.
            List: <script>alert(1)</script>"><img src=x onerror=alert(2)> ⟨ESC⟩[31mred⟨U+202E⟩gpj.exe names 1 of
              6 third parties.
            Looked for and not seen leaving: hiv test, pat.morgan@mail.example, 07700 900123 (within 5.0 s to
              7.4 s, in the forms looked for; not known: what 1 body held that nobody saw; what 1 page sent
              later, which had not fallen silent).
            Completeness: 9 requests: 8 seen by both witnesses, 1 by the wire log alone, 0 by DevTools alone; 0
              announced and never sent; 1 of the browser's own set aside; bodies not seen 1; listened 5.0 s to
              7.4 s after each of 3 steps (1 had not fallen silent); unexplained 0.

            Report: runs/find-a-clinic/report.html
            Findings: runs/find-a-clinic/findings.json
            All files: runs/find-a-clinic
        "#]],
    );
}

#[test]
fn a_run_that_broke_off_says_so() {
    let mut example = example::clean();
    example.findings.completeness.finished = false;
    example.findings.completeness.listened.clear();
    example.findings.completeness.unexplained = vec!["r7 differs".to_owned()];
    check(
        &example,
        expect![[r#"
            Not carried to its end: the record does not reach the end of the run
            What left the browser: Opening times
            1 step on quiet-clinic.example; Chrome/156.0.8078.79, third-party cookies allowed, en-GB

            This run cannot show that nothing is sent: it was not carried to its end; the witnesses differ in 1
              way that no known rule explains.
            Every recipient also received the IP address of the connection (not recorded here).
            Completeness: 1 request: 1 seen by both witnesses, 0 by the wire log alone, 0 by DevTools alone; 0
              announced and never sent; 0 of the browser's own set aside; bodies not seen 0; how long was
              listened is not on record; unexplained 1.
            No claim of completeness is made: the run did not reach its end, or a raw log is not whole; the
              witnesses differ in 1 way that no known rule explains.

            Report: runs/find-a-clinic/report.html
            Findings: runs/find-a-clinic/findings.json
            All files: runs/find-a-clinic
        "#]],
    );
}

#[test]
fn many_values_are_counted_and_long_ones_shortened() {
    let mut example = example::trust();
    let mut page = example.findings.leaks.get(0).unwrap();
    example.findings.leaks = Packed::default();
    for number in 0..9 {
        page.value = format!("https://www.riverbank-trust.example/{}/{number}", "very-long-path/".repeat(9));
        example.findings.leaks.push(page.clone());
    }
    let screen = show(&example, Style { colour: false, width: 100 });
    assert!(screen.contains(" and 5 more\n"), "{screen}");
    assert!(screen.contains("ry-long-path/very-long-path//3"), "{screen}");
    assert!(!screen.contains(&"very-long-path/".repeat(9)), "{screen}");
}

#[test]
fn copies_of_an_event_are_not_counted_twice() {
    let mut example = example::trust();
    let counted = "in the events PageView, SubscribedButtonClick; 1 copy not counted";
    assert!(show(&example, Style { colour: false, width: 100 }).contains(counted));
    example.findings.events = example.findings.events.iter().map(|event| Event { copy_of: None, ..event }).collect();
    assert!(show(&example, Style { colour: false, width: 100 }).contains("in the events PageView (2), SubscribedButtonClick\n"));
}

#[test]
fn a_page_that_was_not_the_sites_is_no_clean_result() {
    let example = example::turned_away();
    let screen = show(&example, Style { colour: false, width: 200 });
    let said = "This was not the site: step 1 was answered with a challenge of Cloudflare (status 403, header cf-mitigated: challenge): ";
    assert!(screen.contains(said), "{screen}");
    assert!(screen.contains("Nothing can be said of the site: pages were seen that are not its own."), "{screen}");
    assert!(!screen.contains("Nothing was seen leaving"), "{screen}");
}

#[test]
fn a_hash_is_named_only_where_a_canary_explains_it() {
    let mut example = example::trust();
    let said = "the e-mail address as a SHA-256 hash, which is that of “pat.morgan@mail.example”";
    assert!(show(&example, Style { colour: false, width: 200 }).contains(said));
    example.change(|leaks| leaks.iter_mut().for_each(|leak| leak.clear_value = None));
    let screen = show(&example, Style { colour: false, width: 200 });
    assert!(screen.contains("an e-mail address as a SHA-256 hash of a value not known here"), "{screen}");
}

#[test]
fn strangers_never_steer_the_terminal() {
    let example = example::trust();
    let plain = show(&example, Style { colour: false, width: 100 });
    let steers = |character: &char| character.is_control() && *character != '\n' || *character == '\u{202e}';
    assert_eq!(plain.chars().find(steers), None);
    // With colour the only escapes are ours, and they are all that colour adds.
    let mut coloured = show(&example, Style { colour: true, width: 100 });
    for code in ["0", "1", "1;31", "36", "2", "33"] {
        coloured = coloured.replace(&format!("\u{1b}[{code}m"), "");
    }
    assert_eq!(coloured, plain);
}

#[test]
fn lines_keep_to_the_width() {
    for width in [0, 40, 60, 100, 200] {
        let screen = show(&example::trust(), Style { colour: false, width });
        let too_long = |line: &&str| line.chars().count() > width.max(40) && line.split_whitespace().count() > 1;
        assert_eq!(screen.lines().find(too_long), None, "at width {width}");
    }
}

fn replay(format: Option<&str>, recorded: Vec<Recorded>) -> Replay {
    Replay {
        request: RequestId(2),
        recipient: RecipientId("Meta Platforms".to_owned()),
        vendor: "meta_pixel".to_owned(),
        step: Some(0),
        message: None,
        bytes: 1200,
        format: format.map(str::to_owned),
        not_verified: format == Some("Hotjar"),
        recorded,
    }
}

fn recorded(what: RecordedWhat, count: usize, masking: Option<Masking>, examples: &[&str]) -> Recorded {
    Recorded { what, count, masking, examples: examples.iter().map(|example| (*example).to_owned()).collect() }
}

#[test]
fn what_a_session_replay_recorded_is_said_once_for_each_product() {
    let mut example = example::trust();
    example.findings.replays = vec![
        replay(
            Some("rrweb"),
            vec![
                recorded(RecordedWhat::PageText, 2, Some(Masking::Clear), &["PrEP at the clinic"]),
                recorded(RecordedWhat::TypedText, 1, Some(Masking::Masked), &[]),
            ],
        ),
        replay(
            Some("rrweb"),
            vec![
                recorded(RecordedWhat::Click, 1, None, &["button “Book”"]),
                recorded(RecordedWhat::TypedText, 1, Some(Masking::Clear), &["hiv test"]),
            ],
        ),
        replay(None, Vec::new()),
    ]
    .into();
    let screen = show(&example, Style { colour: false, width: 200 });
    let start = screen.find("Meta Platforms received a recording").unwrap();
    let said: Vec<&str> = screen[start..].lines().take(5).collect();
    expect![[r#"
        Meta Platforms received a recording of the visit through Meta Pixel (1 request, 3600 bytes):
          2 texts of the page, in the clear: “PrEP at the clinic”
          1 click: “button “Book””
          2 values of fields, as typed, some masked and some in the clear: “hiv test”
          1200 bytes in a format that is not known here: what it holds is not known"#]]
    .assert_eq(&said.join("\n"));
}

#[test]
fn a_replay_of_a_format_that_was_not_verified_says_so() {
    let said = "read by what others say of the format; not verified against the vendor's own script";
    for (format, is_said) in [("Hotjar", true), ("rrweb", false)] {
        let mut example = example::trust();
        example.findings.replays = vec![replay(Some(format), vec![recorded(RecordedWhat::Click, 1, None, &[])])].into();
        let screen = show(&example, Style { colour: false, width: 200 });
        assert_eq!(screen.contains(said), is_said, "{screen}");
    }
}

#[test]
fn what_a_product_was_recognised_by_is_said() {
    let mut example = example::trust();
    let mut events: Vec<Event> = example.findings.events.iter().collect();
    events.iter_mut().find(|event| event.recipient.0 == "Meta Platforms").unwrap().form = ["/a/tr", "id", "ev"].map(str::to_owned).to_vec();
    example.findings.events = events.into();
    let screen = show(&example, Style { colour: false, width: 200 });
    assert!(screen.contains("Meta Pixel recognised by its form, not by a host of its own: path /a/tr; parameters id, ev\n"), "{screen}");
}
