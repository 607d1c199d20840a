//! Generated forms in a real browser: what the server receives is what the journey asked for, or the step failed and said so.

mod generate;

use pixelwitness_evidence::RunDirectory;
use pixelwitness_recording::{Outcome, StepRun};

use crate::support::server::{Server, html};
use crate::support::{Bench, all_wanted, run, tool};

use generate::{Form, LOCALES, generate, page};

/// How many forms there are where every test is wanted, and otherwise.
const FORMS: [usize; 2] = [200, 48];

/// How many fields that are to be filled in without trouble stand on one page.
const FIELDS_A_PAGE: usize = 8;

#[test]
fn a_server_receives_what_was_asked_for_or_the_step_says_that_it_does_not() {
    let [all, some] = FORMS;
    let forms = generate(if all_wanted() { all } else { some });
    let pages: Vec<(usize, Vec<Form>)> = LOCALES
        .iter()
        .enumerate()
        .flat_map(|(locale, _)| pages_of(forms.iter().filter(|form| form.locale == locale)).into_iter().map(move |page| (locale, page)))
        .collect();
    let served: Vec<String> = pages.iter().map(|(_, forms)| page(forms)).collect();
    let site = Server::start(move |path| {
        let number = path.strip_prefix("/page/").and_then(|number| number.parse::<usize>().ok());
        html(number.and_then(|number| served.get(number)).map_or("<title>thank you</title>", String::as_str))
    });
    let bench = Bench::new();
    let mut command = tool();
    command.args(["audit", "--quiet", "--jobs", "3", "--resolve", &site.rule("*"), "--out"]).arg(bench.path("runs"));
    for (locale, language) in LOCALES.iter().enumerate() {
        let file = bench.path(&format!("locale-{locale}.toml"));
        std::fs::write(&file, journey(language, &pages, locale)).unwrap();
        command.arg("--journey").arg(file);
    }
    let ended = run(&mut command);
    let runs: Vec<Vec<StepRun>> = (0..LOCALES.len())
        .map(|locale| RunDirectory::open(bench.path("runs").join(format!("locale-{locale}"))).unwrap().recording().unwrap().steps)
        .collect();

    let asked = site.asked();
    let mut next = [0; LOCALES.len()];
    let (mut sent, mut refused) = (0, 0);
    for (number, (locale, forms)) in pages.iter().enumerate() {
        let steps = &runs[*locale];
        let first = next[*locale];
        next[*locale] += forms.len() + 2;
        let step = |at: usize| steps.iter().find(|step| step.step == first + at);
        let received = asked.iter().find_map(|path| path.strip_prefix(&format!("/got/{number}/"))).map(decode);
        let failed = (0..forms.len() + 2).find_map(|at| match &step(at)?.outcome {
            Outcome::Failed { why } => Some(why.clone()),
            Outcome::Done => None,
        });
        for (at, form) in forms.iter().enumerate() {
            let who = format!("form {} ({}, {}) on page {number}", form.number, form.kind, form.html);
            match (&received, &failed) {
                (Some(received), None) => {
                    let value = received.iter().find(|(name, _)| *name == form.name()).map(|(_, value)| value.as_str());
                    assert!(value.is_some_and(|value| form.is_what_was_asked(value)), "{who}: asked {:?}, received {value:?}", form.asked);
                    let held = step(at + 1).and_then(|step| step.input.as_ref()?.held.as_deref());
                    assert_eq!(held.map(fold), value.map(fold), "{who}: held and received");
                    if let Some((_, log)) = received.iter().find(|(name, _)| *name == format!("log-{}", form.name())) {
                        assert!(form.is_one_change(log), "{who}: {log}");
                    }
                    sent += 1;
                }
                (None, Some(why)) => {
                    assert!(!form.is_easy, "{who}: {why}\n{ended:?}");
                    assert!(["holds", "nothing can be typed into it"].iter().any(|word| why.contains(word)), "{who}: {why}");
                    refused += 1;
                }
                // What a step that failed after the sending would say came too late.
                other => panic!("{who}: {other:?}\n{ended:?}"),
            }
        }
    }
    assert!(sent > 5 * refused / 2 && refused > 3, "{sent} sent, {refused} refused");
}

/// Fields that are filled in without trouble together, and each other one alone: a step that fails leaves out those after it.
fn pages_of<'a>(forms: impl Iterator<Item = &'a Form>) -> Vec<Vec<Form>> {
    let (easy, hard): (Vec<Form>, Vec<Form>) = forms.cloned().partition(|form| form.is_easy);
    easy.chunks(FIELDS_A_PAGE).map(<[Form]>::to_vec).chain(hard.into_iter().map(|form| vec![form])).collect()
}

fn journey(language: &str, pages: &[(usize, Vec<Form>)], locale: usize) -> String {
    let mut journey = format!("name = \"forms\"\n[browser]\ndwell_ms = 100\nlocale = \"{language}\"\n");
    for (number, (_, forms)) in pages.iter().enumerate().filter(|(_, (of, _))| *of == locale) {
        journey += &format!("[[step]]\nvisit = \"http://forms.test/page/{number}\"\n");
        journey.extend(forms.iter().map(|form| format!("[[step]]\n{}\n", form.step())));
        journey += "[[step]]\nsubmit = \"#form\"\n";
    }
    journey
}

/// `f1=a%20b/f2=c` as pairs.
fn decode(path: &str) -> Vec<(String, String)> {
    let byte = |digits: &[u8]| u8::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).unwrap();
    path.split('/')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| {
            let (value, mut at, mut bytes) = (value.as_bytes(), 0, Vec::new());
            while at < value.len() {
                let is_escaped = value[at] == b'%';
                bytes.push(if is_escaped { byte(&value[at + 1..at + 3]) } else { value[at] });
                at += if is_escaped { 3 } else { 1 };
            }
            (name.to_owned(), String::from_utf8(bytes).unwrap())
        })
        .collect()
}

/// Line ends differ between a field and what a form sends.
fn fold(value: &str) -> String {
    value.replace("\r\n", "\n")
}
