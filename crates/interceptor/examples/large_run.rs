//! Writes the directory of a run with many requests, to be read or looked at:
//! `cargo run --release -p pixelwitness-interceptor --example large_run -- 50000 DIRECTORY`.

#[path = "../tests/large/mod.rs"]
mod large;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(Ok(requests)), Some(directory)) = (arguments.next().map(|number| number.parse()), arguments.next()) else {
        return Err(io::Error::other("give a number of requests and a directory"));
    };
    let directory = Path::new(&directory);
    std::fs::create_dir_all(directory)?;
    write(&directory.join("netlog.json.zst"), |out| large::netlog(requests, out))?;
    write(&directory.join("devtools.jsonl.zst"), |out| large::devtools(requests, out))
}

fn write(path: &Path, fill: impl FnOnce(&mut BufWriter<zstd::Encoder<'static, File>>) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 17, zstd::Encoder::new(File::create(path)?, 1)?);
    fill(&mut out)?;
    out.into_inner().map_err(io::IntoInnerError::into_error)?.finish()?.flush()
}
