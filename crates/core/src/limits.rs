//! Every number that bounds an applet, in one validated struct.
//! Memory, turn time and a native hang end the applet; counts and sizes fail the one call.

use crate::error::{Error, ErrorCode, Result};
use serde::{Deserialize, Serialize};
use std::time::Duration;

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// Stack for one level of a message that is being read or written; up to 6 KiB in a build without optimisation.
const BYTES_PER_LEVEL: usize = 8 * KIB;

/// The limits of one applet and, where a field says so, of the whole client. Sizes are bytes, times milliseconds.
///
/// Every field may be left out of a configuration; the default stands then.
///
/// ```
/// use finapp_core::Limits;
/// let limits: Limits = serde_json::from_str(r#"{"callsInFlight": 32}"#).unwrap();
/// assert_eq!(limits.calls_in_flight, 32);
/// assert_eq!(limits.turn_foreground_ms, 1000);
/// limits.validate().unwrap();
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Limits {
    /// Engine memory of one applet. Default 64 MiB.
    pub memory: usize,
    /// JavaScript stack. At most 1 MiB, and at most a quarter of `thread_stack`. Default 512 KiB.
    pub js_stack: usize,
    /// Stack of an applet's thread. Default 4 MiB.
    pub thread_stack: usize,
    /// JavaScript time of one turn (a synchronous run, or a chain of promise jobs) in the foreground. Default 1,000.
    pub turn_foreground_ms: u64,
    /// The same in the background. Default 200.
    pub turn_background_ms: u64,
    /// How long past its budget a turn may run before the watchdog gives the applet up. Default 500.
    pub watchdog_grace_ms: u64,
    /// Promise jobs in a row before messages are looked at. Default 1,000.
    pub jobs_per_pump: u32,
    /// Time for promise jobs in a row before messages are looked at. Default 8.
    pub pump_ms: u64,
    /// Text of one message. Default 1 MiB.
    pub message_bytes: usize,
    /// Nesting of one message. Default 64.
    pub message_depth: usize,
    /// Members of one object in a message. Default 10,000.
    pub message_keys: usize,
    /// Binaries beside one message, in all. Default 16 MiB.
    pub message_binary_bytes: usize,
    /// Calls in flight of one applet. Default 256.
    pub calls_in_flight: usize,
    /// Calls in flight of all applets together. Default 2,048.
    pub calls_in_flight_total: usize,
    /// Progress messages that wait for one applet. Default 1,000.
    pub progress_queued: usize,
    /// Events that wait for one applet; the oldest is dropped. Default 1,000.
    pub events_queued: usize,
    /// Event listeners of one applet. Default 1,000.
    pub listeners: usize,
    /// Timers of one applet. Default 1,000.
    pub timers: usize,
    /// Shortest timer delay. Default 4.
    pub timer_floor_ms: u64,
    /// Custom APIs that one applet may declare. Default 1,000.
    pub declared_apis: usize,
    /// One log line. Default 4,000.
    pub log_line_bytes: usize,
    /// Log lines a second of one applet. Default 100.
    pub log_lines_per_second: u32,
    /// Error text to the host. Default 4 KiB.
    pub error_text_host_bytes: usize,
    /// A handler's message to the applet. Default 1 KiB.
    pub error_text_applet_bytes: usize,
    /// Deadline of a synchronous call. At most 5,000. Default 3,000.
    pub sync_call_ms: u64,
    /// Time parked in synchronous calls in one turn, in all. At most 5,000. Default 5,000.
    pub parked_per_turn_ms: u64,
    /// Live applets of the client. Default 16.
    pub live_applets: usize,
    /// Pages on the stack of one applet. Default 10.
    pub pages_open: usize,
    /// Messages a second of one H5 page; what is more is dropped and counted. Default 1,000.
    pub page_messages_per_second: u32,
    /// Calls of one H5 page that wait for their answer, and calls of its functions that do. Default 64.
    pub page_calls_in_flight: usize,
    /// How long a page may take to answer `callJS`. Default 30,000.
    pub page_call_ms: u64,
    /// Messages of one H5 page that wait until the mini-program leaves it; their text in all as one message. Default 1,000.
    pub web_messages_queued: usize,
    /// Quarantined threads of the client. Default 4.
    pub zombies: usize,
    /// What one applet may keep for one user with the storage family, keys included. At most 1 GiB. Default 10 MiB.
    pub storage_bytes: usize,
    /// One value in it. Default 1 MiB.
    pub storage_value_bytes: usize,
    /// One key in it. Default 256.
    pub storage_key_bytes: usize,
    /// What one applet may keep for one user in files. At most 4 GiB. Default 200 MiB.
    pub files_bytes: usize,
    /// What its temporary files may take, which are gone when it closes. At most 4 GiB. Default 200 MiB.
    pub files_temp_bytes: usize,
    /// Files and folders among the ones, and among the others. Default 10,000.
    pub files_entries: usize,
    /// Files that it may have open. Default 64.
    pub files_open: usize,
    /// Requests, downloads and uploads of one applet that are under way at once; more wait. Default 10.
    pub network_tasks: usize,
    /// Sockets of one applet. Default 5.
    pub sockets: usize,
    /// Longest time for one request, download or upload, and for connecting a socket. Default 60,000.
    pub network_ms: u64,
    /// One downloaded file. Default 200 MiB.
    pub download_bytes: usize,
    /// The data of one event of `reportEvent`. Default 32 KiB.
    pub report_bytes: usize,
    /// Events a second of one applet. Default 20.
    pub reports_per_second: u32,
    /// Events of one applet that wait to be sent; the oldest is dropped. Default 10,000.
    pub reports_kept: usize,
    /// The same in bytes, as they are sent. Default 4 MiB.
    pub reports_kept_bytes: usize,
    /// The same of all applets together. Default 32 MiB.
    pub reports_kept_bytes_total: usize,
    /// Files of a package, in all, unpacked. Default 64 MiB.
    pub package_bytes: usize,
    /// Entries of a package. Default 10,000.
    pub package_entries: usize,
    /// Packages from servers that the client keeps on disk. Default 256 MiB.
    pub package_cache_bytes: usize,
    /// Compiled code of packages that the client keeps on disk; 0 keeps none. Default 64 MiB.
    pub code_cache_bytes: usize,
    /// How long a start waits for the index of a package that is cached. Default 3,000.
    pub package_check_ms: u64,
    /// How long a package may take to come; its index as well when none is cached. Default 120,000.
    pub package_download_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory: 64 * MIB,
            js_stack: 512 * KIB,
            thread_stack: 4 * MIB,
            turn_foreground_ms: 1_000,
            turn_background_ms: 200,
            watchdog_grace_ms: 500,
            jobs_per_pump: 1_000,
            pump_ms: 8,
            message_bytes: MIB,
            message_depth: 64,
            message_keys: 10_000,
            message_binary_bytes: 16 * MIB,
            calls_in_flight: 256,
            calls_in_flight_total: 2_048,
            progress_queued: 1_000,
            events_queued: 1_000,
            listeners: 1_000,
            timers: 1_000,
            timer_floor_ms: 4,
            declared_apis: 1_000,
            log_line_bytes: 4_000,
            log_lines_per_second: 100,
            error_text_host_bytes: 4 * KIB,
            error_text_applet_bytes: KIB,
            sync_call_ms: 3_000,
            parked_per_turn_ms: 5_000,
            live_applets: 16,
            pages_open: 10,
            page_messages_per_second: 1_000,
            page_calls_in_flight: 64,
            page_call_ms: 30_000,
            web_messages_queued: 1_000,
            zombies: 4,
            storage_bytes: 10 * MIB,
            storage_value_bytes: MIB,
            storage_key_bytes: 256,
            files_bytes: 200 * MIB,
            files_temp_bytes: 200 * MIB,
            files_entries: 10_000,
            files_open: 64,
            network_tasks: 10,
            sockets: 5,
            network_ms: 60_000,
            download_bytes: 200 * MIB,
            report_bytes: 32 * KIB,
            reports_per_second: 20,
            reports_kept: 10_000,
            reports_kept_bytes: 4 * MIB,
            reports_kept_bytes_total: 32 * MIB,
            package_bytes: 64 * MIB,
            package_entries: 10_000,
            package_cache_bytes: 256 * MIB,
            code_cache_bytes: 64 * MIB,
            package_check_ms: 3_000,
            package_download_ms: 120_000,
        }
    }
}

