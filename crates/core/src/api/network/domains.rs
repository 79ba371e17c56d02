//! Where a mini-program may connect to. The host's lists decide; its `app.json` may only take away from them.

use crate::error::{Error, ErrorCode, Result};
use crate::net::AddressRule;
use reqwest::Url;
use serde_json::{Map, Value};
use std::net::IpAddr;
use url::Host;

/// What a connection is for: each kind has a list of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Request,
    Download,
    Upload,
    Socket,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Request, Self::Download, Self::Upload, Self::Socket];

    /// Name of its list, for the host and in `app.json`.
    const fn list(self) -> &'static str {
        match self {
            Self::Request => "requestDomain",
            Self::Download => "downloadDomain",
            Self::Upload => "uploadDomain",
            Self::Socket => "socketDomain",
        }
    }

    /// Name of its list in the index of a package.
    const fn in_index(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Download => "download",
            Self::Upload => "upload",
            Self::Socket => "socket",
        }
    }

    /// Name of its time limit in the `networkTimeout` of `app.json`.
    pub(super) const fn timeout(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Download => "downloadFile",
            Self::Upload => "uploadFile",
            Self::Socket => "connectSocket",
        }
    }

    /// The safe scheme, and the one that is not.
    const fn schemes(self) -> [&'static str; 2] {
        match self {
            Self::Socket => ["wss", "ws"],
            Self::Request | Self::Download | Self::Upload => ["https", "http"],
        }
    }
}

/// What the host says when it starts an applet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct DomainLists {
    /// In the order of [`Kind::ALL`]; none: no list was given.
    pub(crate) lists: [Option<Vec<String>>; 4],
    /// Lists are not looked at.
    pub(crate) unchecked: bool,
    /// Without a list, connections need not be safe.
    pub(crate) debug: bool,
}

/// The rules of one run.
#[derive(Debug)]
pub(crate) struct Domains {
    lists: [Option<Vec<Origin>>; 4],
    unchecked: bool,
    debug: bool,
    addresses: AddressRule,
}

/// One entry: scheme, host and port, exactly, or the hosts below one.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Origin {
    scheme: String,
    host: String,
    port: u16,
    below: bool,
}

impl Domains {
    /// The rules that the host gives.
    ///
    /// # Errors
    /// `E_PARAM`, beginning with the path of the entry.
    pub(crate) fn parse(given: &DomainLists, addresses: AddressRule) -> Result<Self> {
        let mut lists = [const { None }; 4];
        for ((kind, given), list) in Kind::ALL.into_iter().zip(&given.lists).zip(&mut lists) {
            let Some(given) = given else { continue };
            let entries = given.iter().enumerate().map(|(index, entry)| {
                Origin::parse(kind, entry).ok_or_else(|| {
                    let expected = kind.schemes()[0];
                    let text = format!("{}[{index}]: expected an origin like {expected}://host", kind.list());
                    Error::new(ErrorCode::Parameter, text)
                })
            });
            *list = Some(entries.collect::<Result<Vec<_>>>()?);
        }
        Ok(Self { lists, unchecked: given.unchecked, debug: given.debug, addresses })
    }

    /// With the lists of a package's index, where the host gave none. What is no origin there allows nothing.
    pub(super) fn completed(&self, index: &Map<String, Value>) -> Self {
        let lists = Kind::ALL.map(|kind| {
            self.list(kind).cloned().or_else(|| {
                let listed = index.get(kind.in_index())?.as_array()?;
                Some(listed.iter().filter_map(|entry| Origin::parse(kind, entry.as_str()?)).collect())
            })
        });
        Self { lists, ..*self }
    }

    /// What is left of them with the lists of an `app.json`. What is no origin there allows nothing.
    pub(super) fn narrowed(&self, manifest: &Map<String, Value>) -> Self {
        let lists = Kind::ALL.map(|kind| {
            let mine = self.list(kind).cloned();
            let Some(theirs) = manifest.get(kind.list()).and_then(Value::as_array) else { return mine };
            let theirs = theirs.iter().filter_map(|entry| Origin::parse(kind, entry.as_str()?));
            Some(
                theirs
                    .filter(|origin| mine.as_ref().is_none_or(|mine| mine.iter().any(|own| own.covers(origin))))
                    .collect(),
            )
        });
        Self { lists, ..*self }
    }

