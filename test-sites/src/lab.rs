use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

use crate::authority::{Authority, TlsConfigs};
use crate::connection;
use crate::received::{Log, Received, ReceivedMessage};

/// The running server: every site and every vendor on one loopback port, TLS and cleartext alike.
///
/// A browser that maps all names to one address maps all ports to it as well, so `http://` and `https://` have to share a
/// port: the first byte of a connection tells which of the two it is.
///
/// Dropping it ends every connection; [`Lab::stop`] does the same and waits for the end.
pub struct Lab {
    address: SocketAddr,
    authority: Arc<Authority>,
    log: Arc<Log>,
    server: JoinHandle<()>,
}

impl Lab {
    /// Makes an authority, takes a free port and serves.
    ///
    /// # Errors
    ///
    /// No port could be had, the authority could not be made, or the folder with the sites is not where it was at build time.
    pub async fn start() -> io::Result<Self> {
        crate::sites::check_folder()?;
        let authority = Arc::new(Authority::new()?);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let log = Arc::new(Log::default());
        let tls = authority.tls_configs()?;
        let server = tokio::spawn(accept(listener, tls, Arc::clone(&log)));
        Ok(Self { address, authority, log, server })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The rule that leads every host name here: `*=127.0.0.1:PORT`.
    #[must_use]
    pub fn resolve_rule(&self) -> String {
        format!("*={}", self.address)
    }

    /// The authority's certificate, for the tool to trust.
    #[must_use]
    pub fn authority_pem(&self) -> &str {
        self.authority.pem()
    }

    /// The authority's certificate as DER.
    #[must_use]
    pub fn authority_der(&self) -> &[u8] {
        self.authority.der()
    }

    /// Base64 of the SHA-256 of the authority's public key, as Chromium's `--ignore-certificate-errors-spki-list` takes it.
    #[must_use]
    pub fn authority_pin(&self) -> String {
        self.authority.pin()
    }

    /// Everything received so far, in the order in which the requests began.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.log.requests()
    }

    /// Every WebSocket message received so far, in order.
    #[must_use]
    pub fn messages(&self) -> Vec<ReceivedMessage> {
        self.log.messages()
    }

    /// Forgets what was received.
    pub fn clear(&self) {
        self.log.clear();
    }

    /// Waits until every connection has ended, so that what a browser sent in its last moment is in the log. Says whether that
    /// was so within `limit`.
    pub async fn quiet(&self, limit: Duration) -> bool {
        tokio::time::timeout(limit, self.log.until_unconnected()).await.is_ok()
    }

    /// Ends every connection and the server.
    pub async fn stop(mut self) {
        self.server.abort();
        // The only error there can be is the abort that was just asked for.
        let _ = (&mut self.server).await;
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn accept(listener: TcpListener, tls: TlsConfigs, log: Arc<Log>) {
    // Dropped with this future, the set ends the connections with it.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let open = log.connect();
                    connections.spawn(connection::serve(stream, tls.clone(), open));
                }
                // Out of file descriptors, or a client that left at once: both pass.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

#[cfg(test)]
mod tests;
