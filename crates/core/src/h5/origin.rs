//! Origins of pages: scheme, host and port as the URL parser reads them, compared as a whole and never by parts of a text.

use crate::bridge::OwnOrigins;
use crate::error::{Error, ErrorCode, Result};
use crate::ids::AppletId;
use sha2::Digest as _;
use url::{Origin, Url};

/// The origin of a page's address, as text: `https://host`, or `https://host:port` when it is not the usual one. None
/// for whatever has none of its own (`data:`, `about:blank`, `file:`), for what is no address, and, unless
/// `development`, for anything but https.
///
/// Hosts that end in a dot, and addresses with a user name, are not told apart from their look-alikes by people: they
/// have none either; nor has a pattern such as `*.host`, which the parser takes for a name.
pub(crate) fn of(address: &str, development: bool) -> Option<String> {
    // The parser drops tabs and line ends within an address, and blanks around it; who writes them hides something.
    if address.bytes().any(|byte| byte <= b' ' || byte == 0x7f) {
        return None;
    }
    let url = Url::parse(address).ok()?;
    let secure = url.scheme() == "https" || (development && url.scheme() == "http");
    let plain = url.username().is_empty() && url.password().is_none();
    let host = url.host_str().filter(|host| !host.ends_with('.') && !host.contains('*'))?;
    if !secure || !plain || host.is_empty() {
        return None;
    }
    match url.origin() {
        origin @ Origin::Tuple(..) => Some(origin.ascii_serialization()),
        Origin::Opaque(_) => None,
    }
}

/// The address that a `<web-view>` shows for its `src`: absolute, or from the root of the package's files at `package`.
/// `development` lets any address through that a page can have.
///
/// # Errors
/// `E_PARAM` for what is no address of a page, `E_DENIED` for one that is not the mini-program's own.
pub(crate) fn of_web_view(src: &str, package: &str, own: &OwnOrigins, development: bool) -> Result<String> {
    let no_address = || Error::new(ErrorCode::Parameter, "expected an https address, or a file of the package");
    if src.bytes().any(|byte| byte <= b' ' || byte == 0x7f) {
        return Err(no_address());
    }
    let root = Url::parse(package).map_err(|_| no_address())?;
    let url = root.join(src).map_err(|_| no_address())?.to_string();
    let origin = of(&url, development).ok_or_else(no_address)?;
    if development || own.contains(&origin) {
        return Ok(url);
    }
    Err(Error::new(ErrorCode::Denied, "its domain is none of the mini-program's own"))
}

/// The origin at which the files of a mini-program's package are: no name of it can be had on any network, and no two
/// mini-programs have the same.
pub(crate) fn of_package(applet: &AppletId) -> String {
    let digest = sha2::Sha256::digest(applet.as_str());
    let name: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("https://{name}.applet.invalid")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTED: &[&str] = &["https://good.example", "https://good.example:8443", "https://xn--fiqs8s.example"];

    #[test]
    fn h_b2_only_what_the_parser_reads_as_a_listed_origin_is_one() {
        let table = include_str!("origins.tsv");
        let mut rows = 0;
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let (verdict, address) = line.split_once('\t').unwrap();
            // What a file of lines cannot hold is written as an escape.
            let address: String = serde_json::from_str(&format!("\"{address}\"")).unwrap();
            let found = of(&address, false);
            let listed = found.as_deref().is_some_and(|origin| LISTED.contains(&origin));
            assert_eq!(listed, verdict == "yes", "{address:?} is {found:?}");
            rows += 1;
        }
        assert!(rows >= 40, "{rows} rows");
    }

    #[test]
    fn a_package_has_an_origin_of_its_own_that_no_network_knows() {
        let origin = |id: &str| of_package(&AppletId::parse(id).unwrap());
        assert_eq!(origin("demo"), "https://2a97516c354b68848cdbd8f54a226a0a.applet.invalid");
        assert_ne!(origin("demo"), origin("Demo"));
        assert_eq!(of(&origin("demo"), false), Some(origin("demo")));
    }

    #[test]
    fn http_counts_in_development_alone() {
        assert_eq!(of("http://127.0.0.1:8080/a", true).as_deref(), Some("http://127.0.0.1:8080"));
        assert_eq!(of("http://127.0.0.1:8080/a", false), None);
        assert_eq!(of("file:///a", true), None);
    }
}
