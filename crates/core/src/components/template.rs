//! Templates: a page's or component's file with all that it imports, includes and scripts becomes JavaScript text, which
//! the engine evaluates. Pure; files come through a function. The compiler is foreign and recursive, so it works on a
//! stack of its own that is large enough for what it is given, and a panic of it is an error.

use crate::error::{Error, ErrorCode, Result};
use glass_easel_template_compiler::TmplGroup;
use glass_easel_template_compiler::parse::{ParseErrorKind, ParseErrorLevel};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Gives the text of a file, if there is one.
pub(crate) type Read<'a> = &'a dyn Fn(&str) -> Option<Arc<str>>;

const TEMPLATE_ENDINGS: [&str; 2] = [".wxml", ".fxml"];
const SCRIPT_ENDINGS: [&str; 2] = [".wxs", ".fxs"];

/// How many files one template may draw in.
const MOST_FILES: usize = 512;

/// What the compiler may take of the stack for each mark: it recurses over nested elements and over the parts of an
/// expression, and neither goes one deeper without punctuation or an operator that is a word. The worst of templates were
/// measured to take 4 KiB a mark.
const STACK_A_MARK: usize = 16 * 1024;
const WORDS: [&str; 3] = ["typeof", "void", "instanceof"];
const STACK_AT_LEAST: usize = 1024 * 1024;
/// Only what is used of it is ever real memory.
const MOST_STACK: usize = 1024 * 1024 * 1024;

/// What scripts of templates find, and how a value looks as text: a date as in JSON, what is no number as nothing.
const RUNTIME: &str = "var getRegExp=function(a,b){return new RegExp(a,b)},\
getDate=function(){return Reflect.construct(Date,arguments)};\
Y=function(a){return a==null||a!==a?'':a instanceof Date?a.toJSON():String(a)};";

/// A compiled template.
pub(crate) struct Compiled {
    /// An expression that gives an object of template functions, by path.
    pub(crate) text: String,
    /// What is odd but can be used, for the log.
    pub(crate) warnings: Vec<String>,
}

/// Compiles the template at `path` (without its ending). A file that does not exist gives an empty template.
///
/// # Errors
/// `E_BAD_PACKAGE` that names file and line, `E_LIMIT` when the system gives no thread.
#[expect(clippy::disallowed_methods, reason = "a door for threads: it lives as long as this call, for its stack alone")]
pub(crate) fn compile(path: &str, read: Read<'_>) -> Result<Compiled> {
    let files = Files::gather(path, read)?;
    let marks: usize = files.templates.values().map(|file| marks(&file.text)).sum();
    let stack = marks.saturating_mul(STACK_A_MARK).saturating_add(STACK_AT_LEAST);
    if stack > MOST_STACK {
        return Err(bad(format!("{path}.wxml: the template is too large")));
    }
    std::thread::scope(|scope| {
        let compiler = std::thread::Builder::new()
            .name("finapp-template".to_owned())
            .stack_size(stack)
            .spawn_scoped(scope, || files.compile(path))
            .map_err(|_| Error::new(ErrorCode::Limit, format!("{path}.wxml: no thread for the compiler")))?;
        compiler.join().unwrap_or_else(|panic| {
            // What the panic carried may panic again when it is dropped.
            std::mem::forget(panic);
            Err(bad(format!("{path}.wxml: the template cannot be compiled")))
        })
    })
}

/// How often the compiler might go one deeper.
fn marks(text: &str) -> usize {
    let words: usize = WORDS.iter().map(|word| text.matches(word).count()).sum();
    words + text.bytes().filter(u8::is_ascii_punctuation).count()
}

fn bad(text: String) -> Error {
    Error::new(ErrorCode::BadPackage, text)
}

struct File {
    name: String,
    text: Arc<str>,
}

/// Everything that a template may need, by path as the compiler knows it.
#[derive(Default)]
struct Files {
    templates: HashMap<String, File>,
    scripts: HashMap<String, File>,
}

impl Files {
    /// Reads what is named in the files themselves. It looks for names without understanding the files: what the
    /// compiler then asks for in vain is an error or a warning there.
    fn gather(first: &str, read: Read<'_>) -> Result<Self> {
        let mut files = Self::default();
        let mut templates = vec![first.to_owned()];
        let mut scripts = Vec::new();
        let mut known = HashSet::new();
        while let Some(path) = templates.pop() {
            if !known.insert(path.clone()) {
                continue;
            }
            let Some((name, text)) = find(&path, &TEMPLATE_ENDINGS, read) else { continue };
            for tag in ["<import", "<include"] {
                templates.extend(sources(&path, &text, tag, ".wxml"));
            }
            scripts.extend(sources(&path, &text, "<wxs", ".wxs"));
            scripts.extend(required(&path, &text));
            files.templates.insert(path, File { name, text });
            files.bounded(first)?;
        }
        while let Some(path) = scripts.pop() {
            if files.scripts.contains_key(&path) {
                continue;
            }
            let Some((name, text)) = find(&path, &SCRIPT_ENDINGS, read) else { continue };
            scripts.extend(required(&path, &text));
            files.scripts.insert(path, File { name, text });
            files.bounded(first)?;
        }
        Ok(files)
    }

