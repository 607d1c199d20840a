//! How fast logs are read, with the floor beside it: the same bytes through a JSON tokenizer that keeps nothing.
//!
//! `netlog` is the whole way from bytes to requests with their bodies: lines, events, base64, HTTP/1.1 and HTTP/2, and a recording of what the
//! wire alone tells. `devtools` is the same for the other log. The logs are those of 4,000 requests, in the mix of events that Chromium writes.

mod processor;

#[path = "../tests/large/mod.rs"]
mod large;

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use pixelwitness_interceptor::assemble;
use processor::ProcessorTime;
use serde::de::IgnoredAny;

const REQUESTS: usize = 4_000;

fn netlog(requests: usize) -> Vec<u8> {
    let mut log = Vec::new();
    large::netlog(requests, &mut log).expect("memory takes all that is written to it");
    log
}

fn devtools(requests: usize) -> Vec<u8> {
    let mut log = Vec::new();
    large::devtools(requests, &mut log).expect("memory takes all that is written to it");
    log
}

fn read_netlog(log: &[u8]) -> usize {
    assemble(&b""[..], Some(log)).requests.len()
}

fn read_devtools(log: &[u8]) -> usize {
    assemble(log, None::<&[u8]>).requests.len()
}

/// Each line through the tokenizer. What a log's first and last lines lack to be JSON of their own does not matter here.
fn tokenize(log: &[u8]) -> usize {
    let lines = log.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b",").unwrap_or(line));
    lines.filter(|line| serde_json::from_slice::<IgnoredAny>(line).is_ok()).count()
}

fn speed(criterion: &mut Criterion<ProcessorTime>) {
    type Read = fn(&[u8]) -> usize;
    let logs: [(&str, Vec<u8>, Read); 2] = [("netlog", netlog(REQUESTS), read_netlog), ("devtools", devtools(REQUESTS), read_devtools)];
    for (name, log, read) in logs {
        assert_eq!(read(&log), REQUESTS, "the log is read");
        assert!(tokenize(&log) > REQUESTS, "the tokenizer sees its lines");
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Bytes(log.len() as u64)).sample_size(10).measurement_time(Duration::from_secs(5));
        group.bench_function("read", |bencher| bencher.iter(|| read(black_box(&log))));
        group.bench_function("floor", |bencher| bencher.iter(|| tokenize(black_box(&log))));
        group.finish();
    }
}

/// Eight times as much takes about eight times as long, and not sixty-four.
fn growth(criterion: &mut Criterion<ProcessorTime>) {
    for requests in [500, 4_000] {
        let (devtools, netlog) = (devtools(requests), netlog(requests));
        let mut group = criterion.benchmark_group("growth");
        group.sample_size(10).measurement_time(Duration::from_secs(3));
        group.bench_with_input(BenchmarkId::from_parameter(requests), &requests, |bencher, _| {
            bencher.iter(|| assemble(black_box(&devtools[..]), Some(black_box(&netlog[..]))).requests.len());
        });
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().with_measurement(ProcessorTime);
    targets = speed, growth
}
criterion_main!(benches);
