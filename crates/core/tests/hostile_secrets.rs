//! Mini-programs that look for what belongs to the host: keys of the configuration, paths, the environment, traces of
//! the library's own code.

mod support;

use finapp_core::{Config, LifeCycleEvent};
use serde_json::Value;
use support::{Folder, Host};

/// Calls everything there is, right and wrong, and keeps every text that comes back: answers, errors, stacks, and what
/// the globals hold.
const SEARCH: &str = "
  const texts = [];
  const say = value => {
    if (typeof value === 'string') return texts.push(value);
    if (value instanceof Error) { texts.push(String(value.message), String(value.stack)) }
    try { texts.push(JSON.stringify(value) || '') } catch {}
  };
  const attempt = run => { try { const made = run(); say(made); if (made && made.then) made.then(say, say) } catch (error) { say(error) } };
  ft.onError(say); ft.onUnhandledRejection(({reason}) => say(reason));
  const bad = [undefined, null, {}, [], 5, '../../etc/passwd', {url: 'file:///etc/passwd'}, {filePath: '/etc/passwd', path: '../x', src: '/proc/self/environ'},
    {key: '../b', data: 1}, {appId: '../b'}, {api_name: 'nobody'}, {get key() { throw new Error('mine') }}];
  for (const name of Object.keys(ft)) {
    if (['report', 'testPanic', 'exitMiniProgram'].includes(name) || typeof ft[name] !== 'function') { say(ft[name]); continue }
    for (const given of bad) attempt(() => ft[name](given));
    for (const given of bad) attempt(() => ft[name](given, given));
  }
  for (const wanted of ['./missing', '../../app', '/etc/passwd', 'file:///etc/passwd', './broken', './throws', './broken.json', 'fs', 'process']) attempt(() => require(wanted));
  attempt(() => eval('(')); attempt(() => new Function('}')); attempt(() => null.x); attempt(() => import('./missing'));
  const deep = () => deep(); attempt(deep);
  for (const name of Reflect.ownKeys(globalThis)) attempt(() => { const value = globalThis[name]; if (typeof value !== 'function') say(value) });
  for (const name of ['process', 'Deno', 'os', 'std', 'env', '__dirname', '__filename', 'module', 'require', '__wxConfig']) attempt(() => eval(name));
  ft.onCustomEvent(() => ft.report({texts: texts.length, module: texts.some(text => text.includes('/etc/passwd')), found: SECRETS.filter(secret => texts.some(text => text.includes(secret))), sample: texts.filter(text => SECRETS.some(secret => text.includes(secret))).slice(0, 3)}));
";

#[test]
fn h_a36_nothing_of_the_host_is_visible_in_answers_errors_and_stacks() {
    let data = Folder::new();
    let package = Folder::new();
    let config = Config::from_json(
        r#"{"phone": "13800138000", "currentUserId": "user-of-the-host", "channel": "channel-of-the-host",
            "finStoreConfigs": [{"sdkKey": "key-of-the-host", "sdkSecret": "secret-of-the-host",
                                 "apiServer": "https://server-of-the-host.example"}]}"#,
    )
    .unwrap();
    let host = Host::with(Config { data_dir: Some(data.path().to_owned()), ..config });
    host.client.register_custom_api("throws", |_call| {}).unwrap();
    let home = std::env::var("HOME").unwrap_or_else(|_| "no home".to_owned());
    let here = std::env::current_dir().unwrap();
    let mut secrets = vec![
        "13800138000".to_owned(),
        "user-of-the-host".to_owned(),
        "channel-of-the-host".to_owned(),
        "key-of-the-host".to_owned(),
        "secret-of-the-host".to_owned(),
        "server-of-the-host".to_owned(),
        data.path().to_string_lossy().into_owned(),
        package.path().to_string_lossy().into_owned(),
        here.to_string_lossy().into_owned(),
        // Traces of our own code, and of the crates below it.
        ".rs:".to_owned(),
        "rquickjs".to_owned(),
        "/rustc/".to_owned(),
        "panicked".to_owned(),
        "prelude.js".to_owned(),
        "os error".to_owned(),
        "root:x:".to_owned(),
    ];
    // A home that is the root folder would be found in every path.
    if home.len() > 1 {
        secrets.push(format!("{home}/"));
    }
    package.file("broken.js", "const a = (").file("throws.js", "throw new Error('thrown')").file("broken.json", "{");
    package.file(
        "app.js",
        &format!(
            "ft.loadExtApi([{{name: 'report'}}, {{name: 'throws'}}]); const SECRETS = {}; {SEARCH}",
            serde_json::to_string(&secrets).unwrap()
        ),
    );
    host.open_folder("demo", package).unwrap();
    host.send("demo", serde_json::json!({}));
    let found = host.reported();
    assert!(found["texts"].as_u64().unwrap() > 500, "the search saw something: {}", found["texts"]);
    assert_eq!(found["module"], true, "and would have found a path that it asked for itself");
    assert_eq!(found["found"], Value::Array(Vec::new()), "{}", found["sample"]);
}

#[test]
fn h_a36_what_the_host_hears_of_a_broken_package_names_files_in_it_and_no_folder() {
    let host = Host::new();
    let package = Folder::new();
    let folder = package.path().to_string_lossy().into_owned();
    package.file("app.js", "require('./missing')");
    let refused = host.open_folder("demo", package).unwrap_err();
    assert!(refused.message().contains("app.js") && !refused.message().contains(&folder), "{refused}");
    host.event(|event| match event {
        LifeCycleEvent::Closed { reason, .. } => {
            let text = reason.error().unwrap().to_string();
            assert!(!text.contains(&folder), "{text}");
            Some(())
        }
        _ => None,
    });
}
