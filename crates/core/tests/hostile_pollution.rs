//! Mini-programs that replace or booby-trap what the bridge could rely on, and answers whose names are special: calls
//! stay what they are, and no foreign code runs.

mod support;

use finapp_core::bridge::{CallInfo, HostCall};
use serde_json::{Value, json};
use support::attack::{Witness, armed};
use support::{Host, next, payload};

#[test]
fn h_a13_what_a_host_answers_arrives_unit_by_unit() {
    let host = Host::new();
    host.client
        .register_custom_api("host", |call: HostCall| {
            call.reply.success_text(
                r#"{"lone":"a\ud800","nul":"\u0000x","big":9007199254740993,"minus":-0,"\udc00":1}"#.to_owned(),
            );
        })
        .unwrap();
    host.client
        .register_sync_api("inline", |_, (): ()| Ok(json!({"nul": "\0x", "big": 9_007_199_254_740_993_i64})))
        .unwrap();
    let got = host.run(
        "ft.loadExtApi([{name: 'host'}, {name: 'inline', sync: true}]);
         const units = text => Array.from(text, (_, at) => text.charCodeAt(at)), inline = ft.inline();
         ft.host().then(end => ft.report({got: [units(end.lone), units(end.nul), end.big, Object.is(end.minus, -0), end['\\udc00'],
           units(inline.nul), inline.big]}))",
    );
    assert_eq!(
        got["got"],
        json!([[97, 0xd800], [0, 120], 9_007_199_254_740_992_i64, true, 1, [0, 120], 9_007_199_254_740_992_i64])
    );
}

/// Takes away what others rely on, and notes who still asks for it.
const POLLUTION: &str = "
    let hostile = '';
    const note = text => { hostile += text + ';' };
    const define = Object.defineProperty, apply = Reflect.apply, then = Promise.prototype.then;
    const trap = (on, name) => define(on, name,
      {__proto__: null, configurable: true, get() { note('get ' + name) }, set() { note('set ' + name) }});
    for (const name of ['then', 'errMsg', 'errCode', 'value', 'writable', 'id', 'api', 'own']) trap(Object.prototype, name);
    for (const name of ['0', '1', '2']) trap(Array.prototype, name);
    const broken = function () { note('built-in'); throw 1 };
    const taken = [[Promise, ['resolve', 'reject']], [Promise.prototype, ['then', 'catch', 'constructor']],
      [JSON, ['parse', 'stringify']], [Object, ['defineProperty', 'keys', 'create']], [Reflect, ['apply', 'get']],
      [Array, ['isArray', 'from']], [Array.prototype, ['push', 'map', Symbol.iterator]], [String.prototype, ['slice']],
      [Map.prototype, ['get', 'set']], [Function.prototype, ['call', 'apply', 'bind', Symbol.hasInstance]],
      [Object.prototype, ['get', 'set', 'name', 'toString', 'hasOwnProperty', 'valueOf']],
      [globalThis, ['JSON', 'Promise', 'Map', 'Set', 'Object', 'Array', 'Reflect', 'Error', 'String', 'Function', 'DataView']]];
    for (let at = 0; at < taken.length; at++) {
      const on = taken[at][0], names = taken[at][1];
      for (let at = 0; at < names.length; at++) {
        try { define(on, names[at], {__proto__: null, configurable: true, writable: true, value: broken}) } catch {}
      }
    }";

