//! Encrypted connections.
//!
//! Called by `connector` once for an engine, and by it and `cancel` for each connection.
//! It must not accept a certificate that it did not verify.

#[cfg(not(feature = "tls-rustls"))]
use super::target::TlsNeed;
use super::target::TlsRequest;
use crate::error::{Error, Result};

/// How connections are encrypted.
#[derive(Clone)]
pub(super) enum Tls {
    /// Not at all.
    None,
    /// By rustls. The server's certificate must lead to a trusted authority and name the host,
    /// whatever `sslmode` says: `require` and `verify-ca` are as strict as `verify-full`, since
    /// encryption without knowing the other side protects from nobody who can sit in between.
    #[cfg(feature = "tls-rustls")]
    Rustls(tokio_postgres_rustls::MakeRustlsConnect),
}

#[cfg(not(feature = "tls-rustls"))]
impl Tls {
    pub(super) fn new(request: &TlsRequest) -> Result<Tls> {
        let files = [
            &request.root_certificates,
            &request.certificate,
            &request.key,
        ];
        let refused = request.need == TlsNeed::Refused;
        let asked = request.need == TlsNeed::Required || files.iter().any(|file| file.is_some());
        if asked && !refused {
            return Err(Error::config(
                "the connection string asks for TLS, which needs the feature `tls-rustls`",
            ));
        }
        Ok(Tls::None)
    }
}

#[cfg(feature = "tls-rustls")]
mod with_rustls {
    use std::path::Path;
    use std::sync::Arc;

    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    use rustls::{ClientConfig, RootCertStore};
    use tokio_postgres_rustls::MakeRustlsConnect;

    use super::super::target::TlsNeed;
    use super::{Error, Result, Tls, TlsRequest};

    impl Tls {
        pub(in super::super) fn new(request: &TlsRequest) -> Result<Tls> {
            if request.need == TlsNeed::Refused {
                return Ok(Tls::None);
            }
            // Named, since an application may have linked several providers.
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            let config = ClientConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()
                .map_err(|e| Error::config("TLS can't be set up").with_source(e))?
                .with_root_certificates(roots(request)?);
            let config = match (&request.certificate, &request.key) {
                (Some(certificate), Some(key)) => config
                    .with_client_auth_cert(certificates(certificate)?, private_key(key)?)
                    .map_err(|e| Error::config("`sslcert` and `sslkey`").with_source(e))?,
                (None, None) => config.with_no_client_auth(),
                _ => return Err(Error::config("`sslcert` and `sslkey` need each other")),
            };
            Ok(Tls::Rustls(MakeRustlsConnect::new(config)))
        }
    }

    fn roots(request: &TlsRequest) -> Result<RootCertStore> {
        let mut roots = RootCertStore::empty();
        match &request.root_certificates {
            None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
            Some(file) => {
                for certificate in certificates(file)? {
                    roots
                        .add(certificate)
                        .map_err(|e| unusable(file).with_source(e))?;
                }
            }
        }
        Ok(roots)
    }

    fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>> {
        let read = CertificateDer::pem_file_iter(file).and_then(Iterator::collect);
        let certificates: Vec<_> = read.map_err(|e| unusable(file).with_source(e))?;
        match certificates.is_empty() {
            true => Err(unusable(file).with_source("it holds no certificate")),
            false => Ok(certificates),
        }
    }

    fn private_key(file: &Path) -> Result<PrivateKeyDer<'static>> {
        PrivateKeyDer::from_pem_file(file).map_err(|e| unusable(file).with_source(e))
    }

    fn unusable(file: &Path) -> Error {
        Error::config(format!("the PEM file {} can't be used", file.display()))
    }
}
