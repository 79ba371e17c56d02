//! What one member of parameters or of an answer may be, and the check of it. The texts about types are those of the
//! dialects served.

use crate::bridge::members::{Members, items, type_name, value};
use crate::error::{Error, ErrorCode};

/// What a value may be.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Text,
    /// Text of at most so many characters.
    Short(usize),
    /// One of these words; any other is refused.
    Word(&'static [&'static str]),
    /// One of these words; any other counts as the default.
    Style(&'static [&'static str]),
    Flag,
    Number,
    /// A number between these.
    Within(i32, i32),
    /// A whole number between these; one beyond them counts as the nearest.
    Count(i32, i32),
    Object,
    /// A list of texts, of at least and at most so many.
    Texts(usize, usize),
    /// Texts of which each is one of these words.
    Words(&'static [&'static str]),
    /// The path of a file of the mini-program, which the provider gets as a real one.
    File,
    /// A list of such paths and of web addresses, which stay what they are.
    Pictures,
    /// One of the texts of a list of pictures, turned as they are.
    Picture,
}

impl Kind {
    /// The type in the words of the texts about it.
    fn wanted(self) -> &'static str {
        match self {
            Self::Text | Self::Short(_) | Self::Word(_) | Self::Style(_) | Self::File | Self::Picture => "String",
            Self::Flag => "Boolean",
            Self::Number | Self::Within(..) | Self::Count(..) => "Number",
            Self::Object => "Object",
            Self::Texts(..) | Self::Words(_) | Self::Pictures => "Array",
        }
    }

    /// Whether the value is a place of a file.
    pub(super) fn is_file(self) -> bool {
        matches!(self, Self::File | Self::Pictures | Self::Picture)
    }
}

/// What is there when a member is not given.
#[derive(Clone, Copy, Debug)]
pub(super) enum Need {
    Required,
    Optional,
    /// This JSON text.
    Or(&'static str),
}

/// One member.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) need: Need,
}

/// A member that must be given.
pub(super) const fn must(name: &'static str, kind: Kind) -> Member {
    Member { name, kind, need: Need::Required }
}

/// A member that need not be given.
pub(super) const fn may(name: &'static str, kind: Kind) -> Member {
    Member { name, kind, need: Need::Optional }
}

/// A member that has a value when it is not given.
pub(super) const fn or(name: &'static str, kind: Kind, default: &'static str) -> Member {
    Member { name, kind, need: Need::Or(default) }
}

/// What is wrong: wrong types are listed, and anything else is told by itself.
#[derive(Debug, Default)]
pub(super) struct Wrong {
    types: String,
    other: Option<String>,
}

impl Wrong {
    /// As the failure of a call with such parameters.
    pub(super) fn of_parameters(self) -> Option<Error> {
        let text = match (self.types.is_empty(), self.other) {
            (false, _) => format!("parameter error: {}", self.types),
            (true, Some(other)) => other,
            (true, None) => return None,
        };
        Some(Error::new(ErrorCode::Parameter, text))
    }

    /// As the failure of a call that was answered so.
    pub(super) fn of_answer(self) -> Option<Error> {
        let text = match (self.types.is_empty(), self.other) {
            (false, _) => self.types,
            (true, Some(other)) => other,
            (true, None) => return None,
        };
        Some(Error::new(ErrorCode::HandlerResult, format!("the provider answered wrongly: {text}")))
    }

    fn tell(&mut self, text: impl FnOnce() -> String) {
        self.other.get_or_insert_with(text);
    }
}

/// Checks members and puts in what is missing. `who` is what the members are of.
pub(super) fn check(who: &str, shape: &[Member], members: &mut Members<'_>) -> Wrong {
    let mut wrong = Wrong::default();
    for Member { name, kind, need } in shape {
        let (name, kind) = (*name, *kind);
        let given = members.get(name);
        // What is `null` where something else belongs was not given, unless it had to be.
        let given = given.filter(|raw| *raw != "null" || matches!(need, Need::Required));
        match (given, need) {
            (None, Need::Required) => {
                wrong.types += &format!("{who}.{name} should be {} instead of Undefined;", kind.wanted());
            }
            (None, Need::Optional) => members.retain(|own| own != name),
            (None, Need::Or(default)) => members.set(name, *default),
            (Some(raw), _) if type_name(raw) != kind.wanted() => {
                wrong.types += &format!("{who}.{name} should be {} instead of {};", kind.wanted(), type_name(raw));
            }
            (Some(raw), need) => {
                if let Some(instead) = look(who, name, kind, *need, raw, &mut wrong) {
                    members.set(name, instead);
                }
            }
        }
    }
    wrong
}

/// Looks at a value of the right type. Gives the text that is to stand in its place, if another is.
fn look(who: &str, name: &str, kind: Kind, need: Need, raw: &str, wrong: &mut Wrong) -> Option<String> {
    match kind {
        Kind::Text | Kind::Flag | Kind::Number | Kind::Object | Kind::Picture => None,
        Kind::File => {
            if raw == "\"\"" {
                wrong.types += &format!("{who}.{name} should not be empty;");
            }
            None
        }
        Kind::Short(most) => {
            if value::<String>(raw).is_none_or(|text| text.chars().count() > most) {
                wrong.tell(|| format!("{name} length should not larger than {most} Chinese characters"));
            }
            None
        }
        Kind::Word(words) => {
            if !is_word(words, raw) {
                wrong.types += &format!("{who}.{name} should be one of {};", words.join(", "));
            }
            None
        }
        Kind::Style(words) => match need {
            Need::Or(default) if !is_word(words, raw) => Some(default.to_owned()),
            _ => None,
        },
        Kind::Within(least, most) => {
            if value::<f64>(raw).is_none_or(|number| number < f64::from(least) || number > f64::from(most)) {
                wrong.types += &format!("{who}.{name} should be between {least} and {most};");
            }
            None
        }
        Kind::Count(least, most) => {
            let number = value::<f64>(raw)?.clamp(f64::from(least), f64::from(most)).trunc();
            Some(format!("{number:.0}"))
        }
        Kind::Texts(least, most) => {
            let count = texts(who, name, raw, wrong, |_| true);
            if count < least {
                wrong.types += &format!("{who}.{name} should have at least {least} item;");
            } else if count > most {
                // WeChat's own words.
                wrong.tell(|| format!("parameter error: {name} should not be large than {most}"));
            }
            None
        }
        Kind::Pictures => {
            if texts(who, name, raw, wrong, |_| true) == 0 {
                wrong.types += &format!("{who}.{name} should have at least 1 item;");
            }
            None
        }
        Kind::Words(words) => {
            let count = texts(who, name, raw, wrong, |item| is_word(words, item));
            match need {
                Need::Or(default) if count == 0 => Some(default.to_owned()),
                _ => None,
            }
        }
    }
}

fn is_word(words: &[&str], raw: &str) -> bool {
    value::<String>(raw).is_some_and(|text| words.contains(&&*text))
}

/// Looks at the items of a list of texts; gives their number.
fn texts(who: &str, name: &str, raw: &str, wrong: &mut Wrong, is_one: impl Fn(&str) -> bool) -> usize {
    let list = items(raw).unwrap_or_default();
    for (at, item) in list.iter().enumerate() {
        let got = type_name(item.get());
        if got != "String" {
            wrong.types += &format!("{who}.{name}[{at}] should be String instead of {got};");
        } else if !is_one(item.get()) {
            wrong.types += &format!("{who}.{name}[{at}] is not known;");
        }
        if wrong.types.len() > 1024 {
            break;
        }
    }
    list.len()
}
