//! What a host can say of the network.

use crate::error::{Error, ErrorCode, Result};
use reqwest::{Proxy, Url};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde::Deserialize;

/// How the library reaches the network.
///
/// ```
/// use finapp_core::Config;
/// let config = Config::from_json(r#"{"network": {"proxy": "http://10.0.0.1:8080"}}"#).unwrap();
/// assert!(!config.network.allow_private_network);
/// assert!(Config::from_json(r#"{"network": {"proxy": "ftp://10.0.0.1"}}"#).is_err());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct NetworkConfig {
    /// Certificates that are trusted besides the public roots, each as PEM text of one or more.
    pub root_certificates: Vec<String>,
    /// Address of an HTTP proxy that everything goes through, `http://name:password@host:port`. It looks up names by
    /// itself, so only hosts that are written as an address are still kept from mini-programs.
    pub proxy: Option<String>,
    /// Lets mini-programs reach addresses that are not public: this device, and the network it is in. For development.
    pub allow_private_network: bool,
}

impl NetworkConfig {
    /// Checks what a type cannot say.
    ///
    /// # Errors
    /// `E_PARAM`, beginning with the path of the field.
    pub(crate) fn validate(&self) -> Result<()> {
        drop(self.proxy()?);
        self.certificates().map(drop)
    }

    /// The proxy.
    ///
    /// # Errors
    /// `E_PARAM` when it is no address of one.
    pub(super) fn proxy(&self) -> Result<Option<Proxy>> {
        let Some(address) = &self.proxy else { return Ok(None) };
        let refused = || Error::new(ErrorCode::Parameter, "network.proxy: expected http://host:port");
        let address = Url::parse(address).map_err(|_| refused())?;
        if address.scheme() != "http" || address.host_str().is_none() {
            return Err(refused());
        }
        Proxy::all(address).map(Some).map_err(|_| refused())
    }

    /// The certificates.
    ///
    /// # Errors
    /// `E_PARAM` when one of them is none.
    pub(super) fn certificates(&self) -> Result<Vec<CertificateDer<'static>>> {
        let mut all = Vec::new();
        for (index, text) in self.root_certificates.iter().enumerate() {
            let before = all.len();
            for certificate in CertificateDer::pem_slice_iter(text.as_bytes()) {
                all.push(certificate.map_err(|_| not_a_certificate(index))?);
            }
            if all.len() == before {
                return Err(not_a_certificate(index));
            }
        }
        Ok(all)
    }
}

fn not_a_certificate(index: usize) -> Error {
    let text = format!("network.rootCertificates[{index}]: expected the PEM text of a certificate");
    Error::new(ErrorCode::Parameter, text)
}
