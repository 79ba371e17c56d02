//! Mini-programs that reach where they should not: back into the bridge while it calls them, and behind their globals
//! for what is hidden there.
#![expect(clippy::unwrap_used, reason = "what a test needs and does not get fails the test")]
#![expect(clippy::disallowed_methods, reason = "the list of visible names is a file of the tests")]

mod support;

use finapp_core::bridge::{Handler, HostCall, Payload};
use finapp_core::{CloseReason, ErrorCode};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use support::attack::{Witness, armed};
use support::{Folder, Host, PATIENCE, next, payload, sync};

/// Every way in which the engine calls the script, with `$` where the script goes; each is driven by one event.
const INSIDE: [&str; 13] = [
    "$",
    "ft.answers({success() { $ }})",
    "ft.answers({complete() { $ }})",
    "ft.answers().then(() => { $ })",
    "ft.refuses({fail() { $ }})",
    "ft.refuses({complete() { $ }})",
    "ft.refuses().catch(() => { $ })",
    "ft.progresses({progress() { $ }, complete() {}})",
    "ft.inlineAnswers({success() { $ }})",
    "wx.invokeNativePlugin({api_name: 'nobody', fail() { $ }})",
    "setTimeout(() => { $ })",
    "ft.onError(() => { $ }); throw new Error('to the error hook')",
    "ft.onUnhandledRejection(() => { $ }); Promise.reject(1)",
];

const DECLARED: &str = "ft.loadExtApi(['answers', 'refuses', 'progresses'].map(name => ({name})));
    ft.loadExtApi(['syncHost', 'syncInline', 'tell'].map(name => ({name, sync: true})));
    ft.loadExtApi([{name: 'inlineAnswers'}, {name: 'leave', sync: true}, {name: 'leaveLater'}, {name: 'registers'}]);";

/// Walks all that can be reached from the globals, `ft` and what else is given, and names each property by the first
/// path that leads to its owner. Getters are looked at and not run.
const WALK: &str = r"
    const walk = (more = []) => {
      const own = Reflect.ownKeys, describe = Reflect.getOwnPropertyDescriptor, up = Reflect.getPrototypeOf;
      const seen = new Set(), names = [], queue = [];
      const visit = (path, value) => {
        if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) return;
        seen.add(value);
        queue.push([path, value]);
      };
      visit('globalThis', globalThis);
      for (const [name, value] of more) { names.push(name); visit(name, value) }
      for (let at = 0; at < queue.length; at++) {
        const [path, owner] = queue[at];
        const keys = own(owner).map(key => [typeof key === 'symbol' ? `[${String(key)}]` : `.${key}`, key]);
        for (const [name, key] of keys.sort(([a], [b]) => a < b ? -1 : 1)) {
          const {value, get, set} = describe(owner, key);
          // Each function has these two, and they are only text and a number.
          if (typeof owner === 'function' && (name === '.name' || name === '.length') && typeof value !== 'function') continue;
          names.push(path + name);
          visit(path + name, value); visit(`${path}${name}(get)`, get); visit(`${path}${name}(set)`, set);
        }
        visit(`${path}(up)`, up(owner));
      }
      return {names: names.sort(), objects: [...seen]};
    };";

