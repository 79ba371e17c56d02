//! `cargo xtask declarations`: the TypeScript declarations of the N-API module, generated from its Rust source and
//! compared with what is checked in, so that a changed export shows up in review. The obfuscation rules of the HAR are
//! made of the same names.

mod consumer_rules;

use crate::outcome::{self, Failure, Outcome};
use crate::setup::{self, Need};
use crate::{process, workspace};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const HEAD: &str = "// Declarations of libfinapp.so, generated from its Rust source.\n\
                    // Do not edit: change the source and run `cargo xtask declarations --write`.\n";

/// `cargo xtask declarations [--write]`.
pub fn run(arguments: &[String]) -> Outcome {
    let write = outcome::write_flag(arguments)?;
    setup::ensure(&[Need::Compiler])?;
    settle(write)
}

/// Compares the checked-in files with the source, its types with TypeScript, and its names with the built module.
///
/// # Errors
/// When any of them disagree.
pub fn check() -> Outcome {
    settle(false)?;
    check_types()?;
    check_names(&target().join("debug/libfinapp.so"))
}

fn settle(write: bool) -> Outcome {
    let text = render(&read_definitions()?);
    outcome::settle(&file(), &text, write, "declarations")?;
    outcome::settle(&consumer_rules::file(), &consumer_rules::render(&text), write, "declarations")
}

fn file() -> PathBuf {
    workspace::root().join("finapp/types/libfinapp/index.d.ts")
}

fn target() -> PathBuf {
    workspace::target().join("declarations")
}

/// What the export macro says about one item.
struct Definition {
    kind: String,
    name: String,
    doc: String,
    body: String,
}

// The macro writes only while it expands, and a cached build writes nothing: so an own target folder, out of which
// our package is cleaned first. The module is built as it ships, without the hooks of the tests.
fn read_definitions() -> Outcome<Vec<Definition>> {
    let target = target();
    let folder = target.join("definitions");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(|error| Failure::file(&folder, &error))?;
    }
    std::fs::create_dir_all(&folder).map_err(|error| Failure::file(&folder, &error))?;
    process::run(process::cargo().args(["clean", "--quiet", "--package", "finapp", "--target-dir"]).arg(&target))?;
    process::run(
        process::cargo()
            .args(["build", "--quiet", "--package", "finapp", "--lib", "--target-dir"])
            .arg(&target)
            .env("NAPI_TYPE_DEF_TMP_FOLDER", &folder),
    )?;
    let path = folder.join("finapp");
    let text = std::fs::read_to_string(&path).map_err(|error| Failure::file(&path, &error))?;
    text.lines().filter(|line| !line.trim().is_empty()).map(parse_definition).collect()
}

fn parse_definition(line: &str) -> Outcome<Definition> {
    let value: Value = serde_json::from_str(line).map_err(|error| Failure::new(format!("{error} in: {line}")))?;
    let member = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    Ok(Definition {
        kind: member("kind"),
        name: member("name"),
        doc: member("js_doc").lines().map(|line| format!("{}\n", line.trim_end())).collect(),
        // The macro parts members of interfaces and classes by the two characters `\n`.
        body: member("def").replace("\\n", "\n"),
    })
}

// Enums, interfaces and types, functions, classes; by name within a kind.
fn render(definitions: &[Definition]) -> String {
    let mut text = String::from(HEAD);
    let mut put = |doc: &str, body: String| text.push_str(&format!("\n{doc}{body}\n"));
    for definition in of_kind(definitions, &["enum", "string_enum"]) {
        put(
            &definition.doc,
            format!("export declare const enum {} {{\n{}\n}}", definition.name, indent(&definition.body)),
        );
    }
    for definition in of_kind(definitions, &["interface", "type"]) {
        let body = if definition.kind == "type" {
            format!("export type {} = {}", definition.name, definition.body)
        } else {
            format!("export interface {} {{\n{}\n}}", definition.name, indent(&definition.body))
        };
        put(&definition.doc, body);
    }
    for definition in of_kind(definitions, &["const", "fn"]) {
        let body = definition.body.trim_start_matches("export ");
        put(&definition.doc, format!("export declare {body}"));
    }
    for definition in of_kind(definitions, &["struct"]) {
        let methods = definitions.iter().filter(|other| other.kind == "impl" && other.name == definition.name);
        let members: Vec<&str> = std::iter::once(definition)
            .chain(methods)
            .map(|part| part.body.trim_matches('\n'))
            .filter(|body| !body.is_empty())
            .collect();
        put(
            &definition.doc,
            format!("export declare class {} {{\n{}\n}}", definition.name, indent(&members.join("\n"))),
        );
    }
    text
}

