//! Attack A33: who may call what. The tables below say what is expected of each API, scope and caller; they know nothing of
//! how it is decided.
#![expect(clippy::unwrap_used, reason = "what a test needs and does not get fails the test")]

mod support;

use finapp_core::ErrorCode;
use finapp_core::Limits;
use finapp_core::bridge::{ApiOptions, Handler};
use finapp_core::ids::AppletId;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::sync::Arc;
use support::Host;
use support::plugins::{open, tell};

/// Runs a text in the mini-program, in the plugin `hello` and in the plugin `other`.
const EVERYBODY: &str = "const everybody = [
    text => eval(`(function () { ${text} })`)(), requirePlugin('hello').run, requirePlugin('other').run];";

const OK: Option<ErrorCode> = None;
const DENIED: Option<ErrorCode> = Some(ErrorCode::Denied);
const NOT_FOUND: Option<ErrorCode> = Some(ErrorCode::NotFound);

fn ids(list: &[&str]) -> Option<HashSet<AppletId>> {
    Some(list.iter().map(|id| AppletId::parse(id).unwrap()).collect())
}

fn register(host: &Host, name: &str, options: ApiOptions) {
    host.client.register(name, Handler::Host(Arc::new(tell)), options).unwrap();
}

/// How each API is registered, by its name, and what it answers to the mini-program, `hello` and `other`.
type Row = (&'static str, [Option<ErrorCode>; 3]);

const REGISTRATIONS: [Row; 8] = [
    ("forAll", [OK, OK, OK]),
    ("forThisApplet", [OK, OK, OK]),
    ("ofAnotherApplet", [NOT_FOUND, NOT_FOUND, NOT_FOUND]),
    ("onlyAnotherApplet", [DENIED, DENIED, DENIED]),
    ("onlyHello", [OK, OK, DENIED]),
    ("noPlugin", [OK, DENIED, DENIED]),
    ("nobody", [NOT_FOUND, NOT_FOUND, NOT_FOUND]),
    // A built-in is no name for those that call by name, and needs none to be declared.
    ("getStorageInfo", [NOT_FOUND, NOT_FOUND, NOT_FOUND]),
];

#[test]
fn h_a33_each_registration_answers_those_it_is_for_and_nobody_else() {
    let host = Host::new();
    register(&host, "forAll", ApiOptions::default());
    register(&host, "onlyAnotherApplet", ApiOptions { applets: ids(&["elsewhere"]), ..ApiOptions::default() });
    register(&host, "onlyHello", ApiOptions { plugins: ids(&["wxhello"]), ..ApiOptions::default() });
    register(&host, "noPlugin", ApiOptions { plugins: ids(&[]), ..ApiOptions::default() });
    let elsewhere = host.open("elsewhere", "");
    elsewhere.register("ofAnotherApplet", Handler::Host(Arc::new(tell)), ApiOptions::default()).unwrap();
    let names: Vec<&str> = REGISTRATIONS.iter().map(|(name, _)| *name).collect();
    let script = format!(
        "{EVERYBODY} ft.onCustomEvent(async () => {{
           const end = call => call.then(({{who}}) => who, ({{errCode, errMsg}}) => [errCode, errMsg.split(':')[0]]);
           const seen = [];
           for (const name of {names}) for (const run of everybody) {{
             run(`ft.loadExtApi({{name: '${{name}}', scope: 'self'}})`);
             seen.push([
               name === 'getStorageInfo' ? null : await end(run(`return ft['${{name}}']()`)),
               await end(run(`return wx.invokeNativePlugin({{api_name: '${{name}}', data: {{}}}})`)),
             ]);
           }}
           ft.report({{seen}})
         }})",
        names = json!(names)
    );
    let applet = open(&host, &[("app.js", &script)]).unwrap();
    applet.register("forThisApplet", Handler::Host(Arc::new(tell)), ApiOptions::default()).unwrap();
    host.send("demo", json!({}));
    let seen = host.reported()["seen"].clone();
    let mut at = 0;
    for (name, ends) in REGISTRATIONS {
        for (end, caller) in ends.into_iter().zip(["mini-program", "wxhello", "wxother"]) {
            let expected = |spoken: &str| match end {
                None => json!(caller),
                Some(code) => json!([code.number(), spoken]),
            };
            let declared = if name == "getStorageInfo" { Value::Null } else { expected(name) };
            assert_eq!(seen[at], json!([declared, expected("invokeNativePlugin")]), "{name} called by {caller}");
            at += 1;
        }
    }
}

