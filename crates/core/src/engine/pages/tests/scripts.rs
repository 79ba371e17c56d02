//! Scripts of templates: what they are given of elements, and what they can do with it.

use super::stage::Stage;

const COMPONENT: [(&str, &str); 3] = [
    ("c.json", "{\"component\": true}"),
    (
        "c.js",
        "Component({ properties: { n: Number }, methods: { told(given) { console.log('component', given.a) } } })",
    ),
    ("c.wxml", "<view class=\"inner\"/>"),
];

fn page<'a>(js: &'a str, wxml: &'a str, wxs: &'a str) -> Stage {
    let own = [("p.json", "{\"usingComponents\": {\"c\": \"/c\"}}"), ("p.js", js), ("p.wxml", wxml), ("s.wxs", wxs)];
    let files: Vec<(&str, &str)> = own.into_iter().chain(COMPONENT).collect();
    Stage::page(&files)
}

#[test]
fn f_m12_a_script_hears_events_with_descriptors_and_calls_back() {
    let stage = page(
        "Page({ told(given) { console.log('page', given.a, this.route) } })",
        "<wxs module=\"s\" src=\"/s.wxs\"/><view id=\"o\" class=\"all\" bindtap=\"{{s.tap}}\" data-k=\"v\"><view id=\"i\" class=\"all\"/></view>\
         <c id=\"c\" class=\"mine\"/>",
        "module.exports = { tap: function (event, owner) {
           console.log(event.type, event.target.id, event.currentTarget.id, event.instance.getDataset().k)
           owner.callMethod('told', { a: 1 })
           owner.selectComponent('#c').callMethod('told', { a: 2 })
           console.log(owner.selectAllComponents('.all').length, owner.selectComponent('.none'),
             owner.selectComponent('.mine') === owner.selectComponent('#c'))
         } }",
    );
    stage.tap("#i");
    assert_eq!(stage.lines(), ["tap i o v", "page 1 p", "component 2", "2 null true"]);
}

#[test]
fn f_m12_a_script_dresses_elements_beside_what_templates_give_them() {
    let stage = page(
        "Page({ data: { color: 'red' }, next() { this.setData({ color: 'blue' }) } })",
        "<wxs module=\"s\">module.exports = { tap: function (event, owner) {
           var one = owner.selectComponent('#one')
           one.setStyle({ backgroundColor: 'white' }).addClass('x y')
           console.log(one.hasClass('x'), one.hasClass('z'), one.hasClass('own'))
           one.removeClass('y')
           var state = one.getState()
           state.count = (state.count || 0) + 1
           console.log(state.count)
         } }</wxs><view id=\"one\" class=\"own\" style=\"color: {{color}}\" bindtap=\"{{s.tap}}\" bindlongpress=\"next\"/>",
        "",
    );
    stage.tap("#one");
    stage.tap("#one");
    assert_eq!(stage.lines(), ["true false true", "1", "true false true", "2"]);
    assert!(stage.event("#one", "longpress", "{}"));
    let drawn = stage.drawn();
    assert!(drawn.contains("#one.own.x["), "{drawn}");
    assert!(drawn.contains("color: blue") && drawn.contains("background-color:white"), "{drawn}");
}

#[test]
fn f_m12_a_script_hears_of_changed_properties() {
    let stage = page(
        "Page({ data: { n: 1 }, next() { this.setData({ n: 2 }) } })",
        "<wxs module=\"s\">module.exports = { heard: function (value, old, owner, instance) {
           console.log(value, old === undefined, typeof owner.callMethod, instance.getDataset().k)
         } }</wxs><view id=\"v\" n=\"{{n}}\" data-k=\"v\" change:n=\"{{s.heard}}\" bindtap=\"next\"/>",
        "",
    );
    assert_eq!(stage.lines(), ["1 true function v"]);
    stage.tap("#v");
    assert_eq!(stage.lines(), ["2 false function v"]);
}

#[test]
fn f_m12_a_script_sends_events_and_measures_nothing_without_a_view() {
    let stage = page(
        "Page({ own(e) { console.log('own', e.detail.a) } })",
        "<wxs module=\"s\">module.exports = { tap: function (event, owner) {
           var one = event.instance
           one.triggerEvent('own', { a: 1 })
           console.log(one.getBoundingClientRect().width, one.getComputedStyle(['color']).color === '')
         } }</wxs><view id=\"v\" bindtap=\"{{s.tap}}\" bind:own=\"own\"/>",
        "",
    );
    stage.tap("#v");
    assert_eq!(stage.lines(), ["own 1", "0 true"]);
}

#[test]
fn h_a31_a_script_is_given_no_node_of_the_framework() {
    let stage = page(
        "const seen = []
         const raw = (value, depth) => {
           if (depth > 4 || value === null || (typeof value !== 'object' && typeof value !== 'function')) return
           if (seen.includes(value)) return
           seen.push(value)
           for (let at = value; at !== null && at !== Object.prototype && at !== Function.prototype; at = Object.getPrototypeOf(at)) {
             for (const name of Object.getOwnPropertyNames(at)) {
               if (name.startsWith('_$') || name === 'shadowRoot' || name === 'ownerShadowRoot') console.log('raw', name)
               let member
               try { member = value[name] } catch { continue }
               raw(member, depth + 1)
             }
           }
         }
         Page({ data: { n: 1, own: (...given) => { raw(given, 0); console.log('data', given.length) } } })
         globalThis.raw = (value) => raw(value, 0)",
        "<wxs module=\"s\">module.exports = {
           heard: function (value, old, owner, instance) { raw(owner); raw(instance); console.log('heard') },
           tap: function (event, owner) { raw(event.instance); raw(owner); raw(owner.selectComponent('#v'));
             event.instance.callMethod = 1; console.log('tap', typeof event.instance.callMethod) }
         }</wxs><view id=\"v\" n=\"{{n}}\" m=\"{{n}}\" change:n=\"{{s.heard}}\" change:m=\"{{own}}\" bindtap=\"{{s.tap}}\"/>",
        "",
    );
    stage.tap("#v");
    assert_eq!(stage.lines(), ["heard", "data 4", "tap function"]);
}
