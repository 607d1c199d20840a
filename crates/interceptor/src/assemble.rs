use std::io::BufRead;

use pixelwitness_recording::Recording;

use crate::intern::Interner;
use crate::{devtools, reconcile, wire};

/// Folds both raw logs of a run, uncompressed, into a recording.
///
/// It never fails: a log that is cut off, damaged or cannot be read to its end gives what it holds, and a [`Gap`] says so. The same
/// logs give the same recording.
///
/// [`Gap`]: pixelwitness_recording::Gap
#[must_use]
pub fn assemble(devtools: impl BufRead, netlog: Option<impl BufRead>) -> Recording {
    let mut interner = Interner::default();
    let wire = netlog.map(|log| wire::read(log, &mut interner));
    let devtools = devtools::read(devtools, &mut interner);
    drop(interner);
    reconcile::reconcile(devtools, wire)
}
