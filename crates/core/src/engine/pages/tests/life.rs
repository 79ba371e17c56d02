//! From opening a page to its end: what runs, in which order, and on what.

use super::super::PageStep;
use super::stage::{PAGE, Stage};
use crate::ids::PageId;
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

#[test]
fn f_m12_a_component_may_be_a_page_and_late_components_are_ready_too() {
    let stage = Stage::start(&[
        (
            "p.js",
            "Component({
              properties: { q: Number },
              data: { on: false },
              lifetimes: { attached() { console.log('attached', this.data.q) }, ready() { console.log('ready') } },
              pageLifetimes: { show() { console.log('show') } },
              methods: {
                onLoad(query) { console.log('onLoad', JSON.stringify(query), this.options.q, this.route, this.getPageId()) },
                onShow() { console.log('onShow', getCurrentPages()[0] === this) },
                onReady() { console.log('onReady'); this.setData({ on: true }) }
              }
            })",
        ),
        ("p.json", "{\"usingComponents\": {\"c\": \"c\"}}"),
        ("p.wxml", "<c wx:if=\"{{on}}\"/>"),
        ("c.js", "Component({ attached() { console.log('late attached') }, ready() { console.log('late ready') } })"),
    ]);
    stage.load(PAGE, "p", "{\"q\": \"5\"}").unwrap();
    stage.step(PageStep::Stack(vec![PAGE]));
    stage.step(PageStep::Show(PAGE));
    stage.step(PageStep::Ready(PAGE));
    let order = "attached 5|onLoad {\"q\":\"5\"} 5 p pageId:1|show|onShow true|ready|onReady|late attached|late ready";
    assert_eq!(stage.lines().join("|"), order);
}

#[test]
fn f_m12_behaviors_merge_as_documented() {
    let stage = Stage::page(&[
        ("p.json", "{\"usingComponents\": {\"c\": \"c\"}}"),
        ("p.wxml", "<c id=\"c\"/>"),
        ("p.js", "Page({ onLoad() { const c = this.selectComponent('#c'); console.log(JSON.stringify(c.data), c.who(), c.only()) } })"),
        (
            "c.js",
            "const say = (what) => () => console.log(what)
            const base = Behavior({
              data: { d: { a: 1, b: 1 }, s: 'base' }, methods: { who: () => 'base', only: () => 'base' },
              attached: say('base attached'), observers: { 'd.a': say('base observer') }
            })
            const late = Behavior({
              behaviors: [base], data: { d: { b: 2 }, s: 'late' }, methods: { who: () => 'late' }, attached: say('late attached')
            })
            Component({
              behaviors: [base, late], data: { d: { c: 3 } },
              lifetimes: { attached() { console.log('own attached'); this.setData({ 'd.a': 1 }) } },
              attached: say('never'),
              observers: { 'd.**': say('own observer') }
            })",
        ),
    ]);
    let expected = [
        "base attached",
        "late attached",
        "own attached",
        "base observer",
        "own observer",
        "{\"d\":{\"a\":1,\"b\":2,\"c\":3},\"s\":\"late\"} late base",
    ];
    assert_eq!(stage.lines(), expected);
}

#[test]
fn f_m12_properties_take_values_of_their_types() {
    let stage = Stage::page(&[
        ("p.json", "{\"usingComponents\": {\"c\": \"c\"}}"),
        ("p.js", "Page({ data: { n: '12', s: 5, b: 'x', d: new Date(0) } })"),
        ("p.wxml", "<c n=\"{{n}}\" s=\"{{s}}\" b=\"{{b}}\" any=\"{{d}}\"/>"),
        (
            "c.js",
            "Component({
              properties: { n: Number, s: String, b: Boolean, o: Object, l: Array, any: null, z: { type: Number, value: 3, observer: 'seen' } },
              methods: { seen(now, before) { console.log('seen', now, before) } },
              attached() {
                console.log(JSON.stringify(this.properties), this.data.any instanceof Date)
                this.setData({ z: 4 })
                this.setData({ z: 4 })
              }
            })",
        ),
    ]);
    let values =
        "{\"n\":12,\"s\":\"5\",\"b\":true,\"o\":null,\"l\":[],\"any\":\"1970-01-01T00:00:00.000Z\",\"z\":3} true";
    assert_eq!(stage.lines(), [values, "seen 4 3"]);
}