/// Who declares what, and who has it then: the mini-program, `hello`, `other`.
const DECLARATIONS: [(usize, &str, [bool; 3]); 16] = [
    (0, "{}", [true, false, false]),
    (0, "{pluginId: 'wxhello'}", [true, true, false]),
    (0, "{pluginId: ['wxhello']}", [true, true, false]),
    (0, "{pluginId: ['wxother', 'wxhello', 'wxother']}", [true, true, true]),
    (0, "{pluginId: []}", [true, false, false]),
    // Plugins go by their ids, not by what the mini-program calls them.
    (0, "{pluginId: ['hello', 'wxnobody', '__proto__', 5, null, {}]}", [true, false, false]),
    (0, "{pluginId: 5}", [true, false, false]),
    (0, "{scope: 'all'}", [true, false, false]),
    (1, "{}", [true, true, false]),
    (1, "{scope: 'default'}", [true, true, false]),
    (1, "{scope: 'self'}", [false, true, false]),
    (1, "{scope: 'all'}", [true, true, true]),
    (1, "{scope: 'everything'}", [false, false, false]),
    (1, "{scope: ['all']}", [false, false, false]),
    (1, "{pluginId: 'wxother'}", [true, true, false]),
    (2, "{scope: 'all', pluginId: 'wxhello'}", [true, true, true]),
];

#[test]
fn h_a33_each_declaration_is_seen_by_those_it_names_and_calls_in_their_names() {
    for (by, entry, seen) in DECLARATIONS {
        let host = Host::new();
        host.client.register_custom_api("ask", tell).unwrap();
        let script = format!(
            "{EVERYBODY} everybody[{by}](`ft.loadExtApi({{name: 'ask', ...{entry}}})`);
             Promise.all(everybody.map(run => run('return ft.ask ? ft.ask() : {{}}')))
               .then(all => ft.report({{all: all.map(({{who}}) => who ?? null),
                 wx: everybody.map(run => run('return wx.ask === ft.ask'))}}))"
        );
        open(&host, &[("app.js", &script)]).unwrap();
        let names = ["mini-program", "wxhello", "wxother"];
        let all: Vec<Value> =
            seen.iter().zip(names).map(|(sees, name)| if *sees { name.into() } else { Value::Null }).collect();
        assert_eq!(host.reported(), json!({"all": all, "wx": [true, true, true]}), "{by} {entry}");
    }
}

/// What is declared, by whom and how; and for whom the host answers it then.
const OVERWRITES: [(&str, usize, &str, [bool; 3]); 9] = [
    ("getLocation", 0, "{overwrite: true}", [true, false, false]),
    ("getLocation", 0, "{overwrite: true, pluginId: 'wxother'}", [true, false, true]),
    ("getLocation", 0, "{pluginId: 'wxother'}", [false, false, false]),
    ("getLocation", 1, "{overwrite: true}", [false, true, false]),
    ("getLocation", 1, "{overwrite: true, scope: 'all'}", [false, true, false]),
    ("getLocation", 1, "{overwrite: true, scope: 'self'}", [false, true, false]),
    ("getLocation", 1, "{scope: 'all'}", [false, false, false]),
    // Not registered by the host, so there is nothing to put in its place.
    ("getSystemInfo", 0, "{overwrite: true, pluginId: 'wxhello'}", [false, false, false]),
    ("getSystemInfo", 1, "{overwrite: true, scope: 'all'}", [false, false, false]),
];

#[test]
fn h_a33_overwrite_replaces_what_the_host_registered_and_nobody_elses() {
    for (name, by, entry, replaced) in OVERWRITES {
        let host = Host::new();
        host.client.register_custom_api("getLocation", tell).unwrap();
        let script = format!(
            "{EVERYBODY} everybody[{by}](`ft.loadExtApi({{name: '{name}', ...{entry}}})`);
             Promise.all(everybody.map(run => run('return ft.{name}()').catch(() => ({{}}))))
               .then(all => ft.report({{all: all.map(({{custom}}) => custom === true)}}))"
        );
        open(&host, &[("app.js", &script)]).unwrap();
        assert_eq!(host.reported()["all"], json!(replaced), "{name} {by} {entry}");
    }
}

#[test]
fn h_a33_the_bridges_own_functions_are_nobodys_to_replace() {
    let host = Host::new();
    for name in ["loadExtApi", "invokeNativePlugin", "onCustomEvent"] {
        host.client.register_custom_api(name, tell).unwrap();
    }
    let script = format!(
        "{EVERYBODY} const names = ['loadExtApi', 'invokeNativePlugin', 'onCustomEvent'];
         const all = () => everybody.flatMap(run => names.map(name => run(`return [ft.${{name}}, wx.${{name}}]`))).flat();
         const before = all();
         for (const run of everybody) for (const scope of ['all', 'default', 'self'])
           run(`ft.loadExtApi({names}.map(name => ({{name, scope: '${{scope}}', overwrite: true, pluginId: ['wxhello', 'wxother']}})))`);
         const after = all();
         ft.report({{same: before.every((one, at) => one === after[at]), many: before.length}})",
        names = "['loadExtApi', 'invokeNativePlugin', 'onCustomEvent']"
    );
    open(&host, &[("app.js", &script)]).unwrap();
    assert_eq!(host.reported(), json!({"same": true, "many": 18}));
}

