//! The DevTools connection: one socket, many sessions ("flat" mode).
//!
//! One task owns the socket's incoming side and the raw log. It writes each frame down before it looks at it, and it never waits for
//! an answer: a browser that waits for us while we wait for it would hang for ever.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chromiumoxide::cdp::browser_protocol::browser::GetVersionParams;
use chromiumoxide::types::Command;
use futures_util::stream::SplitStream;
use futures_util::{SinkExt as _, StreamExt as _};
use pixelwitness_recording::raw_log::{Note, repair_surrogates};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use thiserror::Error;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

use crate::capture::Watched;
use crate::log::RawLog;

/// How long the browser may take to answer a command that has no reason to take long.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(20);

/// How long a frame may wait in the compressor: what a kill of this process can lose.
const FLUSH_INTERVAL: Duration = Duration::from_millis(100);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Why a command has no answer.
#[derive(Debug, Error)]
pub(crate) enum CallError {
    #[error("the browser refused {method}: {message}")]
    Refused { method: String, message: String },
    #[error("the browser did not answer {method} within {} s", .after.as_secs())]
    Silent { method: String, after: Duration },
    #[error("the browser closed the connection")]
    Closed,
    #[error("the browser's answer to {method} is not understood")]
    NotUnderstood { method: String, source: serde_json::Error },
}

/// A handle on the connection; clones share it.
#[derive(Clone)]
pub(crate) struct Connection {
    orders: mpsc::UnboundedSender<Order>,
    watched: Arc<Mutex<Watched>>,
}

/// A command as it goes over the socket.
#[derive(Serialize)]
struct Outgoing {
    id: u64,
    method: Cow<'static, str>,
    params: Box<RawValue>,
    #[serde(rename = "sessionId", skip_serializing_if = "Option::is_none")]
    session: Option<String>,
}

/// A frame, with its contents left unread.
#[derive(Deserialize)]
pub(crate) struct Frame<'a> {
    id: Option<u64>,
    #[serde(borrow)]
    pub(crate) method: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "sessionId")]
    pub(crate) session: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(crate) params: Option<&'a RawValue>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    error: Option<Refusal>,
}

#[derive(Deserialize)]
struct Refusal {
    message: String,
}

type Answer = Result<Box<RawValue>, String>;

enum Order {
    Command { command: Prepared, answer: Option<oneshot::Sender<Answer>> },
    Note { note: Box<Note>, written: oneshot::Sender<()> },
}

/// A command without its number.
pub(crate) struct Prepared {
    session: Option<String>,
    method: Cow<'static, str>,
    params: Box<RawValue>,
}

impl Prepared {
    pub(crate) fn new<C: Command>(session: Option<&str>, command: &C) -> Self {
        let params = to_raw_value(command).expect("DevTools commands are plain structures with string keys");
        Self { session: session.map(str::to_owned), method: command.identifier(), params }
    }
}

impl Connection {
    /// Connects, and writes everything to `log` from the first frame on. The task ends with the socket, and returns the log.
    pub(crate) async fn open(address: &str, log: RawLog) -> Result<(Self, JoinHandle<io::Result<RawLog>>), String> {
        let config = WebSocketConfig::default().max_message_size(None).max_frame_size(None);
        let (socket, _) = connect_async_with_config(address, Some(config), true).await.map_err(|error| error.to_string())?;
        let (orders, waiting) = mpsc::unbounded_channel();
        let watched = Arc::new(Mutex::new(Watched::default()));
        let task = tokio::spawn(serve(socket, log, waiting, Arc::clone(&watched)));
        Ok((Self { orders, watched }, task))
    }

    /// Sends a command and waits for its answer.
    pub(crate) async fn call<C: Command>(&self, session: Option<&str>, command: C) -> Result<Box<RawValue>, CallError> {
        self.call_within(session, command, ANSWER_TIMEOUT).await
    }

    pub(crate) async fn call_within<C: Command>(
        &self,
        session: Option<&str>,
        command: C,
        after: Duration,
    ) -> Result<Box<RawValue>, CallError> {
        let command = Prepared::new(session, &command);
        let method = command.method.to_string();
        let (answer, answered) = oneshot::channel();
        self.orders.send(Order::Command { command, answer: Some(answer) }).map_err(|_| CallError::Closed)?;
        match timeout(after, answered).await {
            Err(_) => Err(CallError::Silent { method, after }),
            Ok(Err(_)) => Err(CallError::Closed),
            Ok(Ok(Err(message))) => Err(CallError::Refused { method, message }),
            Ok(Ok(Ok(result))) => Ok(result),
        }
    }

    /// Sends a command and reads its answer into a structure of our own: the typed answers of the command crate refuse what a newer
    /// Chromium renamed.
    pub(crate) async fn ask<T: for<'a> Deserialize<'a>, C: Command>(&self, session: Option<&str>, command: C) -> Result<T, CallError> {
        let method = command.identifier().to_string();
        let answer = self.call(session, command).await?;
        serde_json::from_str(answer.get())
            .or_else(|_| serde_json::from_str(&repair_surrogates(answer.get())))
            .map_err(|source| CallError::NotUnderstood { method, source })
    }

