//! Log lines to HarmonyOS's hilog: always as the argument of one constant format, so that no text of a mini-program is
//! ever read as one. The binding's own functions pass their text on as the format and are not called.

#![cfg_attr(target_env = "ohos", expect(unsafe_code, reason = "hilog is a C function"))]

use std::ffi::CString;

/// hilog's own cap on a message is about 4 KB, its head included.
const MOST_BYTES: usize = 3_500;

/// The text as hilog takes it: cut on the border of a character, and without the byte that would end it early.
fn as_message(line: &str) -> CString {
    // Nothing is left that could make this fail; an empty line is the honest answer if something were.
    CString::new(crate::error::cut(line, MOST_BYTES).replace('\0', "\u{fffd}")).unwrap_or_default()
}

#[cfg(target_env = "ohos")]
pub use sink::HilogSink;

#[cfg(target_env = "ohos")]
mod sink {
    use super::as_message;
    use crate::host::log::{LogLevel, LogSink};
    use ohos_hilog_binding::{LogLevel as Level, LogType};
    use ohos_hilogs_sys::OH_LOG_Print;
    use std::ffi::CStr;

    /// The tag of the library; the applet's id stands in the line.
    const TAG: &CStr = c"finapp";
    const DOMAIN: u32 = 0xF1A9;
    const FORMAT: &CStr = c"%{public}s";

    /// Writes to hilog.
    #[derive(Clone, Copy, Debug, Default)]
    pub struct HilogSink;

    impl LogSink for HilogSink {
        fn write(&self, level: LogLevel, tag: &str, line: &str) {
            let level = match level {
                LogLevel::Debug => Level::LogDebug,
                LogLevel::Info => Level::LogInfo,
                LogLevel::Warn => Level::LogWarn,
                LogLevel::Error => Level::LogError,
            };
            let message = as_message(&format!("{tag}: {line}"));
            // SAFETY: all three texts end with a NUL and outlive the call, and the format takes exactly the one text
            // that follows it.
            unsafe {
                OH_LOG_Print(
                    LogType::LogApp.into(),
                    level.into(),
                    DOMAIN,
                    TAG.as_ptr(),
                    FORMAT.as_ptr(),
                    message.as_ptr(),
                )
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h_a28_a_line_keeps_its_directives_and_ends_where_it_ends() {
        assert_eq!(as_message("100%s %n\0!").to_str().unwrap(), "100%s %n\u{fffd}!");
        assert!(as_message(&"€".repeat(10_000)).to_str().unwrap().len() <= MOST_BYTES);
    }
}
