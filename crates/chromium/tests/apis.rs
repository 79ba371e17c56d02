//! The functions of the library that built-ins answer, called by a page in Chromium: with their arguments and results, by
//! callbacks and by promises, against the rooms of the page's own mini-program.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "what a test needs and does not get fails the test; the server on this machine has a thread of its own"
)]

mod support;

use finapp_chromium::Page;
use finapp_core::bridge::HostCall;
use finapp_core::{AppletRequest, Config, NetworkConfig};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use support::{OWN, Stage, next, payload};
use tempfile::TempDir;

const GIF: &[u8] = b"GIF89a and so on";

/// In a page: what the callbacks of a function heard, in order.
const HEARD: &str = "globalThis.heard = (call, options) => new Promise((done) => {
  const calls = []
  const note = (what) => (res) => { calls.push([what, res]); if (what === 'complete') done(calls) }
  call({ ...options, success: note('success'), fail: note('fail'), complete: note('complete') })
})";

/// Providers of the configuration.
fn fixed(config: &mut Config, value: Value) {
    config.providers = Config::from_json(&json!({"providers": value}).to_string()).unwrap().providers;
}

/// The one result of a function whose callbacks are given, and whether it was a success.
fn heard(page: &Page, function: &str, options: &Value) -> (bool, Value) {
    let calls = page.evaluate(&format!("heard((options) => ft.{function}(options), {options})")).unwrap();
    let calls = calls.as_array().unwrap().clone();
    assert_eq!(calls.len(), 2, "{calls:?}");
    assert_eq!((&calls[1][0], &calls[1][1]), (&json!("complete"), &calls[0][1]), "{calls:?}");
    (calls[0][0] == "success", calls[0][1].clone())
}

fn succeeded(page: &Page, function: &str, options: Value) -> Value {
    let (well, result) = heard(page, function, &options);
    assert!(well, "{function}: {result}");
    result
}

fn failed(page: &Page, function: &str, options: Value) -> String {
    let (well, result) = heard(page, function, &options);
    assert!(!well, "{function}: {result}");
    result["errMsg"].as_str().unwrap().to_owned()
}

/// A mini-program that runs `script`, with a page of it, and what it reports.
struct Shown {
    stage: Stage,
    page: Arc<Page>,
    reports: Receiver<Value>,
    app_id: String,
    _folder: TempDir,
}

impl Shown {
    fn new(script: &str, change: impl FnOnce(&mut Config)) -> Self {
        let stage = Stage::with(|config, _| change(config));
        let (sender, reports) = channel();
        let sender = Mutex::new(sender);
        let report = move |call: HostCall| {
            sender.lock().unwrap().send(serde_json::from_str(call.params.text()).unwrap()).unwrap_or_default();
            call.reply.success_text("{}".to_owned());
        };
        stage.client.register_custom_api("report", report).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("app.js"), format!("ft.loadExtApi([{{name: 'report'}}]); {script}")).unwrap();
        let app_id = "shown".to_owned();
        let mut request = AppletRequest::local(&app_id, folder.path());
        request.web_view_domain = Some(vec![OWN.to_owned()]);
        let applet = stage.client.start_applet_and_wait(request).unwrap();
        stage.web.page(&format!("{OWN}/"), HEARD);
        let page = stage.profile.open(&applet, &format!("{OWN}/")).unwrap();
        page.wait_for_load(1).unwrap();
        Self { stage, page, reports, app_id, _folder: folder }
    }

    fn tell(&self, detail: &Value) -> Value {
        self.stage.client.send_custom_event(&self.app_id, payload(detail)).unwrap();
        next(&self.reports)["data"].take()
    }
}

/// A server on this machine that tells in JSON what it was sent; `/a.gif` is a picture.
fn loopback() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let (mut first, mut length) = (String::new(), 0);
            reader.read_line(&mut first).unwrap();
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                if line.trim().is_empty() {
                    break;
                }
                if let Some(bytes) = line.to_lowercase().strip_prefix("content-length:") {
                    length = bytes.trim().parse().unwrap();
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            let mut words = first.split(' ');
            let (method, path) = (words.next().unwrap(), words.next().unwrap());
            let answer = match path {
                "/a.gif" => GIF.to_vec(),
                "/bytes" => [&[0xff, 0], &*body].concat(),
                _ => json!({"method": method, "path": path, "body": String::from_utf8_lossy(&body)}).to_string().into(),
            };
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", answer.len());
            drop(stream.write_all(&[head.as_bytes(), &answer].concat()));
        }
    });
    origin
}

fn networked(config: &mut Config) {
    config.debug = true;
    config.network = NetworkConfig { allow_private_network: true, ..NetworkConfig::default() };
}

