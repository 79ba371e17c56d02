//! The app's object in a page, and the form of what comes through it.

/// What a page said: `FinChatJSCore.<method>(name, params, id)`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Said {
    pub(crate) method: String,
    pub(crate) name: String,
    pub(crate) params: String,
    pub(crate) id: f64,
}

impl Said {
    /// Reads the text that `proxy.js` makes. None for whatever a page has made up.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut parts = text.splitn(4, '\n').map(str::to_owned);
        let (method, id) = (parts.next()?, parts.next()?);
        Some(Self { method, id: id.parse().unwrap_or(f64::NAN), name: parts.next()?, params: parts.next()? })
    }
}

/// The script that makes the object before any other runs.
pub(crate) fn script(binding: &str) -> String {
    format!("((binding) => {{\n{}\n}})('{binding}')", include_str!("proxy.js"))
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
        let said = Said::read("webInvokeHandler\n7\nscan\n{\"a\":\"\n\"}").unwrap();
        assert_eq!((said.name.as_str(), said.params.as_str(), said.id), ("scan", "{\"a\":\"\n\"}", 7.0));
        assert!(Said::read("webInvokeHandler\nNaN\n\n").unwrap().id.is_nan());
        assert_eq!(Said::read("webInvokeHandler\n7\nscan"), None);
        assert_eq!(Said::read(""), None);
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
