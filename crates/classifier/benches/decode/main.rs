//! How many requests a thread decodes in a second, beside what it costs merely to parse their addresses; and how long the definitions take.
//!
//! Decoded means: from a recorded request to its vendor, and every parameter of its address, body and cookies with its name and value
//! decoded, its meaning and the bytes that hold it. It is the function that `classify` calls.

#![expect(clippy::unwrap_used, reason = "a bench may give up")]

mod requests;

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use pixelwitness_classifier::{Arena, Definitions, read_request};
use pixelwitness_recording::Request;

fn decode(criterion: &mut Criterion) {
    let (definitions, requests, mut arena) = (Definitions::built_in(), requests::requests(), Arena::default());
    let mean = requests.iter().map(requests::bytes).sum::<usize>() / requests.len();
    assert!(requests::MEAN_BYTES.contains(&mean), "a request has {mean} bytes on average");

    let mut group = criterion.benchmark_group("requests");
    group.throughput(Throughput::Elements(requests.len() as u64));
    group.bench_function("decoded", |bencher| {
        bencher.iter(|| requests.iter().map(|request| told(black_box(request), &definitions, &mut arena)).sum::<usize>());
    });
    group.bench_function("floor", |bencher| {
        bencher.iter(|| requests.iter().map(|request| url::Url::parse(black_box(&request.url)).unwrap().path().len()).sum::<usize>());
    });
    group.finish();
}

/// Looks at everything that was decoded, so that nothing of it can be left out.
fn told(request: &Request, definitions: &Definitions, arena: &mut Arena) -> usize {
    arena.clear();
    let reading = read_request(request, definitions, arena).unwrap();
    let fields = reading.fields().map(|field| {
        let place = field.place();
        field.name().len() + field.value().len() + field.meaning() as usize + place.end - place.start
    });
    fields.sum::<usize>() + reading.vendor().len()
}

fn load(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("definitions");
    group.bench_function("loaded", |bencher| bencher.iter_batched(|| (), |()| Definitions::built_in(), BatchSize::PerIteration));
    group.finish();
}

criterion_group!(benches, decode, load);
criterion_main!(benches);
