//! Addresses of package servers: what the host may name, where the files of a mini-program lie, and where an index or a
//! redirect may lead.

use crate::error::{Error, ErrorCode, Result};
use crate::ids::AppletId;
use crate::package_index::{FILE_NAME, Sha256};
use reqwest::Url;

/// The address of a static file server; its path ends with a slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Server(Url);

impl Server {
    /// Reads an address that the host has named. Private addresses are allowed: it is the host app who asks.
    ///
    /// # Errors
    /// `E_PARAM`. The address is not repeated.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let refused = |text| Err(Error::new(ErrorCode::Parameter, format!("apiServer: expected {text}")));
        let Ok(mut url) = Url::parse(text) else { return refused("an address, such as https://apps.example.com") };
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return refused("an address that begins with http:// or https://");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return refused("an address without a name and a password");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return refused("an address without ? and #");
        }
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        Ok(Self(url))
    }

    /// Where the index of a mini-program lies. Ids consist of characters that stand for themselves in an address.
    pub(super) fn index_of(&self, app: &AppletId) -> Result<Url> {
        self.0.join(&format!("{app}/{FILE_NAME}")).map_err(|_| ErrorCode::Internal.into())
    }

    /// A folder name of its own for each server.
    pub(super) fn folder_name(&self) -> String {
        let digest = Sha256::of(self.0.as_str().as_bytes()).to_string();
        digest.get(..32).unwrap_or(&digest).to_owned()
    }

    /// The address.
    pub(super) fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// Where `text`, found in the index at `index` or in a redirect from `from`, leads: to the origin of the index, or to any
/// server over HTTPS. A file:// address, and plain HTTP to a stranger, would let whoever can write the index reach into
/// the device's own network.
///
/// # Errors
/// `E_BAD_PACKAGE` when it is no address, `E_DENIED` when it leads elsewhere.
pub(super) fn lead(index: &Url, from: &Url, text: &str) -> Result<Url> {
    let to = from.join(text).map_err(|_| Error::new(ErrorCode::BadPackage, "package.url: expected an address"))?;
    let with_name = !to.username().is_empty() || to.password().is_some();
    if with_name || (to.scheme() != "https" && to.origin() != index.origin()) {
        let text = "package.url: expected the server of the index, or an https address";
        return Err(Error::new(ErrorCode::Denied, text));
    }
    Ok(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(server: &str) -> Url {
        Server::parse(server).unwrap().index_of(&AppletId::parse("wx.demo-1").unwrap()).unwrap()
    }

    #[test]
    fn an_address_that_is_not_one_of_a_file_server_is_refused() {
        for text in [
            "",
            "apps.example",
            "/packages",
            "file:///etc",
            "ftp://example/a",
            "data:,x",
            "https://",
            "https://ada:secret@example/",
            "https://example/?a=1",
            "https://example/#a",
        ] {
            let error = Server::parse(text).unwrap_err();
            assert_eq!(error.code(), ErrorCode::Parameter, "{text}");
            assert!(
                error.message().starts_with("apiServer: expected") && !error.message().contains("secret"),
                "{error}"
            );
        }
    }

    #[test]
    fn the_index_lies_in_a_folder_with_the_id() {
        for (server, expected) in [
            ("https://example", "https://example/wx.demo-1/index.json"),
            ("https://example/", "https://example/wx.demo-1/index.json"),
            ("http://10.0.0.1:8080/a/b", "http://10.0.0.1:8080/a/b/wx.demo-1/index.json"),
        ] {
            assert_eq!(index(server).as_str(), expected);
        }
        let name = |text| Server::parse(text).unwrap().folder_name();
        assert_eq!(name("https://EXAMPLE:443"), name("https://example/"));
        assert_ne!(name("https://example/a"), name("https://example/b"));
    }

    #[test]
    fn h_a27_a_package_comes_from_the_server_of_its_index_or_over_https() {
        for (server, text, expected) in [
            ("https://example", "a.zip", Some("https://example/wx.demo-1/a.zip")),
            ("https://example", "/x/a.zip", Some("https://example/x/a.zip")),
            ("https://example", "https://cdn.example/a.zip", Some("https://cdn.example/a.zip")),
            ("http://10.0.0.1", "../a.zip", Some("http://10.0.0.1/a.zip")),
            ("http://10.0.0.1", "https://cdn.example/a.zip", Some("https://cdn.example/a.zip")),
            ("http://10.0.0.1", "http://10.0.0.2/a.zip", None),
            ("http://10.0.0.1", "http://10.0.0.1:81/a.zip", None),
            ("https://example", "http://example/a.zip", None),
            ("https://example", "//ada:secret@example/a.zip", None),
            ("https://example", "file:///etc/passwd", None),
            ("https://example", "data:,x", None),
        ] {
            let index = index(server);
            match (lead(&index, &index, text), expected) {
                (Ok(to), Some(expected)) => assert_eq!(to.as_str(), expected),
                (Err(error), None) => assert_eq!(error.code(), ErrorCode::Denied, "{text}"),
                (got, _) => panic!("{text}: {got:?}"),
            }
        }
    }
}
