//! What no page and no damaged disk may do to us: inputs that are mangled in every way, and small pieces of genuine ones put together anew.
//!
//! A few thousand of each as a rule, ten million together where `PIXELWITNESS_TEST_ALL` is set.

use flate2::{Compress, Compression, FlushCompress};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, FileFailurePersistence, TestRunner};

use crate::assemble;
use crate::intern::Interner;
use crate::wire::hostile::{http1, http2, messages};
use crate::{devtools, wire};

/// One way to mangle bytes.
#[derive(Clone, Debug)]
enum Change {
    Flip(Index, u8),
    Cut(Index, Index),
    Insert(Index, Vec<u8>),
    /// A piece of the input stands there once more, so many times.
    Repeat(Index, Index, u8),
    /// Four bytes are a number no honest sender writes.
    Number(Index, u32),
    /// Digits are too.
    Digits(Index, &'static str),
    /// Brackets that open and never close.
    Nest(Index, u16),
}

fn change() -> impl Strategy<Value = Change> {
    let extreme = prop_oneof![Just(0), Just(1), Just(0x00ff_ffff), Just(0x7fff_ffff), Just(u32::MAX), Just(u32::MAX - 8)];
    let digits = ["0", "-1", "9223372036854775807", "18446744073709551615", "ffffffffffffffff", "1e999", "0.5", "\"\"", "null"];
    prop_oneof![
        4 => (any::<Index>(), 0..8_u8).prop_map(|(at, bit)| Change::Flip(at, bit)),
        2 => any::<(Index, Index)>().prop_map(|(from, to)| Change::Cut(from, to)),
        2 => (any::<Index>(), vec(any::<u8>(), 0..8)).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        2 => (any::<(Index, Index)>(), 1..6_u8).prop_map(|((from, to), times)| Change::Repeat(from, to, times)),
        2 => (any::<Index>(), extreme).prop_map(|(at, number)| Change::Number(at, number)),
        1 => (any::<Index>(), prop::sample::select(digits.to_vec())).prop_map(|(at, digits)| Change::Digits(at, digits)),
        1 => (any::<Index>(), 1..400_u16).prop_map(|(at, depth)| Change::Nest(at, depth)),
    ]
}

/// No case grows beyond this: it is their number that finds things.
const LONGEST: usize = 8 << 10;

fn changed(mut bytes: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for change in changes {
        let at = |index: &Index| index.index(bytes.len() + 1);
        let between = |one: &Index, other: &Index| at(one).min(at(other))..at(one).max(at(other));
        match change {
            Change::Flip(index, bit) if !bytes.is_empty() => {
                let place = index.index(bytes.len());
                bytes[place] ^= 1 << bit;
            }
            Change::Flip(..) => {}
            Change::Cut(from, to) => drop(bytes.drain(between(from, to))),
            Change::Insert(index, inserted) => drop(bytes.splice(at(index)..at(index), inserted.iter().copied()).collect::<Vec<_>>()),
            Change::Repeat(from, to, times) => {
                let range = between(from, to);
                let end = range.end;
                let piece = bytes[range].repeat(usize::from(*times));
                bytes.splice(end..end, piece);
            }
            Change::Number(index, number) => {
                let range = at(index)..(at(index) + 4).min(bytes.len());
                let length = range.len();
                bytes[range].copy_from_slice(&number.to_be_bytes()[..length]);
            }
            Change::Digits(index, digits) => drop(bytes.splice(at(index)..at(index), digits.bytes()).collect::<Vec<_>>()),
            Change::Nest(index, depth) => {
                let place = at(index);
                let opening: &[u8] = if depth % 2 == 0 { b"[" } else { b"{\"parent\":" };
                bytes.splice(place..place, opening.repeat(usize::from(*depth)));
            }
        }
        bytes.truncate(LONGEST);
    }
    bytes
}

/// Runs cases: of the ten million so many shares, of a hundred.
fn survives<S: Strategy>(shares: u32, inputs: S, read: impl Fn(S::Value)) {
    let all = std::env::var_os("PIXELWITNESS_TEST_ALL").is_some_and(|value| !value.is_empty());
    let cases = if all { shares * 100_000 } else { shares * 100 };
    let persistence: Box<FileFailurePersistence> = Box::new(FileFailurePersistence::Off);
    let config = Config { cases, failure_persistence: Some(persistence), max_shrink_iters: 2_000, ..Config::default() };
    let ran = TestRunner::new_with_rng(config, TestRunner::deterministic().new_rng()).run(&inputs, |input| {
        read(input);
        Ok(())
    });
    if let Err(failure) = ran {
        panic!("{failure}");
    }
}

/// Mangled bytes, and where they are cut into pieces.
fn pieces_of(whole: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<Vec<u8>>> {
    let bytes = (prop::sample::select(whole), vec(change(), 0..6)).prop_map(|(bytes, changes)| changed(bytes, &changes));
    let random = vec(any::<u8>(), 0..64);
    (prop_oneof![9 => bytes, 1 => random], vec(any::<Index>(), 0..4)).prop_map(|(bytes, cuts)| {
        let mut ends: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).chain([bytes.len()]).collect();
        ends.sort_unstable();
        let starts = std::iter::once(0).chain(ends.clone());
        starts.zip(ends.clone()).map(|(start, end)| bytes[start..end].to_vec()).collect()
    })
}

#[test]
fn mangled_http1_is_read() {
    let connections = [
        "POST /a HTTP/1.1\r\nHost: t.example\r\nContent-Length: 3\r\n\r\nabcGET /b HTTP/1.1\r\nHost: t.example\r\n\r\n",
        "POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4;x=1\r\nwxyz\r\n2\r\n\r\n\r\n0\r\nA: b\r\n\r\nGET /d HTTP/1.1\r\n\r\n",
        "GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n\u{1}\u{7f}more",
        "GET http://t.example/x HTTP/1.0\r\nCookie: a=b\r\nX: é\r\n\r\n",
    ];
    let connections = connections.map(|text| text.as_bytes().to_vec()).to_vec();
    survives(30, pieces_of(connections), |pieces| {
        let fed: usize = pieces.iter().map(Vec::len).sum();
        let whole = http1(&[pieces.concat()]);
        assert_eq!(http1(&pieces), whole, "how the bytes are cut makes no difference");
        assert!(whole.bytes <= fed, "nothing is read that was not written");
    });
}

#[test]
fn mangled_http2_is_read() {
    let frame = |kind: u8, flags: u8, stream: u32, payload: &[u8]| {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
    };
    let first =
        [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), frame(4, 0, 0, &[0; 12]), frame(1, 4, 1, b"head"), frame(0, 0, 1, b"first ")];
    let then = [frame(8, 0, 1, &[0; 4]), frame(0, 9, 1, b"\x03second\0\0\0"), frame(1, 5, 3, b"head"), frame(0, 1, 5, b"stray")];
    let connection = [first.concat(), then.concat()].concat();
    survives(25, pieces_of(vec![connection]), |pieces| {
        let fed: usize = pieces.iter().map(Vec::len).sum();
        let whole = http2(&[pieces.concat()]);
        assert_eq!(http2(&pieces), whole, "how the bytes are cut makes no difference");
        assert!(whole.bytes <= fed, "nothing is read that was not written");
    });
}

