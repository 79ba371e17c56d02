//! What a hostile page may try. It harms itself alone: a call fails, an error is told, or its turn ends.

use super::super::PageStep;
use super::stage::{PAGE, Stage};
use crate::engine::Ended;
use std::time::Duration;

#[test]
fn f_m12_data_that_bites_fails_its_call_and_no_more() {
    let stage = Stage::page(&[
        (
            "p.js",
            "Page({
              onLoad() {
                const attempt = (name, code) => { try { code(); console.log(name, 'ok') } catch (e) { console.log(name, 'threw') } }
                const circle = {}
                circle.circle = circle
                let deep = {}
                for (let i = 0; i < 100000; i++) deep = { deep }
                const revoked = Proxy.revocable({}, {})
                revoked.revoke()
                attempt('getter', () => this.setData({ get a() { throw new Error('g') } }))
                attempt('proxy', () => this.setData(new Proxy({}, { ownKeys() { throw new Error('o') } })))
                attempt('revoked', () => this.setData({ r: revoked.proxy }))
                attempt('circle', () => this.setData({ circle }))
                attempt('deep', () => this.setData({ deep }))
                attempt('prototype', () => this.setData(JSON.parse('{\"__proto__.x\": 1, \"m\": {\"__proto__\": {\"y\": 2}}}')))
                console.log({}.x, {}.y, Object.getPrototypeOf(this.data.m) === Object.prototype)
                attempt('text', () => this.setData({ x: { toString() { throw new Error('t') } } }))
                attempt('list', () => this.setData({ list: Array.from({ length: 1000 }, (_, i) => i) }))
              },
              onShow() { console.log('shown') }
            })",
        ),
        ("p.wxml", "<view>{{x}}</view><text wx:for=\"{{list}}\">{{item}}</text>"),
    ]);
    let lines: Vec<String> = stage.lines().into_iter().filter(|line| !line.starts_with("Warn:")).collect();
    let expected = "getter threw|proxy threw|revoked threw|circle threw|deep threw|prototype ok|undefined undefined true|\
        text threw|list ok|shown";
    assert_eq!(lines.join("|"), expected);
}

#[test]
fn f_m12_components_that_never_end_fail_the_page_alone() {
    let stage = Stage::start(&[
        ("p.json", "{\"usingComponents\": {\"c\": \"c\"}}"),
        ("p.wxml", "<c/>"),
        ("c.js", "Component({})"),
        ("c.json", "{\"component\": true, \"usingComponents\": {\"c\": \"c\"}}"),
        ("c.wxml", "<c/>"),
        ("q.js", "Page({})"),
    ]);
    let opened = stage.load(PAGE, "p", "{}");
    assert!(opened.is_err());
    stage.load(PAGE, "q", "{}").unwrap();
}

#[test]
fn f_m12_a_turn_of_a_page_has_its_budget() {
    for code in [
        "onLoad() { for (;;) {} }",
        "onLoad() { for (;;) { try { this.setData({ l: Array(1e5).fill('x') }) } catch {} } }",
        "data: { get x() { for (;;) {} } }",
    ] {
        let page = format!("Page({{ {code} }})");
        let stage = Stage::new(&[("p.js", &page), ("p.wxml", "<view wx:for=\"{{l}}\">{{item}}</view>")], |limits| {
            limits.memory = 512 << 20;
        });
        stage.engine.set_budget(Duration::from_millis(300));
        let ended = (|| {
            stage.engine.run_file("app.js", false).map_err(|_| stage.engine.ended())?;
            stage.engine.start_pages().map_err(|_| stage.engine.ended())?;
            let open = PageStep::Open { id: PAGE, path: "p".to_owned(), query: "{}".to_owned(), opener: None };
            stage.engine.page_step(&open).map(drop).map_err(Some)
        })();
        assert_eq!(ended, Err(Some(Ended::TurnTime)), "{code}");
    }
}

#[test]
fn f_m12_no_way_leads_from_a_page_to_the_natives() {
    let stage = Stage::page(&[
        ("p.wxml", "<view id=\"v\" bindtap=\"tap\"><input model:value=\"{{x}}\"/></view>"),
        (
            "p.js",
            "const seen = new Set()
            const found = []
            const names = ['invokeWith', 'invokeSync', 'evaluate', 'declare', 'exists', 'changes', 'tools', 'native']
            const look = (value, path) => {
              if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) return
              seen.add(value)
              for (const name of Reflect.ownKeys(value)) {
                if (names.includes(name) && typeof value[name] === 'function' && String(value[name]).includes('[native code]')) {
                  found.push(path + '.' + String(name))
                }
                let member
                try { member = value[name] } catch { continue }
                look(member, path + '.' + String(name))
              }
              look(Object.getPrototypeOf(value), path + '.[prototype]')
            }
            Page({
              data: { x: 1 },
              tap(event) {
                for (const [name, value] of Object.entries({ event, page: this, wx, ft, globalThis, stack: getCurrentPages() })) look(value, name)
                console.log(seen.size > 500, found.join())
              }
            })",
        ),
    ]);
    stage.tap("#v");
    assert_eq!(stage.lines(), ["true "]);
}

#[test]
fn f_m12_definitions_that_make_no_sense_are_told() {
    let stage = Stage::page(&[
        ("p.json", "{"),
        ("p.wxml", "<c/>"),
        (
            "p.js",
            "Page(); Component(null); Behavior(1)
            Page({ behaviors: [undefined, 'wx://nope', {}], data: 5, lifetimes: 7, observers: 3, properties: null, methods: 3 })
            Component({ properties: { a: 5, b: { type: 'x', observer: 'gone' } }, lifetimes: { attached: 5 }, observers: { '1bad': 'nope', ok: 5 } })
            Page({ onLoad() { console.log('loaded') } })",
        ),
    ]);
    let lines = stage.lines();
    assert!(lines.contains(&"loaded".to_owned()), "{lines:#?}");
    assert!(lines.iter().any(|line| line.starts_with("Error: p.json: ")), "{lines:#?}");
    assert!(lines.iter().any(|line| line.contains("wx://nope is not a behavior")), "{lines:#?}");
}