#[test]
fn f_j17_a_page_downloads_a_file_of_its_mini_program() {
    let origin = loopback();
    let reads = "ft.onCustomEvent(({path}) => ft.report({data: wx.getFileSystemManager().readFileSync(path, 'utf8')}))";
    let shown = Shown::new(reads, networked);
    let answer = succeeded(&shown.page, "downloadFile", json!({"url": format!("{origin}/a.gif"), "timeout": 30_000}));
    assert_eq!((&answer["errMsg"], answer.get("filePath")), (&json!("downloadFile:ok"), None));
    assert_eq!(shown.tell(&json!({"path": answer["tempFilePath"]})), "GIF89a and so on");
    let path = "wxfile://usr/kept.gif";
    let answer = succeeded(&shown.page, "downloadFile", json!({"url": format!("{origin}/a.gif"), "filePath": path}));
    assert_eq!((&answer["filePath"], answer.get("tempFilePath")), (&json!(path), None));
    let text = failed(&shown.page, "downloadFile", json!({"url": "file:///etc/passwd"}));
    assert!(text.starts_with("downloadFile:fail"), "{text}");
}

#[test]
fn f_j19_a_page_opens_a_document_of_its_mini_program() {
    let (sender, opened) = channel();
    let sender = Mutex::new(sender);
    let (shown, _folder) = with_picture();
    let take = move |call: HostCall| {
        sender.lock().unwrap().send(serde_json::from_str::<Value>(call.params.text()).unwrap()).unwrap_or_default();
        call.reply.success_text("{}".to_owned());
    };
    shown.stage.client.set_provider("openDocument", take).unwrap();
    let script = "ft.chooseImage({ count: 1 }).then(({ tempFilePaths: [path] }) => path)";
    let path = shown.page.evaluate(script).unwrap();
    let answer = succeeded(&shown.page, "openDocument", json!({"filePath": path, "fileType": "pdf"}));
    assert_eq!(answer, json!({"errMsg": "openDocument:ok"}));
    let asked = next(&opened);
    assert_eq!(std::fs::read(asked["filePath"].as_str().unwrap()).unwrap(), GIF);
    assert_eq!(asked["fileType"], "pdf");
    let text = failed(&shown.page, "openDocument", json!({"filePath": "/etc/passwd"}));
    assert!(text.starts_with("openDocument:fail"), "{text}");
    let text = failed(&shown.page, "openDocument", json!({"filePath": "wxfile://usr/a.exe", "fileType": "exe"}));
    assert!(text.starts_with("openDocument:fail parameter error"), "{text}");
    assert!(opened.try_recv().is_err());
}

fn with_picture() -> (Shown, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("a.gif");
    std::fs::write(&picture, GIF).unwrap();
    let shown = Shown::new("", |config| fixed(config, json!({"chooseImage": {"tempFilePaths": [picture]}})));
    (shown, folder)
}

#[test]
fn f_j20_a_page_gets_pictures_that_the_user_chose() {
    let (shown, _folder) = with_picture();
    let options = json!({"count": 1, "sizeType": ["original", "compressed"], "sourceType": ["album", "camera"]});
    let chosen = succeeded(&shown.page, "chooseImage", options);
    assert_eq!(chosen["errMsg"], "chooseImage:ok");
    assert!(chosen["tempFilePaths"][0].as_str().unwrap().starts_with("wxfile://tmp"), "{chosen}");
    let text = failed(&shown.page, "chooseImage", json!({"count": 1, "sizeType": ["huge"]}));
    assert!(text.starts_with("chooseImage:fail parameter error"), "{text}");
}

#[test]
fn f_j21_a_page_shows_a_picture_that_the_user_chose() {
    let (shown, _folder) = with_picture();
    // As documented: under both names.
    let script = "ft.chooseImage({ count: 1 }).then(async ({ tempFilePaths: [path] }) => [
      await ft.getLocalImgData({ path }), await window.ft.miniProgram.getLocalImgData({ path })])";
    let data = json!({"localData": "data:image/gif;base64,R0lGODlhIGFuZCBzbyBvbg==", "errMsg": "getLocalImgData:ok"});
    assert_eq!(shown.page.evaluate(script).unwrap(), json!([data, data]));
    let text = failed(&shown.page, "getLocalImgData", json!({"path": "/etc/passwd"}));
    assert!(text.starts_with("getLocalImgData:fail"), "{text}");
}

#[test]
fn f_j22_a_page_lets_the_user_choose_a_place() {
    let place = json!({"latitude": 1.5, "longitude": 2.5, "name": "n", "address": "a"});
    let shown = Shown::new("", |config| fixed(config, json!({"chooseLocation": place, "authorize": {}})));
    let chosen = succeeded(&shown.page, "chooseLocation", json!({"latitude": 1, "longitude": 2}));
    assert_eq!(
        chosen,
        json!({"latitude": 1.5, "longitude": 2.5, "name": "n", "address": "a", "errMsg": "chooseLocation:ok"})
    );
}

