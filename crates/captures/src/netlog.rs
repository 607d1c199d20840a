//! Chromium's NetLog of somebody's own browser.

use pixelwitness_interceptor::{Foreign, of_netlog};
use pixelwitness_recording::{CaptureKind, LogLine, RawLog};

use crate::case::Source;
use crate::own_traffic;
use crate::part::Part;
use crate::unpack::{Failure, unpacked};

/// Reads a NetLog, whatever it was allowed to write.
pub(crate) fn read(source: &mut dyn Source) -> Part {
    let failure = Failure::default();
    let mut part = from(CaptureKind::Netlog, of_netlog(failure.watched(unpacked(source))), RawLog::Netlog);
    failure.say(&mut part, "the NetLog");
    part
}

/// What the interceptor made of a log, with its places as those of the capture.
pub(crate) fn from(kind: CaptureKind, foreign: Foreign, own: RawLog) -> Part {
    let Foreign { recording, made_by, whole } = foreign;
    let mut part = Part::new(kind);
    part.made_by = made_by;
    part.whole = whole;
    part.steps = recording.steps;
    part.messages = recording.messages.into_iter().collect();
    part.gaps = recording.gaps;
    part.canaries = recording.journey.canaries;
    part.unexplained = recording.completeness.unexplained;
    let of_capture = |places: &mut Vec<LogLine>| {
        places.iter_mut().filter(|place| place.log == own).for_each(|place| place.log = RawLog::Capture(0));
    };
    for mut request in recording.requests {
        of_capture(&mut request.log_lines);
        // A NetLog has the browser's own word for it.
        if kind == CaptureKind::Devtools {
            own_traffic::set_aside(&mut request);
        }
        part.requests.push(request);
    }
    part.messages.iter_mut().for_each(|message| of_capture(&mut message.log_lines));
    part
}
