//! The history of a tab, as the browser keeps it.

use super::Page;
use crate::connection::Done;
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct History {
    current_index: usize,
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    id: i64,
    url: String,
}

impl History {
    /// The entry before the one that is shown. The empty document that each tab begins with is none.
    pub(super) fn earlier(&self) -> Option<i64> {
        let before = self.entries.get(self.current_index.checked_sub(1)?)?;
        (before.url != "about:blank").then_some(before.id)
    }
}

impl Page {
    /// Asks for it; `then` runs on the thread that reads.
    pub(super) fn ask_for_history(&self, then: impl FnOnce(History) + Send + 'static) {
        let done: Done = Box::new(move |answer| {
            if let Some(history) = answer.ok().and_then(|answer| serde_json::from_str(answer.get()).ok()) {
                then(history);
            }
        });
        self.connection().send(&self.session, "Page.getNavigationHistory", &json!({}), Some(done));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_empty_document_that_a_tab_begins_with_is_nothing_to_go_back_to() {
        for (current, urls, earlier) in [
            (0, vec!["https://a.example/"], None),
            (1, vec!["about:blank", "https://a.example/"], None),
            (2, vec!["about:blank", "https://a.example/", "https://a.example/b"], Some(1)),
            (1, vec!["about:blank", "https://a.example/", "https://a.example/b"], None),
        ] {
            let entries = (0..).zip(urls).map(|(id, url)| Entry { id, url: url.to_owned() }).collect();
            assert_eq!(History { current_index: current, entries }.earlier(), earlier);
        }
    }
}
