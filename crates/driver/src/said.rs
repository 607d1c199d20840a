//! What the browser says on its standard error while it is driven, where that is all there is to know of something.

use pixelwitness_recording::raw_log::Note;
use pixelwitness_recording::{Gap, GapKind};
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _};

use crate::connection::Connection;

/// What is read of a line at once.
const LONGEST: u64 = 1 << 16;

/// Reads to the end, or the browser would block once the pipe is full.
pub(crate) async fn listen(mut stderr: impl AsyncBufRead + Unpin, connection: Connection) {
    let mut line = Vec::new();
    while matches!((&mut stderr).take(LONGEST).read_until(b'\n', &mut line).await, Ok(1..)) {
        if let Some(why) = trouble(&String::from_utf8_lossy(&line)) {
            connection.note(Note::Trouble(Gap { kind: GapKind::Crash, why, request: None, step: None })).await;
        }
        line.clear();
    }
}

/// A GPU process that ended, which DevTools has no event for: `[…:ERROR:content/browser/gpu/gpu_process_host.cc:1044] GPU process exited
/// unexpectedly: exit_code=9`
fn trouble(line: &str) -> Option<String> {
    let (origin, said) = line.strip_prefix('[')?.split_once("] ")?;
    let code = said.strip_prefix("GPU process exited unexpectedly: exit_code=")?.trim_end();
    let is_of_the_browser = origin.contains("/gpu_process_host.cc:") && code.parse::<i64>().is_ok();
    is_of_the_browser.then(|| {
        format!(
            "the browser's GPU process ended unexpectedly (exit code {code}), and Chromium starts another: it draws pages, and nothing that \
             they send goes through it; a picture may lack something"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gpu_process_that_ended_is_told_from_whatever_else_a_browser_says() {
        for (line, is_trouble) in [
            (
                "[25192:25192:1125/180724.896136:ERROR:content/browser/gpu/gpu_process_host.cc:1044] GPU process exited unexpectedly: exit_code=9\n",
                true,
            ),
            (
                "[1:1:1125/180724.896136:ERROR:content/browser/gpu/gpu_process_host.cc:1] GPU process exited unexpectedly: exit_code=-1",
                true,
            ),
            ("[1:1:1125/180724.896136:ERROR:CONSOLE(1)] GPU process exited unexpectedly: exit_code=9", false),
            ("[1:1:ERROR:content/browser/gpu/gpu_process_host.cc:1044] GPU process exited unexpectedly: exit_code=9 times", false),
            ("GPU process exited unexpectedly: exit_code=9", false),
            ("[1:1:ERROR:dbus/bus.cc:405] Failed to connect to the bus", false),
            ("", false),
        ] {
            assert_eq!(trouble(line).is_some(), is_trouble, "{line}");
        }
    }
}