#[test]
fn f_j23_a_page_learns_where_the_user_is_once_the_user_allows_it() {
    let place = json!({"latitude": 1, "longitude": 2, "speed": 3, "accuracy": 4});
    let shown = Shown::new("", |config| fixed(config, json!({"getLocation": place})));
    let deny = |call: HostCall| {
        call.reply.fail(payload(&json!({"errMsg": "no"})));
    };
    shown.stage.client.set_provider("authorize", deny).unwrap();
    assert!(failed(&shown.page, "getLocation", json!({})).starts_with("getLocation:fail"));
    let shown = Shown::new("", |config| fixed(config, json!({"getLocation": place, "authorize": {}})));
    let located = succeeded(&shown.page, "getLocation", json!({"type": "gcj02"}));
    assert_eq!(
        (&located["latitude"], &located["speed"], &located["errMsg"]),
        (&json!(1), &json!(3), &json!("getLocation:ok"))
    );
}

const TELLS: &str = "ft.onCustomEvent(({key}) => ft.report({data: wx.getStorageSync(key)}));";

#[test]
fn f_j24_a_page_reads_what_its_mini_program_stored() {
    let shown = Shown::new(
        "wx.setStorageSync('k', {a: [1, null, 'ü\\u2028</script>']}); wx.setStorageSync('d', new Date(0))",
        |_| {},
    );
    let answer = succeeded(&shown.page, "getStorage", json!({"key": "k"}));
    assert_eq!(answer, json!({"data": {"a": [1, null, "ü\u{2028}</script>"]}, "errMsg": "getStorage:ok"}));
    assert_eq!(succeeded(&shown.page, "getStorage", json!({"key": "d"}))["data"], "1970-01-01T00:00:00.000Z");
    assert_eq!(failed(&shown.page, "getStorage", json!({"key": "none"})), "getStorage:fail data not found");
    let text = "getStorage:fail parameter error: parameter.key should be String instead of Number;";
    assert_eq!(failed(&shown.page, "getStorage", json!({"key": 7})), text);
}

#[test]
fn f_j25_a_mini_program_reads_what_its_page_stored() {
    let shown = Shown::new(TELLS, |_| {});
    let data = json!({"b": ["漢😀", {"c": false}]});
    assert_eq!(
        succeeded(&shown.page, "setStorage", json!({"key": "k", "data": data})),
        json!({"errMsg": "setStorage:ok"})
    );
    assert_eq!(shown.tell(&json!({"key": "k"})), data);
    shown.page.evaluate("ft.setStorage({ key: 'd', data: new Date(0) })").unwrap();
    assert_eq!(shown.tell(&json!({"key": "d"})), "1970-01-01T00:00:00.000Z");
}

fn with_two_keys() -> Shown {
    Shown::new(&format!("{TELLS} wx.setStorageSync('k', 1); wx.setStorageSync('l', 2)"), |_| {})
}

#[test]
fn f_j28_a_page_learns_which_keys_its_mini_program_has() {
    let shown = with_two_keys();
    let info = succeeded(&shown.page, "getStorageInfo", json!({}));
    assert_eq!((&info["keys"], &info["errMsg"]), (&json!(["k", "l"]), &json!("getStorageInfo:ok")));
    assert!(info["currentSize"].is_u64());
}

#[test]
fn f_j26_a_page_removes_what_its_mini_program_stored() {
    let shown = with_two_keys();
    assert_eq!(succeeded(&shown.page, "removeStorage", json!({"key": "k"})), json!({"errMsg": "removeStorage:ok"}));
    assert_eq!(shown.tell(&json!({"key": "k"})), "");
    assert_eq!(shown.tell(&json!({"key": "l"})), 2);
}

#[test]
fn f_j27_a_page_clears_the_store_of_its_mini_program() {
    let shown = with_two_keys();
    assert_eq!(succeeded(&shown.page, "clearStorage", json!({})), json!({"errMsg": "clearStorage:ok"}));
    assert_eq!(shown.tell(&json!({"key": "l"})), "");
}

#[test]
fn f_j32_a_page_asks_a_server() {
    let origin = loopback();
    let shown = Shown::new("", networked);
    let answer = succeeded(&shown.page, "request", json!({"url": format!("{origin}/p"), "data": {"param1": "test"}}));
    let seen = json!({"method": "GET", "path": "/p?param1=test", "body": ""});
    assert_eq!((&answer["data"], &answer["statusCode"], &answer["errMsg"]), (&seen, &json!(200), &json!("request:ok")));
    assert!(answer["header"].is_object());
    let options = json!({"url": origin, "method": "POST", "data": {"a": 1}, "dataType": "text"});
    let text = succeeded(&shown.page, "request", options)["data"].as_str().unwrap().to_owned();
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["body"], "{\"a\":1}");
    let script = format!(
        "ft.request({{ url: '{origin}/bytes', method: 'POST', data: Uint8Array.of(1, 2).buffer, responseType: 'arraybuffer' }})
          .then(({{ data }}) => [data instanceof ArrayBuffer, ...new Uint8Array(data)])"
    );
    assert_eq!(shown.page.evaluate(&script).unwrap(), json!([true, 255, 0, 1, 2]));
    assert!(failed(&shown.page, "request", json!({"url": "http://127.0.0.1:1/"})).starts_with("request:fail"));
}
