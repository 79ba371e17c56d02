//! Plugins of a mini-program: what `requirePlugin` gives, what a plugin's files find, and in whose name they call.
#![expect(clippy::unwrap_used, reason = "what a test needs and does not get fails the test")]

mod support;

use finapp_core::{ErrorCode, LifeCycleEvent};
use serde_json::{Value, json};
use support::Host;
use support::attack::script_error;
use support::plugins::{open, tell};

/// The first thing that the mini-program with these files reports.
fn run(files: &[(&str, &str)]) -> Value {
    let host = Host::new();
    host.client.register_custom_api("ask", tell).unwrap();
    open(&host, files).unwrap();
    host.reported()
}

#[test]
fn f_m11_a_plugin_calls_with_an_ft_of_its_own() {
    let reported = run(&[
        (
            "app.js",
            "ft.loadExtApi([{name: 'ask', pluginId: 'wxhello'}]);
             const hello = requirePlugin('hello');
             (async () => ft.report({
               own: (await ft.ask()).who, plugin: (await hello.ask()).who, named: (await hello.named()).who,
               same: hello.ft === ft || hello.wx === wx, global: hello.reached === hello.ft, app: hello.app,
             }))()",
        ),
        (
            "__plugin__/wxhello/index.js",
            "exports.ask = () => ft.ask(); exports.named = () => wx.invokeNativePlugin({api_name: 'ask'});
             exports.ft = ft; exports.wx = wx; exports.app = [typeof App, typeof getApp, typeof requirePlugin];
             exports.reached = globalThis.ft",
        ),
    ]);
    let none = "undefined";
    let expected = json!({
        "own": "mini-program", "plugin": "wxhello", "named": "wxhello", "same": false, "global": true,
        "app": [none, none, none],
    });
    assert_eq!(reported, expected);
}

#[test]
fn f_m02_the_file_of_declarations_names_plugins_too() {
    let reported = run(&[
        ("FinClipConf.js", "exports.extApi = [{name: 'ask', pluginId: ['wxother']}]"),
        (
            "app.js",
            "const [hello, other] = [requirePlugin('hello'), requirePlugin('other')];
             other.run('return ft.ask()').then(({who}) => ft.report({who, hello: hello.run('return typeof ft.ask')}))",
        ),
    ]);
    assert_eq!(reported, json!({"who": "wxother", "hello": "undefined"}));
}

#[test]
fn f_m11_a_plugin_has_the_members_that_its_mini_program_has_but_one() {
    let reported = run(&[(
        "app.js",
        "const own = requirePlugin('hello').run('return [Object.keys(ft), Object.keys(wx)].map(String)');
         const members = Object.keys(ft).filter(name => name !== 'canIUse').sort().join();
         ft.report({own: own.map(text => text.split(',').sort().join() === members), many: Object.keys(ft).length > 100})",
    )]);
    assert_eq!(reported, json!({"own": [true, true], "many": true}));
}

#[test]
fn f_m11_a_plugin_of_es_modules_has_its_own_ft_too() {
    let reported = run(&[
        (
            "app.js",
            "const {ask, twice, ft: own} = requirePlugin('hello');
             ask().then(answer => ft.report({who: answer.who, twice, same: own === ft}))",
        ),
        (
            "__plugin__/wxhello/index.js",
            "import { twice } from './lib/twice'; ft.loadExtApi({name: 'ask', scope: 'self'});
             export { ft, twice }; export const ask = () => ft.ask()",
        ),
        ("__plugin__/wxhello/lib/twice.js", "export const twice = typeof requireMiniProgram"),
    ]);
    assert_eq!(reported, json!({"who": "wxhello", "twice": "function", "same": false}));
}

#[test]
fn f_m11_the_exports_of_main_are_given_at_once_or_later() {
    let reported = run(&[
        (
            "app.js",
            "const order = [];
             requirePlugin('hello', hello => order.push(['called', hello === requirePlugin('hello')]));
             requirePlugin.async('hello').then(hello => order.push(['promised', hello.name]));
             requirePlugin.async('none').catch(({mod, errMsg}) => {
               order.push([mod, errMsg]);
               ft.report({order, empty: requirePlugin('other')});
             });
             order.push('first')",
        ),
        ("__plugin__/wxhello/index.js", "exports.name = 'hello'"),
        ("__plugin__/wxother/plugin.json", "{}"),
    ]);
    let order = json!([
        "first",
        ["called", true],
        ["promised", "hello"],
        ["none", "plugin \"none\" is not declared in app.json"]
    ]);
    assert_eq!(reported, json!({"order": order, "empty": {}}));
}

