//! Certificate authorities that a test bench or a staging site needs.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use x509_cert::Certificate;
use x509_cert::der::{DecodePem as _, Encode as _};

use crate::Error;

/// A certificate authority that is trusted beside the system's.
///
/// It goes into the profile's list of trusted authorities, and its public key is pinned as well: a chain in which that key stands is
/// accepted whatever else is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    /// SHA-256 of the certificate in hexadecimal, for the record.
    pub fingerprint: String,
    /// SHA-256 of its public key in base64, for the browser.
    pub(crate) key_pin: String,
    /// The certificate as DER.
    pub(crate) certificate: Vec<u8>,
}

impl Authority {
    /// Reads the first certificate of a PEM file.
    ///
    /// # Errors
    ///
    /// The file cannot be read or is no certificate.
    pub fn from_file(path: &Path) -> Result<Self, Error> {
        let pem = std::fs::read(path).map_err(|source| Error::File { action: "read", path: path.to_owned(), source })?;
        Self::from_pem(&pem).map_err(|error| Error::Authority { path: path.to_owned(), reason: error.to_string() })
    }

    fn from_pem(pem: &[u8]) -> Result<Self, x509_cert::der::Error> {
        let certificate = Certificate::from_pem(pem)?;
        let key = certificate.tbs_certificate().subject_public_key_info().to_der()?;
        let certificate = certificate.to_der()?;
        Ok(Self { fingerprint: hex::encode(Sha256::digest(&certificate)), key_pin: STANDARD.encode(Sha256::digest(key)), certificate })
    }
}
