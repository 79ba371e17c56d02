//! The storage family as a mini-program calls it: what comes back, the texts of failures, order, and what is kept.
#![allow(clippy::unwrap_used, reason = "what a test needs and does not get fails the test")]

mod support;

use finapp_core::{Config, ErrorCode, Limits};
use serde_json::json;
use support::{Folder, Host, PATIENCE};

fn kept(folder: &Folder) -> Config {
    Config { data_dir: Some(folder.path().to_owned()), ..Config::default() }
}

#[test]
fn f_m13_every_value_comes_back_as_the_type_it_was() {
    let script = "
        const date = new Date(1700000000000);
        const values = [
            'text', '', '{\"json\":\"text\"}', '\\u{1f600}\\n\\0', '\\ud800', 0, -1.5, 1e300, NaN, -Infinity, true, false,
            null, undefined, date, new Date(NaN), [1, [2, 'x'], {}], {a: {b: null}, at: date}, {'__proto__': 1}
        ];
        const own = JSON.parse('{\"__proto__\": {\"polluted\": 1}, \"constructor\": 2}');
        const same = (a, b) => a instanceof Date ? b instanceof Date && Object.is(+a, +b)
            : typeof a === 'object' && a !== null ? JSON.stringify(a) === JSON.stringify(b) : Object.is(a, b);
        const wrong = [];
        values.push(own);
        for (let at = 0; at < values.length; at++) {
            wx.setStorageSync('key', values[at]);
            if (!same(values[at], wx.getStorageSync('key'))) wrong.push(['sync', at]);
        }
        const bytes = new Uint8Array([1, 2, 255]);
        wx.setStorageSync('binary', {list: [bytes]});
        const binary = wx.getStorageSync('binary').list[0];
        (async () => {
            for (let at = 0; at < values.length; at++) {
                await ft.setStorage({key: 'key', data: values[at]});
                const result = await ft.getStorage({key: 'key'});
                if (!same(values[at], result.data)) wrong.push(['async', at]);
                const names = Object.keys(result).sort().join();
                if (names !== 'data,errMsg' || result.errMsg !== 'getStorage:ok') wrong.push(result);
            }
            ft.report({wrong, binary: binary instanceof Uint8Array && String(binary), polluted: ({}).polluted});
        })()";
    assert_eq!(Host::new().run(script), json!({"wrong": [], "binary": "1,2,255"}));
}

#[test]
fn f_m13_the_synchronous_forms_return_their_values_and_throw_their_failures() {
    let script = "
        const tried = (run) => { try { return [run()] } catch (e) { return [e instanceof Error, e.errMsg, e.message === e.errMsg, e.errCode] } };
        ft.report({said: [
            tried(() => wx.getStorageSync('missing')),
            [wx.setStorageSync('a', 1) === undefined, wx.removeStorageSync('a') === undefined, wx.clearStorageSync() === undefined],
            tried(() => { wx.batchSetStorageSync([{key: 'a', value: 1}, {key: 'b', value: new Date(5)}]) }).length,
            wx.batchGetStorageSync(['b', 'missing', 'a']).map(v => v instanceof Date ? +v : v),
            Object.entries(wx.getStorageInfoSync()),
            tried(() => wx.getStorageSync()),
            tried(() => wx.setStorageSync(1, 1)),
            tried(() => wx.setStorageSync('', 1)),
            tried(() => wx.setStorageSync('k', () => 1)),
            tried(() => wx.setStorageSync('k', 1n)),
            tried(() => wx.setStorageSync('k'.repeat(257), 1)),
            tried(() => wx.setStorageSync('k', 'x'.repeat(1024 * 1024 + 1))),
            tried(() => wx.batchSetStorageSync({})),
            tried(() => wx.batchSetStorageSync([{key: 'c', value: 1}, {key: 2, value: 1}])),
            wx.getStorageSync('c'),
        ]})";
    let parameter = ErrorCode::Parameter.number();
    let refused = |text: &str, code: i32| json!([true, text, true, code]);
    assert_eq!(
        Host::new().run(script)["said"],
        json!([
            [""],
            [true, true, true],
            1,
            [5, "", 1],
            [["keys", ["a", "b"]], ["currentSize", 1], ["limitSize", 10240]],
            refused("getStorageSync:fail parameter error: parameter should be String instead of Undefined;", parameter),
            refused("setStorageSync:fail parameter error: parameter should be String instead of Number;", parameter),
            refused("setStorageSync:fail parameter error: parameter.key should not be empty;", parameter),
            refused("setStorageSync:fail parameter error: a Function cannot be stored;", parameter),
            refused("setStorageSync:fail parameter error: a BigInt cannot be stored;", parameter),
            refused(
                "setStorageSync:fail parameter error: parameter.key should not be longer than 256 bytes;",
                parameter
            ),
            refused("setStorageSync:fail exceed max size", ErrorCode::StorageFull.number()),
            refused(
                "batchSetStorageSync:fail parameter error: parameter should be Array instead of Object;",
                parameter
            ),
            refused(
                "batchSetStorageSync:fail parameter error: parameter[1].key should be String instead of Number;",
                parameter
            ),
            "",
        ])
    );
}

