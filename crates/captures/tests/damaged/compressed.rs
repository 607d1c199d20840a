use std::fs;
use std::path::Path;

use pixelwitness_recording::{GapKind, Recording};

use crate::archives::gzip;
use crate::case;

/// A file that was altered may unpack without a fault up to its last byte.
#[test]
fn a_checksum_that_is_another_is_said() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for path in [
        "fixtures/chrome.har",
        "fixtures/urls.txt",
        "fixtures/puppeteer.jsonl",
        "fixtures/chromedriver.json",
        "fixtures/warcio.warc",
        "../interceptor/fixtures/shop/netlog.json",
        "../interceptor/fixtures/shop/devtools.jsonl",
    ] {
        let mut packed = gzip(&fs::read(root.join(path)).unwrap());
        let whole = case(packed.clone());
        let before_length = packed.len() - 6;
        packed[before_length] ^= 0xff;
        let altered = case(packed);
        let said = |recording: &Recording| recording.gaps.iter().filter(|gap| gap.kind == GapKind::LogDamaged).count();
        assert!(said(&altered) > said(&whole), "{path}: {:?}", altered.gaps);
        assert_eq!(altered.requests.len(), whole.requests.len(), "{path}");
    }
}
