//! Elements of the platform and what a person does to them.

use super::stage::{PAGE, Stage};
use crate::engine::pages::PageStep;
use serde_json::json;

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
            "<view id=\"o\" bind:tap=\"outer\" data-some-key=\"{{1}}\" mark:m=\"k\">\
             <button id=\"i\" bindtap=\"inner\">go</button></view>",
        ),
    ]);
    assert!(!stage.event("#o > text", "tap", "{}"));
    assert!(stage.event("#o > button", "tap", "{\"x\": 5}"));
    assert_eq!(stage.lines(), ["inner tap 5 k number", "outer i o {\"someKey\":1}"]);
}

#[test]
fn f_m12_catch_capture_and_mut_bind_stop_what_they_should() {
    let stage = Stage::page(&[
        (
            "p.js",
            "const say = (what) => () => console.log(what)
            Page({ cap: say('cap'), out: say('out'), mid: say('mid'), mut1: say('mut1'), mut2: say('mut2') })",
        ),
        (
            "p.wxml",
            "<view capture-bind:tap=\"cap\" bind:tap=\"out\"><view catch:tap=\"mid\"><view id=\"t\"/></view></view>\
             <view mut-bind:tap=\"mut1\" bind:tap=\"out\"><view mut-bind:tap=\"mut2\" id=\"m\"/></view>\
             <view bind:tap=\"out\"><input id=\"i\" bindinput=\"mid\"/></view>",
        ),
    ]);
    stage.tap("#t");
    assert_eq!(stage.lines(), ["cap", "mid"]);
    stage.tap("#m");
    assert_eq!(stage.lines(), ["mut2", "out"]);
    assert!(stage.event("#i", "input", "{\"value\": \"v\"}"));
    assert_eq!(stage.lines(), ["mid"], "typing does not bubble");
}

const FORM: [(&str, &str); 8] = [
    (
        "p.js",
        "Page({
          submit(e) { console.log('submit', JSON.stringify(e.detail.value)) },
          reset() { console.log('reset') },
          change(e) { console.log('change', e.currentTarget.id, JSON.stringify(e.detail.value)) },
          input(e) { return e.detail.value.toUpperCase() }
        })",
    ),
    (
        "p.wxml",
        "<form bindsubmit=\"submit\" bindreset=\"reset\">
          <input name=\"n\" id=\"i\" value=\"a\" bindinput=\"input\"/><textarea name=\"t\"/>
          <switch name=\"s\" id=\"sw\" bindchange=\"change\"/><slider name=\"sl\" value=\"5\"/>
          <checkbox-group name=\"c\" id=\"cg\" bindchange=\"change\">
            <label id=\"l\"><checkbox value=\"1\"/>one</label><checkbox value=\"2\" checked=\"{{true}}\"/>
          </checkbox-group>
          <radio-group name=\"r\" id=\"rg\" bindchange=\"change\"><radio value=\"x\"/><radio value=\"y\" id=\"r\"/></radio-group>
          <picker name=\"p\" id=\"pk\" value=\"{{1}}\" bindchange=\"change\"/>
          <my name=\"m\" value=\"{{7}}\"/><other/>
          <button id=\"b\" form-type=\"submit\"/><button id=\"rs\" form-type=\"reset\"/><btn/>
        </form>",
    ),
    ("p.json", "{\"usingComponents\": {\"my\": \"my\", \"btn\": \"/btn\", \"other\": \"other\"}}"),
    ("my.js", "Component({ behaviors: ['wx://form-field'], attached() { this.setData({ value: this.data.value + 1 }) } })"),
    ("my.wxml", "<input name=\"inner\" value=\"no\"/>"),
    ("btn.js", "Component({ behaviors: ['wx://form-field-button'] })"),
    ("btn.wxml", "<button form-type=\"submit\">s</button>"),
    ("other.js", "Component({})"),
];