    fn bounded(&self, first: &str) -> Result<()> {
        if self.templates.len() + self.scripts.len() <= MOST_FILES {
            return Ok(());
        }
        Err(bad(format!("{first}.wxml: more than {MOST_FILES} files in one template")))
    }

    fn compile(&self, first: &str) -> Result<Compiled> {
        let mut group = TmplGroup::new();
        let mut warnings = Vec::new();
        group.set_extra_runtime_script(RUNTIME);
        for (path, file) in &self.templates {
            for found in group.add_tmpl(path, &file.text) {
                let line = format!("{}:{}: {}", file.name, found.location.start.line + 1, found.kind);
                // What stands inside a slot is left out, here as in WeChat; libraries have it for other platforms.
                let can_go = matches!(found.kind, ParseErrorKind::ChildNodesNotAllowed);
                if found.prevent_success() && !can_go {
                    return Err(bad(line));
                }
                if found.level() >= ParseErrorLevel::Warn {
                    warnings.push(line);
                }
            }
            for script in group.script_dependencies(path).into_iter().flatten() {
                if !self.scripts.contains_key(&script) {
                    return Err(bad(format!("{}: the script {script} is not in the package", file.name)));
                }
            }
        }
        let mut missing = Vec::new();
        for (path, file) in &self.templates {
            for needed in group.direct_dependencies(path).into_iter().flatten() {
                if !self.templates.contains_key(&needed) {
                    warnings.push(format!("{}: {needed} is not in the package", file.name));
                    missing.push(needed);
                }
            }
        }
        if !self.templates.contains_key(first) {
            missing.push(first.to_owned());
        }
        for path in missing {
            drop(group.add_tmpl(&path, ""));
        }
        for (path, file) in &self.scripts {
            group.add_script(path, &file.text);
        }
        let text = group.get_tmpl_gen_object_groups();
        let text = text.map_err(|error| bad(format!("{first}.wxml: {}", error.message)))?;
        Ok(Compiled { text, warnings })
    }
}

/// A file with one of these endings, which the path may have already.
fn find(path: &str, endings: &[&str], read: Read<'_>) -> Option<(String, Arc<str>)> {
    if endings.iter().any(|ending| path.ends_with(ending)) {
        return Some((path.to_owned(), read(path)?));
    }
    endings.iter().find_map(|ending| {
        let file = format!("{path}{ending}");
        read(&file).map(|text| (file, text))
    })
}

/// What tags of that name have for `src`, as paths, without the one ending that the compiler takes off.
fn sources(from: &str, text: &str, tag: &str, ending: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, begin) in text.match_indices(tag) {
        let rest = &text[at + begin.len()..];
        let inside = rest.split('>').next().unwrap_or_default();
        let Some((_, value)) = inside.split_once("src") else { continue };
        if let Some(name) = quoted(value.trim_start().trim_start_matches('=')) {
            found.push(resolved(from, name.strip_suffix(ending).unwrap_or(name)));
        }
    }
    found
}

/// The scripts that a script asks for by name, as paths.
fn required(from: &str, text: &str) -> Vec<String> {
    let asked = text.match_indices("require(").map(|(at, word)| &text[at + word.len()..]);
    asked.filter_map(quoted).map(|name| resolved(from, name)).collect()
}

/// What stands between the quotes that a text begins with.
fn quoted(text: &str) -> Option<&str> {
    let text = text.trim_start();
    let quote = text.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    text[1..].split_once(quote).map(|(inside, _)| inside)
}

/// A path beside another or from the root, as the compiler's own runtime joins them.
fn resolved(from: &str, name: &str) -> String {
    let mut steps: Vec<&str> = if name.starts_with('/') { Vec::new() } else { from.split('/').collect() };
    steps.pop();
    for step in name.split('/') {
        match step {
            "" | "." => {}
            ".." => drop(steps.pop()),
            _ => steps.push(step),
        }
    }
    steps.join("/")
}

#[cfg(test)]
mod tests;