#[test]
fn f_m11_a_plugin_without_an_alias_is_an_error_that_names_it() {
    let said = "const said = id => { try { requirePlugin(id) } catch (error) { return error.message } };";
    let reported =
        run(&[("app.js", &format!("{said} ft.report({{said: [said('nobody'), said('wxhello'), said()]}})"))]);
    let text = |id: &str| format!("plugin \"{id}\" is not declared in app.json");
    assert_eq!(reported["said"], json!([text("nobody"), text("wxhello"), text("")]));
}

#[test]
fn h_a27_the_modules_of_a_plugin_and_of_its_mini_program_are_apart() {
    let attempts = "const attempt = (path) => {
        try { return require(path) } catch (error) { return error.message.split(',')[0] } };";
    let reported = run(&[
        (
            "app.js",
            &format!(
                "{attempts} const {{seen}} = requirePlugin('hello');
                 import('./__plugin__/wxhello/index.js').catch(error => ft.report({{seen, imported: error.message,
                   own: ['./__plugin__/wxhello/index', '/__plugin__/wxhello/index.js', '__plugin__/wxhello/index', '~/x']
                     .map(attempt)}}))"
            ),
        ),
        ("secret.js", "module.exports = 'of the mini-program'"),
        (
            "app.json",
            r#"{"plugins": {"hello": {"provider": "wxhello"}}, "resolveAlias": {"~/*": "/__plugin__/wxhello/*"}}"#,
        ),
        (
            "__plugin__/wxhello/index.js",
            &format!(
                "{attempts} exports.seen = ['./own', '/own', 'own', '../../secret', '../wxother/index', '/secret', '~/own']
                   .map(attempt)"
            ),
        ),
        ("__plugin__/wxhello/own.js", "module.exports = 'of the plugin'"),
        ("__plugin__/wxhello/x.js", ""),
    ]);
    let gone = |path: &str| format!("module '{path}' is not defined");
    let (own, here) = ("of the plugin", "__plugin__/wxhello");
    let seen = json!([
        own,
        own,
        own,
        gone("../../secret.js"),
        gone("../wxother/index.js"),
        gone(&format!("{here}/secret.js")),
        gone(&format!("{here}/~/own.js"))
    ]);
    assert_eq!(reported["seen"], seen);
    let index = gone(&format!("{here}/index.js"));
    assert_eq!(reported["own"], json!([index, index, index, gone("~/x.js")]));
    assert!(reported["imported"].as_str().unwrap().starts_with(&index), "{reported}");
}

#[test]
fn f_m11_a_plugin_gets_what_its_mini_program_exports_for_it() {
    let reported = run(&[
        (
            "app.js",
            "const hello = requirePlugin('hello'); const other = requirePlugin('other');
             ft.report({hello: hello.given(), other: typeof other.given(), own: typeof requireMiniProgram,
               global: typeof globalThis.requireMiniProgram})",
        ),
        ("exported.js", "module.exports = {price: 3, seen: Object.keys(requirePlugin('hello'))}"),
        ("__plugin__/wxhello/index.js", "exports.early = 1; exports.given = () => requireMiniProgram()"),
        ("__plugin__/wxother/index.js", "exports.given = () => requireMiniProgram()"),
    ]);
    let hello = json!({"price": 3, "seen": ["early", "given"]});
    assert_eq!(reported, json!({"hello": hello, "other": "undefined", "own": "undefined", "global": "undefined"}));
}

#[test]
fn f_m11_a_circle_through_the_mini_program_sees_what_is_there_so_far() {
    let reported = run(&[
        ("app.js", "ft.report(requirePlugin('hello'))"),
        ("exported.js", "module.exports = {seen: Object.keys(requirePlugin('hello'))}"),
        ("__plugin__/wxhello/index.js", "exports.early = 1; exports.host = requireMiniProgram(); exports.late = 2"),
    ]);
    assert_eq!(reported, json!({"early": 1, "host": {"seen": ["early"]}, "late": 2}));
}

