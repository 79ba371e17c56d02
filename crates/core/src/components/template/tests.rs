//! What the compiler of templates gives and refuses.

use super::*;

fn compiled(files: &[(&str, &str)], path: &str) -> Result<Compiled> {
    let files: HashMap<String, Arc<str>> =
        files.iter().map(|(name, text)| ((*name).to_owned(), Arc::from(*text))).collect();
    compile(path, &|path| files.get(path).cloned())
}

fn refused(text: &str) -> String {
    compiled(&[("a.wxml", text)], "a").err().expect("it is refused").message().to_owned()
}

#[test]
fn f_m12_a_mistake_in_a_template_names_file_and_line() {
    assert_eq!(refused("<view>\n\n{{ a + }}</view>"), "a.wxml:3: unexpected character inside expression");
    let missing = refused("<wxs module=\"m\" src=\"./gone.wxs\" />");
    assert_eq!(missing, "a.wxml: the script gone is not in the package");
}

#[test]
fn f_m12_what_stands_inside_a_slot_is_left_out_with_a_warning() {
    let with = compiled(&[("a.wxml", "<slot name=\"n\"><view>x</view></slot>")], "a").unwrap();
    let without = compiled(&[("a.wxml", "<slot name=\"n\"/>")], "a").unwrap();
    assert_eq!(with.text, without.text);
    assert_eq!(with.warnings, ["a.wxml:1: child nodes are not allowed for this element"]);
}

#[test]
fn f_m12_imports_includes_and_scripts_come_along() {
    let files = [
        ("p/a.wxml", "<import src=\"../t/t.wxml\"/><include src=\"/i\"/><wxs module=\"m\" src=\"./m.wxs\"/>{{m.x}}"),
        ("t/t.wxml", "<template name=\"n\">t</template>"),
        ("i.fxml", "<text>i</text>"),
        ("p/m.wxs", "var n = require('../n.wxs'); module.exports = {x: n.y}"),
        ("n.wxs", "module.exports = {y: 1}"),
    ];
    let text = compiled(&files, "p/a").unwrap().text;
    for part in ["G[\"p/a\"]", "G[\"t/t\"]", "G[\"i\"]", "\"p/m\"", "\"n.wxs\""] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(compiled(&[], "p/a").is_ok(), "a component may have no template");
}

#[test]
fn f_m12_a_template_that_nests_very_deep_harms_nobody() {
    for (open, close) in
        [("<a>", "</a>"), ("<a>", ""), ("<a wx:if=\"{{b}}\">", "</a>"), ("{{a}}", ""), ("<b c=\"{{d}}\"/>", "")]
    {
        let text = format!("{}x{}", open.repeat(4_000), close.repeat(4_000));
        drop(compiled(&[("a.wxml", &text)], "a"));
    }
    for operator in [
        "(",
        "!",
        "-",
        "[",
        "a?b:",
        "a.",
        "a+",
        "{a:",
        "a[",
        "a(",
        "a,",
        "a&&",
        "a?",
        "...",
        "a<b+'/>'+",
        "typeof ",
        "a instanceof ",
    ] {
        for (open, close) in [("{{", "}}"), ("<c d=\"{{", "}}\"/>"), ("<c wx:for=\"{{", "}}\"/>")] {
            drop(compiled(&[("a.wxml", &format!("{open}{}a{close}", operator.repeat(8_000)))], "a"));
        }
    }
    assert_eq!(refused(&"{{".repeat(1_000_000)), "a.wxml: the template is too large");
}
