//! Files of a package for web pages: whoever shows the page of a mini-program asks here for what lies at the origin of the
//! package.

use super::applet::AppletClient;
use super::data;
use crate::applet::package::PackagePath;
use crate::h5::origin;
use std::path::Path;
use url::Url;

/// The file that stands for its folder.
const INDEX: &str = "index.html";

/// A file of a package, as a browser takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebFile {
    /// What it is: `text/html; charset=utf-8`.
    pub media_type: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

impl AppletClient {
    /// The file of the package at `url`, an address at the package's own origin; none for any other address, when there is
    /// no such file, and once this run is over. It may wait for the disk: never to be called on the host's own thread.
    #[must_use]
    pub fn web_file(&self, url: &str) -> Option<WebFile> {
        let own = origin::of_package(&self.applet.id);
        if origin::of(url, false)? != own || self.applet.is_closing() {
            return None;
        }
        let package = self.applet.files()?;
        let name = file_name(url)?;
        let most = self.client.inner.limits.message_binary_bytes;
        let bytes = package.bytes(&PackagePath::parse(None, &name).ok()?, most).ok()??;
        Some(WebFile { media_type: media_type(&name).to_owned(), bytes })
    }

    /// The same on a thread that may wait; `told` gets the file there.
    pub fn read_web_file(&self, url: String, told: impl FnOnce(Option<WebFile>) + Send + 'static) {
        let applet = self.clone();
        data::elsewhere(self.client.inner.timer.handle())(Box::new(move || told(applet.web_file(&url))));
    }

    /// Whether an address is one for [`AppletClient::web_file`] and for no server, be there a file or not.
    #[must_use]
    pub fn is_web_file(&self, url: &str) -> bool {
        origin::of(url, false).is_some_and(|origin| origin == origin::of_package(&self.applet.id))
    }

    /// The address at which the files of its package are: `https://…`, without a slash at the end.
    #[must_use]
    pub fn web_origin(&self) -> String {
        origin::of_package(&self.applet.id)
    }

    /// The origins whose pages are its own, sorted: that of the package, and the business domains. Those that the package
    /// says are known once it has started.
    #[must_use]
    pub fn own_origins(&self) -> Vec<String> {
        self.applet.dispatcher.rules.own_origins.list()
    }
}

/// The name that the path of an address means in the package.
fn file_name(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    let path = decoded(url.path())?;
    Some(if path.ends_with('/') { path + INDEX } else { path })
}

/// A path with its percent signs taken for what they stand for; nothing when that is no text. What may not stand in a name
/// is refused where the name is read.
fn decoded(path: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let mut digit = || char::from(rest.next()?).to_digit(16);
            let (high, low) = (digit()?, digit()?);
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

fn media_type(name: &str) -> &'static str {
    let ending = Path::new(name).extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    match ending.to_ascii_lowercase().as_str() {
        "html" | "htm" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "txt" => "text/plain; charset=utf-8",
        "xml" => "application/xml",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/x-icon",
        "woff" => "font/woff",
        "woff2" => "font/woff2",
        "ttf" => "font/ttf",
        "otf" => "font/otf",
        "mp3" => "audio/mpeg",
        "wav" => "audio/wav",
        "mp4" => "video/mp4",
        "webm" => "video/webm",
        "wasm" => "application/wasm",
        "pdf" => "application/pdf",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_means_the_file_of_its_decoded_path() {
        for (url, name) in [
            ("https://p.applet.invalid/web/a.html?x=1#y", Some("/web/a.html")),
            ("https://p.applet.invalid", Some("/index.html")),
            ("https://p.applet.invalid/web/", Some("/web/index.html")),
            ("https://p.applet.invalid/%E9%A1%B5.html", Some("/\u{9875}.html")),
            ("https://p.applet.invalid/a%2fb", Some("/a/b")),
            ("https://p.applet.invalid/%ff", None),
            ("https://p.applet.invalid/%+1", None),
            ("https://p.applet.invalid/%4", None),
        ] {
            assert_eq!(file_name(url).as_deref(), name, "{url}");
        }
    }

    #[test]
    fn a_file_is_what_its_ending_says() {
        assert_eq!(media_type("/a/B.HTML"), "text/html; charset=utf-8");
        assert_eq!(media_type("/a.min.js"), "text/javascript; charset=utf-8");
        assert_eq!(media_type("/html"), "application/octet-stream");
    }
}
