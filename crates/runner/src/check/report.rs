//! The report of a check. As JSON it is a promise: docs/runner.md describes every member.

use super::script::Place;
use crate::package_files::Files;
use finapp_core::applet::package::plugin_file;
use owo_colors::OwoColorize;
use serde::Serialize;

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Rule {
    /// The library refuses the package, or a file of it.
    Package,
    /// `FinClipConf.js` cannot be used.
    Configuration,
    /// A file does not parse.
    Syntax,
    /// A page has no files.
    Page,
    /// A component has no files.
    Component,
    /// A module is not there.
    Module,
    /// A plugin, or a file that it needs, is not there.
    Plugin,
    /// A web page would not be shown.
    WebPage,
    /// An API is neither offered nor declared.
    Api,
    /// A declared API has no answer of the host.
    Unanswered,
    /// Code is made of text.
    Eval,
    /// A web page is shown if the host names its domain.
    WebDomain,
    /// An API is neither offered nor declared, but the program asks whether it is there.
    OptionalApi,
}

impl Rule {
    /// Whether the package can do without what was found.
    fn only_warns(self) -> bool {
        matches!(self, Self::Eval | Self::WebDomain | Self::OptionalApi)
    }
}

/// One thing that is missing or wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// Where it belongs.
    pub rule: Rule,
    /// The file in the package; empty when it is about all of it.
    pub file: String,
    /// The line, from 1; 0 when there is none.
    pub line: usize,
    /// A sentence.
    pub text: String,
    /// `error` or `warning`.
    pub severity: &'static str,
}

/// Where an API comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Use {
    /// The library answers it.
    BuiltIn,
    /// It is declared as a custom API.
    Custom,
    /// The program itself puts it on `wx`.
    Own,
    /// Nobody offers it, and the program asks whether it is there.
    Optional,
    /// Nobody offers it.
    Missing,
}

/// An API that the package names.
#[derive(Clone, Debug, Serialize)]
pub struct UsedApi {
    /// Its name.
    pub name: String,
    /// Where it comes from.
    pub kind: Use,
    /// Where it is named: `pages/a/a.js:12`.
    pub places: Vec<String>,
}

/// All of it.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The version of this form.
    format: u32,
    /// How many files the package has, and their bytes.
    files: usize,
    bytes: usize,
    /// The custom APIs that are declared.
    pub declared: Vec<String>,
    /// The APIs that are used, by name.
    apis: Vec<UsedApi>,
    /// What is missing or wrong.
    findings: Vec<Finding>,
}

impl Report {
    pub fn new(files: &Files) -> Self {
        Self {
            format: 1,
            files: files.len(),
            bytes: files.values().map(Vec::len).sum(),
            declared: Vec::new(),
            apis: Vec::new(),
            findings: Vec::new(),
        }
    }

    /// Adds a finding.
    pub fn found(&mut self, rule: Rule, file: &str, line: usize, text: impl Into<String>) {
        let severity = if rule.only_warns() { "warning" } else { "error" };
        self.findings.push(Finding { rule, file: file.to_owned(), line, text: text.into(), severity });
    }

    /// Adds an API, and the findings if nobody offers it.
    pub fn used(&mut self, name: String, kind: Use, places: Vec<Place>) {
        let rule = match kind {
            Use::Missing => Some((Rule::Api, "is neither offered by the library nor declared")),
            Use::Optional => Some((Rule::OptionalApi, "is not offered; the program asks whether it is there")),
            Use::BuiltIn | Use::Custom | Use::Own => None,
        };
        if let (Some((rule, text)), Some(first)) = (rule, places.first()) {
            let whom = plugin_file(&first.file).map_or(String::new(), |(id, _)| format!(" to the plugin {id}"));
            self.found(rule, &first.file, first.line, format!("{name} {text}{whom}"));
        }
        let mut places: Vec<String> = places.iter().map(|place| format!("{}:{}", place.file, place.line)).collect();
        places.dedup();
        match self.apis.iter_mut().find(|api| api.name == name && api.kind == kind) {
            Some(known) => known.places.append(&mut places),
            None => self.apis.push(UsedApi { name, kind, places }),
        }
    }

    /// Puts everything in its order.
    pub fn finish(&mut self) {
        self.findings.sort();
        self.findings.dedup();
    }

    /// Whether nothing is missing: warnings alone do not count.
    pub fn is_fine(&self) -> bool {
        self.findings.iter().all(|finding| finding.rule.only_warns())
    }

    pub fn print(&self, as_json: bool) {
        if as_json {
            anstream::println!("{}", serde_json::to_string_pretty(self).unwrap_or_default());
            return;
        }
        anstream::println!("{} files, {} bytes", self.files, self.bytes);
        for (kind, title) in [
            (Use::BuiltIn, "built-in"),
            (Use::Custom, "custom"),
            (Use::Own, "its own"),
            (Use::Optional, "optional"),
            (Use::Missing, "missing"),
        ] {
            let names: Vec<&str> =
                self.apis.iter().filter(|api| api.kind == kind).map(|api| api.name.as_str()).collect();
            if !names.is_empty() {
                anstream::println!("{} {}", format!("{title}:").bold(), names.join(" "));
            }
        }
        for finding in &self.findings {
            let place = match (finding.file.as_str(), finding.line) {
                ("", _) => String::new(),
                (file, 0) => format!("{file}: "),
                (file, line) => format!("{file}:{line}: "),
            };
            if finding.rule.only_warns() {
                anstream::println!("{} {place}{}", "warning".yellow(), finding.text);
            } else {
                anstream::println!("{}   {place}{}", "error".red(), finding.text);
            }
        }
        let wrong = self.findings.iter().filter(|finding| !finding.rule.only_warns()).count();
        match wrong {
            0 => anstream::println!("nothing is missing"),
            1 => anstream::println!("1 error"),
            more => anstream::println!("{more} errors"),
        }
    }
}