/// A host with one API of each kind.
fn reentered() -> (Host, Receiver<Value>) {
    let host = Host::new();
    let told = host.tells("tell");
    host.answers("answers", json!({"kind": "answers"}));
    host.client
        .register_custom_api("refuses", |call: HostCall| {
            call.reply.fail(Payload::none());
        })
        .unwrap();
    host.client
        .register_custom_api("progresses", |call: HostCall| {
            call.reply.progress(payload(json!({"at": 1})));
            call.reply.success(Payload::none());
        })
        .unwrap();
    let answer = |call: HostCall| {
        call.reply.success_text(r#"{"kind":"syncHost"}"#.to_owned());
    };
    host.client.register("syncHost", Handler::Host(Arc::new(answer)), sync()).unwrap();
    for name in ["syncInline", "inlineAnswers"] {
        host.client.register_sync_api(name, move |_, (): ()| Ok(json!({ "kind": name }))).unwrap();
    }
    (host, told)
}

#[test]
fn h_a18_every_api_can_be_called_from_inside_every_callback() {
    let (host, told) = reentered();
    let script = "const kinds = [ft.syncHost().kind, ft.syncInline().kind];
        ft.offCustomEvent(() => {}); ft.onCustomEvent(() => {}); clearTimeout(setTimeout(() => {}, 1e6));
        ft.loadExtApi({name: 'declaredInside' + ft.declared++}); require('./app'); console.log(getApp());
        ft.answers({success({kind}) {
          kinds.push(kind, ft.syncHost().kind);
          ft.inlineAnswers().then(({kind}) => { ft.tell({kinds: [...kinds, kind]}) });
        }})";
    for inside in INSIDE {
        let app = armed(&host, "attacker", &format!("{DECLARED} ft.declared = 0;"), &inside.replace('$', script));
        host.send("attacker", json!({}));
        let kinds = ["syncHost", "syncInline", "answers", "syncHost", "inlineAnswers"];
        assert_eq!(next(&told), json!({ "kinds": kinds }), "{inside}");
        assert_eq!(host.client.counters("attacker").unwrap().panics, 0, "{inside}");
        app.close();
        app.wait_until_closed(PATIENCE).unwrap();
    }
}

#[test]
fn h_a18_an_applet_may_be_closed_from_inside_every_callback() {
    let (host, told) = reentered();
    let client = host.client.clone();
    let close = move |_: HostCall| drop(client.close_applet("attacker"));
    host.client.register("leave", Handler::Host(Arc::new(close.clone())), sync()).unwrap();
    host.client.register_custom_api("leaveLater", close).unwrap();
    let witness = Witness::new(&host);
    for leave in [
        "ft.leave(); ft.tell({after: 'leave'})",
        "ft.leaveLater(); for (;;) ;",
        "ft.leaveLater(); ft.syncHost(); for (;;) ;",
    ] {
        for inside in INSIDE {
            let app = armed(&host, "attacker", DECLARED, &inside.replace('$', leave));
            host.send("attacker", json!({}));
            app.wait_until_closed(PATIENCE).unwrap();
            assert!(matches!(host.closed("attacker"), CloseReason::Host), "{inside} with {leave}");
            assert_eq!(host.client.quarantined_threads(), 0);
        }
    }
    assert!(told.try_recv().is_err(), "nothing runs after the close");
    witness.is_served();
}

#[test]
fn h_a18_no_api_runs_while_the_arguments_of_another_call_are_read() {
    let (host, told) = reentered();
    let script = "const ends = [];
        const call = () => { ends.push(ft.syncHost().errCode, ft.syncInline().errCode); ft.answers().catch(e => ends.push(e.errCode)) };
        const tell = () => ft.tell({ends});
        ft.answers({get inner() { call(); return 1 }, toJSON: 1, success: tell})";
    armed(&host, "attacker", DECLARED, script);
    host.send("attacker", json!({}));
    let busy = ErrorCode::Busy.number();
    assert_eq!(next(&told), json!({"ends": [busy, busy, busy]}));
}

#[test]
fn h_a18_a_handler_may_register_while_a_callback_calls_it() {
    let (host, told) = reentered();
    let client = host.client.clone();
    host.client
        .register_custom_api("registers", move |call: HostCall| {
            for at in 0..1_000 {
                let body = json!({ "at": at }).to_string();
                let answer = move |call: HostCall| {
                    call.reply.success_text(body.clone());
                };
                client.register_custom_api(&format!("made{at}"), answer).unwrap();
            }
            client.unregister_custom_api("registers").unwrap();
            call.reply.success(Payload::none());
        })
        .unwrap();
    let script = "ft.registers({success() {
          ft.loadExtApi({name: 'made999'});
          ft.made999({success({at}) { ft.registers({fail({errCode}) { ft.tell({at, errCode}) }}) }})
        }})";
    armed(&host, "attacker", DECLARED, &INSIDE[1].replace('$', script));
    host.send("attacker", json!({}));
    assert_eq!(next(&told), json!({"at": 999, "errCode": ErrorCode::NotFound.number()}));
}

/// A host whose applets may run for a minute, keep what they come across, and call everything in one turn: walking
/// through it may take long on a busy machine, and there is more of it with each API.
fn patient() -> Host {
    Host::with_limits(|limits| {
        limits.turn_foreground_ms = 60_000;
        limits.memory *= 4;
        limits.calls_in_flight = 4_096;
        limits.calls_in_flight_total = 4_096;
    })
}

