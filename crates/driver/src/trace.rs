//! The browser's trace: each renderer notes every request it makes, with the frame and the script's calls, also while its page goes
//! away and DevTools no longer listens to it.

use std::time::{Duration, Instant};

use chromiumoxide::cdp::browser_protocol::tracing::{EndParams, StartParams, StartTransferMode, TraceConfig};
use pixelwitness_recording::raw_log::Note;
use pixelwitness_recording::{Gap, GapKind};
use tokio::time::{sleep, timeout};

use crate::connection::Connection;

/// `devtools.timeline` has the requests and the documents, the second one adds the calls behind a request.
const CATEGORIES: [&str; 2] = ["devtools.timeline", "disabled-by-default-devtools.timeline.stack"];

/// How long the browser may take to begin to hand the trace over, and from one piece of it to the next. Of a page that sent a hundred
/// thousand requests it collects for twenty seconds before the first.
const UNTIL_A_PIECE: Duration = Duration::from_secs(40);

/// How long it may take in all.
const HANDED_OVER: Duration = Duration::from_secs(120);

/// Starts the trace. Without one the run is worth as much, and less is known of who sent what on leaving.
pub(crate) async fn start(connection: &Connection) {
    let config = TraceConfig {
        included_categories: Some(CATEGORIES.map(str::to_owned).into()),
        excluded_categories: Some(vec!["*".to_owned()]),
        ..TraceConfig::default()
    };
    let start = StartParams { transfer_mode: Some(StartTransferMode::ReportEvents), trace_config: Some(config), ..StartParams::default() };
    if let Err(error) = connection.call(None, start).await {
        missing(connection, &format!("the browser's trace could not be started ({error})")).await;
    }
}

/// Ends the trace and waits until all of it is in the raw log.
pub(crate) async fn stop(connection: &Connection) {
    if connection.call(None, EndParams::default()).await.is_err() {
        return;
    }
    let mut pieces = 0;
    let complete = async {
        let mut since = Instant::now();
        while since.elapsed() < UNTIL_A_PIECE {
            let trace = connection.watched().trace;
            if trace.is_complete || connection.watched().closed {
                return true;
            }
            if trace.pieces > pieces {
                (pieces, since) = (trace.pieces, Instant::now());
            }
            sleep(Duration::from_millis(20)).await;
        }
        false
    };
    match timeout(HANDED_OVER, complete).await {
        Ok(true) => {}
        Ok(false) => missing(connection, &format!("the browser handed nothing of its trace over for {} s", UNTIL_A_PIECE.as_secs())).await,
        Err(_) => missing(connection, &format!("the browser did not hand its trace over within {} s", HANDED_OVER.as_secs())).await,
    }
}

async fn missing(connection: &Connection, what: &str) {
    let why = format!("{what}: which script sent what a page sent on leaving may not be known");
    connection.note(Note::Trouble(Gap { kind: GapKind::NotTold, why, request: None, step: None })).await;
}
