use std::rc::Rc;

use crate::wire::carrier::Moment;
use crate::wire::http1::Http1;
use crate::wire::http2::{Http2, PREFACE};

/// One TCP connection: what was written to it, read as it comes.
#[derive(Debug, Default)]
pub(crate) struct Socket {
    /// Address and port it was connected to.
    pub(crate) remote: Option<Rc<str>>,
    /// The protocol spoken on it.
    pub(crate) speech: Speech,
    /// Requests that the log says were written to it, in order: places in the list of wire requests.
    pub(crate) expected: Vec<usize>,
    /// Whether TLS is under the protocol. Then the bytes of the socket itself are ciphertext.
    pub(crate) encrypted: bool,
}

/// What is spoken on a connection.
#[derive(Debug, Default)]
pub(crate) enum Speech {
    /// Too few bytes yet.
    #[default]
    Nothing,
    /// Only the beginning of what may be the HTTP/2 preface.
    Undecided(Vec<u8>),
    /// HTTP/1.
    Http1(Box<Http1>),
    /// HTTP/2.
    Http2(Box<Http2>),
}

impl Socket {
    pub(crate) fn feed(&mut self, bytes: &[u8], at: Moment) {
        match &mut self.speech {
            Speech::Http1(http) => http.feed(bytes, at),
            Speech::Http2(http) => http.feed(bytes, at),
            Speech::Nothing => self.decide(bytes.to_vec(), at),
            Speech::Undecided(held) => {
                let held = [held.as_slice(), bytes].concat();
                self.decide(held, at);
            }
        }
    }

    fn decide(&mut self, bytes: Vec<u8>, at: Moment) {
        if bytes.starts_with(PREFACE) {
            let mut http = Box::<Http2>::default();
            http.feed(&bytes, at);
            self.speech = Speech::Http2(http);
        } else if PREFACE.starts_with(&bytes) {
            self.speech = Speech::Undecided(bytes);
        } else {
            let mut http = Box::<Http1>::default();
            http.feed(&bytes, at);
            self.speech = Speech::Http1(http);
        }
    }
}
