//! The obfuscation rules that the HAR hands to the apps which use it: no name that crosses into the library may be
//! shortened. The names are read out of the generated declarations, so that none is forgotten.

use std::collections::BTreeSet;
use std::path::PathBuf;

const HEAD: &str = "\
# Names that code outside of ArkTS knows by their text: exports of libfinapp.so, their members, and the members of what
# travels through it. Generated from types/libfinapp/index.d.ts.
# Do not edit: change the Rust source and run `cargo xtask declarations --write`.
";

/// What stands in front of an exported name.
const EXPORTS: &[&str] = &[
    "export declare const enum ",
    "export declare function ",
    "export declare class ",
    "export declare const ",
    "export interface ",
    "export type ",
];
/// What may stand in front of a member's name.
const MODIFIERS: &[&str] = &["private ", "static ", "readonly ", "get ", "set "];

/// Where the rules are checked in.
pub fn file() -> PathBuf {
    crate::workspace::root().join("finapp/consumer-rules.txt")
}

/// The rules for the names of these declarations. An export is also a property: of the module that ArkTS imports.
pub fn render(declarations: &str) -> String {
    let exported: BTreeSet<&str> = declarations.lines().filter_map(exported_name).collect();
    let members = declarations.lines().filter_map(member_name);
    let properties: BTreeSet<&str> = exported.iter().copied().chain(members).collect();
    let section = |option: &str, names: BTreeSet<&str>| {
        names.iter().fold(format!("\n{option}\n"), |text, name| format!("{text}{name}\n"))
    };
    [HEAD.to_owned(), section("-keep-global-name", exported), section("-keep-property-name", properties)].concat()
}

fn exported_name(line: &str) -> Option<&str> {
    EXPORTS.iter().find_map(|head| line.strip_prefix(head)).map(identifier)
}

// Members are one level in; the lines of their comments begin with a slash or, one column further in, with a star.
fn member_name(line: &str) -> Option<&str> {
    let mut member = line.strip_prefix("  ")?;
    while let Some(rest) = MODIFIERS.iter().find_map(|modifier| member.strip_prefix(modifier)) {
        member = rest;
    }
    Some(identifier(member)).filter(|name| !name.is_empty() && *name != "constructor")
}

fn identifier(text: &str) -> &str {
    let end = text.find(|character: char| !character.is_alphanumeric() && character != '_' && character != '$');
    text.get(..end.unwrap_or(text.len())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f_p01_every_export_and_every_member_is_kept() {
        let declarations = "\
// A head.

/** Codes. */
export declare const enum Code {
  /** First. */
  One = 1,
  Two = 2
}

/** A shape. */
export interface Params {
  /**
   * Words in: comments(are) no names.
   */
  api_name: string
  rawData?: Object
}

export type Reason = 'host' | 'error'

export declare function version(): string

export declare class Client {
  private constructor()
  static init(config: Config): Client
  get apiManager(): Manager
  readonly appId: string
  goBack(appId: string): boolean
}
";
        let exported = "Client\nCode\nParams\nReason\nversion\n";
        let properties =
            "Client\nCode\nOne\nParams\nReason\nTwo\napiManager\napi_name\nappId\ngoBack\ninit\nrawData\nversion\n";
        let expected = format!("{HEAD}\n-keep-global-name\n{exported}\n-keep-property-name\n{properties}");
        assert_eq!(render(declarations), expected);
    }
}
