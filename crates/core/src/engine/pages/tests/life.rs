//! From opening a page to its end: what runs, in which order, and on what.

use super::super::PageStep;
use super::stage::{PAGE, Stage};
use serde_json::json;

#[test]
fn f_m12_a_page_opens_with_its_data_and_template() {
    let stage = Stage::page(&[
        ("p.js", "Page({ data: { n: 1 }, onLoad(q) { this.setData({ n: 2 }) } })"),
        ("p.wxml", "<view class=\"a b\" id=\"x\">{{n}}</view>"),
    ]);
    assert_eq!(stage.lines(), [] as [&str; 0]);
    assert_eq!(stage.data(), json!({"n": 2}));
    assert_eq!(stage.drawn(), "page(view#x.a.b('2'))");
}

#[test]
fn f_m12_the_orders_of_a_pages_life_are_the_classic_ones() {
    let component = |name: &str| {
        format!(
            "const say = (what) => () => console.log('{name} ' + what)
            Component({{
              lifetimes: {{ created: say('created'), attached: say('attached'), ready: say('ready'), detached: say('detached') }},
              pageLifetimes: {{ show: say('show'), hide: say('hide') }}
            }})"
        )
    };
    let (outer, inner) = (component("outer"), component("inner"));
    let stage = Stage::page(&[
        (
            "p.js",
            "const hooks = {}
            for (const name of ['onLoad', 'onShow', 'onReady', 'onHide', 'onUnload', 'onRouteDone']) {
              hooks[name] = () => console.log(name)
            }
            Page(hooks)",
        ),
        ("p.wxml", "<outer/>"),
        ("p.json", "{\"usingComponents\": {\"outer\": \"c/outer\"}}"),
        ("c/outer.js", &outer),
        ("c/outer.wxml", "<inner/>"),
        ("c/outer.json", "{\"component\": true, \"usingComponents\": {\"inner\": \"./inner\"}}"),
        ("c/inner.js", &inner),
        ("c/inner.json", "{\"component\": true}"),
    ]);
    let opened = "inner created|outer created|outer attached|inner attached|onLoad|outer show|inner show|onShow|\
        inner ready|outer ready|onReady";
    assert_eq!(stage.lines().join("|"), opened);
    stage.step(PageStep::RouteDone(PAGE));
    stage.step(PageStep::Hide(PAGE));
    stage.step(PageStep::Unload(PAGE));
    let left = "onRouteDone|outer hide|inner hide|onHide|onUnload|inner detached|outer detached";
    assert_eq!(stage.lines().join("|"), left);
}
