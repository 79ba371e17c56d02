//! What TLS connections trust: the public roots that are compiled in, and those the host adds.

use super::config::NetworkConfig;
use crate::error::{Error, ErrorCode, Result};
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;

/// The one configuration of all connections.
///
/// # Errors
/// `E_PARAM` when a certificate of the host's cannot be used.
pub(super) fn config(network: &NetworkConfig) -> Result<Arc<ClientConfig>> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    for (index, certificate) in network.certificates()?.into_iter().enumerate() {
        roots.add(certificate).map_err(|_| {
            Error::new(ErrorCode::Parameter, format!("network.rootCertificates: certificate {index} cannot be used"))
        })?;
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|_| ErrorCode::Internal)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}
