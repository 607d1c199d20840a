//! The two logs of a page that sends any number of requests, written as Chromium 156 writes them: to first and third parties, over HTTP/1.1
//! and HTTP/2, with cookies, small bodies and text answers, and among them requests to Meta and Google Analytics.
//!
//! The same number gives the same bytes. Nothing of it was ever sent.

mod devtools;
mod netlog;
mod sent;

pub(crate) use devtools::devtools;
pub(crate) use netlog::netlog;
