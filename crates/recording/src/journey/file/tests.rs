use crate::{Journey, ReadWith, Scheme};

const SEARCH: &str = r##"
name = "search"

[browser]
third_party_cookies = "block"
dwell_ms = 3000

[[cookie]]
domain = ".facebook.com"
name = "c_user"
value = "100000000000001"

[[canary]]
name = "condition"
kind = "search-term"
value = "hiv test"

[[step]]
visit = "https://clinic.example/"

[[step]]
type = { into = "#q", canary = "condition" }

[[step]]
submit = "#search"

[[step]]
scroll = "bottom"

[[step]]
wait = { ms = 500 }
"##;

fn problems(text: &str) -> Vec<String> {
    let with = ReadWith { today: Some("2026-12-01".to_owned()), ..ReadWith::default() };
    Journey::from_toml_with(text, &with).unwrap_err().problems.iter().map(ToString::to_string).collect()
}

#[test]
fn a_wrong_journey_says_where_and_why() {
    for (from, to, message) in [
        ("name = \"search\"", "", "line 1, column 1: a journey needs the key `name`"),
        ("name = \"search\"", "name = 3", "line 2, column 8: `name` of a journey takes text in quotes, not a number"),
        ("name = \"search\"", "name = \"search\"\nnmae = 1", "line 3, column 1: a journey has no key `nmae`; did you mean `name`?"),
        (
            "name = \"search\"",
            "name = \"search\"\nfirst_party = \"a.example\"",
            "line 3, column 15: `first_party` takes a list of sites, [\"partner.example\"], not text",
        ),
        (
            "name = \"search\"",
            "name = \"search\"\nfirst_party = [\"a.example\", 3]",
            "line 3, column 29: `first_party` takes sites as text in quotes, not a number",
        ),
        (
            "dwell_ms = 3000",
            "viewport = { width = 0, height = 3 }",
            "line 6, column 22: `width` of `viewport` takes a whole number, 1 to 10000, not 0",
        ),
        ("dwell_ms = 3000", "locale = \" \"", "line 6, column 10: `locale` of [browser] is empty"),
        (
            "name = \"search\"",
            "name = \"search\"\nfirst_party = [\"partner example\"]",
            "line 3, column 16: `first_party` takes host names such as partner.example, not \"partner example\"",
        ),
        (
            "\".facebook.com\"",
            "\"https://facebook.com/\"",
            "line 9, column 10: cookie 1: \"https://facebook.com/\" is no domain, such as .facebook.com",
        ),
        ("\"c_user\"", "\"c_user=1\"", "line 10, column 8: `name` of cookie 1 has '=' in it, which no cookie can have"),
        ("\"c_user\"", "\"\"", "line 10, column 8: `name` of cookie 1 is empty"),
        ("\"c_user\"", "\"__Host-id\"", "line 10, column 8: cookie 1: a cookie called __Host-… belongs to no domain, so none can be set"),
        ("\"100000000000001\"", "\"1; Secure\"", "line 11, column 9: `value` of cookie 1 has ';' in it, which no cookie can have"),
        ("dwell_ms", "dwell", "line 6, column 1: [browser] has no key `dwell`; did you mean `dwell_ms`?"),
        (
            "dwell_ms",
            "patience",
            "line 6, column 1: [browser] has no key `patience`; it may have third_party_cookies, locale, viewport, user_agent, dwell_ms",
        ),
        ("dwell_ms = 3000", "dwell_ms = \"3\"", "line 6, column 12: `dwell_ms` of [browser] takes a whole number, 0 or more, not text"),
        ("dwell_ms = 3000", "dwell_ms = -1", "line 6, column 12: `dwell_ms` of [browser] takes a whole number, 0 or more, not -1"),
        (
            "dwell_ms = 3000",
            "viewport = { width = 5000000000, height = 3 }",
            "line 6, column 22: `width` of `viewport` takes a whole number, 1 to 10000, not 5000000000",
        ),
        ("\"block\"", "\"blocked\"", "line 5, column 23: `third_party_cookies` is \"allow\" or \"block\", not \"blocked\""),
        ("[[cookie]]", "[cookie]", "line 8, column 1: [cookie] has to be [[cookie]], with two brackets: there may be several"),
        ("domain = \".facebook.com\"", "", "line 8, column 1: cookie 1 needs the key `domain`"),
        ("search-term", "serch-term", "line 15, column 8: \"serch-term\" is no kind of canary; did you mean `search-term`?"),
        (
            "\"hiv test\"",
            "\"hi\"",
            "line 16, column 9: the canary \"condition\" has fewer than three letters or digits: finding it again would prove nothing",
        ),
        (
            "search-term\"\nvalue = \"hiv test\"",
            "date-of-birth\"\nvalue = \"2027-01-01\"",
            "line 16, column 9: the canary \"condition\" is no date of birth: 2027-01-01 is in the future",
        ),
        (
            "search-term\"\nvalue = \"hiv test\"",
            "date-of-birth\"\nvalue = 1979-10-04",
            "line 16, column 9: `value` of canary 1 takes text in quotes, not a date without quotes",
        ),
        (
            "[[step]]\nvisit",
            "[[canary]]\nname = \"condition\"\nkind = \"text\"\nvalue = \"abc\"\n\n[[step]]\nvisit",
            "line 19, column 8: the canary \"condition\" is listed twice",
        ),
        ("visit =", "visitt =", "line 19, column 1: step 1: `visitt` is no action; did you mean `visit`?"),
        (
            "https://clinic.example/",
            "ftp://clinic.example/",
            "line 19, column 9: step 1: \"ftp://clinic.example/\" is not a web address: pages are visited by http and https, not ftp",
        ),
        (
            "https://clinic.example/",
            "clinic",
            "line 19, column 9: step 1: \"clinic\" is not a web address: it has neither a scheme (https://) nor the host name of a site",
        ),
        (
            "canary = \"condition\"",
            "canary = \"conditions\"",
            "line 22, column 32: step 2: no [[canary]] is called \"conditions\"; did you mean `condition`?",
        ),
        (", canary = \"condition\"", "", "line 22, column 8: step 2: a type step needs either text or canary"),
        (
            "canary = \"condition\" }",
            "canary = \"condition\", text = \"x\" }",
            "line 22, column 8: step 2: a type step needs either text or canary, not both",
        ),
        ("{ into = \"#q\"", "{ in = \"#q\"", "line 22, column 8: `type` of step 2 needs the key `into`"),
        ("\"#q\"", "\" \"", "line 22, column 17: `type` of step 2: the selector of `into` is empty"),
        (
            "type = { into = \"#q\", canary = \"condition\" }",
            "click = \"#q\"\ncanary = \"condition\"",
            "line 23, column 1: step 2: `canary` is no action; it stands within one, as in type = { into = …, text = … }",
        ),
        ("submit =", "click = \"#go\"\nsubmit =", "line 26, column 1: step 3 has two actions, `click` and `submit`: a step has one"),
        (
            "submit =",
            "wait = { ms = 1 }\nclick = \"#go\"\nsubmit =",
            "line 26, column 1: step 3 has three actions, `wait`, `click` and `submit`: a step has one",
        ),
        (
            "submit = \"#search\"",
            "",
            "line 24, column 1: step 3 has no action: it takes one of visit, click, type, select, submit, scroll, wait",
        ),
        (
            "submit = \"#search\"",
            "submit = true",
            "line 25, column 10: step 3: `submit` takes a selector, text in quotes, not true or false",
        ),
        ("\"bottom\"", "\"botom\"", "line 28, column 10: step 4: `scroll` takes \"bottom\", \"top\" or { element = … }, not \"botom\""),
        ("scroll = \"bottom\"", "select = \"#a\"", "line 28, column 10: step 4: `select` takes { in = …, option = … }, not text"),
        ("{ ms = 500 }", "500", "line 31, column 8: step 5: `wait` takes { ms = … } or { element = … }, not a number"),
        ("{ ms = 500 }", "{ }", "line 31, column 8: step 5: a wait step needs either ms or element"),
        ("{ ms = 500 }", "{ ms = 0.5 }", "line 31, column 15: `ms` of `wait` of step 5 takes a whole number, 0 or more, not a number"),
        (
            "visit = \"https://clinic.example/\"",
            "scroll = \"top\"",
            "line 18, column 1: step 1 is a `scroll`: the first step has to be a `visit`, so that there is a page",
        ),
        ("[[step]]\nsubmit", "[[steps]]\nsubmit", "line 24, column 3: a journey has no key `steps`; did you mean `step`?"),
    ] {
        let text = SEARCH.replace(from, to);
        assert_ne!(text, SEARCH, "{from}");
        let found = problems(&text);
        assert!(found.iter().any(|problem| problem.starts_with(message)), "{found:#?}\nshould have\n{message}");
    }
}

