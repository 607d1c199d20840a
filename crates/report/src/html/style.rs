use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// The report's one style sheet.
pub(super) const SHEET: &str = include_str!("style.css");

/// Nothing is loaded, nothing runs, and no style applies but [`SHEET`], byte for byte.
pub(super) fn content_security_policy() -> String {
    let hash = STANDARD.encode(Sha256::digest(SHEET));
    format!("default-src 'none'; style-src 'sha256-{hash}'; img-src data:; base-uri 'none'; form-action 'none'")
}