impl Limits {
    /// Checks that the numbers can hold.
    ///
    /// # Errors
    /// `E_PARAM`, naming the field and what it must be.
    pub fn validate(&self) -> Result<()> {
        let check = |holds: bool, field: &str, expected: &str, got: usize| {
            if holds {
                return Ok(());
            }
            Err(Error::new(ErrorCode::Parameter, format!("limits.{field}: expected {expected}, got {got}")))
        };
        // Zero or more than 16 MiB silently switches the engine's stack check off, and 1 MiB of JavaScript on a small
        // thread aborts the process.
        check(self.js_stack >= 64 * KIB && self.js_stack <= MIB, "jsStack", "65536 to 1048576 bytes", self.js_stack)?;
        check(
            self.thread_stack >= 4 * self.js_stack && self.thread_stack <= 256 * MIB,
            "threadStack",
            "at least 4 times jsStack and at most 256 MiB",
            self.thread_stack,
        )?;
        check(self.memory >= MIB && self.memory <= 4096 * MIB, "memory", "1 MiB to 4 GiB", self.memory)?;
        check(self.message_depth >= 1 && self.message_depth <= 512, "messageDepth", "1 to 512", self.message_depth)?;
        check(self.message_bytes <= 256 * MIB, "messageBytes", "at most 256 MiB", self.message_bytes)?;
        for (field, value, most) in [
            ("turnForegroundMs", self.turn_foreground_ms, 60_000),
            ("turnBackgroundMs", self.turn_background_ms, 60_000),
            ("watchdogGraceMs", self.watchdog_grace_ms, 60_000),
            ("pumpMs", self.pump_ms, 1_000),
            ("syncCallMs", self.sync_call_ms, 5_000),
            ("parkedPerTurnMs", self.parked_per_turn_ms, 5_000),
            ("networkMs", self.network_ms, 3_600_000),
            ("pageCallMs", self.page_call_ms, 3_600_000),
            ("packageCheckMs", self.package_check_ms, 60_000),
            ("packageDownloadMs", self.package_download_ms, 3_600_000),
            ("jobsPerPump", u64::from(self.jobs_per_pump), 1_000_000),
        ] {
            let got = usize::try_from(value).unwrap_or(usize::MAX);
            check(value >= 1 && value <= most, field, &format!("1 to {most}"), got)?;
        }
        let most = 1024 * MIB;
        check(self.storage_bytes <= most, "storageBytes", &format!("at most {most}"), self.storage_bytes)?;
        for (field, value) in [("filesBytes", self.files_bytes), ("filesTempBytes", self.files_temp_bytes)] {
            check(value <= 4096 * MIB, field, "at most 4 GiB", value)?;
        }
        for (field, value) in [
            ("messageBytes", self.message_bytes),
            ("messageKeys", self.message_keys),
            ("callsInFlight", self.calls_in_flight),
            ("callsInFlightTotal", self.calls_in_flight_total),
            ("progressQueued", self.progress_queued),
            ("eventsQueued", self.events_queued),
            ("listeners", self.listeners),
            ("timers", self.timers),
            ("logLineBytes", self.log_line_bytes),
            ("liveApplets", self.live_applets),
            ("pagesOpen", self.pages_open),
            ("pageMessagesPerSecond", self.page_messages_per_second as usize),
            ("pageCallsInFlight", self.page_calls_in_flight),
            ("webMessagesQueued", self.web_messages_queued),
            ("storageBytes", self.storage_bytes),
            ("storageValueBytes", self.storage_value_bytes),
            ("storageKeyBytes", self.storage_key_bytes),
            ("filesBytes", self.files_bytes),
            ("filesTempBytes", self.files_temp_bytes),
            ("filesEntries", self.files_entries),
            ("filesOpen", self.files_open),
            ("networkTasks", self.network_tasks),
            ("sockets", self.sockets),
            ("downloadBytes", self.download_bytes),
            ("reportBytes", self.report_bytes),
            ("reportsPerSecond", self.reports_per_second as usize),
            ("reportsKept", self.reports_kept),
            ("reportsKeptBytes", self.reports_kept_bytes),
            ("reportsKeptBytesTotal", self.reports_kept_bytes_total),
            ("packageBytes", self.package_bytes),
            ("packageEntries", self.package_entries),
            ("packageCacheBytes", self.package_cache_bytes),
        ] {
            check(value >= 1, field, "at least 1", value)?;
        }
        Ok(())
    }

