//! Packages from a static file server: started, cached, updated, and started without the server.
#![expect(clippy::unwrap_used, clippy::panic, reason = "what a test needs and does not get fails the test")]
#![expect(clippy::disallowed_methods, reason = "the server, the kills and the damage are the test's own")]

mod kills;
mod refusals;
mod replaced;
mod server;
#[path = "../support/mod.rs"]
mod support;

use finapp_core::{
    AppletRequest, AppletState, CachedPackage, CloseReason, Config, ErrorCode, LifeCycleEvent, Limits, PackageNews,
    UpdateStrategy,
};
use serde_json::json;
use server::{Answer, Gate, Server, package};
use std::sync::mpsc::channel;
use support::alone::until;
use support::{Folder, Host, next};

/// A client that keeps packages in `data`.
pub fn keeping(data: &Folder) -> Host {
    keeping_with(data, |_| {})
}

/// The same with other limits.
pub fn keeping_with(data: &Folder, change: impl FnOnce(&mut Limits)) -> Host {
    let mut config = Config { data_dir: Some(data.path().to_owned()), ..Config::default() };
    // An answer of the server may take as long as a busy machine takes; tests of slow servers say so.
    config.limits.package_check_ms = 60_000;
    change(&mut config.limits);
    Host::with(config)
}

/// A request for `demo` of this server.
pub fn from(server: &Server) -> AppletRequest {
    AppletRequest::remote("demo", server.url())
}

/// Starts `demo`, gives what it reports and closes it.
pub fn run(host: &Host, request: AppletRequest) -> String {
    let applet = host.client.start_applet_and_wait(request).unwrap();
    let said = host.reported();
    applet.close();
    host.closed("demo");
    said["v"].as_str().unwrap().to_owned()
}

/// What the client keeps.
pub fn cached(host: &Host) -> Vec<CachedPackage> {
    let (sender, list) = channel();
    host.client.cached_packages(move |found| drop(sender.send(found))).unwrap();
    next(&list)
}

/// The next news of a package that is no progress.
pub fn news(host: &Host) -> PackageNews {
    host.event(|event| match event {
        LifeCycleEvent::Package { news: PackageNews::Progress { .. }, .. } => None,
        LifeCycleEvent::Package { news, .. } => Some(news.clone()),
        _ => None,
    })
}