/// What an applet does to itself, with `ft` kept in `own` beforehand.
const VANDALISM: [&str; 9] = [
    "delete globalThis.ft; delete globalThis.wx; delete globalThis.global",
    "ft = wx = console = setTimeout = Object = Promise = Reflect = JSON = Function = null",
    "for (const name of Reflect.ownKeys(globalThis)) { try { delete globalThis[name] } catch {} }",
    "for (const name of Object.keys(own)) { delete ft[name]; Object.defineProperty(wx, name, {get() { throw 1 }}) }",
    "for (const object of everything()) Object.freeze(object)",
    "for (const object of everything()) { try { Object.setPrototypeOf(object, null) } catch {} }",
    "for (const object of everything()) { if (object !== globalThis) for (const key of Reflect.ownKeys(object)) { try {
       Object.defineProperty(object, key, {get() { throw 1 }, set() { throw 2 }}) } catch {} } }",
    "for (const key of ['name', 'success', 'errMsg', 'errCode', 'data', 'then', 'toJSON', 'get', 'set', 'length', '0', 'value'])
       Object.defineProperty(Object.prototype, key, {get() { throw 1 }, set() { throw 2 }, configurable: true})",
    "Function.prototype.call = Function.prototype.apply = Reflect.apply = Array.prototype[Symbol.iterator] =
       Promise.prototype.then = JSON.parse = Object.defineProperty = () => { throw 3 }",
];

#[test]
fn h_a30_an_applet_that_wrecks_its_own_globals_harms_only_itself() {
    let host = patient();
    let told = host.tells("tell");
    host.answers("answers", json!({"kind": "answers"}));
    let witness = Witness::new(&host);
    for vandalism in VANDALISM {
        let before = format!(
            "ft.loadExtApi([{{name: 'answers'}}, {{name: 'tell', sync: true}}]);
             const own = {{...ft}}, later = setTimeout; {WALK}
             const everything = () => walk().objects;"
        );
        // Inherited setters and getters that throw would end a listener before it asks; own names are what it uses.
        let call = "own.answers({__proto__: null, success: result => own.tell({__proto__: null, kind: result.kind})})";
        let app = armed(&host, "attacker", &before, &format!("{vandalism}; later(() => {{ {call} }})"));
        host.send("attacker", json!({}));
        let kind = told.recv_timeout(PATIENCE).map(|said| said["kind"].clone());
        assert_eq!(kind, Ok(json!("answers")), "{vandalism}");
        witness.is_served();
        assert_eq!(host.client.counters("attacker").unwrap().panics, 0, "{vandalism}");
        app.close();
        app.wait_until_closed(PATIENCE).unwrap();
        assert!(matches!(host.closed("attacker"), CloseReason::Host), "{vandalism}");
    }
    // The next run of the same applet finds everything as it should be.
    host.open("attacker", "ft.report({ft: typeof ft.onCustomEvent, name: ({}).name === undefined})");
    assert_eq!(host.reported(), json!({"ft": "function", "name": true}));
}

#[test]
fn h_a30_nothing_hands_out_the_channel_behind_the_globals() {
    let host = patient();
    let seen = host.run(&format!(
        r"{WALK}
        ft.loadExtApi([{{name: 'answers'}}, {{name: 'here', sync: true, params: {{deep: {{name: ''}}}}}}]);
        const caught = [globalThis], texts = [''], undo = [() => {{}}];
        // Once each: there are many calls, and most of what they give is text.
        const met = new Set();
        const keep = value => {{
          const held = (typeof value === 'object' && value !== null) || typeof value === 'function';
          if (held && !met.has(value)) {{ met.add(value); caught[caught.length] = value }}
          return value;
        }};
        const attempt = run => {{ try {{ keep(run()) }} catch (error) {{ keep(error) }} }};
        // While the bridge's own functions are on the stack: what is `this`, who called, what does a trace hold?
        const toText = member => `${{member}}`;
        const spy = function () {{
          keep(this); attempt(() => spy.caller); attempt(() => spy.arguments);
          Error.prepareStackTrace = (error, sites) => {{
            for (const site of sites) {{
              keep(site);
              for (const name of Reflect.ownKeys(Object.getPrototypeOf(site))) attempt(() => site[name]());
            }}
            return sites;
          }};
          attempt(() => new Error('trace').stack);
          Error.prepareStackTrace = undefined;
          texts[texts.length] = String(new Error('trace').stack);
          return undefined;
        }};
        const trap = () => ({{get name() {{ spy.call(this) }}, get success() {{ spy.call(this) }}, get api_name() {{ spy.call(this) }},
          get data() {{ spy.call(this) }}, toJSON: spy, get deep() {{ spy.call(this) }}}});
        const proxied = () => new Proxy(trap(), new Proxy({{}}, {{get: (_, name) => (...given) => {{
          given.forEach(keep); spy(); return Reflect[name](...given) }}}}));
        // What the bridge calls or assigns through the prototypes would pass by here.
        for (const [object, names] of [[Function.prototype, ['call', 'apply', 'bind']], [Array.prototype, ['push', Symbol.iterator, 'map']],
            [Promise.prototype, ['then', 'catch']], [String.prototype, ['slice']], [Object.prototype, ['toString', 'hasOwnProperty']]]) {{
          for (const name of names) {{
            const original = object[name];
            undo[undo.length] = () => {{ object[name] = original }};
            const reflect = Reflect.apply;
            object[name] = function (...given) {{
              keep(this);
              for (let at = 0; at < given.length; at++) keep(given[at]);
              return reflect(original, this, given);
            }};
          }}
        }}
        for (const name of ['slot', 'call', 'invoke', 'functions', 'errMsg', 'then', '0', 'value']) {{
          undo[undo.length] = () => delete Object.prototype[name];
          Object.defineProperty(Object.prototype, name, {{configurable: true, get() {{ keep(this); return undefined }},
            set(value) {{ keep(this); keep(value) }}}});
        }}
        for (const bad of [trap, proxied]) {{
          for (const name of Object.keys(ft)) {{
            const member = ft[name];
            // The last of these ends the applet, and with it the test.
            if (['report', 'testPanic', 'exitMiniProgram'].includes(name) || typeof member !== 'function') continue;
            attempt(() => member(bad())); attempt(() => member([bad()])); attempt(() => Reflect.construct(member, [bad()]));
            attempt(() => Reflect.apply(member, bad(), [bad(), bad()])); attempt(() => member.caller); attempt(() => member.arguments);
            texts[texts.length] = toText(member);
          }}
        }}
        for (let at = undo.length - 1; at >= 0; at--) undo[at]();
        const hidden = walk([['caught', caught]]).objects.filter(object =>
          ['invokeNamed', 'invokeNamedSync', 'hasCustom', 'registered', 'functions'].some(name => Object.getOwnPropertyDescriptor(object, name)));
        const told = texts.filter(text => /native\.|invokeNamed|hasCustom|reserved/.test(text));
        ft.report({{caught: caught.length > 100, hidden: hidden.length, told}})"
    ));
    assert_eq!(seen, json!({"caught": true, "hidden": 0, "told": []}));
}

