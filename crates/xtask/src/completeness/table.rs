use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use pixelwitness_recording::Environment;
use pixelwitness_test_sites::{Fate, Row, Transports};
use time::OffsetDateTime;
use time::macros::format_description;

use super::measure::{Cells, Known, Measured, Seen, Totals};

/// Column heads of the rows' tables, behind name and explanation. What a cell of each may say stands in [`rank`].
const COLUMNS: [&str; 7] = ["as expected", "wire", "DevTools", "body", "cookies", "step", "sender"];

/// What was measured in all runs: of each row the worst.
#[derive(Default)]
pub(super) struct Table {
    labs: Vec<Lab>,
    browser: String,
    problems: BTreeSet<String>,
}

struct Lab {
    lab: &'static Transports,
    rows: BTreeMap<&'static str, Cells>,
    claims: Seen,
}

/// Cells by their row's name, as text.
type Written = BTreeMap<String, Vec<String>>;

impl Table {
    /// One more run of a journey.
    pub(super) fn add(&mut self, lab: &'static Transports, measured: Measured, environment: &Environment) {
        self.browser = format!("{} ({})", environment.browser, environment.host);
        self.problems.extend(measured.problems);
        let claims = Seen::of(measured.claims);
        let Some(known) = self.labs.iter_mut().find(|known| known.lab.name == lab.name) else {
            self.labs.push(Lab { lab, rows: measured.rows, claims });
            return;
        };
        known.claims = known.claims.and(claims);
        for (name, cells) in measured.rows {
            known.rows.entry(name).and_modify(|before| *before = before.and(cells)).or_insert(cells);
        }
    }

    /// What is wrong whatever was committed.
    pub(super) fn problems(&self) -> &BTreeSet<String> {
        &self.problems
    }

    /// Share of the rows that arrived whose step and whose frame, worker or script are known.
    pub(super) fn attributed(&self) -> f64 {
        self.share(|cells| cells.step == Seen::Yes && cells.sender >= Known::FrameByOrigin)
    }

    /// Which share of the rows that arrived are so.
    #[expect(clippy::cast_precision_loss, reason = "there are a few hundred rows")]
    fn share(&self, is: impl Fn(&Cells) -> bool) -> f64 {
        let arrived: Vec<&Cells> = self.rows().filter(|(row, cells)| has_arrived(row, cells)).map(|(_, cells)| cells).collect();
        arrived.iter().filter(|cells| is(cells)).count() as f64 / arrived.len().max(1) as f64
    }

    fn rows(&self) -> impl Iterator<Item = (&'static Row, &Cells)> {
        self.labs.iter().flat_map(|lab| lab.lab.rows().filter_map(|row| Some((row, lab.rows.get(row.name)?))))
    }

    /// The shares in words.
    pub(super) fn words(&self) -> String {
        let arrived = self.rows().filter(|(row, cells)| has_arrived(row, cells)).count();
        let percent = |is: fn(&Cells) -> bool| self.share(is) * 100.0;
        format!(
            "of {} rows, {arrived} arrived; of those the wire log has {:.1} %, DevTools {:.1} %; bodies exact {:.1} %, cookies exact {:.1} %; laid to step and frame, worker or script {:.1} % ({:.1} % by DevTools or the browser's trace, the rest by the initiator's origin and the time)",
            self.rows().count(),
            percent(|cells| cells.wire == Seen::Yes),
            percent(|cells| cells.devtools == Seen::Yes),
            percent(|cells| cells.body == Seen::Yes),
            percent(|cells| cells.cookies == Seen::Yes),
            self.attributed() * 100.0,
            percent(|cells| cells.step == Seen::Yes && cells.sender >= Known::Place),
        )
    }

    /// Cells that are worse now than they are written.
    pub(super) fn worse_than(&self, committed: &str) -> Vec<String> {
        let before = read(committed);
        let mut worse = Vec::new();
        for (name, now) in self.written() {
            let Some(before) = before.get(&name) else { continue };
            for ((column, before), now) in COLUMNS.iter().zip(before).zip(&now) {
                // "sometimes" was measured as both, and is neither better nor worse than either.
                if rank(now) < rank(before) && before != "sometimes" {
                    worse.push(format!("{name}: {column} was {before:?} and is {now:?}"));
                }
            }
        }
        worse
    }

    fn written(&self) -> Written {
        let mut written: Written = self.rows().map(|(row, cells)| (row.name.to_owned(), words_of(row, cells))).collect();
        written.extend(self.labs.iter().map(|lab| (lab.lab.title.to_owned(), vec![words_of_seen(lab.claims).to_owned()])));
        written
    }

