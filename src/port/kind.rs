//! What kinds of JavaScript values this library tells apart.

/// What kind of value it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `undefined`
    Undefined,
    /// `null`
    Null,
    /// `true` or `false`
    Boolean,
    /// A number.
    Number,
    /// A text.
    Text,
    /// An object that is not a function.
    Object,
    /// A function.
    Function,
    /// A symbol, a `BigInt` or something newer.
    Other,
}

impl Kind {
    /// The word for error texts.
    pub fn word(self) -> &'static str {
        match self {
            Self::Undefined => "nothing",
            Self::Null => "null",
            Self::Boolean => "a boolean",
            Self::Number => "a number",
            Self::Text => "a string",
            Self::Object => "an object",
            Self::Function => "a function",
            Self::Other => "something else",
        }
    }
}