#[test]
fn f_m12_set_data_copies_and_keeps_what_is_no_container() {
    let stage = Stage::page(&[
        (
            "p.js",
            "Page({
              data: { o: { x: 1 }, l: [1] },
              onLoad() {
                const kept = { in: 1 }, date = new Date(0)
                this.setData({ kept, date, nan: NaN, u: undefined, f() {}, 'o.y[1].z': 5, 'l[3]': 4, 'a[b]': 1, good: 1 })
                kept.in = 2
                console.log(JSON.stringify(this.data), this.data.date === date, 'u' in this.data, typeof this.data.f)
                this.setData({ big: 'x'.repeat(1100000) }, () => console.log('applied', this.data.big.length))
                console.log('after')
              }
            })",
        ),
        ("p.wxml", "{{date}}/{{nan}}/{{o.y[1].z}}/{{kept.in}}"),
    ]);
    let lines = stage.lines();
    assert!(
        lines[0].contains("p.js setData") && lines[0].contains("\"a[b]\" is illegal at char 2 (illegal index)"),
        "{lines:?}"
    );
    assert!(lines[1].starts_with("onError "), "{lines:?}");
    let data = "{\"o\":{\"x\":1,\"y\":[null,{\"z\":5}]},\"l\":[1,null,null,4],\"kept\":{\"in\":1},\
        \"date\":\"1970-01-01T00:00:00.000Z\",\"nan\":null,\"good\":1} true true function";
    assert_eq!(
        lines[2..],
        [data, "Warn: p.js: data length 1100010 exceeds 1048576", "after", "applied 1100000"].map(str::to_owned)
    );
    assert_eq!(stage.drawn(), "page('1970-01-01T00:00:00.000Z//5/1')");
}

#[test]
fn f_m12_a_page_that_is_gone_takes_no_data() {
    let stage = Stage::page(&[(
        "p.js",
        "Page({ data: { n: 0 }, onUnload() { this.setData({ n: 1 }, () => console.log('never')); globalThis.gone = this } })",
    )]);
    stage.step(PageStep::Unload(PAGE));
    stage.settle();
    stage.run("gone.setData({ n: 2 }, () => console.log('never')); console.log(gone.data.n)");
    assert_eq!(stage.lines(), ["1"]);
    assert!(stage.try_step(&PageStep::Show(PAGE)).unwrap().is_err());
}

#[test]
fn f_m12_errors_go_to_the_error_hooks_with_their_file_and_nothing_stops() {
    let stage = Stage::page(&[
        ("p.json", "{\"usingComponents\": {\"c\": \"c\", \"gone\": \"./gone\"}}"),
        ("p.wxml", "<c id=\"c\"/><gone/><nobody/>"),
        ("p.js", "Page({ onLoad() { throw new Error('load') }, onShow() { console.log('shown') } })"),
        (
            "c.js",
            "Component({
              lifetimes: {
                created() { throw new Error('created') }, attached() { this.setData({ x: 1 }) },
                error(error) { console.log('error lifetime ' + error.message) }
              },
              observers: { x() { throw new Error('observed') } }
            })",
        ),
        ("c.wxml", "<view>still</view>"),
    ]);
    let lines: Vec<String> = stage.lines().into_iter().filter(|line| !line.starts_with("Error:")).collect();
    for wanted in [
        "onError p.json: Error: usingComponents: \"gone\": ./gone is not found",
        "onError p.wxml: Error: <gone> is no element",
        "onError p.wxml: Error: <nobody> is no element",
        "onError c.js lifetime created: Error: created",
        "error lifetime created",
        "onError c.js Data Observer x: Error: observed",
        "onError p.js onLoad: Error: load",
        "shown",
    ] {
        assert!(lines.iter().any(|line| line.starts_with(wanted)), "{wanted} in {lines:#?}");
    }
    assert_eq!(stage.drawn(), "page(c#c(view('still')) gone nobody)");
}

