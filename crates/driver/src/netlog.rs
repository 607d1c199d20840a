//! Takes Chromium's NetLog from a pipe and compresses it while the run goes on.

use std::fs::File;
use std::io::{self, BufWriter, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{CWD, Mode, OFlags, mkfifoat};

use crate::log::LEVEL;

/// What is read at once; the pipe holds as much.
const CHUNK: usize = 1 << 20;

/// How long bytes may wait in the compressor: what a kill of this process can lose.
const FLUSH_MS: i64 = 100;

pub(crate) struct NetLog {
    /// Where Chromium writes.
    pub(crate) pipe: PathBuf,
    stop: Arc<AtomicBool>,
    pump: JoinHandle<io::Result<()>>,
}

impl NetLog {
    /// Makes the pipe and starts to read it into a new file.
    pub(crate) fn start(pipe: PathBuf, into: &Path) -> io::Result<Self> {
        mkfifoat(CWD, &pipe, Mode::from(0o600))?;
        let nonblocking = i32::try_from(OFlags::NONBLOCK.bits()).map_err(io::Error::other)?;
        let source = File::options().read(true).custom_flags(nonblocking).open(&pipe)?;
        // A larger pipe is an optimisation that an unprivileged limit may refuse.
        let _ = rustix::pipe::fcntl_setpipe_size(&source, CHUNK);
        let out = zstd::Encoder::new(BufWriter::new(File::create_new(into)?), LEVEL)?;
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        Ok(Self { pipe, stop, pump: thread::spawn(move || pump(source, out, &stopped)) })
    }

    /// Waits for the last bytes, once the browser has ended.
    pub(crate) fn finish(self) -> io::Result<()> {
        self.stop.store(true, Ordering::Release);
        self.pump.join().unwrap_or_else(|_| Err(io::Error::other("the thread that reads the NetLog panicked")))
    }
}

fn pump(mut source: File, mut out: zstd::Encoder<'static, BufWriter<File>>, stop: &AtomicBool) -> io::Result<()> {
    let mut buffer = vec![0; CHUNK];
    let mut unflushed = false;
    let mut written: io::Result<()> = Ok(());
    loop {
        // Read before the wait: the browser ends first, then the flag is set, so what is left is in the pipe by now.
        let stopped = stop.load(Ordering::Acquire);
        let wait = Timespec { tv_sec: 0, tv_nsec: FLUSH_MS * 1_000_000 };
        let mut descriptors = [PollFd::new(&source, PollFlags::IN)];
        poll(&mut descriptors, Some(&wait))?;
        let events = descriptors[0].revents();
        if events.contains(PollFlags::IN) {
            let read = source.read(&mut buffer)?;
            // After a full disk the pipe is still drained, or the browser would block in its own log.
            if written.is_ok() {
                written = out.write_all(&buffer[..read]);
                unflushed = true;
            }
            continue;
        }
        if stopped {
            break;
        }
        if unflushed && written.is_ok() {
            written = out.flush();
            unflushed = false;
        }
        if events.contains(PollFlags::HUP) {
            // The writer has gone: `poll` no longer waits.
            thread::sleep(Duration::from_millis(20));
        }
    }
    written?;
    let file = out.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all()
}