    /// Checks where a connection leads, for its first address and after each redirect. Names are checked again when
    /// they are looked up.
    ///
    /// # Errors
    /// `E_DENIED`.
    pub(super) fn check(&self, kind: Kind, url: &Url) -> Result<()> {
        let denied = || Error::new(ErrorCode::Denied, "url not in domain list");
        let [safe, unsafe_] = kind.schemes();
        let scheme = url.scheme();
        if scheme != safe && scheme != unsafe_ {
            return Err(denied());
        }
        let literal = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            Some(Host::Domain(name)) if !name.is_empty() => None,
            _ => return Err(denied()),
        };
        if let Some(address) = literal {
            self.addresses.check(address).map_err(|_| denied())?;
        }
        let allowed = match self.list(kind) {
            _ if self.unchecked => true,
            Some(list) => list.iter().any(|origin| origin.holds(url)),
            None => scheme == safe || self.debug,
        };
        if allowed { Ok(()) } else { Err(denied()) }
    }

    fn list(&self, kind: Kind) -> Option<&Vec<Origin>> {
        self.lists.get(kind as usize).and_then(Option::as_ref)
    }
}

impl Origin {
    /// `https://host`, `https://host:port`, `https://*.host`, or the same without a scheme, which means the safe one.
    fn parse(kind: Kind, text: &str) -> Option<Self> {
        let text = text.trim();
        let text = if text.contains("://") { text.to_owned() } else { format!("{}://{text}", kind.schemes()[0]) };
        let (scheme, rest) = text.split_once("://")?;
        let (below, rest) = match rest.strip_prefix("*.") {
            // All hosts of a top-level domain are nobody's.
            Some(rest) => (true, rest.contains('.').then_some(rest)?),
            None => (false, rest),
        };
        let url = Url::parse(&format!("{scheme}://{rest}")).ok()?;
        let plain = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
        if !plain || !url.username().is_empty() || url.password().is_some() || !kind.schemes().contains(&url.scheme()) {
            return None;
        }
        if below && !matches!(url.host(), Some(Host::Domain(_))) {
            return None;
        }
        let host = url.host_str().filter(|host| !host.contains('*'))?.to_owned();
        Some(Self { scheme: url.scheme().to_owned(), host, port: url.port_or_known_default()?, below })
    }

    fn holds(&self, url: &Url) -> bool {
        let Some(host) = url.host_str() else { return false };
        url.scheme() == self.scheme && url.port_or_known_default() == Some(self.port) && self.has_host(host)
    }

    /// Whether all that the other holds is held by this one.
    fn covers(&self, other: &Self) -> bool {
        let same = self.scheme == other.scheme && self.port == other.port;
        let host = if other.below {
            self.below && (self.host == other.host || self.has_host(&other.host))
        } else {
            self.has_host(&other.host)
        };
        same && host
    }

