//! The app's object in a page, and the form of what comes through it.

use finapp_core::h5::{PROXY_NAME, START_SCRIPT};

/// What a page said: the call of a function of `FinChatJSCore`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Said {
    /// `webInvokeHandler(name, params, id)`.
    WebInvoke { name: String, params: String, id: f64 },
    /// `invokeHandler(name, params, id)`.
    Invoke { name: String, params: String, id: f64 },
    /// The same by a page that stands still until it has the answer, for which it asks with `key`.
    Return { key: String, name: String, params: String, id: f64 },
    /// `publishHandler(event, params, webviewIds)`.
    Publish { event: String, params: String, ids: String },
}

impl Said {
    /// Reads the text that `proxy.js` makes. None for whatever a page has made up.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut parts = text.splitn(4, '\n').map(str::to_owned);
        let (method, last) = (parts.next()?, parts.next()?);
        let (name, params) = (parts.next()?, parts.next()?);
        let id = last.parse().unwrap_or(f64::NAN);
        match &*method {
            "webInvokeHandler" => Some(Self::WebInvoke { name, params, id }),
            "invokeHandler" => Some(Self::Invoke { name, params, id }),
            "publishHandler" => Some(Self::Publish { event: name, params, ids: last }),
            other => {
                let key = other.strip_prefix("return ")?.to_owned();
                Some(Self::Return { key, name, params, id })
            }
        }
    }

    /// The function that was called.
    pub(crate) fn method(&self) -> &'static str {
        match self {
            Self::WebInvoke { .. } => "webInvokeHandler",
            Self::Invoke { .. } | Self::Return { .. } => "invokeHandler",
            Self::Publish { .. } => "publishHandler",
        }
    }
}

/// Where a page asks for what has to be returned to it. No server has such a name.
pub(crate) fn door(binding: &str) -> String {
    format!("https://{binding}.invalid/")
}

/// The script that makes the object before any other runs.
pub(crate) fn script(binding: &str) -> String {
    let object = include_str!("proxy.js");
    let door = door(binding);
    format!("((binding, proxy, door) => {{\n{object}\n}})('{binding}', '{PROXY_NAME}', '{door}'); {START_SCRIPT}")
}

/// The order in which messages are handed on that came together: ArkWeb gives none for asynchronous functions.
#[derive(Debug)]
pub(crate) struct Shuffle(u64);

impl Shuffle {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    pub(crate) fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            let to = usize::try_from(self.0 % (at as u64 + 1)).unwrap_or(at);
            list.swap(at, to);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_object_sends_is_read_and_what_is_made_up_is_not() {
        let params = "{\"a\":\"\n\"}".to_owned();
        let said = Said::read("webInvokeHandler\n7\nscan\n{\"a\":\"\n\"}");
        assert_eq!(said, Some(Said::WebInvoke { name: "scan".to_owned(), params, id: 7.0 }));
        let said = Said::read("publishHandler\n[1]\non\n");
        let (event, ids) = ("on".to_owned(), "[1]".to_owned());
        assert_eq!(said, Some(Said::Publish { event, params: String::new(), ids }));
        let said = Said::read("invokeHandler\nNaN\n\n");
        assert!(matches!(said, Some(Said::Invoke { id, .. }) if id.is_nan()));
        for made_up in ["", "webInvokeHandler\n7\nscan", "constructor\n7\na\nb"] {
            assert_eq!(Said::read(made_up), None, "{made_up:?}");
        }
    }

    #[test]
    fn a_shuffled_list_has_the_same_members_in_another_order() {
        let mut list: Vec<u32> = (0..20).collect();
        Shuffle::new(5).shuffle(&mut list);
        assert_ne!(list, (0..20).collect::<Vec<_>>());
        list.sort_unstable();
        assert_eq!(list, (0..20).collect::<Vec<_>>());
    }
}
