//! The web pages that templates show with `<web-view>`, as far as their addresses are written out: whether the library
//! would show them, and whether files of the package are there.

use super::report::{Report, Rule};
use crate::package_files::Files;
use finapp_core::applet::package::{Manifest, plugin_file};
use serde_json::Value;
use url::Url;

const TAG: &str = "<web-view";
/// Stands for the origin of the package, which has another name for each id.
const PACKAGE: &str = "https://package.invalid/";
/// The file that stands for its folder.
const INDEX: &str = "index.html";

/// Checks every address. `domains` are those of the host; none when it is not known which it has.
pub fn check(files: &Files, manifest: &Manifest, domains: &[String], report: &mut Report) {
    let narrower = manifest.fields().get("webViewDomain").and_then(Value::as_array);
    let narrower = narrower.map(|list| origins(list.iter().filter_map(Value::as_str)));
    let given = (!domains.is_empty()).then(|| origins(domains.iter().map(String::as_str)));
    let is_template = |path: &str| path.ends_with(".wxml") || path.ends_with(".fxml");
    for (path, bytes) in files.iter().filter(|(path, _)| is_template(path) && plugin_file(path).is_none()) {
        for (line, address) in addresses(&String::from_utf8_lossy(bytes)) {
            if let Some((rule, text)) = fault(&address, files, narrower.as_deref(), given.as_deref()) {
                report.found(rule, path, line, text);
            }
        }
    }
}

/// Whether a file is one of a web page: it lies in or below a folder with such a page, and is no page or component itself.
/// It runs in a browser, where other rules hold.
pub fn is_of_web_page(files: &Files, path: &str) -> bool {
    let is_in = |page: &str| page.rsplit_once('/').is_some_and(|(folder, _)| in_folder(folder, path));
    let name = path.strip_suffix(".js").or_else(|| path.strip_suffix(".json")).unwrap_or(path);
    let has_template = ["wxml", "fxml"].iter().any(|ending| files.contains_key(&format!("{name}.{ending}")));
    !has_template && files.keys().any(|file| file.ends_with(".html") && is_in(file))
}

fn in_folder(folder: &str, path: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// What is wrong with an address; none when nothing is.
fn fault(
    address: &str,
    files: &Files,
    narrower: Option<&[String]>,
    given: Option<&[String]>,
) -> Option<(Rule, String)> {
    let Ok(url) = Url::parse(PACKAGE).and_then(|package| package.join(address)) else {
        return Some((Rule::WebPage, format!("web-view: {address} is no address")));
    };
    if format!("{}/", url.origin().ascii_serialization()) == PACKAGE {
        let is_missing = !has(files, &url);
        return is_missing.then(|| (Rule::WebPage, format!("web-view: {address} is not there")));
    }
    if url.scheme() != "https" {
        return Some((Rule::WebPage, format!("web-view: {address} is not https, and shown in development only")));
    }
    let origin = url.origin().ascii_serialization();
    if narrower.is_some_and(|list| !list.contains(&origin)) {
        return Some((Rule::WebPage, format!("web-view: webViewDomain in app.json does not have {origin}")));
    }
    match given {
        Some(list) if list.contains(&origin) => None,
        Some(_) => Some((Rule::WebPage, format!("web-view: {origin} is none of the host's domains"))),
        None => Some((Rule::WebDomain, format!("web-view: the host must name {origin} among its domains"))),
    }
}

/// Origins of a list; without a scheme, the safe one.
fn origins<'a>(list: impl Iterator<Item = &'a str>) -> Vec<String> {
    let whole = |entry: &str| if entry.contains("://") { entry.to_owned() } else { format!("https://{entry}") };
    list.filter_map(|entry| Url::parse(&whole(entry)).ok()).map(|url| url.origin().ascii_serialization()).collect()
}

/// Whether the package has the file at an address.
fn has(files: &Files, url: &Url) -> bool {
    let mut wanted = url.path().to_owned();
    if wanted.ends_with('/') {
        wanted.push_str(INDEX);
    }
    // Names are compared as addresses write them.
    let mut named = url.clone();
    files.keys().any(|file| {
        named.set_path(file);
        named.path() == wanted
    })
}