#[test]
fn all_that_is_wrong_is_said_in_the_order_of_the_file() {
    let text = "nam = \"x\"\n[browser]\ndwel = 3\n[[canary]]\nname = \"born\"\nkind = \"date-of-birth\"\nvalue = \"1979-02-30\"\n\
                [[step]]\nclick = \"#a\"\n[[step]]\nclick = \"#a\"\ntype = { into = \"#q\", canary = \"bron\" }\n[[step]]\n";
    assert_eq!(
        problems(text),
        [
            "line 1, column 1: a journey has no key `nam`; did you mean `name`?",
            "line 1, column 1: a journey needs the key `name`",
            "line 3, column 1: [browser] has no key `dwel`; did you mean `dwell_ms`?",
            "line 7, column 9: the canary \"born\" is no date of birth: 1979-02-30 is not in the calendar",
            "line 8, column 1: step 1 is a `click`: the first step has to be a `visit`, so that there is a page",
            "line 12, column 1: step 2 has two actions, `click` and `type`: a step has one",
            "line 12, column 32: step 2: no [[canary]] is called \"bron\"; did you mean `born`?",
            "line 13, column 1: step 3 has no action: it takes one of visit, click, type, select, submit, scroll, wait",
        ]
    );
    assert_eq!(problems("name = \"x\"\n"), ["line 1, column 1: it has no step: a journey begins with [[step]] and a `visit`"]);
    assert_eq!(problems("").len(), 2);
}

