use std::borrow::Cow;
use std::io::{self, BufRead, Read as _};

use pixelwitness_recording::raw_log::FIRST_PREV;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

/// A longer line is not a frame: the driver asks for bodies of 64 MiB at the most. The limit keeps a log made to exhaust memory from
/// doing so.
const LONGEST_LINE_BYTES: u64 = 512 << 20;

/// How far the hash chain of a DevTools log holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// Lines that follow from each other, from the first on.
    pub lines: u64,
    /// SHA-256 of the last of them in hexadecimal; 64 zeros where there is none.
    pub head: String,
    /// What comes after them.
    pub end: ChainEnd,
}

/// What ends a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChainEnd {
    /// The log ends there, as it should.
    Whole,
    /// The log was cut off: its last line or its compressed stream is not complete. A killed run leaves such a log.
    CutOff,
    /// The next line does not follow from the one before.
    Broken {
        /// The first line that does not (1 is the first).
        line: u64,
        /// How that shows.
        why: String,
    },
}

/// The part of a line that makes the chain. What else it holds is only hashed.
#[derive(Deserialize)]
struct Link<'a> {
    seq: u64,
    #[serde(borrow)]
    prev: Cow<'a, str>,
}

/// Follows the chain to its end or its first break.
pub(crate) fn follow(mut log: impl BufRead) -> Chain {
    let mut chain = Chain { lines: 0, head: FIRST_PREV.to_owned(), end: ChainEnd::Whole };
    let mut line = Vec::new();
    loop {
        line.clear();
        let end = match (&mut log).take(LONGEST_LINE_BYTES).read_until(b'\n', &mut line) {
            Ok(0) => return chain,
            Ok(_) if line.pop_if(|byte| *byte == b'\n').is_some() => check(&chain, &line),
            Ok(_) if line.len() as u64 >= LONGEST_LINE_BYTES => Some(broken(&chain, "it is longer than any frame".to_owned())),
            Ok(_) => Some(ChainEnd::CutOff),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Some(ChainEnd::CutOff),
            Err(error) => Some(broken(&chain, format!("it cannot be read ({error})"))),
        };
        if let Some(end) = end {
            return Chain { end, ..chain };
        }
        chain.lines += 1;
        chain.head = hex::encode(Sha256::digest(&line));
    }
}

/// What is wrong with the next line, if anything is.
fn check(chain: &Chain, line: &[u8]) -> Option<ChainEnd> {
    let why = match serde_json::from_slice::<Link<'_>>(line) {
        Ok(link) if link.seq != chain.lines => format!("it has the number {} and should have {}", link.seq, chain.lines),
        Ok(link) if link.prev != chain.head => "the hash it gives for the line before is not that line's".to_owned(),
        Ok(_) => return None,
        Err(error) => format!("it is not a line of a log ({error})"),
    };
    Some(broken(chain, why))
}

fn broken(chain: &Chain, why: String) -> ChainEnd {
    ChainEnd::Broken { line: chain.lines + 1, why }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A log of that many lines, the second with a lone surrogate as Chromium writes them.
    fn log(lines: usize) -> Vec<String> {
        let mut prev = FIRST_PREV.to_owned();
        (0..lines)
            .map(|seq| {
                let line =
                    format!(r#"{{"seq":{seq},"at_ms":{},"prev":"{prev}","in":{{"postData":"\ud8{seq:02}"}}}}"#, 1_795_000_000_000 + seq);
                prev = hex::encode(Sha256::digest(&line));
                line
            })
            .collect()
    }

    fn followed(lines: &[String]) -> (u64, ChainEnd) {
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        let chain = follow(text.as_bytes());
        let head = chain.lines.checked_sub(1).map_or(FIRST_PREV.to_owned(), |last| hex::encode(Sha256::digest(&lines[last as usize])));
        assert_eq!(chain.head, head);
        (chain.lines, chain.end)
    }

    #[test]
    fn a_log_as_the_driver_writes_it_holds() {
        for lines in [0, 1, 2, 12] {
            assert_eq!(followed(&log(lines)), (lines as u64, ChainEnd::Whole));
        }
    }

    #[test]
    fn the_first_line_that_does_not_follow_is_named() {
        type Change = fn(&mut Vec<String>);
        let cases: [(Change, u64, &str); 7] = [
            (|log| log[2] = log[2].replace("\"in\"", "\"on\""), 4, "the hash it gives for the line before is not that line's"),
            (|log| log[2] = log[2].replace("\"seq\":2", "\"seq\":7"), 3, "it has the number 7 and should have 2"),
            (|log| _ = log.remove(3), 4, "it has the number 4 and should have 3"),
            (|log| log.swap(1, 2), 2, "it has the number 2 and should have 1"),
            (|log| log.insert(4, String::new()), 5, "it is not a line of a log (EOF while parsing a value at line 1 column 0)"),
            (|log| log[0] = log[0].replace("\"prev\":\"0", "\"prev\":\"1"), 1, "the hash it gives for the line before is not that line's"),
            (
                |log| log[1] = log[1].replace("{\"seq\"", "[\"seq\""),
                2,
                "it is not a line of a log (invalid type: string \"seq\", expected u64 at line 1 column 6)",
            ),
        ];
        for (change, line, why) in cases {
            let mut lines = log(6);
            change(&mut lines);
            assert_eq!(followed(&lines), (line - 1, ChainEnd::Broken { line, why: why.to_owned() }));
        }
    }

    #[test]
    fn a_log_that_was_cut_off_holds_as_far_as_it_goes() {
        let text = log(3).join("\n") + "\n";
        let ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at + 1).collect();
        for length in 0..=text.len() {
            let chain = follow(&text.as_bytes()[..length]);
            assert_eq!(chain.lines as usize, ends.iter().filter(|end| **end <= length).count());
            let whole = length == 0 || ends.contains(&length);
            assert_eq!(chain.end, if whole { ChainEnd::Whole } else { ChainEnd::CutOff }, "cut at {length}");
        }
    }
}