    fn has_host(&self, host: &str) -> bool {
        if !self.below {
            return host == self.host;
        }
        host.strip_suffix(&*self.host).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domains(kind: Kind, list: Option<&[&str]>, debug: bool) -> Domains {
        let mut lists = [const { None }; 4];
        lists[kind as usize] = list.map(|list| list.iter().map(|entry| (*entry).to_owned()).collect());
        Domains::parse(&DomainLists { lists, unchecked: false, debug }, AddressRule::Public).unwrap()
    }

    fn allows(domains: &Domains, kind: Kind, url: &str) -> bool {
        domains.check(kind, &Url::parse(url).unwrap()).is_ok()
    }

    #[test]
    fn h_b21_the_lists_of_an_index_count_where_the_host_gave_none() {
        let index =
            serde_json::json!({"request": ["https://index.example", "no origin"], "download": [], "upload": "x"});
        let domains = domains(Kind::Request, None, false).completed(index.as_object().unwrap());
        assert!(allows(&domains, Kind::Request, "https://index.example/a"));
        assert!(!allows(&domains, Kind::Request, "https://other.example/"));
        assert!(!allows(&domains, Kind::Download, "https://index.example/"), "an empty list allows nothing");
        assert!(allows(&domains, Kind::Upload, "https://other.example/"), "what is no list is none");
        let given = Some(&["https://host.example"][..]);
        let domains = self::domains(Kind::Request, given, false).completed(index.as_object().unwrap());
        assert!(allows(&domains, Kind::Request, "https://host.example/"), "the host's own list goes first");
        assert!(!allows(&domains, Kind::Request, "https://index.example/"));
    }

    #[test]
    fn h_b21_only_what_a_list_names_is_reached() {
        let list: &[&str] =
            &["https://api.example.com", "https://*.cdn.example.com", "https://other.example:8443", "plain.example"];
        let domains = domains(Kind::Request, Some(list), false);
        for (url, allowed) in [
            ("https://api.example.com/a?b#c", true),
            ("https://API.example.com:443/", true),
            ("https://a.cdn.example.com/", true),
            ("https://a.b.cdn.example.com/", true),
            ("https://other.example:8443/", true),
            ("https://plain.example/", true),
            ("http://api.example.com/", false),
            ("https://api.example.com:444/", false),
            ("https://api.example.com./", false),
            ("https://api.example.com.evil.example/", false),
            ("https://evil.example/api.example.com", false),
            ("https://api.example.com@evil.example/", false),
            ("https://evil-api.example.com/", false),
            ("https://cdn.example.com/", false),
            ("https://evilcdn.example.com/", false),
            ("https://other.example/", false),
            ("http://plain.example/", false),
            ("file:///etc/passwd", false),
            ("ftp://api.example.com/", false),
            ("data:text/plain,a", false),
            ("wss://api.example.com/", false),
        ] {
            assert_eq!(allows(&domains, Kind::Request, url), allowed, "{url}");
        }
    }

    #[test]
    fn h_b21_without_a_list_only_safe_connections_to_public_hosts_are_made() {
        for (kind, url, released, debug) in [
            (Kind::Request, "https://example.com/", true, true),
            (Kind::Request, "http://example.com/", false, true),
            (Kind::Socket, "wss://example.com/", true, true),
            (Kind::Socket, "ws://example.com/", false, true),
            (Kind::Socket, "https://example.com/", false, false),
            (Kind::Request, "https://127.0.0.1/", false, false),
            (Kind::Request, "https://2130706433/", false, false),
            (Kind::Request, "https://0x7f.1/", false, false),
            (Kind::Request, "https://[::ffff:10.0.0.1]/", false, false),
            (Kind::Request, "https://169.254.169.254/latest", false, false),
            (Kind::Request, "file:///etc/passwd", false, false),
        ] {
            assert_eq!(allows(&domains(kind, None, false), kind, url), released, "{url}");
            assert_eq!(allows(&domains(kind, None, true), kind, url), debug, "{url} in debug");
        }
    }

    #[test]
    fn h_b21_app_json_only_takes_away() {
        let given = domains(Kind::Request, Some(&["https://*.example.com", "https://one.example"]), false);
        let manifest = serde_json::json!({
            "requestDomain": ["https://a.example.com", "https://evil.example", "https://*.com", 7],
            "downloadDomain": ["https://files.example"],
        });
        let narrowed = given.narrowed(manifest.as_object().unwrap());
        for (kind, url, allowed) in [
            (Kind::Request, "https://a.example.com/", true),
            (Kind::Request, "https://b.example.com/", false),
            (Kind::Request, "https://one.example/", false),
            (Kind::Request, "https://evil.example/", false),
            (Kind::Download, "https://files.example/", true),
            (Kind::Download, "https://one.example/", false),
            (Kind::Upload, "https://one.example/", true),
        ] {
            assert_eq!(allows(&narrowed, kind, url), allowed, "{kind:?} {url}");
        }
    }

    #[test]
    fn h_b21_an_entry_that_is_no_origin_is_refused_by_its_place() {
        for entry in [
            "https://a.example/path",
            "https://*",
            "https://*.com",
            "file:///",
            "",
            "https://a@b.example",
            "https://a.*.example",
        ] {
            let lists = [None, Some(vec!["https://a.example".to_owned(), entry.to_owned()]), None, None];
            let given = DomainLists { lists, ..DomainLists::default() };
            let error = Domains::parse(&given, AddressRule::Public).unwrap_err();
            assert_eq!(error.code(), ErrorCode::Parameter, "{entry}");
            assert!(error.message().starts_with("downloadDomain[1]: "), "{entry}: {error}");
        }
    }
}