    /// The whole document. Cells in `doubts` are known to differ from run to run.
    pub(super) fn document(&self, totals: &Totals, runs: usize, doubts: &BTreeSet<(String, usize)>) -> String {
        let date = OffsetDateTime::now_utc().format(format_description!("[year]-[month]-[day]")).unwrap_or_default();
        let mut text = format!(
            "{OPENING}\nMeasured with {} on {date}, {} of every journey: {}. {}{}.\n",
            self.browser,
            if runs == 1 { "one run".to_owned() } else { format!("{runs} runs") },
            totals.words(),
            self.words()[..1].to_uppercase(),
            &self.words()[1..]
        );
        let _ = write!(text, "\n## The claim\n\n{CLAIM}\n\n| journey | claim made |\n|---|---|\n");
        for lab in &self.labs {
            let _ = writeln!(text, "| {} | {} |", lab.lab.title, words_of_seen(lab.claims));
        }
        for lab in &self.labs {
            let _ = write!(
                text,
                "\n## {}\n\n| row | what it is | {} |\n|---|---|{}\n",
                lab.lab.title,
                COLUMNS.join(" | "),
                "---|".repeat(COLUMNS.len())
            );
            for row in lab.lab.rows() {
                let Some(cells) = lab.rows.get(row.name) else { continue };
                let mut words = words_of(row, cells);
                for (column, word) in words.iter_mut().enumerate() {
                    if doubts.contains(&(row.name.to_owned(), column)) {
                        "sometimes".clone_into(word);
                    }
                }
                let _ = writeln!(text, "| {} | {} | {} |", row.name, explained(row), words.join(" | "));
            }
        }
        text
    }
}

const OPENING: &str = "# Completeness

What pixelwitness sees of every way that a page has to send something. `cargo xtask completeness` writes this file: it runs each
journey of `test-sites/transports` through the program, and holds what was recorded against what the server received. It fails where
a cell is worse than it is written here.

A row is one way to send. *As expected*: it arrived, or stayed in the browser, or was named, as the page's source says it must. *Wire* and
*DevTools*: which witness has every one of its requests. *Body* and *cookies*: equal to what the server received, byte for byte,
WebSocket messages included. *Step*: laid to the step it belongs to. *Sender*: by what it is laid to its sender: `calls` are the
script's calls, `place` is the frame or the worker, both by DevTools or by the browser's trace; `frame by origin` is a frame where there had been no
other of that origin; `origin` is no more than that. A document of the lab says in the address that it is the sender; a request that is laid to another
fails the run. `sometimes`: not for each of its requests, or not in each run.
";

const CLAIM: &str =
    "Whether the recording may say that nothing else was sent: both logs are whole, and no difference between them is unexplained.";

impl Cells {
    fn and(self, other: Self) -> Self {
        Self {
            as_expected: self.as_expected.and(other.as_expected),
            wire: self.wire.and(other.wire),
            devtools: self.devtools.and(other.devtools),
            body: self.body.and(other.body),
            cookies: self.cookies.and(other.cookies),
            step: self.step.and(other.step),
            sender: self.sender.min(other.sender),
        }
    }
}

fn has_arrived(row: &Row, cells: &Cells) -> bool {
    row.fate == Fate::Arrives && cells.wire != Seen::No
}

fn words_of(row: &Row, cells: &Cells) -> Vec<String> {
    let sender = match cells.sender {
        Known::Nothing => "no",
        Known::Origin => "origin",
        Known::FrameByOrigin => "frame by origin",
        Known::Place => "place",
        Known::Calls => "calls",
    };
    let seen = [cells.wire, cells.devtools, cells.body, cells.cookies, cells.step].map(words_of_seen);
    let words = [&[words_of_seen(cells.as_expected)], &seen[..], &[sender]].concat();
    // Of what does not leave there is nothing to see.
    let shown = if row.fate == Fate::Arrives { words.len() } else { 1 };
    words.iter().enumerate().map(|(at, word)| if at < shown { (*word).to_owned() } else { "–".to_owned() }).collect()
}

fn words_of_seen(seen: Seen) -> &'static str {
    match seen {
        Seen::No => "no",
        Seen::Sometimes => "sometimes",
        Seen::Yes => "yes",
    }
}

