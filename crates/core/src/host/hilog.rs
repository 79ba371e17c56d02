//! Log lines to HarmonyOS's hilog. The binding passes its text as a printf format, so this is the only place that
//! may call it, and every percent sign is doubled first.

use super::log::{LogLevel, LogSink};
use ohos_hilog_binding::{LogOptions, hilog_debug, hilog_error, hilog_info, hilog_warn};

/// hilog's own cap on a message is about 4 KB; a doubled percent sign counts twice.
const MOST_BYTES: usize = 3_500;
/// hilog's own cap on a tag.
const MOST_TAG_BYTES: usize = 31;
/// The log domain of this library.
const DOMAIN: u32 = 0xF1A9;

/// Writes to hilog.
#[derive(Clone, Copy, Debug, Default)]
pub struct HilogSink;

impl LogSink for HilogSink {
    fn write(&self, level: LogLevel, tag: &str, line: &str) {
        let text = as_format(line);
        let tag = crate::error::cut(tag, MOST_TAG_BYTES).replace('\0', "");
        let options = LogOptions { tag: Box::leak(Box::new(())) , domain: DOMAIN };
        match level {
            LogLevel::Debug => hilog_debug!(text, options),
            LogLevel::Info => hilog_info!(text, options),
            LogLevel::Warn => hilog_warn!(text, options),
            LogLevel::Error => hilog_error!(text, options),
        }
    }
}

fn as_format(line: &str) -> String {
    crate::error::cut(line, MOST_BYTES).replace('%', "%%").replace('\0', "")
}
