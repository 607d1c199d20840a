//! Logs of the DevTools protocol: our own, and those of Puppeteer, Playwright, ChromeDriver and Chrome's protocol monitor.

mod frames;

use std::io::BufRead as _;

use pixelwitness_interceptor::{Foreign, assemble, of_frames};
use pixelwitness_recording::{CaptureKind, GapKind, RawLog};

use crate::case::Source;
use crate::part::Part;
use crate::unpack::{Failure, unpacked};
use crate::{netlog, pages};

/// Reads a log of the protocol.
pub(crate) fn read(source: &mut dyn Source) -> Part {
    let failure = Failure::default();
    let mut reader = failure.watched(unpacked(source));
    if reader.fill_buf().unwrap_or_default().starts_with(b"{\"seq\":") {
        let mut part = ours(reader);
        failure.say(&mut part, "the log");
        return part;
    }
    let mut frames = frames::Frames::new(reader);
    let foreign = of_frames(frames.by_ref());
    let mut part = netlog::from(CaptureKind::Devtools, foreign, RawLog::Devtools);
    frames.say(&mut part);
    failure.say(&mut part, "the log");
    pages::infer(&mut part);
    part
}

/// A log of ours without the wire log beside it.
fn ours(reader: impl std::io::BufRead) -> Part {
    let recording = assemble(reader, None::<std::io::Empty>);
    let made_by = format!("pixelwitness {}", recording.environment.tool_version).trim().to_owned();
    let whole = !recording.gaps.iter().any(|gap| matches!(gap.kind, GapKind::LogDamaged | GapKind::RunIncomplete));
    netlog::from(CaptureKind::Devtools, Foreign { recording, made_by, whole }, RawLog::Devtools)
}
