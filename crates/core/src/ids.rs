//! Id types. An id is checked once, when it is made, and is never a bare string or number in a signature.

use crate::error::{Error, ErrorCode, Result};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $what:literal, $check:ident, $rule:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Checks the text and wraps it.
            ///
            /// # Errors
            /// `E_PARAM`, saying the rule. The text itself is not repeated: it may be hostile.
            pub fn parse(text: &str) -> Result<Self> {
                if $check(text) {
                    Ok(Self(Arc::from(text)))
                } else {
                    Err(Error::new(ErrorCode::Parameter, concat!($what, ": expected ", $rule)))
                }
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str { &self.0 }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, "{:?}", &*self.0) }
        }
        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str { &self.0 }
        }
    };
}

text_id! {
    /// The id of a mini-program, as its developer and the host know it.
    AppletId, "appId", is_applet_id, "1 to 128 characters of A-Z a-z 0-9 _ - ., not starting with a dot"
}

text_id! {
    /// The name of an API: what follows `ft.` in a mini-program.
    ApiName, "api name", is_api_name, "a letter or _, then up to 63 of A-Z a-z 0-9 _ ."
}

fn is_applet_id(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && !text.starts_with('.')
        && !text.contains("..")
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
}

/// Whether `text` may name an API.
#[must_use]
pub fn is_api_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    text.len() <= 64
        && bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'))
}

/// One run of an applet: the second start of the same [`AppletId`] has another generation, so nothing that was meant
/// for the first reaches the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Generation(pub u64);

/// A call in flight: a slot in its applet's table and how often that slot has been used.
/// The pair never repeats while an applet lives, so a stale or forged id finds nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CallId {
    /// Index in the applet's table of calls.
    pub slot: u32,
    /// How often the slot has been used before.
    pub turn: u32,
}

/// The number of an H5 or native page; 0 means "no page" and is never given to one. The H5 page in the `<web-view>` of a
/// mini-program's page has the number of that page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct PageId(pub u32);

/// The number of the next page of any client.
static NEXT_PAGE: AtomicU32 = AtomicU32::new(1);

impl PageId {
    /// A number that no page of this process has had.
    pub(crate) fn fresh() -> Self {
        Self(NEXT_PAGE.fetch_add(1, Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_could_leave_a_folder_or_a_pattern_are_refused() {
        for bad in ["", ".", "..", "../b", "a/b", "a\0b", "a b", "a..b", ".hidden", "\u{e9}"] {
            assert!(AppletId::parse(bad).is_err(), "{bad:?}");
        }
        for bad in ["", "1a", "a-b", "a b", "__proto__\0", "\u{e9}x", &"a".repeat(65)] {
            assert!(ApiName::parse(bad).is_err(), "{bad:?}");
        }
        AppletId::parse("wx0123.demo-app_1").unwrap();
        ApiName::parse("js2AppFunction").unwrap();
        ApiName::parse("__proto__").unwrap();
    }
}