/// Work that grows with the square of the input would copy terabytes here, and this would not end.
#[test]
fn small_chunks_and_small_pieces_are_read_in_one_go() {
    let chunks = "1\r\nx\r\n".repeat(1 << 20);
    let upload = format!("POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}0\r\n\r\n");
    assert_eq!(http1(&[upload.into_bytes()]).bytes, 1 << 20);
    let requests = "GET /a HTTP/1.1\r\n\r\n".repeat(1 << 17);
    assert_eq!(http1(&[requests.into_bytes()]).requests(), 1 << 17);

    let length = (1_usize << 24) - 1;
    let head = [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), vec![0xff, 0xff, 0xff, 0, 1, 0, 0, 0, 1]].concat();
    let frame = [head, vec![b'x'; length]].concat();
    let pieces: Vec<Vec<u8>> = frame.chunks(16).map(<[u8]>::to_vec).collect();
    assert_eq!(http2(&pieces).bytes, length);
}

fn packed(context: &mut Compress, text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() / 100 + 4096);
    context.compress_vec(text, &mut out, FlushCompress::Sync).unwrap();
    out.truncate(out.len() - 4);
    out
}

#[test]
fn mangled_web_socket_frames_are_read() {
    let frame = |first: u8, payload: &[u8]| {
        let length = match payload.len() {
            short @ 0..126 => vec![u8::try_from(short).unwrap() | 0x80],
            middle => [vec![0xfe], u16::try_from(middle).unwrap().to_be_bytes().to_vec()].concat(),
        };
        [vec![first], length, vec![0; 4], payload.to_vec()].concat()
    };
    let mut context = Compress::new(Compression::best(), false);
    let told = [frame(0x81, b"plain"), frame(0x01, b"in "), frame(0x89, b"a ping"), frame(0x80, b"pieces")].concat();
    let unpacked = [frame(0xc1, &packed(&mut context, b"hello hello")), frame(0xc1, &packed(&mut context, b"hello again"))].concat();
    // Unpacks to a thousand times what it is.
    let bomb = frame(0xc2, &packed(&mut Compress::new(Compression::best(), false), &vec![0; 300_000]));
    survives(20, pieces_of(vec![told.clone(), [told, unpacked].concat(), bomb]), |pieces| {
        let bytes = pieces.concat();
        assert!(messages(&bytes) <= bytes.len().saturating_mul(1_100));
    });
}