/// What the `src` of each `<web-view>` of a template says, with its line; not what is known only when it runs.
fn addresses(template: &str) -> Vec<(usize, String)> {
    let template = without_comments(template);
    let mut found = Vec::new();
    for (at, _) in template.match_indices(TAG) {
        let rest = template.get(at + TAG.len()..).unwrap_or_default();
        let is_whole = rest.starts_with(|next: char| next.is_whitespace() || next == '/' || next == '>');
        if let Some(address) = is_whole.then(|| source(rest)).flatten().filter(|address| !address.contains("{{")) {
            let line = template.get(..at).unwrap_or_default().matches('\n').count() + 1;
            found.push((line, address));
        }
    }
    found
}

/// The value of the attribute `src` of a tag whose name has been read.
fn source(tag: &str) -> Option<String> {
    let mut rest = tag.trim_start();
    while !rest.is_empty() && !rest.starts_with(['>', '/']) {
        let end = rest.find(|next: char| next.is_whitespace() || matches!(next, '=' | '>' | '/')).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        rest = after.trim_start();
        let Some(value) = rest.strip_prefix('=').map(str::trim_start) else { continue };
        let quote = value.chars().next().filter(|first| matches!(first, '"' | '\''))?;
        let (value, after) = value.get(1..)?.split_once(quote)?;
        if name == "src" {
            return Some(value.trim().to_owned()).filter(|value| !value.is_empty());
        }
        rest = after.trim_start();
    }
    None
}

/// The template with blanks in the place of its comments: lines stay where they are.
fn without_comments(template: &str) -> String {
    let mut kept = String::new();
    let mut rest = template;
    while let Some((before, comment)) = rest.split_once("<!--") {
        let (inside, after) = comment.split_once("-->").unwrap_or((comment, ""));
        kept.push_str(before);
        kept.extend(inside.chars().filter(|character| *character == '\n'));
        rest = after;
    }
    kept + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_with_their_lines_and_only_where_they_are_written_out() {
        let template = "<view>\n<!-- <web-view src='/no'/>\n -->\n<web-view\n  bindload=\"a > b\" wx:if='{{x}}' hidden\n  \
                        src = \"/a?b=1\" /></view><web-view src=\"{{url}}\"/><web-viewer src=\"/c\"/><web-view/>\n\
                        <web-view src='https://a.example/'></web-view><web-view src=\"/open";
        assert_eq!(addresses(template), [(4, "/a?b=1".to_owned()), (7, "https://a.example/".to_owned())]);
    }

    #[test]
    fn a_file_of_the_package_is_found_as_a_browser_asks_for_it() {
        let files: Files = ["web/index.html", "web/a b.html"].map(|name| (name.to_owned(), Vec::new())).into();
        for (address, wrong) in [
            ("/web/index.html?x=1#y", false),
            ("web/", false),
            ("/web/a%20b.html", false),
            ("../web/a b.html", false),
            ("/web/c.html", true),
            ("/web", true),
            ("data:text/html,x", true),
            ("http://a.example/", true),
            ("https://", true),
        ] {
            assert_eq!(fault(address, &files, None, None).is_some(), wrong, "{address}");
        }
    }

    #[test]
    fn scripts_beside_and_below_a_web_page_are_its_own() {
        let names = ["web/index.html", "web/js/a.js", "webs/b.js", "app.js", "top.html", "web/c.js", "web/c.wxml"];
        let files: Files = names.map(|name| (name.to_owned(), Vec::new())).into();
        for (script, is_own) in [("web/js/a.js", true), ("webs/b.js", false), ("app.js", false), ("web/c.js", false)] {
            assert_eq!(is_of_web_page(&files, script), is_own, "{script}");
        }
    }

    #[test]
    fn an_address_must_be_in_every_list_that_there_is() {
        let rule = |narrower: Option<&[String]>, given: Option<&[String]>| {
            fault("https://a.example:8443/x", &Files::new(), narrower, given).map(|(rule, _)| rule)
        };
        let (has, lacks) = (origins(["a.example:8443"].into_iter()), origins(["https://a.example"].into_iter()));
        assert_eq!(rule(None, None), Some(Rule::WebDomain));
        assert_eq!(rule(Some(&has), Some(&has)), None);
        assert_eq!(rule(Some(&lacks), Some(&has)), Some(Rule::WebPage));
        assert_eq!(rule(None, Some(&lacks)), Some(Rule::WebPage));
        assert_eq!(rule(Some(&has), None), Some(Rule::WebDomain));
    }
}
