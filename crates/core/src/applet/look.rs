//! What a host sees of the pages of an applet, and what it does there: carried out on the applet's own thread.

use super::mailbox::{Look, Seen};
use super::pages::Pages;
use crate::engine::{Ended, Engine, PageLook, PageStep};
use crate::error::{Error, ErrorCode};
use crate::ids::PageId;

/// Answers one question. The error is the end of the applet.
pub(super) fn look(engine: &Engine, pages: Option<&Pages>, wanted: Look, seen: Seen) -> Result<(), Ended> {
    let Some(pages) = pages else {
        seen(Err(Error::new(ErrorCode::Unsupported, "the mini-program has no pages")));
        return Ok(());
    };
    let page = |named: Option<PageId>| named.or(pages.top()).unwrap_or_default();
    let look = match wanted {
        Look::Stack => {
            let stack = pages.stack();
            let list: Vec<_> = stack.iter().map(|(id, path)| serde_json::json!({ "id": id.0, "path": path })).collect();
            seen(Ok(serde_json::Value::from(list).to_string()));
            return Ok(());
        }
        Look::TabBar => {
            seen(Ok(pages.tab_bar()));
            return Ok(());
        }
        Look::Watch(named, on) => {
            let step = PageStep::Watch(page(named), on);
            seen(engine.page_step(&step)?.map(|()| "null".to_owned()));
            return Ok(());
        }
        Look::Changes => {
            let (changes, lost) = engine.take_page_changes();
            let pages: Vec<String> =
                changes.iter().map(|(id, text)| format!(r#"{{"id":{},"changes":{text}}}"#, id.0)).collect();
            seen(Ok(format!(r#"{{"lost":{lost},"pages":[{}]}}"#, pages.join(","))));
            return Ok(());
        }
        Look::Tree(named) => PageLook::Tree(page(named)),
        Look::Data(named) => PageLook::Data(page(named)),
        Look::Event { page: named, selector, kind, detail } => {
            PageLook::Event { id: page(named), selector, kind, detail }
        }
        Look::Hook { page: named, name, argument } => {
            let step = PageStep::Call { id: page(named), hook: name, argument };
            seen(engine.page_step(&step)?.map(|()| "null".to_owned()));
            return Ok(());
        }
    };
    seen(engine.page_look(&look)?);
    Ok(())
}
