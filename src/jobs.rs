//! Several journeys, some of them at once. Each has its browser, its directory and its end; none knows of the others.

use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use pixelwitness_classifier::Outcome;
use pixelwitness_evidence::printable;
use serde_json::{Value, json};

use crate::arguments::Audit;
use crate::audit::{Bench, Concluded, Ready, run_one};
use crate::failure::{Failure, Verdict};
use crate::memory::{available_mib, may_start};
use crate::output;
use crate::places::Place;
use crate::progress::Displays;
use crate::stages;

/// How often it is asked whether there is memory again.
const ASK_AGAIN: Duration = Duration::from_millis(500);

/// How many browsers there may be at once.
pub(crate) struct Limits {
    jobs: usize,
    /// None where nobody knows: then the number alone counts.
    memory_mib: Option<u64>,
}

impl Limits {
    pub(crate) fn of(arguments: &Audit) -> Self {
        Self { jobs: usize::from(arguments.jobs), memory_mib: arguments.memory_budget.or_else(available_mib) }
    }
}

/// What came of each journey, as far as there is something, and which is the next to begin.
struct Board {
    next: usize,
    running: usize,
    ended: Vec<Option<Result<Concluded, Failure>>>,
}

/// Runs all journeys and says what came of each, in the order given. The verdict is the worst of theirs.
pub(crate) fn run(bench: &Bench, all: &[(Ready, Place)], limits: &Limits, quiet: bool) -> Result<Verdict, Failure> {
    let board = Mutex::new(Board { next: 0, running: 0, ended: all.iter().map(|_| None).collect() });
    let news = Condvar::new();
    let displays = Displays::new(quiet, all.len());
    let mut told = Vec::with_capacity(all.len());
    thread::scope(|scope| {
        for _ in 0..limits.jobs.min(all.len()) {
            scope.spawn(|| {
                while let Some(at) = next(bench, &board, &news, limits) {
                    let (ready, place) = &all[at];
                    let display = displays.of(at, &ready.name);
                    let ended = catch_unwind(AssertUnwindSafe(|| run_one(bench, ready, place, &display)));
                    display.end();
                    let mut board = lock(&board);
                    board.running -= 1;
                    board.ended[at] =
                        Some(ended.unwrap_or_else(|_| Err(Failure::because("pixelwitness failed within", "please report this"))));
                    news.notify_all();
                }
            });
        }
        // Told in order, and as soon as it can be.
        for (at, (ready, place)) in all.iter().enumerate() {
            let ended = wait(&board, &news, at);
            told.push(displays.set_aside(|| tell(bench, ready, place.path(), ended)));
        }
    });
    conclude(bench, told)
}

/// Waits for room and takes the next journey. None once all have begun.
fn next(bench: &Bench, board: &Mutex<Board>, news: &Condvar, limits: &Limits) -> Option<usize> {
    let mut board = lock(board);
    loop {
        if board.next == board.ended.len() {
            return None;
        }
        if bench.interrupt.was_asked() {
            let begun = board.next;
            board.next = board.ended.len();
            for ended in &mut board.ended[begun..] {
                *ended = Some(Err(Failure::because("the run was interrupted before it began", "run it again")));
            }
            news.notify_all();
            return None;
        }
        if may_start(board.running, limits.jobs, limits.memory_mib, available_mib()) {
            board.next += 1;
            board.running += 1;
            return Some(board.next - 1);
        }
        board = news.wait_timeout(board, ASK_AGAIN).unwrap_or_else(PoisonError::into_inner).0;
    }
}

fn wait(board: &Mutex<Board>, news: &Condvar, at: usize) -> Result<Concluded, Failure> {
    let mut board = lock(board);
    loop {
        if let Some(ended) = board.ended[at].take() {
            return ended;
        }
        board = news.wait(board).unwrap_or_else(PoisonError::into_inner);
    }
}

fn lock(board: &Mutex<Board>) -> MutexGuard<'_, Board> {
    board.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One journey's end, once it was told of.
struct Told {
    name: String,
    directory: PathBuf,
    was_made: bool,
    ending: Result<Verdict, Failure>,
    /// Whether it came to its end, and nothing that it shows is an answer.
    is_inconclusive: bool,
    /// Only where JSON was asked for.
    findings: Value,
}

/// Prints the findings of one journey, and to stderr why it failed if it did. What JSON there is is printed at the end, as one document.
fn tell(bench: &Bench, ready: &Ready, directory: &Path, ended: Result<Concluded, Failure>) -> Result<Told, Failure> {
    let (made, ending) = match ended {
        Ok(Concluded { directory, recording, findings, ending }) => (Some((directory, recording, findings)), ending),
        Err(failure) => (None, Err(failure)),
    };
    let ending = ending.map_err(|failure| failure.of(&ready.name));
    if let Err(failure) = &ending {
        failure.say();
    }
    let is_inconclusive = made.as_ref().is_some_and(|(_, _, findings)| {
        let verdict = &findings.verdict;
        verdict.outcome == Outcome::Inconclusive && verdict.steps_done == verdict.steps_planned
    });
    let mut json = Value::Null;
    if let Some((run, recording, findings)) = &made {
        if bench.as_json {
            json = serde_json::to_value(findings).unwrap_or(Value::Null);
        } else {
            output::write(&format!("=== {} ===\n{}\n", ready.name, stages::text(run, recording, findings)))?;
        }
    }
    Ok(Told {
        name: ready.name.clone(),
        directory: directory.to_owned(),
        was_made: made.is_some(),
        ending,
        is_inconclusive,
        findings: json,
    })
}

fn conclude(bench: &Bench, told: Vec<Result<Told, Failure>>) -> Result<Verdict, Failure> {
    let told = told.into_iter().collect::<Result<Vec<Told>, Failure>>()?;
    output::write(&if bench.as_json { as_json(&told) } else { overview(&told) })?;
    let failed = told.iter().filter(|one| one.ending.is_err()).count();
    if failed > 0 {
        return Err(Failure::because(
            format!("{failed} of {} journeys did not reach their end as asked", told.len()),
            "each is named above with what can be done; what was captured is kept",
        ));
    }
    Ok(Verdict::of(told.iter().any(|one| matches!(one.ending, Ok(Verdict::Found)))))
}

fn as_json(told: &[Told]) -> String {
    let all: Vec<Value> = told
        .iter()
        .map(|one| {
            let failure = one.ending.as_ref().err().map(Failure::sentence);
            json!({ "journey": one.name, "directory": one.directory.display().to_string(), "failure": failure, "findings": one.findings })
        })
        .collect();
    format!("{:#}\n", Value::Array(all))
}

/// A line a journey.
fn overview(told: &[Told]) -> String {
    let mut text = format!("=== {} journeys ===\n", told.len());
    let width = told.iter().map(|one| one.name.len()).max().unwrap_or(0);
    for one in told {
        let verdict = match one.ending {
            Err(_) if !one.was_made => "could not be run",
            Err(_) if one.is_inconclusive => "no answer",
            Err(_) => "failed on its way",
            Ok(Verdict::Found) => "something was found",
            Ok(Verdict::NothingFound) => "nothing was found",
        };
        let _ = writeln!(text, "{:width$}  {verdict:19}  {}", one.name, printable(&one.directory.display().to_string()));
    }
    text
}
