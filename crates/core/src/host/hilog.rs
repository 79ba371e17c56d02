//! Log lines to HarmonyOS's hilog. The binding passes its text on as a printf format, so this is the only place that
//! may call it, and every percent sign is doubled first.

/// hilog's own cap on a message is about 4 KB, and a doubled percent sign counts twice.
const MOST_BYTES: usize = 3_500;

/// The text as a format that prints itself: cut first, escaped second, so that no escape is cut in two.
fn as_format(line: &str) -> String {
    crate::error::cut(line, MOST_BYTES).replace('%', "%%").replace('\0', "")
}

#[cfg(target_env = "ohos")]
pub use sink::HilogSink;

#[cfg(target_env = "ohos")]
mod sink {
    use super::as_format;
    use crate::host::log::{LogLevel, LogSink};
    use once_cell::sync::Lazy;

    /// The tag of the library; the applet's id stands in the line.
    static OPTIONS: Lazy<()> = Lazy::new(|| {
        ohos_hilog_binding::set_global_options(ohos_hilog_binding::LogOptions { tag: "finapp", domain: 0xF1A9 });
    });

    /// Writes to hilog.
    #[derive(Clone, Copy, Debug, Default)]
    pub struct HilogSink;

    impl LogSink for HilogSink {
        fn write(&self, level: LogLevel, tag: &str, line: &str) {
            Lazy::force(&OPTIONS);
            let text = as_format(&format!("{tag}: {line}"));
            match level {
                LogLevel::Debug => ohos_hilog_binding::debug(text),
                LogLevel::Info => ohos_hilog_binding::info(text),
                LogLevel::Warn => ohos_hilog_binding::warn(text),
                LogLevel::Error => ohos_hilog_binding::error(text),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h_a28_a_format_directive_in_a_line_prints_itself() {
        assert_eq!(as_format("100%s %n\0!"), "100%%s %%n!");
        assert!(as_format(&"%".repeat(10_000)).len() <= 2 * MOST_BYTES);
    }
}