/// The version that was kept, and why.
pub fn kept(host: &Host) -> (String, ErrorCode) {
    match news(host) {
        PackageNews::Kept { version, error } => (version, error.code()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn f_h13_a_package_comes_from_a_static_server_and_is_kept() {
    let (server, data) = (Server::new(), Folder::new());
    let mut entry = server.offers("1.0.0");
    entry.domains = json!({"request": ["https://api.example"]}).as_object().cloned();
    server.offers_entry(&entry);
    let host = keeping(&data);
    let applet = host.client.start_applet_and_wait(from(&server)).unwrap();
    assert_eq!(host.reported(), json!({"v": "1.0.0"}));
    assert_eq!(applet.package().unwrap().domains, entry.domains);
    assert_eq!(host.client.running_applets()[0].package_version.as_deref(), Some("1.0.0"));
    assert_eq!(applet.info().api_server.as_deref(), Some(server.url().as_str()));
    assert_eq!(server.asked(), ["demo/index.json", "demo/demo-1.0.0.zip"]);
    applet.close();
    host.closed("demo");
    assert_eq!(run(&host, from(&server)), "1.0.0");
    assert_eq!(server.asked(), ["demo/index.json"], "the zip is not asked for again");
    let list = cached(&host);
    assert_eq!((list[0].app_id.as_str(), list[0].version.as_str()), ("demo", "1.0.0"));
    assert_eq!(list[0].api_server, format!("{}/", server.url()));
    assert!(list[0].bytes >= entry.package.bytes);
}

#[test]
fn h_b21_the_index_of_a_package_says_where_it_may_connect_to() {
    let (server, data) = (Server::new(), Folder::new());
    let script = "wx.request({url: 'https://elsewhere.example/', fail: ({errMsg}) => ft.report({v: errMsg})})";
    let mut entry = server.offers_script("demo", "1.0.0", script);
    entry.domains = json!({"request": ["https://api.example"]}).as_object().cloned();
    server.offers_entry(&entry);
    assert_eq!(run(&keeping(&data), from(&server)), "request:fail url not in domain list");
}

#[test]
fn f_m17_a_mini_program_hears_the_version_of_its_package() {
    let (server, data) = (Server::new(), Folder::new());
    server.offers_script("demo", "2.7.1", "ft.report({v: wx.getAccountInfoSync().miniProgram.version})");
    assert_eq!(run(&keeping(&data), from(&server)), "2.7.1");
}

#[test]
fn f_h13_the_server_may_come_from_the_configuration() {
    let (server, data) = (Server::new(), Folder::new());
    server.offers("1.0.0");
    let store = |server: &str| format!(r#"[{{"sdkKey": "k", "sdkSecret": "s", "apiServer": "{server}"}}]"#);
    let (url, dir) = (server.url(), data.path().display());
    for config in [
        format!(
            r#"{{"apiServer": "{url}", "dataDir": "{dir}", "finStoreConfigs": {}}}"#,
            store("https://other.example")
        ),
        format!(r#"{{"dataDir": "{dir}", "finStoreConfigs": {}}}"#, store(&url)),
    ] {
        let host = Host::with(Config::from_json(&config).unwrap());
        let request = AppletRequest { app_id: "demo".to_owned(), ..AppletRequest::default() };
        let applet = host.client.start_applet_and_wait(request).unwrap();
        assert_eq!(host.reported(), json!({"v": "1.0.0"}));
        assert_eq!(applet.info().api_server.as_deref(), Some(url.as_str()));
    }
}

#[test]
fn f_h13_a_newer_version_is_taken_before_the_start_and_the_old_one_goes() {
    let (server, data) = (Server::new(), Folder::new());
    let host = keeping(&data);
    server.offers("1.9.0");
    assert_eq!(run(&host, from(&server)), "1.9.0");
    let entry = server.offers("1.10.0");
    assert_eq!(run(&host, from(&server)), "1.10.0");
    let list = cached(&host);
    assert_eq!((list.len(), list[0].version.as_str()), (1, "1.10.0"));
    assert!(list[0].bytes < entry.package.bytes + 2_000, "only one zip is left");
}

#[test]
fn f_h13_with_after_the_cached_version_starts_at_once_and_the_next_start_has_the_newer() {
    let (server, data) = (Server::new(), Folder::new());
    let host = keeping(&data);
    server.offers("1");
    assert_eq!(run(&host, from(&server)), "1");
    server.offers("2");
    let (gate, open) = Gate::new();
    server.answers("demo/demo-2.zip", Answer::Gated(package("ft.report({v: '2'})"), gate));
    let after = || AppletRequest { update_strategy: UpdateStrategy::After, ..from(&server) };
    assert_eq!(run(&host, after()), "1");
    assert_eq!(run(&host, after()), "1", "while the newer one is still on its way");
    drop(open);
    assert_eq!(news(&host), PackageNews::Updated { version: "2".to_owned() });
    assert_eq!(run(&host, after()), "2");
}

#[test]
fn f_h13_without_the_server_the_cached_version_starts_and_the_host_is_told() {
    let (server, data) = (Server::new(), Folder::new());
    server.offers("1.0.0");
    assert_eq!(run(&keeping(&data), from(&server)), "1.0.0");
    for status in [500, 503, 403] {
        server.answers("demo/index.json", Answer::Status(status));
        let host = keeping(&data);
        assert_eq!(run(&host, from(&server)), "1.0.0");
        let warned = host.log.lines().iter().any(|line| line.contains("used as cached: E_NETWORK"));
        assert!(warned, "{status}");
    }
    server.answers("demo/index.json", Answer::Status(404));
    let host = keeping(&data);
    let applet = host.client.start_applet_and_wait(from(&server)).unwrap();
    assert_eq!(kept(&host), ("1.0.0".to_owned(), ErrorCode::AppletNotFound));
    applet.close();
    host.closed("demo");
    let request = from(&server);
    drop(server);
    host.client.start_applet_and_wait(request).unwrap();
    assert_eq!(kept(&host), ("1.0.0".to_owned(), ErrorCode::Network));
}

#[test]
fn f_h13_a_server_that_is_too_slow_is_not_waited_for_and_brings_its_version_later() {
    let (server, data) = (Server::new(), Folder::new());
    server.offers("1");
    assert_eq!(run(&keeping(&data), from(&server)), "1");
    let index = server.offers("2");
    let (gate, open) = Gate::new();
    server.answers("demo/index.json", Answer::Gated(serde_json::to_vec(&index).unwrap(), gate));
    let host = keeping_with(&data, |limits| limits.package_check_ms = 100);
    host.client.start_applet_and_wait(from(&server)).unwrap();
    assert_eq!(host.reported(), json!({"v": "1"}));
    assert_eq!(kept(&host), ("1".to_owned(), ErrorCode::Timeout));
    drop(open);
    assert_eq!(news(&host), PackageNews::Updated { version: "2".to_owned() });
}

#[test]
fn f_h13_starting_returns_at_once_shares_one_download_and_closing_ends_it() {
    let (server, data) = (Server::new(), Folder::new());
    server.offers("1");
    let (gate, open) = Gate::new();
    server.answers("demo/demo-1.zip", Answer::Gated(package("ft.report({v: '1'})"), gate));
    let host = keeping(&data);
    let (sender, started) = channel();
    for _ in 0..2 {
        let sender = sender.clone();
        host.client.start_applet(from(&server), move |outcome| drop(sender.send(outcome.map(drop))));
    }
    until("the zip is asked for", || server.asked().contains(&"demo/demo-1.zip".to_owned()));
    assert_eq!(host.client.applet("demo").unwrap().state(), AppletState::Starting);
    assert!(started.try_recv().is_err());
    host.client.close_applet("demo").unwrap();
    for _ in 0..2 {
        assert_eq!(next(&started).unwrap_err().code(), ErrorCode::Closed);
    }
    assert_eq!(host.closed("demo"), CloseReason::Host);
    assert!(server.asked().is_empty());
    drop(open);
    until("nothing is left of it", || cached(&host).is_empty() && parts(&data) == 0);
    server.answers("demo/demo-1.zip", Answer::File(package("ft.report({v: '1'})")));
    assert_eq!(run(&host, from(&server)), "1");
}

/// Text that hardly packs.
fn noise(bytes: usize) -> String {
    let mut last = 1_u64;
    let mut letter = || {
        last = last.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        char::from(b'a' + (last >> 60) as u8)
    };
    (0..bytes).map(|_| letter()).collect()
}

/// How many unfinished files there are.
fn parts(data: &Folder) -> usize {
    let below = |folder: std::path::PathBuf| {
        std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()).collect::<Vec<_>>()
    };
    let places = below(data.path().join("packages")).into_iter().flat_map(below);
    places.flat_map(below).filter(|file| file.to_string_lossy().ends_with(".part")).count()
}

#[test]
fn f_h13_a_download_tells_how_far_it_is() {
    let (server, data) = (Server::new(), Folder::new());
    // More than fits into a few reads, however much is there when one begins.
    let filler = noise(5_000_000);
    let entry = server.offers_script("demo", "1", &format!("ft.report({{}}); '{filler}'"));
    let host = keeping(&data);
    host.client.start_applet_and_wait(from(&server)).unwrap();
    let parts = std::cell::RefCell::new(Vec::new());
    host.event(|event| match event {
        LifeCycleEvent::Package { news: PackageNews::Progress { received, total }, .. } => {
            assert_eq!(*total, entry.package.bytes);
            parts.borrow_mut().push(*received);
            None
        }
        LifeCycleEvent::Opened { .. } => Some(()),
        _ => None,
    });
    let parts = parts.into_inner();
    assert!(parts.len() > 2 && parts.len() <= 20 && parts.is_sorted(), "{parts:?}");
    assert_eq!(parts.last(), Some(&entry.package.bytes));
}

#[test]
fn f_h13_what_was_used_the_longest_ago_gives_way_and_what_runs_never() {
    let (server, data) = (Server::new(), Folder::new());
    let filler = noise(20_000);
    for app_id in ["b", "c", "d"] {
        server.offers_script(app_id, "1", &format!("'{filler}'"));
    }
    let one = server.offers_script("a", "1", &format!("'{filler}'")).package.bytes as usize;
    // Room for three, with what is written beside each.
    let host = keeping_with(&data, |limits| limits.package_cache_bytes = 3 * (one + 600));
    let start = |app_id: &str| host.client.start_applet_and_wait(AppletRequest::remote(app_id, server.url())).unwrap();
    let ids = || cached(&host).into_iter().map(|package| package.app_id).collect::<Vec<_>>();
    let runs = start("a");
    for app_id in ["b", "c", "b"] {
        start(app_id).close();
        host.closed(app_id);
    }
    assert_eq!(ids(), ["a", "b", "c"]);
    start("d");
    assert_eq!(ids(), ["a", "b", "d"], "c was used before b, and a runs");
    runs.close();
    host.closed("a");
}

#[test]
fn f_h13_the_cache_is_cleared_for_one_or_for_all_that_do_not_run() {
    let (server, data) = (Server::new(), Folder::new());
    let host = keeping(&data);
    for app_id in ["a", "b", "c"] {
        server.offers_script(app_id, "1", "");
        host.client.start_applet_and_wait(AppletRequest::remote(app_id, server.url())).unwrap();
    }
    let ids = || cached(&host).into_iter().map(|package| package.app_id).collect::<Vec<_>>();
    assert_eq!(ids(), ["a", "b", "c"]);
    assert_eq!(host.client.clear_package_cache(Some("a")).unwrap_err().code(), ErrorCode::Busy);
    assert_eq!(host.client.clear_package_cache(Some("../a")).unwrap_err().code(), ErrorCode::Parameter);
    for app_id in ["a", "b"] {
        host.client.close_applet(app_id).unwrap();
        host.closed(app_id);
    }
    host.client.clear_package_cache(Some("a")).unwrap();
    until("a is gone", || ids() == ["b", "c"]);
    host.client.clear_package_cache(None).unwrap();
    until("b is gone", || ids() == ["c"]);
}
