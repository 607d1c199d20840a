//! The waist of pixelwitness: what a browser was asked to do and what it was seen to send.
//!
//! Pure data with a stored form. It never holds an opinion: "tracker", "leak" and "third party" are readings, made
//! later by the classifier and recomputable from here.

mod body;
mod capture;
mod completeness;
mod environment;
mod gap;
mod journey;
mod lookup;
pub mod net_error;
mod network;
mod packed;
pub mod raw_log;
mod request;
mod run;
mod sinkhole;
mod stored;

pub use body::{Body, Bytes};
pub use capture::{Capture, CaptureKind};
pub use completeness::{Completeness, Listening};
pub use environment::{Environment, ThirdPartyCookies, Viewport};
pub use gap::{Gap, GapKind};
pub use journey::{
    AddressError, BrowserSettings, Canary, CanaryError, CanaryKind, Cookie, Journey, JourneyError, Pause, Problem, ReadWith, Scheme,
    ScrollTo, Select, Step, Type, host_of_site,
};
pub use lookup::{Lookup, Resolver};
pub use network::{Network, NetworkError};
pub use packed::{Cursor, Packed};
pub use request::{
    Call, Frame, Header, HeaderSource, HttpVersion, Initiator, LogLine, Message, MessageKind, NotSentCause, RawLog, Request, RequestId,
    Response, Sender, SenderSource, TargetKind, Transmission, Witness,
};
pub use run::{Element, Input, InputKind, Outcome, StepRun};
pub use sinkhole::{ALL_THIRD_PARTIES, Sinkhole, SinkholeError};
pub use stored::{FORMAT, ReadError, Recording};