/// A cell's worth: a row may gain and never lose.
fn rank(word: &str) -> usize {
    ["no", "–", "sometimes", "origin", "frame by origin", "place", "calls", "yes"].iter().position(|known| *known == word).unwrap_or(0)
}

fn explained(row: &Row) -> String {
    let methods = row.methods.join(", ");
    match row.fate {
        Fate::Arrives => format!("{} ({methods} {})", row.what, row.host),
        Fate::Kept(why) => format!("{}. It does not leave: {why}", row.what),
        Fate::Impossible(why) => format!("{}. Not with this Chromium: {why}", row.what),
        Fate::Datagrams => format!("{}. Address and count are named, the content is not known", row.what),
    }
}

/// The rows of a document: their cells without the explanation; a journey's claim under its title.
fn read(document: &str) -> Written {
    let mut rows = Written::new();
    for line in document.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let from = if cells.len() > 2 { 2 } else { 1 };
        rows.insert(cells[0].to_owned(), cells[from.min(cells.len())..].iter().map(|cell| (*cell).to_owned()).collect());
    }
    rows
}

/// Cells that were once measured to differ from run to run, unless there were enough runs now to say that they no longer do.
pub(super) fn kept_doubts(committed: &str, mended: bool) -> BTreeSet<(String, usize)> {
    if mended {
        return BTreeSet::new();
    }
    let doubtful = |(name, cells): (String, Vec<String>)| {
        let places: Vec<usize> = (0..cells.len()).filter(|at| cells[*at] == "sometimes").collect();
        places.into_iter().map(move |at| (name.clone(), at))
    };
    read(committed).into_iter().flat_map(doubtful).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use pixelwitness_test_sites::transports;

    fn measured(cells: Cells) -> Table {
        let lab = &transports()[0];
        let rows = lab.rows().map(|row| (row.name, cells)).collect();
        let mut table = Table::default();
        table.add(lab, Measured { rows, claims: true, problems: Vec::new() }, &Environment::default());
        table
    }

    const BEST: Cells = Cells {
        as_expected: Seen::Yes,
        wire: Seen::Yes,
        devtools: Seen::Yes,
        body: Seen::Yes,
        cookies: Seen::Yes,
        step: Seen::Yes,
        sender: Known::Calls,
    };

    #[test]
    fn a_table_is_never_worse_than_itself_and_each_loss_is_told() {
        let best = measured(BEST).document(&Totals::default(), 1, &BTreeSet::new());
        assert_eq!(measured(BEST).worse_than(&best), Vec::<String>::new());
        for (cells, loss) in [
            (Cells { wire: Seen::No, ..BEST }, "img: wire was \"yes\" and is \"no\""),
            (Cells { devtools: Seen::Sometimes, ..BEST }, "img: DevTools was \"yes\" and is \"sometimes\""),
            (Cells { sender: Known::Origin, ..BEST }, "img: sender was \"calls\" and is \"origin\""),
        ] {
            assert!(measured(cells).worse_than(&best).iter().any(|line| line == loss), "{loss}");
            let poor = measured(cells).document(&Totals::default(), 1, &BTreeSet::new());
            assert_eq!(measured(BEST).worse_than(&poor), Vec::<String>::new(), "a gain is no loss");
        }
    }

    #[test]
    fn a_doubt_stays_until_enough_runs_have_lifted_it() {
        let doubtful = measured(Cells { devtools: Seen::Sometimes, ..BEST }).document(&Totals::default(), 1, &BTreeSet::new());
        let kept = kept_doubts(&doubtful, false);
        assert!(kept.contains(&("img".to_owned(), 2)));
        let again = measured(BEST).document(&Totals::default(), 1, &kept);
        assert_eq!(read(&again)["img"][2], "sometimes");
        assert!(kept_doubts(&doubtful, true).is_empty());
        assert_eq!(measured(Cells { devtools: Seen::No, ..BEST }).worse_than(&doubtful), Vec::<String>::new());
    }

    #[test]
    fn runs_add_up_to_what_all_of_them_showed() {
        let lab = &transports()[0];
        let mut table = measured(BEST);
        let rows = lab.rows().map(|row| (row.name, Cells { body: Seen::No, sender: Known::Place, ..BEST })).collect();
        table.add(lab, Measured { rows, claims: false, problems: Vec::new() }, &Environment::default());
        let cells = table.labs[0].rows["img"];
        assert_eq!((cells.body, cells.sender, table.labs[0].claims), (Seen::Sometimes, Known::Place, Seen::Sometimes));
    }
}