    /// Whether everything has been read that the browser had to tell when this was asked: after a moment in which this process or the
    /// browser did not get to run, nothing seems to happen.
    pub(crate) async fn catch_up(&self) -> bool {
        self.call(None, GetVersionParams::default()).await.is_ok()
    }

    /// Writes a note into the log, in order with all that was sent before, and waits until it is on the disk.
    pub(crate) async fn note(&self, note: Note) {
        let (written, done) = oneshot::channel();
        if self.orders.send(Order::Note { note: Box::new(note), written }).is_ok() {
            let _ = done.await;
        }
    }

    /// What the browser was seen to do so far.
    pub(crate) fn watched(&self) -> MutexGuard<'_, Watched> {
        locked(&self.watched)
    }
}

/// Asks a browser to end whose connection was cut, over another one, and waits until it hangs up. Its answer is of no interest.
pub(crate) async fn ask_to_end(address: &str) {
    let Ok((mut socket, _)) = connect_async_with_config(address, None, true).await else { return };
    if socket.send(Message::text(r#"{"id":1,"method":"Browser.close"}"#)).await.is_ok() {
        while let Some(Ok(_)) = socket.next().await {}
    }
}

async fn serve(
    socket: Socket,
    mut log: RawLog,
    mut orders: mpsc::UnboundedReceiver<Order>,
    watched: Arc<Mutex<Watched>>,
) -> io::Result<RawLog> {
    let (mut sink, mut incoming) = socket.split();
    let (outgoing, mut to_send) = mpsc::unbounded_channel::<String>();
    // A task of its own, so that a browser that does not read keeps us from writing and not from reading.
    let writer = tokio::spawn(async move {
        while let Some(frame) = to_send.recv().await {
            if sink.send(Message::text(frame)).await.is_err() {
                break;
            }
        }
    });
    let mut desk = Desk { outgoing, unanswered: HashMap::new(), next: 1 };
    let result = desk.work(&mut incoming, &mut log, &mut orders, &watched).await;
    writer.abort();
    locked(&watched).closed = true;
    result?;
    Ok(log)
}

/// A thread that panicked leaves nothing half done here.
fn locked(watched: &Mutex<Watched>) -> MutexGuard<'_, Watched> {
    watched.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Desk {
    outgoing: mpsc::UnboundedSender<String>,
    unanswered: HashMap<u64, oneshot::Sender<Answer>>,
    next: u64,
}

impl Desk {
    /// Returns when the socket is closed, or with the error of a log that cannot be written on.
    async fn work(
        &mut self,
        incoming: &mut SplitStream<Socket>,
        log: &mut RawLog,
        orders: &mut mpsc::UnboundedReceiver<Order>,
        watched: &Mutex<Watched>,
    ) -> io::Result<()> {
        let mut flush = interval(FLUSH_INTERVAL);
        flush.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut connected = true;
        loop {
            tokio::select! {
                frame = incoming.next(), if connected => match frame {
                    Some(Ok(Message::Text(text))) => self.read(text.as_str(), log, watched)?,
                    Some(Ok(Message::Close(_)) | Err(_)) | None => {
                        connected = false;
                        self.unanswered.clear();
                        locked(watched).closed = true;
                    }
                    Some(Ok(_)) => {}
                },
                order = orders.recv() => match order {
                    Some(Order::Command { command, answer }) if connected => self.dispatch(command, answer, log)?,
                    Some(Order::Command { .. }) => {}
                    Some(Order::Note { note, written }) => {
                        log.note(&note)?;
                        let _ = written.send(());
                    }
                    // The last handle is gone.
                    None => return Ok(()),
                },
                _ = flush.tick() => log.flush()?,
            }
        }
    }

    fn dispatch(&mut self, command: Prepared, answer: Option<oneshot::Sender<Answer>>, log: &mut RawLog) -> io::Result<()> {
        let Prepared { session, method, params } = command;
        let frame = Outgoing { id: self.next, method, params, session };
        let text = serde_json::to_string(&frame)?;
        self.unanswered.extend(answer.map(|answer| (self.next, answer)));
        self.next += 1;
        log.sent(&text)?;
        let _ = self.outgoing.send(text);
        Ok(())
    }

    fn read(&mut self, text: &str, log: &mut RawLog, watched: &Mutex<Watched>) -> io::Result<()> {
        log.received(text)?;
        // A frame that cannot be read is in the log all the same; reading only serves to drive.
        let Ok(frame) = serde_json::from_str::<Frame<'_>>(text) else { return Ok(()) };
        if let Some(answer) = frame.id.and_then(|id| self.unanswered.remove(&id)) {
            let _ = answer.send(match (frame.result, frame.error) {
                (Some(result), None) => Ok(result.to_owned()),
                (_, error) => Err(error.map_or_else(String::new, |error| error.message)),
            });
            return Ok(());
        }
        let follow_up = locked(watched).on_event(&frame);
        for note in follow_up.notes {
            log.note(&note)?;
        }
        for command in follow_up.commands {
            self.dispatch(command, None, log)?;
        }
        Ok(())
    }
}