#[test]
fn f_m13_the_asynchronous_forms_call_back_or_promise_with_the_texts_of_wechat() {
    let script = "
        const said = [];
        const log = (name) => (result) => { said.push([name, result.errMsg, result.data, result.errCode]) };
        const back = wx.setStorage({key: 'a', data: {n: 1}, success: log('success'), fail: log('fail'), complete: log('complete')});
        said.push(['returned', String(back)]);
        wx.getStorage({key: 'a', success: log('success'), complete: log('complete')});
        wx.getStorage({key: 'missing', fail: log('fail'), complete: log('complete')});
        wx.getStorage({key: 7, fail: log('fail')});
        wx.setStorage({key: 'a', data: 1, encrypt: true, fail: log('fail')});
        wx.batchSetStorage({kvList: [{key: 'x', value: 1}, {key: 'y', value: undefined}], success: log('success')});
        wx.batchGetStorage({keyList: ['x', 'y', 'z']}).then(r => said.push([r.errMsg, r.dataList.map(String)]));
        wx.getStorageInfo().then(r => said.push([r.errMsg, r.keys, r.currentSize, r.limitSize]));
        wx.removeStorage({key: 'a'}).then(r => said.push([r]));
        wx.getStorage({key: 'a'}).catch(r => said.push(['caught', r.errMsg]));
        wx.clearStorage().then(r => said.push([r]));
        wx.getStorageInfo({success: r => { said.push([r.keys]); ft.report({said}) }})";
    let parameter = ErrorCode::Parameter.number();
    let mut said = Host::new().run(script)["said"].take();
    // What is refused before it reaches the store is told before what waits for it.
    let refused = "getStorage:fail parameter error: parameter.key should be String instead of Number;";
    let list = said.as_array_mut().unwrap();
    let early = list.iter().position(|entry| entry[1] == refused).unwrap();
    assert_eq!(list.remove(early), json!(["fail", refused, null, parameter]));
    assert_eq!(
        said,
        json!([
            ["returned", "undefined"],
            ["success", "setStorage:ok", null, null],
            ["complete", "setStorage:ok", null, null],
            ["success", "getStorage:ok", {"n": 1}, null],
            ["complete", "getStorage:ok", {"n": 1}, null],
            ["fail", "getStorage:fail data not found", null, ErrorCode::NotFound.number()],
            ["complete", "getStorage:fail data not found", null, ErrorCode::NotFound.number()],
            ["fail", "setStorage:fail encrypt is not supported", null, ErrorCode::Unsupported.number()],
            ["success", "batchSetStorage:ok", null, null],
            ["batchGetStorage:ok", ["1", "undefined", ""]],
            ["getStorageInfo:ok", ["a", "x", "y"], 1, 10240],
            [{"errMsg": "removeStorage:ok"}],
            ["caught", "getStorage:fail data not found"],
            [{"errMsg": "clearStorage:ok"}],
            [[]],
        ])
    );
}