#[test]
fn f_m12_a_page_that_cannot_be_opened_says_why() {
    let stage = Stage::start(&[("q.js", "console.log(__wxRoute, __wxRouteBegin, __wxAppCurrentFile__)")]);
    for (path, text) in [("gone", "page \"gone\" is not found"), ("q", "Page \"q\" has not been registered yet")] {
        let error = stage.load(PAGE, path, "{}").unwrap_err();
        assert!(error.message().contains(text), "{error:?}");
    }
    assert_eq!(stage.lines(), ["q true q.js"]);
}

#[test]
fn f_m12_files_run_at_the_start_or_when_they_are_needed() {
    let files = |app_json: &'static str| {
        [
            ("app.json", app_json),
            ("p.js", "console.log('p'); Page({})"),
            ("p.json", "{\"usingComponents\": {\"own\": \"own\"}}"),
            ("own.js", "console.log('own'); Component({})"),
            ("s/e.js", "console.log('entry')"),
            ("s/q.js", "console.log('q'); Page({})"),
            ("miniprogram_npm/every/index.js", "console.log('every'); Component({})"),
        ]
    };
    let stage = Stage::start(&files(
        "{\"pages\": [\"p\"], \"subPackages\": [{\"root\": \"s\", \"pages\": [\"q\"], \"entry\": \"e.js\"}], \
         \"usingComponents\": {\"every\": \"every\"}}",
    ));
    assert_eq!(stage.lines(), ["every", "own", "p", "entry", "q"]);
    let lazy = Stage::start(&files(
        "{\"pages\": [\"p\"], \"subpackages\": [{\"root\": \"s\", \"pages\": [\"q\"], \"entry\": \"e.js\"}], \
         \"lazyCodeLoading\": \"requiredComponents\"}",
    ));
    assert_eq!(lazy.lines(), [] as [&str; 0]);
    lazy.load(PAGE, "s/q", "{}").unwrap();
    assert_eq!(lazy.lines(), ["entry", "q"]);
}

#[test]
fn f_m12_slots_generics_and_relations_come_from_the_framework() {
    let stage = Stage::page(&[
        ("p.json", "{\"usingComponents\": {\"u\": \"u\", \"i\": \"i\", \"g\": \"g\"}}"),
        ("p.wxml", "<u generic:item=\"g\"><text slot=\"b\">B</text><i/></u>"),
        (
            "u.js",
            "Component({
              options: { multipleSlots: true },
              relations: { './i': { type: 'child', linked() { console.log('linked') } } },
              ready() { console.log(this.getRelationNodes('./i').length) }
            })",
        ),
        ("u.json", "{\"component\": true, \"componentGenerics\": {\"item\": true}}"),
        ("u.wxml", "<view><slot/></view><slot name=\"b\"/><item/>"),
        ("i.js", "Component({ relations: { './u': { type: 'parent' } } })"),
        ("g.js", "Component({})"),
        ("g.wxml", "G"),
    ]);
    assert_eq!(stage.lines(), ["linked", "1"]);
    assert_eq!(stage.drawn(), "page(u(view(i) text('B') item('G')))");
}

#[test]
fn f_m12_the_opener_and_the_page_it_opens_share_a_channel() {
    let stage = Stage::page(&[
        (
            "p.js",
            "Page({
              onShow() {
                console.log(typeof this.getOpenerEventChannel().on)
                wx.navigateTo({ url: 'q', events: { back: (data) => console.log('back', data) }, fail() { console.log('fail') } })
              }
            })",
        ),
        (
            "q.js",
            "Page({
              onLoad() {
                const channel = this.getOpenerEventChannel()
                channel.emit('back', 1)
                channel.once('later', (data) => console.log('later', data))
              }
            })",
        ),
    ]);
    assert_eq!(stage.lines(), ["function", "fail"]);
    let id = PageId(2);
    stage.step(PageStep::Open { id, path: "q".to_owned(), query: "{}".to_owned(), opener: Some(PAGE) });
    assert_eq!(stage.lines(), ["back 1"]);
}

#[test]
fn f_m12_an_instance_says_which_renderer_its_template_is_for() {
    let stage = Stage::page(&[("p.js", "Page({ onLoad() { console.log(this.renderer) } })"), ("p.wxml", "<view/>")]);
    assert_eq!(stage.lines(), ["webview"]);
}