#[test]
fn what_is_no_toml_is_said_once_for_each_place() {
    for (text, starts) in [
        ("name = \"x\n", vec!["line 1, column 10: "]),
        ("name = x\n[[step]\nvisit = 'https://a.example/'\n", vec!["line 1, column 8: ", "line 2, "]),
        ("name = 'a'\nname = 'b'\n", vec!["line 2, column 1: "]),
        ("\u{1f600} = 1\n", vec!["line 1, column 1: "]),
    ] {
        let found = problems(text);
        assert_eq!(found.len(), starts.len(), "{found:?}");
        assert!(found.iter().zip(starts).all(|(problem, start)| problem.starts_with(start) && !problem.contains('\n')), "{found:?}");
    }
}

#[test]
fn addresses_without_a_scheme_are_made_whole() {
    let text = SEARCH.replace("https://clinic.example/", "clinic.example");
    let visited = |scheme| {
        let journey = Journey::from_toml_with(&text, &ReadWith { scheme, today: None }).unwrap();
        journey.steps[0].to_string()
    };
    assert_eq!(visited(Scheme::Https), "visit https://clinic.example");
    assert_eq!(visited(Scheme::Http), "visit http://clinic.example");
    assert_eq!(Journey::from_toml(SEARCH).unwrap().steps[0].to_string(), "visit https://clinic.example/");
}