#[test]
fn h_a33_what_a_plugin_declares_for_others_never_takes_a_place_of_theirs() {
    let host = Host::new();
    host.client.register_custom_api("ask", tell).unwrap();
    let script = format!(
        "{EVERYBODY} const [own, hello, other] = everybody;
         const strict = scope => `ft.loadExtApi({{name: 'ask', overwrite: true, scope: '${{scope}}', params: {{a: 1}}}})`;
         const end = run => run('return ft.ask({{a: \\'text\\'}})').then(({{who}}) => who, ({{errCode}}) => errCode);
         (async () => {{
           ft.loadExtApi({{name: 'ask', pluginId: 'wxother'}});
           hello(strict('all'));
           const first = await Promise.all(everybody.map(end));
           ft.report({{first}});
         }})()"
    );
    open(&host, &[("app.js", &script)]).unwrap();
    let parameter = ErrorCode::Parameter.number();
    assert_eq!(host.reported()["first"], json!(["mini-program", parameter, "wxother"]));

    // The other way round: what it put there first gives way to the mini-program's own.
    let host = Host::new();
    host.client.register_custom_api("ask", tell).unwrap();
    let script = format!(
        "{EVERYBODY} const [own, hello] = everybody;
         const end = run => run('return ft.ask({{a: \\'text\\'}})').then(({{who}}) => who, ({{errCode}}) => errCode);
         (async () => {{
           hello(`ft.loadExtApi({{name: 'ask', params: {{a: 1}}}})`);
           const before = [await end(own), await end(hello)];
           ft.loadExtApi({{name: 'ask'}});
           ft.report({{before, after: [await end(own), await end(hello)]}});
         }})()"
    );
    open(&host, &[("app.js", &script)]).unwrap();
    assert_eq!(host.reported(), json!({"before": [parameter, parameter], "after": ["mini-program", parameter]}));
}

#[test]
fn h_a33_declarations_of_all_scopes_together_are_bounded() {
    let host = Host::with_limits(|limits| limits.declared_apis = 10);
    host.client.register_custom_api("ask", tell).unwrap();
    let script = format!(
        "{EVERYBODY} for (const run of everybody)
           run(`for (let at = 0; at < 20; at++) ft.loadExtApi({{name: 'api' + at, scope: 'all'}})`);
         ft.report({{seen: everybody.map(run => run(`return Object.keys(ft).filter(name => /^api/.test(name)).length`))}})"
    );
    open(&host, &[("app.js", &script)]).unwrap();
    let seen: usize =
        host.reported()["seen"].as_array().unwrap().iter().map(|many| many.as_u64().unwrap() as usize).sum();
    assert_eq!(seen, 7, "the same api counts for each that has it; three have report");
    assert!(Limits::default().declared_apis > 10);
}

#[test]
fn h_a33_a_polluted_language_changes_nobodys_name() {
    let host = Host::new();
    host.client.register_custom_api("ask", tell).unwrap();
    let pollute = "
        const taken = [];
        const take = (object, name) => {
          const real = object[name];
          object[name] = function (...given) { for (const one of given) taken[taken.length] = one; return Reflect_apply(real, this, given) };
        };
        const Reflect_apply = Reflect.apply;
        for (const [object, name] of [[Array.prototype, 'push'], [Object, 'defineProperty'], [Object, 'keys'],
          [Reflect, 'apply'], [Function.prototype, 'call'], [Function.prototype, 'apply'], [Object, 'create'],
          [String.prototype, 'slice']]) take(object, name);
        Object.defineProperty(Object.prototype, 'plugin', { configurable: true, get() { return 'wxother' }, set() {} });
        Object.defineProperty(Object.prototype, 'number', { configurable: true, get() { return 2 }, set() {} });";
    let script = format!(
        "{pollute} ft.loadExtApi({{name: 'ask', pluginId: 'wxhello'}});
         const hello = requirePlugin('hello');
         (async () => {{
           const who = [(await ft.ask()).who, (await hello.ask()).who];
           ft.report({{who, taken: taken.some(one => one === hello.ft())}});
         }})()"
    );
    let plugin = "exports.ask = () => ft.ask(); exports.ft = () => ft; ft.loadExtApi({name: 'ask', scope: 'all'})";
    open(&host, &[("app.js", &script), ("__plugin__/wxhello/index.js", plugin)]).unwrap();
    assert_eq!(host.reported(), json!({"who": ["mini-program", "wxhello"], "taken": false}));
}
