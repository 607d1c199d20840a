use std::collections::BTreeSet;

use pixelwitness_recording::CaptureKind;

use super::document;
use super::entry::Entry;
use super::parsed;
use crate::attached::may_lie_beside;
use crate::case::Source;
use crate::unpack::unpacked;
use crate::{kind, zipped};

/// Names of the files that a capture keeps bodies in and that lie in its folder. Only a HAR has such, where it is not in a ZIP file.
///
/// A name is one of a bare file, as Playwright gives it: it never leads into another folder.
pub fn files_beside(source: &mut dyn Source) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let is_zipped = source.fill_buf().unwrap_or_default().starts_with(zipped::BEGINS);
    if is_zipped || kind::recognise(source) != Some(CaptureKind::Har) {
        return names;
    }
    let take = |bytes: &[u8]| {
        // Few HARs have any, and most of an entry is needed for nothing else.
        if memchr::memmem::find(bytes, b"\"_file\"").is_some() {
            let value = parsed(bytes).unwrap_or_default();
            names.extend(Entry(&value).files().filter(|(name, kept)| may_lie_beside(name, *kept)).map(|(name, _)| name.to_owned()));
        }
    };
    // Where it is damaged, that is said when it is read.
    document::each_entry(unpacked(source), take);
    names
}
