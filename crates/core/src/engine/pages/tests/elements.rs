//! Elements of the platform and what a person does to them.

use super::stage::Stage;

#[test]
fn f_m12_a_tap_bubbles_to_the_handlers_that_templates_bind() {
    let stage = Stage::page(&[
        (
            "p.js",
            "Page({
              outer(e) { console.log('outer', e.target.id, e.currentTarget.id, JSON.stringify(e.currentTarget.dataset)) },
              inner(e) { console.log('inner', e.type, e.detail.x, e.mark.m, typeof e.timeStamp) }
            })",
        ),
        (
            "p.wxml",
            "<view id=\"o\" bind:tap=\"outer\" data-some-key=\"{{1}}\" mark:m=\"k\"><button id=\"i\" bindtap=\"inner\">go</button></view>",
        ),
    ]);
    assert!(stage.event("#o > button", "tap", "{\"x\": 5}"));
    assert_eq!(stage.lines(), ["inner tap 5 k number", "outer i o {\"someKey\":1}"]);
}
