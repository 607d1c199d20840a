//! Browsers that are not quite as they should be: a script stands before the real one, and what happens to it happens outside the
//! product.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread::spawn;

use tempfile::TempDir;

const CHROMIUM: &str = "/usr/bin/chromium";

/// A browser in a directory of its own, which an unprivileged user may read.
pub(crate) struct OddBrowser {
    directory: TempDir,
}

impl OddBrowser {
    /// The installed browser with more arguments.
    pub(crate) fn with_arguments(arguments: &str) -> Self {
        Self::new(&format!("#!/bin/bash\nexec {CHROMIUM} \"$@\" {arguments}\n"))
    }

    /// The installed browser with its debugging port behind a line that can be cut.
    pub(crate) fn behind(line: &Line) -> Self {
        let Line { near, far, .. } = line;
        let port = format!("\"${{@/--remote-debugging-port=0/--remote-debugging-port={far}}}\"");
        let told = format!("exec sed -u 's|ws://127.0.0.1:{far}/|ws://127.0.0.1:{near}/|' >&2");
        Self::new(&format!("#!/bin/bash\nexec {CHROMIUM} {port} 2> >({told})\n"))
    }

    fn new(script: &str) -> Self {
        let directory = tempfile::Builder::new().permissions(std::fs::Permissions::from_mode(0o755)).tempdir().unwrap();
        let path = directory.path().join("chromium");
        std::fs::write(&path, script).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        Self { directory }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.directory.path().join("chromium")
    }
}

/// A line from one port of loopback to another.
#[derive(Clone)]
pub(crate) struct Line {
    /// Where it is to be entered.
    near: u16,
    /// Where it leads.
    far: u16,
    ends: Arc<Mutex<Vec<TcpStream>>>,
}

impl Line {
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        // Free when it was asked for; the browser takes it at once.
        let far = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let line = Self { near: listener.local_addr().unwrap().port(), far, ends: Arc::default() };
        let accepting = line.clone();
        spawn(move || {
            for near in listener.incoming().flatten() {
                // A browser that is gone answers no more.
                let _ = accepting.lead(near);
            }
        });
        line
    }

    /// Cuts everything that goes over it.
    pub(crate) fn cut(&self) {
        for end in self.ends.lock().unwrap().drain(..) {
            let _ = end.shutdown(Shutdown::Both);
        }
    }

    fn lead(&self, near: TcpStream) -> io::Result<()> {
        let far = TcpStream::connect(("127.0.0.1", self.far))?;
        self.ends.lock().unwrap().extend([near.try_clone()?, far.try_clone()?]);
        for (from, to) in [(near.try_clone()?, far.try_clone()?), (far, near)] {
            spawn(move || pass(from, to));
        }
        Ok(())
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}
