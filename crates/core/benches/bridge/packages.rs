//! Packages that are more than one `app.js`.

use crate::stage::Stage;
use std::fmt::Write;

const SOURCE: usize = 512 * 1024;
const FILES: usize = 16;

/// One page of three components, each with data, a property and a template. `ready` runs in the page's `onReady`.
pub fn page(stage: &Stage, ready: &str) {
    stage.package("", "App({});");
    stage.file("app.json", r#"{"pages": ["page"]}"#);
    stage.file("page.json", r#"{"usingComponents": {"part-a": "part-a", "part-b": "part-b", "part-c": "part-c"}}"#);
    stage.file("page.js", &format!("Page({{data: {{title: 'page', items: [1, 2, 3]}}, onReady() {{ {ready} }}}});"));
    stage.file(
        "page.wxml",
        "<view class=\"page\"><text>{{title}}</text><part-a value=\"{{title}}\" />\
         <part-b value=\"{{items[1]}}\" /><part-c value=\"{{items.length}}\" /></view>",
    );
    for name in ["part-a", "part-b", "part-c"] {
        stage.file(&format!("{name}.json"), r#"{"component": true}"#);
        stage.file(
            &format!("{name}.js"),
            "Component({properties: {value: null}, data: {count: 0}, methods: {tap() { this.setData({count: 1}) }}});",
        );
        stage.file(
            &format!("{name}.wxml"),
            "<view bindtap=\"tap\"><text>{{value}}</text><text wx:if=\"{{count}}\">{{count}}</text></view>",
        );
    }
}

/// 512 KB of source in modules that `app.js` requires: functions as they are written, with comments and long names.
pub fn large(stage: &Stage) {
    let mut app = String::new();
    for file in 0..FILES {
        let mut text = String::new();
        let mut at = 0;
        while text.len() < SOURCE / FILES {
            write!(text, "{}", function(file, at)).expect("a text takes more text");
            at += 1;
        }
        stage.file(&format!("part-{file}.js"), &text);
        writeln!(app, "require('./part-{file}');").expect("a text takes more text");
    }
    stage.package("", &app);
}

fn function(file: usize, at: usize) -> String {
    format!(
        "
/** Adds up the items of list {at} and says what they are called. */
function work{at} (items, options) {{
  const scale = options && options.scale || {at}
  let total = {file}
  for (let index = 0; index < items.length; index++) {{
    const item = items[index]
    if (item.kind === 'plain') total += item.value * scale
    else if (item.kind === 'nested') total += work{at}(item.children, {{ scale: scale + 1 }}).total
    else throw new Error('list {at}: unknown kind ' + item.kind)
  }}
  return {{ total, label: `list {at}: ${{total}}`, names: items.map((item) => item.name || 'no name') }}
}}
module.exports.work{at} = work{at}
"
    )
}