#[test]
fn h_a14_calls_after_any_pollution_carry_the_right_name_and_applet_and_run_no_foreign_code() {
    let host = Host::new();
    let witness = Witness::new(&host);
    let calls = host.hands_over("host");
    let inline = |info: &CallInfo, value: Value| Ok(json!({"own": [info.api.as_str(), value]}));
    host.client.register_sync_api("inline", inline).unwrap();
    let _applet = armed(
        &host,
        "attacker",
        &format!("ft.loadExtApi([{{name: 'host', params: {{given: 1}}}}, {{name: 'inline', sync: true}}]); {POLLUTION}"),
        "ft.loadExtApi({name: 'late'});
         const inline = ft.inline({given: event.given, list: [1, [2]]});
         const last = end => ft.report({end, inline, late: typeof ft.late, hostile});
         ft.host({given: event.given, list: [7, 8], success(end) { apply(then, ft.host({given: end.given, view: new Uint8Array(2)}), [last]) }})",
    );
    host.send("attacker", json!({"given": 5}));
    let first = next(&calls);
    assert_eq!(first.params.text(), r#"{"given":5,"list":[7,8]}"#);
    first.reply.success(payload(json!({"given": 6, "list": [1, 2]})));
    let second = next(&calls);
    assert_eq!(second.params.text(), r#"{"given":6,"view":null}"#);
    for call in [&first, &second] {
        assert_eq!((call.info.api.as_str(), call.info.caller.applet().to_string()), ("host", "attacker".to_owned()));
    }
    second.reply.success(payload(json!({"then": 1, "list": [{"own": 2}]})));
    let own = json!(["inline", {"given": 5, "list": [1, [2]]}]);
    let end = json!({"then": 1, "list": [{"own": 2}], "errMsg": "host:ok"});
    let seen = json!({"end": end, "inline": {"own": own, "errMsg": "inline:ok"}, "late": "function", "hostile": ""});
    assert_eq!(host.reported_by(), ("attacker".to_owned(), seen));
    witness.is_served();
}

#[test]
fn h_a14_built_ins_that_are_called_for_the_first_time_after_any_pollution_do_what_they_do() {
    let host = Host::new();
    let _applet = armed(
        &host,
        "attacker",
        &format!("const ask = ft.getFileSystemManager, path = wx.env.USER_DATA_PATH + '/file'; {POLLUTION}"),
        "ft.setStorageSync('key', {given: event.given});
         const fs = ask(), bytes = new Uint8Array(4);
         fs.writeFileSync(path, 'text');
         const file = fs.openSync({filePath: path}), read = fs.readSync({fd: file, arrayBuffer: bytes.buffer, offset: 1, length: 2});
         ft.reportEvent('event', {given: event.given});
         const task = ft.request({url: 1, fail({errMsg: text}) { ft.report({
           stored: ft.getStorageSync('key'), file: fs.statSync(path).isFile(), all: fs.readFileSync(path, 'utf8'), read: read.bytesRead,
           bytes: [bytes[0], bytes[1], bytes[2]], task: typeof task.abort, text, hostile}) }});",
    );
    host.send("attacker", json!({"given": 5}));
    let text = "request:fail parameter error: parameter.url should be String instead of Number;";
    let seen = json!({
        "stored": {"given": 5}, "file": true, "all": "text", "read": 2, "bytes": [0, 116, 101], "task": "function", "text": text,
        "hostile": "",
    });
    assert_eq!(host.reported_by(), ("attacker".to_owned(), seen));
}

#[test]
fn h_a14_an_answer_triggers_no_then_and_inherited_callbacks_are_the_callers_own_harm() {
    let host = Host::new();
    host.echoes("host");
    let got = host.run(
        "ft.loadExtApi({name: 'host'});
         const seen = [];
         Object.defineProperty(Object.prototype, 'then', {configurable: true, get() { seen.push('then') }});
         const promise = ft.host({n: 1});
         Promise.prototype.then.call(promise, end => {
           seen.push(end.n, Object.keys(end));
           Object.prototype.success = end => { seen.push(end.errMsg); delete Object.prototype.success; ft.report({seen}) };
           ft.host({n: 2});
         })",
    );
    assert_eq!(got["seen"], json!([1, ["n", "errMsg"], "host:ok"]));
    host.client.close_applet("demo").unwrap();
    host.closed("demo");
    // By the rules of JSON an inherited toJSON speaks for every object; the call is still that call.
    let calls = host.hands_over("watched");
    host.open(
        "demo",
        "ft.loadExtApi({name: 'watched'}); Object.prototype.toJSON = () => ({api: 'other'}); ft.watched({n: 1})",
    );
    let call = next(&calls);
    assert_eq!((call.info.api.as_str(), call.params.text()), ("watched", r#"{"api":"other"}"#));
}

#[test]
fn h_a15_special_names_in_an_answer_arrive_as_own_data() {
    let host = Host::new();
    let text =
        r#"{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"hasOwnProperty":2,"toString":3}"#;
    host.client
        .register_custom_api("host", move |call: HostCall| {
            call.reply.progress(payload(serde_json::from_str(text).unwrap()));
            call.reply.success_text(text.to_owned());
        })
        .unwrap();
    let value: Value = serde_json::from_str(text).unwrap();
    host.client.register_sync_api("inline", move |_, (): ()| Ok(value.clone())).unwrap();
    let got = host.run(
        "ft.loadExtApi([{name: 'host'}, {name: 'inline', sync: true}]);
         const own = (object, name) => Object.getOwnPropertyDescriptor(object, name)?.value;
         const look = object => [own(object, '__proto__'), own(object, 'constructor'), own(object, 'hasOwnProperty'), own(object, 'toString'),
           Object.getPrototypeOf(object) === Object.prototype, ({}).polluted ?? 'clean', typeof ({}).hasOwnProperty];
         const seen = [look(ft.inline())];
         ft.host({progress: state => seen.push(look(state))}).then(end => ft.report({seen: [...seen, look(end)]}))",
    );
    let one = json!([{"polluted": 1}, {"prototype": {"polluted": 1}}, 2, 3, true, "clean", "function"]);
    assert_eq!(got["seen"], json!([one, one, one]));
}
