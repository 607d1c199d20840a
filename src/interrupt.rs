//! Somebody asks us to stop: Ctrl-C, the end of the session, the end of the machine.

use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// Whether it was asked. Remembered, so that a run which begins afterwards ends at once.
#[derive(Clone, Debug)]
pub(crate) struct Interrupt(watch::Receiver<bool>);

impl Interrupt {
    /// Listens from now on.
    pub(crate) fn listen(runtime: &Runtime) -> Self {
        let (tell, told) = watch::channel(false);
        runtime.spawn(async move {
            let (Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)) =
                (signal(SignalKind::interrupt()), signal(SignalKind::terminate()), signal(SignalKind::hangup()))
            else {
                return std::future::pending().await;
            };
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hangup.recv() => {}
            }
            tell.send_replace(true);
            // The sender's end would be taken for news.
            std::future::pending::<()>().await;
        });
        Self(told)
    }

    pub(crate) fn was_asked(&self) -> bool {
        *self.0.borrow()
    }

    /// Completes when it is asked.
    pub(crate) async fn asked(mut self) {
        if self.0.wait_for(|asked| *asked).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
