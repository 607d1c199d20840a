use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose, PublicKeyData as _};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::{CertifiedKey, SigningKey};
use sha2::{Digest as _, Sha256};

/// A certificate authority that lives as long as the lab and vouches for whatever name a client asks for.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    pem: String,
    /// One key for all leaves: making one takes longer than a handshake.
    leaf_key: KeyPair,
    signing_key: Arc<dyn SigningKey>,
    leaves: Mutex<HashMap<String, Arc<CertifiedKey>>>,
}

/// How the server speaks TLS, by what it offers inside.
#[derive(Clone)]
pub(crate) struct TlsConfigs {
    pub(crate) both: Arc<ServerConfig>,
    pub(crate) http1_only: Arc<ServerConfig>,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Authority").field("pin", &self.pin()).finish_non_exhaustive()
    }
}

impl Authority {
    pub(crate) fn new() -> io::Result<Self> {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.distinguished_name.push(DnType::CommonName, "pixelwitness test sites");
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().map_err(io::Error::other)?).map_err(io::Error::other)?;
        let leaf_key = KeyPair::generate().map_err(io::Error::other)?;
        let private = PrivateKeyDer::try_from(leaf_key.serialize_der()).map_err(io::Error::other)?;
        let signing_key = ring::sign::any_supported_type(&private).map_err(io::Error::other)?;
        Ok(Self { pem: issuer.pem(), issuer, leaf_key, signing_key, leaves: Mutex::default() })
    }

    pub(crate) fn pem(&self) -> &str {
        &self.pem
    }

    pub(crate) fn der(&self) -> &[u8] {
        self.issuer.der()
    }

    pub(crate) fn pin(&self) -> String {
        STANDARD.encode(Sha256::digest(self.issuer.key().subject_public_key_info()))
    }

    pub(crate) fn tls_configs(self: &Arc<Self>) -> io::Result<TlsConfigs> {
        let config = |protocols: &[&str]| {
            let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
                .with_safe_default_protocol_versions()
                .map_err(io::Error::other)?
                .with_no_client_auth()
                .with_cert_resolver(Arc::clone(self) as Arc<dyn ResolvesServerCert>);
            config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
            io::Result::Ok(Arc::new(config))
        };
        Ok(TlsConfigs { both: config(&["h2", "http/1.1"])?, http1_only: config(&["http/1.1"])? })
    }

    /// Leaf and authority: a client that trusts by pin finds the authority in what the server sends. Hosts whose name begins with
    /// `leaf-only.` send their own certificate alone, as most servers with a private authority do.
    fn certify(&self, host: &str) -> Option<Arc<CertifiedKey>> {
        let mut params = CertificateParams::new(vec![host.to_owned()]).ok()?;
        params.distinguished_name.push(DnType::CommonName, "pixelwitness test site");
        let leaf = params.signed_by(&self.leaf_key, &self.issuer).ok()?;
        let mut chain = vec![leaf.der().clone()];
        if !host.starts_with("leaf-only.") {
            chain.push(CertificateDer::clone(self.issuer.der()));
        }
        Some(Arc::new(CertifiedKey::new(chain, Arc::clone(&self.signing_key))))
    }
}

impl ResolvesServerCert for Authority {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        // An address instead of a name comes without SNI.
        let host = hello.server_name().unwrap_or("127.0.0.1");
        let mut leaves = self.leaves.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(leaf) = leaves.get(host) {
            return Some(Arc::clone(leaf));
        }
        let leaf = self.certify(host)?;
        leaves.insert(host.to_owned(), Arc::clone(&leaf));
        Some(leaf)
    }
}
