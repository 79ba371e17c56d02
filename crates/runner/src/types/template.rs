//! TypeScript types from a params template: `{ name: '', age: 0 }` becomes `{ age: number; name: string; … }`. What the
//! template names is required, and everything else is allowed beside it, as the library checks it.

use serde_json::{Map, Value};

/// The type that a template describes.
pub fn type_of(template: &Value) -> String {
    match template {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "boolean".to_owned(),
        Value::Number(_) => "number".to_owned(),
        Value::String(_) => "string".to_owned(),
        Value::Array(items) => list(items),
        Value::Object(members) if members.is_empty() => "Record<string, unknown>".to_owned(),
        Value::Object(members) => format!("{{ {}; [member: string]: any }}", inside(members, "; ")),
    }
}

/// The members of an object, with `between` in between.
pub fn inside(members: &Map<String, Value>, between: &str) -> String {
    let members: Vec<String> =
        members.iter().map(|(name, value)| format!("{}: {}", member(name), type_of(value))).collect();
    members.join(between)
}

/// The template asks for at least its own items, the rest are free.
fn list(items: &[Value]) -> String {
    if items.is_empty() {
        return "unknown[]".to_owned();
    }
    let items: Vec<String> = items.iter().map(type_of).collect();
    format!("[{}, ...unknown[]]", items.join(", "))
}

/// A name of a member, in quotes when it is no identifier.
pub fn member(name: &str) -> String {
    if is_identifier(name) { name.to_owned() } else { Value::from(name).to_string() }
}

/// Whether it can stand without quotes. Plain letters only: a name in quotes is right as well.
pub fn is_identifier(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|first| first.is_ascii_alphabetic() || matches!(first, '_' | '$'))
        && characters.all(|next| next.is_ascii_alphanumeric() || matches!(next, '_' | '$'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn f_p09_a_template_becomes_a_type() {
        for (template, expected) in [
            (json!({"name": "", "age": 0}), "{ age: number; name: string; [member: string]: any }"),
            (
                json!({"o": {"k": true}, "a-b": null}),
                "{ \"a-b\": null; o: { k: boolean; [member: string]: any }; [member: string]: any }",
            ),
            (json!({"list": ["", 0]}), "{ list: [string, number, ...unknown[]]; [member: string]: any }"),
            (json!({"any": {}, "all": []}), "{ all: unknown[]; any: Record<string, unknown>; [member: string]: any }"),
        ] {
            assert_eq!(type_of(&template), expected);
        }
    }
}
