//! Calls from a mini-program to the host, through the real engine.

mod support;

use finapp_core::bridge::HostCall;
use serde_json::json;
use support::Host;

#[test]
fn f_m01_success_then_complete_with_the_same_result() {
    let host = Host::new();
    host.client
        .register_custom_api("scan", |call: HostCall| {
            assert_eq!(call.params.text(), r#"{"codeType":"qr"}"#);
            call.reply.success_text(r#"{"code":"42"}"#.to_owned());
        })
        .unwrap();
    host.open(
        "demo",
        "ft.loadExtApi([{name: 'scan'}]);
         const seen = [];
         ft.scan({codeType: 'qr',
           success: r => seen.push(['success', r]),
           fail: r => seen.push(['fail', r]),
           complete: r => { seen.push(['complete', r]); ft.report({seen}) }});
         seen.push(['returned']);",
    );
    let result = json!({"code": "42", "errMsg": "scan:ok"});
    assert_eq!(host.reported(), json!({"seen": [["returned"], ["success", result], ["complete", result]]}));
}
