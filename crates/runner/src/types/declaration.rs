//! The declaration file: an interface for each API's parameters, and the APIs as members of `ft` and `wx`.

use super::template::{inside, is_identifier, member};
use crate::probe::ExtApi;
use serde_json::Value;
use std::fmt::Write;

const HEAD: &str = "\
// The custom APIs of this mini-program's host. Written by `finapp types`; changes here are lost.

declare namespace FinappCustom {
  /** What every answer carries beside the host's own members. */
  interface Answer {
    /** `name:ok`, `name:fail …` or `name:cancel`. */
    errMsg: string
    [member: string]: any
  }

  /** What every call may carry beside its parameters. Without `success`, `fail` and `complete` it gives a Promise. */
  interface Callbacks {
    success?(answer: Answer): void
    fail?(failure: Answer): void
    complete?(end: Answer): void
    progress?(state: any): void
  }

  /** The same where one of the three is given, so that there is no Promise. */
  type Heard = Callbacks & ({ success(answer: Answer): void } | { fail(failure: Answer): void } | { complete(end: Answer): void })

  /** The same where none of the three is given. */
  interface Unheard {
    success?: undefined
    fail?: undefined
    complete?: undefined
    progress?(state: any): void
  }
";

const FT: &str = "
/** The host's custom APIs, under both names. */
declare const ft: FinappCustom.Apis
";

const WX: &str = "declare const wx: FinappCustom.Apis
";

/// `miniprogram-api-typings` declares `wx` itself: two declarations of one constant are an error.
const WX_OF_TYPINGS: &str = "declare namespace WechatMiniprogram {
  interface Wx extends FinappCustom.Apis {}
}
";

/// The text of the file. With `typings` it adds to the `wx` of `miniprogram-api-typings`.
pub fn file(apis: &[ExtApi], typings: bool) -> String {
    let mut text = HEAD.to_owned();
    for api in apis.iter().filter(|api| members_of(api).is_some()) {
        parameters(api, &mut text);
    }
    text.push_str("\n  /** One member for each API that is declared. */\n  interface Apis {\n");
    for api in apis {
        signatures(api, &mut text);
    }
    text.push_str("  }\n}\n");
    text.push_str(FT);
    text.push_str(if typings { WX_OF_TYPINGS } else { WX });
    text
}

/// The members of its template; none when nothing is checked.
fn members_of(api: &ExtApi) -> Option<&serde_json::Map<String, Value>> {
    api.params.as_ref().and_then(Value::as_object).filter(|members| !members.is_empty())
}

fn parameters(api: &ExtApi, text: &mut String) {
    let Some(members) = members_of(api) else { return };
    write!(
        text,
        "\n  /** What `{}` takes. Other members travel as well. */\n  interface {} {{\n    {}\n    [member: string]: any\n  }}\n",
        safe(&api.name),
        interface(api),
        inside(members, "\n    "),
    )
    .unwrap_or_default();
}

fn signatures(api: &ExtApi, text: &mut String) {
    let name = member(&api.name);
    let (taken, optional) = match members_of(api) {
        Some(_) => (interface(api), ""),
        None => ("{ [member: string]: any }".to_owned(), "?"),
    };
    let what = api.description.as_deref().map_or_else(String::new, |what| format!("{} ", safe(what)));
    let mut line = |line: String| writeln!(text, "    {line}").unwrap_or_default();
    if api.sync {
        line(format!("/** {what}Returns its answer. */"));
        line(format!("{name}(params{optional}: {taken}): Answer"));
    } else {
        line(format!("/** {what}Answers through the callbacks. */"));
        line(format!("{name}(params: {taken} & Heard): void"));
        line(format!("/** {what}Gives a Promise of its answer. */"));
        line(format!("{name}(params{optional}: {taken} & Unheard): Promise<Answer>"));
    }
}

/// `scanCode` becomes `ScanCodeParams`. Names that are no identifiers lose what is not allowed in one.
fn interface(api: &ExtApi) -> String {
    let plain: String = api.name.chars().map(|own| if own.is_ascii_alphanumeric() { own } else { '_' }).collect();
    let mut letters = plain.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase()).unwrap_or('_');
    let name = format!("{first}{}Params", letters.as_str());
    if is_identifier(&name) { name } else { format!("_{name}") }
}

/// Foreign text for a comment: it must not end it, or the line.
fn safe(text: &str) -> String {
    text.replace("*/", "* /").split_whitespace().collect::<Vec<_>>().join(" ")
}