#[test]
fn a_case_needs_no_step_and_its_canaries_are_checked() {
    let case = |text: &str| Journey::of_case(text, &ReadWith::default());
    assert_eq!(case("name = \"x\"\n").unwrap().name, "x");
    assert_eq!(case("name = \"x\"\n[[step]]\nclick = \"#a\"\n").unwrap().steps.len(), 1);
    let error = case("name = \"x\"\n[[canary]]\nname = \"c\"\nkind = \"email\"\nvalue = \"maria\"\n").unwrap_err();
    assert_eq!(error.to_string(), "line 5, column 9: the canary \"c\" is no e-mail address: \"maria\" has no @");
}

#[test]
fn numbers_are_read_as_toml_writes_them() {
    for (number, dwell_ms) in [("0", 0), ("+3", 3), ("3_000", 3000), ("0x10", 16), ("0b11", 3), ("9223372036854775807", i64::MAX as u64)] {
        let journey = Journey::from_toml(&SEARCH.replace("= 3000", &format!("= {number}"))).unwrap();
        assert_eq!(journey.browser.dwell_ms, dwell_ms, "{number}");
    }
}

#[test]
fn sites_are_kept_by_their_host_names() {
    let journey = |sites: &str| Journey::from_toml(&SEARCH.replace("[browser]", &format!("first_party = {sites}\n[browser]"))).unwrap();
    assert_eq!(journey("[\"https://www.Partner.example/a\", \"other.example\"]").first_party, ["www.partner.example", "other.example"]);
}

#[test]
fn a_journey_that_is_let_pass_reads_as_it_is_written() {
    let journey = Journey::from_toml(SEARCH).unwrap();
    let again = toml::to_string_pretty(&journey).unwrap();
    assert_eq!(Journey::from_toml(&again).unwrap(), journey);
}

/// Every line of a journey changed in every way: what the check lets pass can be read, and what cannot be read is said in its words.
#[test]
fn nothing_is_left_to_be_said_by_the_parser() {
    const VALUES: [&str; 14] = [
        "3",
        "-1",
        "0.5",
        "9223372036854775807",
        "true",
        "1979-10-04",
        "\"\"",
        "\"x\"",
        "[]",
        "{ }",
        "[{ a = 1 }]",
        "{ ms = 1, element = \"a\" }",
        "{ into = \"a\" }",
        "{ element = 3 }",
    ];
    let lines: Vec<&str> = SEARCH.lines().collect();
    let (mut passed, mut refused) = (0, 0);
    for (at, line) in lines.iter().enumerate() {
        let mut changes = vec![
            String::new(),
            line.replace("[[", "[").replace("]]", "]"),
            line.replace("]]", "x]]"),
            line.replace("[browser]", "[browserx]"),
        ];
        if let Some((key, value)) = line.split_once(" = ") {
            changes.extend(VALUES.iter().map(|value| format!("{key} = {value}")));
            changes.extend(["zzz", "name", "click", "step"].map(|key| format!("{key} = {value}")));
            changes.push(line.replace("into", "in").replace("ms", "element"));
        }
        for change in changes {
            let mut changed = lines.clone();
            changed[at] = &change;
            let text = changed.join("\n");
            match Journey::from_toml(&text) {
                Ok(journey) => {
                    passed += 1;
                    assert_eq!(Journey::from_toml(&toml::to_string(&journey).unwrap()).unwrap(), journey, "{change}");
                }
                Err(error) => {
                    refused += 1;
                    for problem in error.problems {
                        assert!(problem.line <= lines.len(), "{change}: {problem}");
                        for words in ["unknown field", "unknown variant", "missing field", "invalid type", "invalid value"] {
                            assert!(!problem.message.contains(words), "{change}: {problem}");
                        }
                    }
                }
            }
        }
    }
    assert!(passed > 40 && refused > 200, "{passed} passed and {refused} were refused");
}
