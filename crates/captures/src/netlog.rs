//! Chromium's NetLog of somebody's own browser.

use pixelwitness_interceptor::{Foreign, of_netlog};
use pixelwitness_recording::{CaptureKind, RawLog};

use crate::case::Source;
use crate::part::Part;
use crate::unpack::unpacked;

/// Reads a NetLog, whatever it was allowed to write.
pub(crate) fn read(source: &mut dyn Source) -> Part {
    from(CaptureKind::Netlog, of_netlog(unpacked(source)), RawLog::Netlog)
}

/// What the interceptor made of a log, with its places as those of the capture.
pub(crate) fn from(kind: CaptureKind, foreign: Foreign, own: RawLog) -> Part {
    let Foreign { recording, made_by, whole } = foreign;
    let mut part = Part::new(kind);
    part.made_by = made_by;
    part.whole = whole && (recording.completeness.finished || kind == CaptureKind::Devtools);
    part.steps = recording.steps;
    part.requests = recording.requests.into_iter().collect();
    part.messages = recording.messages.into_iter().collect();
    part.gaps = recording.gaps;
    part.canaries = recording.journey.canaries;
    part.unexplained = recording.completeness.unexplained;
    let places = part.requests.iter_mut().flat_map(|request| &mut request.log_lines);
    for place in places.chain(part.messages.iter_mut().flat_map(|message| &mut message.log_lines)) {
        if place.log == own {
            place.log = RawLog::Capture(0);
        }
    }
    part
}
