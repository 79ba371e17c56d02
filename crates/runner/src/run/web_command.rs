//! The commands for web pages, one a line, and what each does with the page that is seen.

use super::command::{empty, json, split, whole};
use super::session::{PATIENCE, Session, show};
use super::web;
use finapp_core::bridge::Payload;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::sync::mpsc::channel;

/// The event by which a mini-program speaks to its web page.
const EVENT: &str = "onWebviewEvent";

/// One command.
#[derive(Clone, Debug, PartialEq)]
pub enum WebCommand {
    Call(String, Value),
    Send(Value),
    Tap(String),
    Run(String),
    Text,
    Picture(PathBuf),
    Wait(String),
}

impl WebCommand {
    /// Reads a line; none when no command has that name.
    ///
    /// # Errors
    /// A sentence on what was expected.
    pub fn parse(name: &str, rest: &str) -> Result<Option<Self>, String> {
        Ok(Some(match name {
            "call-page" => {
                let (function, params) = split(rest);
                let function = whole(&function, "call-page <name> [json]")?;
                Self::Call(function, if params.is_empty() { empty() } else { json(params)? })
            }
            "send-page" => Self::Send(json(rest)?),
            "tap-page" => Self::Tap(whole(rest, "tap-page <selector>")?),
            // Quotes belong to the script.
            "run-page" if !rest.is_empty() => Self::Run(rest.to_owned()),
            "run-page" => return Err("expected: run-page <script>".to_owned()),
            "page-text" => Self::Text,
            "page-picture" => Self::Picture(whole(rest, "page-picture <file>")?.into()),
            "wait-page" => Self::Wait(whole(rest, "wait-page <text>")?),
            _ => return Ok(None),
        }))
    }

    /// Does it, and prints what comes of it, after what was said meanwhile.
    ///
    /// # Errors
    /// What went wrong, or did not come.
    pub fn carry_out(&self, session: &mut Session) -> Result<(), String> {
        let page = session.web_page()?;
        let said = |error: finapp_chromium::Error| error.to_string();
        match self {
            Self::Call(name, params) => {
                let answer = call(session, name, params)?;
                session.settle();
                match answer.is_none() {
                    true => anstream::println!("nothing"),
                    false => show(&serde_json::from_str(answer.text()).unwrap_or_default()),
                }
            }
            Self::Send(data) => {
                let data = session.payload(data)?;
                if !page.owner().is_some_and(|owner| owner.event(EVENT, &data)) {
                    return Err("the page is none of the mini-program's own".to_owned());
                }
            }
            Self::Tap(selector) => page.tap(selector).map_err(said)?,
            Self::Run(script) => {
                let value = page.evaluate(script).map_err(said)?;
                session.settle();
                show(&value);
            }
            Self::Text => anstream::println!("{}", web::text(&page).map_err(said)?),
            Self::Picture(file) => {
                let picture = page.screenshot().map_err(said)?;
                fs::write(file, picture).map_err(|error| format!("{}: {error}", file.display()))?;
            }
            Self::Wait(text) => {
                if !web::wait_for_text(&page, text, PATIENCE).map_err(said)? {
                    return Err(format!("the web page does not show {text:?}"));
                }
            }
        }
        Ok(())
    }
}

fn call(session: &Session, name: &str, params: &Value) -> Result<Payload, String> {
    let said = |error: finapp_core::Error| error.to_string();
    let (params, page) = (session.payload(params)?, session.web_page()?);
    let number = page.owner().map(|owner| owner.page());
    let (sender, answers) = channel();
    let applet = session.applet().map_err(said)?;
    applet.call_js(name, &params, number, PATIENCE, Box::new(move |answer| drop(sender.send(answer))));
    // Each call is answered: at its deadline, if not before.
    answers.recv().map_err(|error| error.to_string())?.map_err(said)
}