#[test]
fn f_m13_calls_of_both_forms_are_done_in_their_order() {
    let script = "
        for (let at = 0; at < 100; at++) wx.setStorage({key: 'key', data: at, success() {}});
        const seen = wx.getStorageSync('key');
        wx.setStorage({key: 'key', data: 'later', success() {}});
        wx.removeStorageSync('key');
        ft.report({seen, then: wx.getStorageSync('key')})";
    assert_eq!(Host::new().run(script), json!({"seen": 99, "then": ""}));
}

#[test]
fn f_m13_what_is_kept_is_there_for_the_next_run_of_the_same_user_and_applet_alone() {
    let data = Folder::new();
    let config = |user: Option<&str>| Config { current_user_id: user.map(str::to_owned), ..kept(&data) };
    let read = "ft.report({has: wx.getStorageSync('key')})";
    {
        let host = Host::with(config(Some("ada/../x@example")));
        // Nobody waits for what was asked for last, and it is kept all the same.
        let applet = host.open("demo", "wx.setStorage({key: 'key', data: 'ada'}); ft.report({})");
        host.reported();
        applet.close();
        applet.wait_until_closed(PATIENCE).unwrap();
        assert_eq!(host.run(read), json!({"has": "ada"}));
        host.open("other", read);
        assert_eq!(host.reported(), json!({"has": ""}));
    }
    for user in [None, Some(""), Some("ada"), Some("_shared")] {
        assert_eq!(Host::with(config(user)).run(read), json!({"has": ""}), "{user:?}");
    }
    assert_eq!(Host::with(config(Some("ada/../x@example"))).run(read), json!({"has": "ada"}));
}

#[test]
fn f_m13_without_a_folder_values_last_as_long_as_the_run() {
    let host = Host::new();
    let script = "ft.report({before: wx.getStorageSync('key')}); wx.setStorageSync('key', 1)";
    for _ in 0..2 {
        let applet = host.open("demo", script);
        assert_eq!(host.reported(), json!({"before": ""}));
        applet.close();
        applet.wait_until_closed(PATIENCE).unwrap();
    }
}

#[test]
fn f_m13_cleared_data_is_gone_for_the_next_run_however_soon_it_starts() {
    let data = Folder::new();
    let host = Host::with(kept(&data));
    let script = "ft.report({before: wx.getStorageSync('key')}); wx.setStorageSync('key', 'x'.repeat(100000))";
    for _ in 0..10 {
        let applet = host.open("demo", script);
        assert_eq!(host.reported(), json!({"before": ""}));
        applet.close();
        applet.wait_until_closed(PATIENCE).unwrap();
        host.client.clear_applet_data("demo", None).unwrap();
    }
}

#[test]
fn f_m13_a_user_whose_id_cannot_be_a_folder_is_refused_by_name() {
    let data = Folder::new();
    let with = |user: &str| Config { current_user_id: Some(user.to_owned()), ..kept(&data) }.validate();
    let error = with(&"x".repeat(81)).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Parameter);
    assert!(error.message().starts_with("currentUserId: "), "{error}");
    with("").unwrap();
    with("a user <of> any/kind").unwrap();
}

#[test]
fn f_m13_the_quota_and_the_size_of_values_are_limits_of_the_client() {
    let limits = Limits { storage_bytes: 100 * 1024, storage_value_bytes: 40 * 1024, ..Limits::default() };
    let host = Host::with(Config { limits, ..Config::default() });
    let script = "
        const kib = (n) => 'x'.repeat(n * 1024);
        const tried = (run) => { try { run(); return 'ok' } catch (e) { return e.errMsg } };
        ft.report({said: [
            tried(() => wx.setStorageSync('a', kib(40))), tried(() => wx.setStorageSync('b', kib(41))),
            tried(() => wx.setStorageSync('b', kib(40))), tried(() => wx.setStorageSync('c', kib(20))),
            tried(() => wx.setStorageSync('a', kib(10))), tried(() => wx.setStorageSync('c', kib(20))),
            wx.getStorageInfoSync()
        ]})";
    let full = "setStorageSync:fail exceed max size";
    let info = json!({"keys": ["a", "b", "c"], "currentSize": 71, "limitSize": 100});
    assert_eq!(host.run(script)["said"], json!(["ok", full, "ok", full, "ok", "ok", info]));
}