    /// What an applet's thread really gets: its stack, and what it takes to read the deepest message allowed, which
    /// may be asked of it when the JavaScript stack is full.
    pub(crate) fn stack_of_a_thread(&self) -> usize {
        self.thread_stack + self.message_depth * BYTES_PER_LEVEL
    }

    /// The budget of one turn, in the foreground or the background.
    #[must_use]
    pub fn turn_budget(&self, background: bool) -> Duration {
        Duration::from_millis(if background { self.turn_background_ms } else { self.turn_foreground_ms })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f_h19_each_unsafe_number_is_refused_by_its_field_name() {
        type Spoil = fn(&mut Limits);
        let cases: [(&str, Spoil); 7] = [
            ("limits.jsStack", |l| l.js_stack = 0),
            ("limits.jsStack", |l| l.js_stack = 32 * MIB),
            ("limits.threadStack", |l| l.thread_stack = 128 * KIB),
            ("limits.memory", |l| l.memory = 10),
            ("limits.syncCallMs", |l| l.sync_call_ms = 60_000),
            ("limits.callsInFlight", |l| l.calls_in_flight = 0),
            ("limits.turnForegroundMs", |l| l.turn_foreground_ms = 0),
        ];
        for (field, spoil) in cases {
            let mut limits = Limits::default();
            spoil(&mut limits);
            let error = limits.validate().unwrap_err();
            assert_eq!(error.code(), ErrorCode::Parameter);
            assert!(error.message().starts_with(field), "{error} must name {field}");
        }
    }

    #[test]
    fn the_defaults_hold() {
        Limits::default().validate().unwrap();
    }
}
