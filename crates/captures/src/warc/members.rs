use std::io::{self, BufRead, BufReader, Read};
use std::ops::Range;

use flate2::bufread::GzDecoder;
use zstd::stream::read::Decoder;

use super::replay::Replay;
use crate::unpack::{DICTIONARY, GZIP, Unreadable, ZSTD, dictionary};

/// A reader that may be able to go on after what it cannot read.
pub(crate) trait Resume: BufRead {
    /// After an error: goes on where a record begins that can be read, and says which bytes of the file come before.
    fn resume(&mut self) -> Option<Range<u64>>;
}

/// The content of an archive. Its records may be compressed one by one, so that each can be read where one before it is damaged.
pub(crate) fn members<'a>(mut source: impl BufRead + 'a) -> Box<dyn Resume + 'a> {
    let head = source.fill_buf().unwrap_or_default();
    if head.starts_with(GZIP) {
        return Box::new(BufReader::with_capacity(1 << 16, Members::new(source, Packing::Gzip, 0)));
    }
    if head.starts_with(ZSTD) {
        return Box::new(BufReader::with_capacity(1 << 16, Members::new(source, Packing::Zstd(Vec::new()), 0)));
    }
    if head.starts_with(DICTIONARY) {
        return match dictionary(&mut source) {
            Ok((dictionary, length)) => {
                Box::new(BufReader::with_capacity(1 << 16, Members::new(source, Packing::Zstd(dictionary), length)))
            }
            Err(error) => Box::new(Plain(BufReader::new(Unreadable(error.kind())))),
        };
    }
    Box::new(Plain(source))
}

/// What is not compressed has no places of its own to go on at.
struct Plain<R>(R);

impl<R: Read> Read for Plain<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl<R: BufRead> BufRead for Plain<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.0.fill_buf()
    }

    fn consume(&mut self, bytes: usize) {
        self.0.consume(bytes);
    }
}

impl<R: BufRead> Resume for Plain<R> {
    fn resume(&mut self) -> Option<Range<u64>> {
        None
    }
}

/// Bytes that are gone back over in all: each damaged place costs no more than a part of them.
const MOST_BACK: u64 = 1 << 30;
/// Places that look like the beginning of a member and are looked into, in all.
const MOST_TRIED: usize = 500_000;

/// The members of a gzip file, or the frames of one in zstd, one after the other.
struct Members<R> {
    packing: Packing,
    state: State<R>,
    /// Where the member begins that is being read.
    begin: u64,
    back: u64,
    tried: usize,
}

enum Packing {
    Gzip,
    /// With the dictionary of all frames; empty where there is none.
    Zstd(Vec<u8>),
}

enum State<R> {
    Between(Replay<R>),
    Inside(Member<Replay<R>>),
    Failed(Replay<R>),
    /// While it goes from one to another.
    Nowhere,
}

enum Member<R> {
    Gzip(GzDecoder<R>),
    Zstd(Decoder<'static, R>),
}

impl Packing {
    fn begins(&self) -> &'static [u8] {
        match self {
            Self::Gzip => b"\x1f\x8b\x08",
            Self::Zstd(_) => ZSTD,
        }
    }

    fn open<R: BufRead>(&self, reader: R) -> io::Result<Member<R>> {
        match self {
            Self::Gzip => Ok(Member::Gzip(GzDecoder::new(reader))),
            Self::Zstd(dictionary) => Ok(Member::Zstd(Decoder::with_dictionary(reader, dictionary)?.single_frame())),
        }
    }
}

impl<R: BufRead> Member<R> {
    fn into_inner(self) -> R {
        match self {
            Self::Gzip(decoder) => decoder.into_inner(),
            Self::Zstd(decoder) => decoder.finish(),
        }
    }
}

impl<R: BufRead> Read for Member<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Gzip(decoder) => decoder.read(buffer),
            Self::Zstd(decoder) => decoder.read(buffer),
        }
    }
}

impl<R: BufRead> Members<R> {
    fn new(source: R, packing: Packing, position: u64) -> Self {
        let state = State::Between(Replay::new(source, position));
        Self { packing, state, begin: position, back: 0, tried: 0 }
    }

    /// The place where a member begins whose content is a record, from where the source stands.
    fn find(&mut self, source: &mut Replay<R>) -> Option<u64> {
        let begins = self.packing.begins();
        loop {
            let buffer = source.fill_buf().ok().filter(|buffer| !buffer.is_empty())?;
            let Some(ahead) = memchr::memchr(begins[0], buffer) else {
                let length = buffer.len();
                source.consume(length);
                continue;
            };
            source.consume(ahead);
            source.mark();
            if start_of(&mut *source, begins.len()) == begins {
                source.rewind();
                self.tried += 1;
                if self.tried > MOST_TRIED {
                    return None;
                }
                let content = self.packing.open(&mut *source).map(|member| start_of(member, 5)).unwrap_or_default();
                self.back += source.rewind();
                if content == b"WARC/" {
                    return Some(source.position());
                }
            }
            source.rewind();
            source.consume(1);
        }
    }
}

/// The first bytes, as far as they can be read.
fn start_of(reader: impl Read, bytes: usize) -> Vec<u8> {
    let mut start = Vec::new();
    let _ = reader.take(bytes as u64).read_to_end(&mut start);
    start
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match std::mem::replace(&mut self.state, State::Nowhere) {
                State::Between(mut source) => {
                    source.mark();
                    self.begin = source.position();
                    if source.fill_buf()?.is_empty() {
                        self.state = State::Between(source);
                        return Ok(0);
                    }
                    self.state = State::Inside(self.packing.open(source)?);
                }
                State::Inside(mut member) => match member.read(buffer) {
                    Ok(0) if !buffer.is_empty() => self.state = State::Between(member.into_inner()),
                    Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                        self.state = State::Failed(member.into_inner());
                        return Err(error);
                    }
                    read => {
                        self.state = State::Inside(member);
                        return read;
                    }
                },
                state => {
                    self.state = state;
                    return Err(io::ErrorKind::InvalidData.into());
                }
            }
        }
    }
}

impl<R: BufRead> Resume for BufReader<Members<R>> {
    fn resume(&mut self) -> Option<Range<u64>> {
        let members = self.get_mut();
        let State::Failed(mut source) = std::mem::replace(&mut members.state, State::Nowhere) else { return None };
        members.back += source.rewind();
        if members.back > MOST_BACK {
            return None;
        }
        let from = members.begin;
        if source.position() == from {
            let one = source.fill_buf().map_or(0, |buffer| buffer.len().min(1));
            source.consume(one);
        }
        let to = members.find(&mut source)?;
        members.state = State::Between(source);
        Some(from..to)
    }
}
