//! Where log lines go. Text that reaches a sink is already cut and escaped; a sink adds no format of its own to it.

use std::fmt;

/// How urgent a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the usual names")]
pub enum LogLevel {
    Debug,
    Info,
    Warn,
    Error,
}

impl fmt::Display for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        })
    }
}

/// Takes log lines, from any thread. A sink that panics or blocks harms only the thread that logs; the bridge guards
/// against the former.
pub trait LogSink: Send + Sync {
    /// Takes one line. `tag` is the applet's id, or `finapp` for the library itself.
    fn write(&self, level: LogLevel, tag: &str, line: &str);
}

/// Replaces what could forge a second log line or end a C string: control characters become visible escapes.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push('\t'),
            control if control.is_control() => escaped.push_str(&format!("\\u{{{:x}}}", control as u32)),
            plain => escaped.push(plain),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_line_stays_one_line_and_a_c_string() {
        assert_eq!(escape("a\nb\0c%s%n\x1b[31m"), "a\\nb\\u{0}c%s%n\\u{1b}[31m");
    }
}