/// A new name is a new thing that foreign code can reach: it needs a look, and a line in the list. Running this test
/// with `UPDATE_VISIBLE_NAMES=1` in the environment writes the list anew.
#[test]
fn h_a31_what_can_be_reached_is_exactly_the_list() {
    let host = patient();
    let folder = Folder::new();
    folder.file(
        "app.js",
        &format!(
            "{WALK}
             const {{names}} = walk([
               ['module', module], ['require', require], ['exports', exports], ['arguments', (function () {{ return arguments }})()],
               ['strictArguments', (function () {{ 'use strict'; return arguments }})()],
               ['generator', function* () {{}}], ['async', async () => {{}}], ['asyncGenerator', async function* () {{}}],
               ['arrayIterator', [][Symbol.iterator]()], ['mapIterator', new Map().entries()], ['setIterator', new Set().values()],
               ['stringIterator', ''[Symbol.iterator]()], ['matches', 'a'.matchAll(/a/g)], ['helper', [].values().map(x => x)],
               ['wrapped', Iterator.from({{next() {{}}}})], ['error', new Error('x')], ['regexp', /x/], ['match', /x/.exec('x')],
               ['promise', ft.invokeNativePlugin({{}})], ['failure', ft.invokeNativePlugin({{sync: true}})],
               ['site', (() => {{ Error.prepareStackTrace = (_, sites) => sites[0]; try {{ return new Error('x').stack }}
                 finally {{ Error.prepareStackTrace = undefined }} }})()]]);
             ft.loadExtApi({{name: 'report'}});
             ft.report({{text: names.join('\\n') + '\\n'}})"
        ),
    );
    host.open_folder("demo", folder).unwrap();
    let reported = host.reported();
    // Only a build for tests has this one.
    let seen: Vec<&str> =
        reported["text"].as_str().unwrap().lines().filter(|line| !line.contains("testPanic")).collect();
    let list = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/visible_names.txt");
    if std::env::var_os("UPDATE_VISIBLE_NAMES").is_some() {
        std::fs::write(list, seen.join("\n") + "\n").unwrap();
    }
    let known = std::fs::read_to_string(list).unwrap();
    let known: Vec<&str> = known.lines().collect();
    let new: Vec<_> = seen.iter().filter(|name| !known.contains(name)).collect();
    let gone: Vec<_> = known.iter().filter(|name| !seen.contains(name)).collect();
    assert!(new.is_empty() && gone.is_empty(), "new: {new:#?}\ngone: {gone:#?}");
}