#[test]
fn f_m18_a_plugin_cannot_ask_what_it_can_use_and_has_a_storage_of_its_own() {
    let reported = run(&[(
        "app.js",
        "const hello = requirePlugin('hello'); const other = requirePlugin('other');
         wx.setStorageSync('key', 'of the mini-program');
         hello.run(`wx.setStorageSync('key', 'of hello')`);
         ft.report({
           canIUse: hello.run('return typeof wx.canIUse'),
           seen: [wx.getStorageSync('key'), hello.run(`return ft.getStorageSync('key')`), other.run(`return wx.getStorageSync('key')`)],
           cleared: [other.run('wx.clearStorageSync()'), wx.getStorageInfoSync().keys, hello.run('return wx.getStorageInfoSync().keys')],
           files: (() => { try { hello.run(`wx.getFileSystemManager().readdirSync('wxfile://usr')`) } catch (error) { return error.errCode } })(),
         })",
    )]);
    assert_eq!(reported["canIUse"], "undefined");
    assert_eq!(reported["seen"], json!(["of the mini-program", "of hello", ""]));
    assert_eq!(reported["cleared"], json!([null, ["key"], ["key"]]));
    assert_eq!(reported["files"], ErrorCode::Unsupported.number());
}

#[test]
fn f_m11_a_bad_plugin_json_is_named_with_its_place() {
    let host = Host::new();
    let missing = ("app.json", r#"{"plugins": {"gone": {"provider": "wxgone"}}}"#);
    let error = open(&host, &[missing, ("app.js", "requirePlugin('gone')")]).map(drop).unwrap_err();
    assert_eq!(error.code(), ErrorCode::BadPackage);
    assert!(error.message().contains("plugin \"gone\": __plugin__/wxgone/plugin.json not found"), "{error}");
    let broken = ("__plugin__/wxhello/plugin.json", "{\n  \"main\": 5\n}");
    let error = open(&host, &[broken, ("app.js", "requirePlugin('hello')")]).map(drop).unwrap_err();
    assert!(
        error.message().contains("__plugin__/wxhello/plugin.json: main: expected a string, got a number"),
        "{error}"
    );
    let absent = ("__plugin__/wxhello/plugin.json", r#"{"main": "none.js"}"#);
    let error = open(&host, &[absent, ("app.js", "requirePlugin('hello')")]).map(drop).unwrap_err();
    assert!(error.message().contains("__plugin__/wxhello/none.js"), "{error}");
    let wrong = ("app.json", r#"{"plugins": {"hello": {"provider": "../../etc"}}}"#);
    let error = open(&host, &[wrong, ("app.js", "")]).map(drop).unwrap_err();
    assert_eq!(error.code(), ErrorCode::BadPackage);
    assert!(error.message().starts_with("app.json: plugins.hello.provider: "), "{error}");
}

#[test]
fn f_m11_an_error_in_a_plugin_names_file_and_line_for_hooks_and_host() {
    let host = Host::new();
    let broken = ("__plugin__/wxhello/index.js", "exports.a = 1\nconst = 2");
    let error = open(&host, &[("app.js", "requirePlugin('hello')"), broken]).map(drop).unwrap_err();
    assert!(error.message().contains("__plugin__/wxhello/index.js:2"), "{error}");

    let host = Host::new();
    let later = "App({onError(text) { ft.report({text}) }}); requirePlugin('hello', () => {})";
    open(&host, &[("app.js", later), broken]).unwrap();
    let text = host.reported()["text"].as_str().unwrap().to_owned();
    assert!(text.contains("SyntaxError") && text.contains("__plugin__/wxhello/index.js:2"), "{text}");
    assert_eq!(script_error(&host), text);

    let host = Host::new();
    let throws =
        ("__plugin__/wxhello/index.js", "exports.go = () => {\n  setTimeout(() => { throw new Error('late') }) }");
    open(&host, &[("app.js", "requirePlugin('hello').go()"), throws]).unwrap();
    let text = host.event(|event| match event {
        LifeCycleEvent::Error { error, .. } => Some(error.message().to_owned()),
        _ => None,
    });
    assert!(text.contains("late") && text.contains("__plugin__/wxhello/index.js:2"), "{text}");
}

#[test]
fn f_m11_plugins_of_a_subpackage_are_there_as_well() {
    let app_json =
        r#"{"subPackages": [{"root": "shop", "plugins": {"hello": {"provider": "wxhello", "export": "api"}}}]}"#;
    let reported = run(&[
        ("app.json", app_json),
        ("app.js", "require('./shop/start')"),
        (
            "shop/start.js",
            "ft.report({said: requirePlugin('hello').run('return 1'), host: requirePlugin('hello').host()})",
        ),
        ("shop/api.js", "module.exports = 'the shop'"),
        ("__plugin__/wxhello/index.js", "exports.run = () => 1; exports.host = () => requireMiniProgram()"),
    ]);
    assert_eq!(reported, json!({"said": 1, "host": "the shop"}));
}
