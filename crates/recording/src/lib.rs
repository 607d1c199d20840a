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
pub mod raw_log;
mod request;
mod run;
mod stored;

pub use body::{Body, Bytes};
pub use capture::{Capture, CaptureKind};
pub use completeness::{Completeness, Listening};
pub use environment::{Environment, ThirdPartyCookies, Viewport};
pub use gap::{Gap, GapKind};
pub use journey::{BrowserSettings, Canary, CanaryKind, Cookie, Journey, JourneyError, Pause, ScrollTo, Select, Step, Type};
pub use request::{
    Call, Frame, Header, HeaderSource, HttpVersion, Initiator, LogLine, Message, MessageKind, RawLog, Request, RequestId, Response, Sender,
    TargetKind, Transmission, Witness,
};
pub use run::{Element, Outcome, StepRun};
pub use stored::{FORMAT, ReadError, Recording};