/// Genuine lines, some changed, in any order.
fn log_of(text: &'static str, always: usize) -> impl Strategy<Value = Vec<u8>> {
    // Most of a long line is the value of one parameter: what is read in it is read in a shorter one.
    let lines: Vec<&str> = text.lines().filter(|line| line.len() < 1_500).collect();
    let first: Vec<u8> = lines[..always].iter().flat_map(|line| line.bytes().chain([b'\n'])).collect();
    let place = 0..lines.len() - 12;
    let near = (place, vec((0..12_usize, vec(change(), 0..2)), 1..10));
    let rest = near.prop_map(move |(from, picked)| {
        let line = |(at, changes): &(usize, Vec<Change>)| {
            let text = lines[from + at].as_bytes().to_vec();
            [changed(text, changes), b"\n".to_vec()].concat()
        };
        picked.iter().flat_map(line).collect::<Vec<u8>>()
    });
    (rest, vec(change(), 0..2)).prop_map(move |(rest, changes)| [first.clone(), changed(rest, &changes)].concat())
}

const NETLOG: &str = include_str!("../fixtures/shop/netlog.json");
const DEVTOOLS: &str = include_str!("../fixtures/shop/devtools.jsonl");

#[test]
fn a_mangled_netlog_is_read() {
    survives(12, log_of(NETLOG, 2), |log| {
        let read = wire::read(&log[..], &mut Interner::default());
        assert!(read.reading.events + read.reading.damaged <= log.split(|byte| *byte == b'\n').count());
    });
}

#[test]
fn a_mangled_devtools_log_is_read() {
    survives(8, log_of(DEVTOOLS, 2), |log| {
        let read = devtools::read(&log[..], &mut Interner::default());
        assert!(read.exchanges.len() <= log.split(|byte| *byte == b'\n').count());
    });
}

#[test]
fn mangled_logs_become_a_recording() {
    survives(5, (log_of(DEVTOOLS, 2), log_of(NETLOG, 2)), |(devtools, netlog)| {
        let recording = assemble(&devtools[..], Some(&netlog[..]));
        let numbers: Vec<u32> = recording.requests.iter().map(|request| request.id.0).collect();
        assert!(numbers.iter().zip(1..).all(|(number, expected)| *number == expected));
        let mut stored = Vec::new();
        recording.write(&mut stored).unwrap();
        assert_eq!(pixelwitness_recording::Recording::read(&stored[..]).unwrap(), recording, "it is stored as it is");
    });
}
