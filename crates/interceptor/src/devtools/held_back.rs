use std::collections::BTreeMap;

use pixelwitness_recording::{Gap, GapKind};

/// Characters of a page's own words that are quoted.
const MOST_CHARACTERS: usize = 200;

/// What pages set about that a browser nobody sits at does not let happen, counted for each step: some pages never tire of it.
#[derive(Debug, Default)]
pub(crate) struct HeldBack {
    tallies: BTreeMap<(Option<usize>, Sort), Tally>,
    /// Windows that were asked for right after a click and may open, and those that did open.
    by_a_click: BTreeMap<Option<usize>, usize>,
    opened: BTreeMap<Option<usize>, usize>,
}

/// What was held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sort {
    Dialog,
    Leaving,
    Window,
    Program,
    Download,
}

#[derive(Debug, Default)]
struct Tally {
    count: usize,
    /// What the first was.
    first: String,
}

impl HeldBack {
    pub(super) fn add(&mut self, step: Option<usize>, sort: Sort, what: &str) {
        let tally = self.tallies.entry((step, sort)).or_default();
        if tally.count == 0 {
            tally.first = what.chars().take(MOST_CHARACTERS).collect();
        }
        tally.count += 1;
    }

    /// A page asked for a window.
    pub(super) fn window(&mut self, step: Option<usize>, url: &str, by_a_click: bool) {
        if by_a_click {
            *self.by_a_click.entry(step).or_default() += 1;
        } else {
            self.add(step, Sort::Window, url);
        }
    }

    /// A window that a page asked for opened.
    pub(super) fn window_opened(&mut self, step: Option<usize>) {
        *self.opened.entry(step).or_default() += 1;
    }

    /// One gap for each step and sort.
    pub(crate) fn gaps(&self) -> Vec<Gap> {
        let gap = |((step, sort), tally): (&(Option<usize>, Sort), &Tally)| {
            let count = match sort {
                Sort::Window => {
                    let of = |windows: &BTreeMap<Option<usize>, usize>| windows.get(step).copied().unwrap_or_default();
                    tally.count - tally.count.min(of(&self.opened).saturating_sub(of(&self.by_a_click)))
                }
                _ => tally.count,
            };
            let why = match count {
                0 => return None,
                1 => once(*sort, &tally.first),
                count => often(*sort, count, &tally.first),
            };
            Some(Gap { kind: GapKind::HeldBack, why, request: None, step: *step })
        };
        self.tallies.iter().filter_map(gap).collect()
    }
}

fn once(sort: Sort, what: &str) -> String {
    match sort {
        Sort::Dialog => format!("the page opened a dialog ({what}), which was dismissed"),
        Sort::Leaving => "the page asked whether it should really be left (beforeunload), and was left".to_owned(),
        Sort::Window => format!("the page tried to open a window ({what}) that nobody had clicked for: the browser did not let it"),
        Sort::Program => format!("the page tried to hand {what} to another program: there is none"),
        Sort::Download => format!("a download of {what} was refused"),
    }
}

fn often(sort: Sort, count: usize, first: &str) -> String {
    match sort {
        Sort::Dialog => format!("the page opened {count} dialogs, which were dismissed; the first ({first})"),
        Sort::Leaving => format!("pages asked {count} times whether they should really be left (beforeunload), and were left"),
        Sort::Window => {
            format!("the page tried to open {count} windows that nobody had clicked for, the first {first}: the browser did not let it")
        }
        Sort::Program => format!("the page tried {count} times to hand an address to another program, the first {first}: there is none"),
        Sort::Download => format!("{count} downloads were refused, the first of {first}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(held: &HeldBack) -> Vec<String> {
        held.gaps().into_iter().map(|gap| format!("{:?} {}", gap.step, gap.why)).collect()
    }

    #[test]
    fn what_a_page_repeats_is_one_gap_a_step() {
        let mut held = HeldBack::default();
        held.add(Some(0), Sort::Dialog, "alert: \"first\"");
        held.add(Some(0), Sort::Download, "http://a.test/file");
        for number in 0..5000 {
            held.add(Some(1), Sort::Dialog, &format!("confirm: \"{number}\""));
        }
        assert_eq!(
            told(&held),
            [
                "Some(0) the page opened a dialog (alert: \"first\"), which was dismissed",
                "Some(0) a download of http://a.test/file was refused",
                "Some(1) the page opened 5000 dialogs, which were dismissed; the first (confirm: \"0\")",
            ]
        );
    }

    #[test]
    fn a_window_that_opened_was_not_held_back() {
        for (asked, clicked, opened, held_back) in [(3, 0, 0, 3), (3, 0, 1, 2), (1, 1, 1, 1), (1, 0, 1, 0), (0, 1, 1, 0), (2, 1, 3, 0)] {
            let mut held = HeldBack::default();
            (0..asked).for_each(|_| held.window(Some(0), "http://a.test/popup", false));
            (0..clicked).for_each(|_| held.window(Some(0), "http://a.test/wanted", true));
            (0..opened).for_each(|_| held.window_opened(Some(0)));
            let found = told(&held);
            let number = match found.first() {
                None => 0,
                Some(one) if one.contains("a window (") => 1,
                Some(many) => many.split(' ').find_map(|word| word.parse().ok()).unwrap(),
            };
            assert_eq!((number, found.len()), (held_back, usize::from(held_back > 0)), "{asked} {clicked} {opened} {found:?}");
        }
    }
}