#[test]
fn f_m12_a_form_collects_what_its_controls_hold() {
    let files: Vec<(&str, &str)> = FORM
        .into_iter()
        .chain([("other.wxml", "<input name=\"hidden\" value=\"no\"/><button form-type=\"submit\"/>")])
        .collect();
    let stage = Stage::page(&files);
    assert!(stage.event("#i", "input", "{\"value\": \"typed\"}"));
    for (selector, line) in [("#sw", "change sw true"), ("#l", "change cg [\"1\",\"2\"]"), ("#r", "change rg \"y\"")] {
        stage.tap(selector);
        assert_eq!(stage.lines(), [line]);
    }
    assert!(stage.event("#pk", "change", "{\"value\": 2}"));
    assert_eq!(stage.lines(), ["change pk 2"]);
    let collected =
        "submit {\"n\":\"TYPED\",\"t\":\"\",\"s\":true,\"sl\":5,\"c\":[\"1\",\"2\"],\"r\":\"y\",\"p\":2,\"m\":8}";
    stage.tap("#b");
    assert_eq!(stage.lines(), [collected]);
    stage.tap("btn >>> button");
    assert_eq!(stage.lines(), [collected], "the button of a component that says so");
    stage.tap("other >>> button");
    assert_eq!(stage.lines(), [] as [&str; 0], "a component keeps its own button and its own fields");
    stage.tap("#rs");
    stage.tap("#b");
    let empty = "submit {\"n\":\"\",\"t\":\"\",\"s\":false,\"sl\":0,\"c\":[],\"r\":\"\",\"p\":\"\",\"m\":8}";
    assert_eq!(stage.lines(), ["reset", empty]);
}

#[test]
fn f_m12_a_bound_model_follows_what_is_typed() {
    let stage = Stage::page(&[
        ("p.js", "Page({ data: { v: 'x' } })"),
        ("p.wxml", "<input model:value=\"{{v}}\"/><text>{{v}}</text>"),
    ]);
    assert!(stage.event("input", "input", "{\"value\": \"new\"}"));
    assert_eq!(stage.data(), json!({"v": "new"}));
    assert_eq!(stage.drawn(), "page(input[value=new] text('new'))");
}

#[test]
fn f_m12_queries_find_what_the_template_made() {
    let stage = Stage::page(&[
        (
            "p.js",
            "Page({
              onReady() {
                const query = this.createSelectorQuery()
                query.select('#v').fields({ dataset: true, size: true, properties: ['scroll-x'] })
                query.selectAll('.k').boundingClientRect()
                query.select('#none').boundingClientRect((none) => console.log(none))
                query.exec((all) => console.log(JSON.stringify(all)))
                wx.createSelectorQuery().select('#v').node().exec((all) => console.log(JSON.stringify(all)))
                wx.nextTick(() => console.log('tick'))
                console.log('now')
              }
            })",
        ),
        ("p.wxml", "<view id=\"v\" data-a=\"1\" scroll-x=\"{{true}}\"/><view class=\"k\"/>"),
    ]);
    let rectangle =
        "{\"id\":\"\",\"dataset\":{},\"left\":0,\"top\":0,\"right\":0,\"bottom\":0,\"width\":0,\"height\":0}";
    let first = "{\"dataset\":{\"a\":\"1\"},\"width\":0,\"height\":0,\"scroll-x\":true}";
    let all = format!("[{first},[{rectangle}],null]");
    assert_eq!(stage.lines(), ["now", "null", &all, "[{\"node\":null}]", "tick"]);
}

#[test]
fn f_m12_a_view_is_told_what_changes_in_order() {
    let stage = Stage::page(&[
        ("p.js", "Page({ data: { l: [1], t: 'a' }, go() { this.setData({ t: 'b', l: [1, 2] }) } })"),
        ("p.wxml", "<view bindtap=\"go\" class=\"{{t}}\">{{t}}</view><text wx:for=\"{{l}}\">{{item}}</text>"),
    ]);
    stage.tap("view");
    assert_eq!(stage.engine.take_page_changes(), (Vec::new(), false), "nobody watches");
    stage.step(PageStep::Watch(PAGE, true));
    stage.settle();
    let (first, _) = stage.engine.take_page_changes();
    assert!(first.len() == 1 && first[0].1.starts_with("[[\"tree\",1,{"), "{first:?}");
    stage
        .engine
        .page_step(&PageStep::Call { id: PAGE, hook: "setData".to_owned(), argument: "{\"t\": \"c\"}".to_owned() })
        .unwrap()
        .unwrap();
    stage.settle();
    let (then, behind) = stage.engine.take_page_changes();
    assert!(!behind && then.len() == 1 && then[0].1.contains("[\"content\",4,\"c\"]"), "{then:?}");
}
