//! Our side: an applet with a page that carries the library as it ships.

use crate::PARAMS;
use finapp_chromium::{Browser, Options, Page, Response};
use finapp_core::bridge::{HostCall, Payload};
use finapp_core::h5::PageAnswer;
use finapp_core::{AppletClient, AppletRequest, Config, FinAppClient, Limits, Platform};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;
use tempfile::TempDir;

const ORIGIN: &str = "https://bench.example";
const PATIENCE: Duration = Duration::from_secs(60);
const PAGE: &str = "<!doctype html><script src=\"/jssdk.js\"></script><script>
    ft.onNativeAPIHandler('echo', (data) => data)
    globalThis.run = async (calls, params) => { for (let n = 0; n < calls; n++) await ft.callNativeAPI('echo', params) }
    </script>";

pub struct Ours {
    client: FinAppClient,
    applet: AppletClient,
    page: Arc<Page>,
    browser: Browser,
    _folder: TempDir,
}

impl Ours {
    pub fn open() -> Self {
        let folder = tempfile::tempdir().expect("there is a temporary folder");
        let library = library(folder.path());
        let answers = move |request: &finapp_chromium::Request| {
            Some(if request.url.ends_with("/jssdk.js") {
                Response::file("text/javascript; charset=utf-8", library.clone())
            } else {
                Response::file("text/html; charset=utf-8", PAGE)
            })
        };
        let options = Options { answers: Some(Arc::new(answers)), offline: true, ..Options::default() };
        let browser = Browser::start(options).expect("the browser starts");
        // A repetition is quicker than a page may be for long.
        let limits = Limits { page_messages_per_second: 1_000_000, ..Limits::default() };
        let config = Config { limits, ..Config::default() };
        let client = FinAppClient::init(config, Platform::default()).expect("the client starts");
        let echo = |call: HostCall| {
            call.reply.success(call.params);
        };
        client.register_custom_api("echo", echo).expect("the name is free");
        std::fs::write(folder.path().join("app.js"), "App({})").expect("the folder can be written");
        let mut request = AppletRequest::local("bench", folder.path());
        request.web_view_domain = Some(vec![ORIGIN.to_owned()]);
        let applet = client.start_applet_and_wait(request).expect("the applet starts");
        let profile = browser.profile().expect("the browser answers");
        let page = profile.open(&applet, &format!("{ORIGIN}/")).expect("the page opens");
        page.wait_for_load(1).expect("the page loads");
        Self { client, applet, page, browser, _folder: folder }
    }

    /// So many calls of the page, one after another.
    pub fn called(&self, calls: u32) {
        self.page.evaluate(&format!("run({calls}, {PARAMS})")).expect("all calls succeed");
    }

    /// So many calls into the page, one after another.
    pub fn calls(&self, calls: u32) {
        for _ in 0..calls {
            let (sender, answers) = channel();
            let answer: PageAnswer = Box::new(move |answer| drop(sender.send(answer)));
            let params = Payload::parse(PARAMS.to_owned(), Vec::new(), &Limits::default()).expect("it is JSON");
            self.applet.call_js("echo", &params, None, PATIENCE, answer);
            let answer = answers.recv().expect("it is answered").expect("the page answers");
            assert_eq!(answer.text(), PARAMS);
        }
    }
}

impl Drop for Ours {
    fn drop(&mut self) {
        self.client.shutdown();
        drop(self.client.wait_until_closed(PATIENCE));
        self.browser.close();
    }
}

fn library(folder: &Path) -> Vec<u8> {
    let builder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../jssdk/build.mjs");
    let status = Command::new("node").arg(builder).arg(folder).status().expect("Node builds the library");
    assert!(status.success(), "Node builds the library");
    std::fs::read(folder.join("jssdk.js")).expect("Node has built the library")
}