fn of_kind<'a>(definitions: &'a [Definition], kinds: &[&str]) -> Vec<&'a Definition> {
    let mut found: Vec<&Definition> =
        definitions.iter().filter(|definition| kinds.contains(&definition.kind.as_str())).collect();
    found.sort_by(|left, right| left.name.cmp(&right.name));
    found
}

// Members of a body stand on one level; only the later lines of a doc comment are one column in.
fn indent(body: &str) -> String {
    let lines = body.lines().map(str::trim).map(|line| match line {
        "" => String::new(),
        comment if comment.starts_with('*') => format!("   {comment}"),
        member => format!("  {member}"),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Types of the language alone: what only Node has is unknown in ArkTS.
const TYPE_CHECK: &str = "
    const ts = require('typescript')
    const options = { noEmit: true, strict: true, lib: ['lib.es2021.d.ts'], types: [] }
    const found = ts.getPreEmitDiagnostics(ts.createProgram([process.argv[1]], options))
    const host = { getCanonicalFileName: (name) => name, getCurrentDirectory: () => process.cwd(), getNewLine: () => '\\n' }
    process.stderr.write(ts.formatDiagnostics(found, host))
    process.exitCode = found.length === 0 ? 0 : 1";

// A type that ArkTS does not know would silently become `any` there: the file must stand by itself.
fn check_types() -> Outcome {
    let checked = process::capture(setup::node().arg("-e").arg(TYPE_CHECK).arg(file()));
    checked.map(drop).map_err(|_| Failure::new(format!("{}: see the findings above", file().display())))
}

fn check_names(module: &Path) -> Outcome {
    let path = file();
    let text = std::fs::read_to_string(&path).map_err(|error| Failure::file(&path, &error))?;
    let declared = declared_names(&text);
    let script = "
        const module = { exports: {} }
        process.dlopen(module, process.argv[1])
        process.stdout.write(Object.keys(module.exports).join('\\n'))";
    let printed = process::capture(setup::node().arg("-e").arg(script).arg(module))?;
    let exported: BTreeSet<&str> = printed.lines().collect();
    if declared == exported {
        return Ok(());
    }
    let only =
        |left: &BTreeSet<&str>, right: &BTreeSet<&str>| left.difference(right).copied().collect::<Vec<_>>().join(", ");
    Err(Failure::new(format!(
        "declared but not exported: [{}]; exported but not declared: [{}]",
        only(&declared, &exported),
        only(&exported, &declared)
    )))
}

/// The names in the declarations that exist at run time.
fn declared_names(text: &str) -> BTreeSet<&str> {
    let heads =
        ["export declare const enum ", "export declare function ", "export declare class ", "export declare const "];
    text.lines()
        .filter_map(|line| heads.iter().find_map(|head| line.strip_prefix(head)))
        .filter_map(|rest| rest.split(|character: char| !character.is_alphanumeric() && character != '_').next())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f_p06_definitions_are_written_by_kind_and_name() {
        let lines = [
            r#"{"kind": "impl", "name": "Client", "js_doc": "", "def": "/** Starts. */\nstart(id: string): void\\nclose(): void"}"#,
            r#"{"kind": "struct", "name": "Client", "js_doc": "/** A client. */\n", "def": ""}"#,
            r#"{"kind": "fn", "name": "version", "js_doc": "", "def": "function version(): string"}"#,
            r#"{"kind": "interface", "name": "Config", "js_doc": "", "def": "appId: string\\nlimit?: number"}"#,
            r#"{"kind": "enum", "name": "State", "js_doc": "", "def": "Open = 0,\n Closed = 1"}"#,
        ];
        let definitions: Vec<Definition> = lines.iter().map(|line| parse_definition(line).unwrap()).collect();
        let text = render(&definitions);
        let expected = [
            "export declare const enum State {\n  Open = 0,\n  Closed = 1\n}",
            "export interface Config {\n  appId: string\n  limit?: number\n}",
            "export declare function version(): string",
            "/** A client. */\nexport declare class Client {\n  /** Starts. */\n  start(id: string): void\n  close(): void\n}",
        ];
        assert_eq!(text, format!("{HEAD}\n{}\n", expected.join("\n\n")));
        assert_eq!(declared_names(&text), BTreeSet::from(["Client", "State", "version"]));
    }
}
