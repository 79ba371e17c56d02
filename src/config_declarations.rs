//! Shapes of the configuration and of the counters in `index.d.ts`; see `declarations`.

#![expect(dead_code, reason = "declared for ArkTS, never built in Rust")]

use napi_derive_ohos::napi;

/// A member whose type stands in its attribute.
type Declared = ();

/// The configuration of a client. FinClip's members have FinClip's names.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct FinAppConfig {
    /// Phone number of the user.
    pub phone: Option<String>,
    /// The user whose data is used; without one all users share it.
    pub current_user_id: Option<String>,
    /// Distribution channel of the app.
    pub channel: Option<String>,
    /// Where packages come from when a request names neither a server nor a path: the address of a static file server.
    pub api_server: Option<String>,
    /// FinClip's servers and keys. Without apiServer, packages come from the first; the keys are not used.
    #[napi(ts_type = "Array<StoreConfig>")]
    pub fin_store_configs: Option<Declared>,
    /// The limits of every mini-program.
    #[napi(ts_type = "Limits")]
    pub limits: Option<Declared>,
    /// TCMPP's file of custom APIs.
    #[napi(ts_type = "CustomApiConfig")]
    pub custom_api_config: Option<Declared>,
    /// What built-ins tell of the app and the device; updateHostInfo changes it.
    #[napi(ts_type = "HostInfo")]
    pub host: Option<Declared>,
    /// Explains refusals in the log and lists near names. Not for release builds.
    pub debug: Option<bool>,
    /// One log line when a call begins and one when it ends: names and times, never contents.
    pub trace: Option<bool>,
    /// When all places are taken, close the mini-program that went to the background first instead of refusing.
    pub evict_background: Option<bool>,
    /// Folder for what mini-programs keep, and for packages from servers; without one they keep things in memory, until
    /// they close, and start from paths alone.
    pub data_dir: Option<String>,
    /// How the network is reached.
    #[napi(ts_type = "NetworkConfig")]
    pub network: Option<Declared>,
    /// Answers of built-ins that only the host can give, beforehand: by the name of the built-in an object, or a list of
    /// objects that are used in their order. { "$fail": "text" } fails, { "$cancel": true } cancels. For tests and the
    /// desktop; what setProvider sets wins.
    #[napi(ts_type = "Record<string, Object>")]
    pub providers: Option<Declared>,
    /// Where the events go that mini-programs report.
    #[napi(ts_type = "ReportConfig")]
    pub report: Option<Declared>,
    /// Takes the log lines, instead of hilog (standard error in Node).
    #[napi(ts_type = "(level: string, tag: string, line: string) => void")]
    pub log: Option<Declared>,
}

/// How the network is reached.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct NetworkConfig {
    /// Certificates that are trusted besides the public roots, each as PEM text of one or more.
    #[napi(ts_type = "Array<string>")]
    pub root_certificates: Option<Declared>,
    /// Address of an HTTP proxy that everything goes through, http://name:password@host:port. It looks up names by
    /// itself, so only hosts that are written as an address are still kept from mini-programs.
    pub proxy: Option<String>,
    /// Lets mini-programs reach addresses that are not public: this device, and the network it is in. For development.
    pub allow_private_network: Option<bool>,
}

/// The collector of what mini-programs report with reportEvent: any that takes OTLP over HTTP with JSON.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct ReportConfig {
    /// Address of the collector; /v1/logs is appended. Without one, events are kept, as far as the limits go, for a later
    /// start of the app that has one.
    pub endpoint: Option<String>,
    /// Headers of each request, for instance authorization. Never logged, never visible to a mini-program.
    #[napi(ts_type = "Record<string, string>")]
    pub headers: Option<Declared>,
    /// Attributes of the resource that all events are of. Default: service.name is 'finapp'.
    #[napi(ts_type = "Record<string, string>")]
    pub resource: Option<Declared>,
    /// How long events gather before they are sent. Default 5,000.
    pub interval_ms: Option<f64>,
    /// Events of one request; so many are sent at once. Default 200.
    pub batch: Option<f64>,
    /// How long a request may take. Default 10,000.
    pub timeout_ms: Option<f64>,
    /// How long the first retry waits; each further one waits twice as long. Default 1,000.
    pub retry_first_ms: Option<f64>,
    /// How long a retry waits at most. Default 300,000.
    pub retry_most_ms: Option<f64>,
    /// Compresses requests.
    pub gzip: Option<bool>,
}

/// What became of reported events since the client was made.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct ReportCounters {
    /// Events that were stored.
    pub stored: f64,
    /// Events that the collector has taken, those of earlier runs among them.
    pub sent: f64,
    /// Events that gave way to newer ones before they could be sent.
    pub dropped: f64,
    /// Events that the collector will never take: requests it refused, and what it refused of requests it took.
    pub rejected: f64,
    /// Requests that have to be made again.
    pub retries: f64,
    /// Events that wait to be sent.
    pub waiting: f64,
}

/// One of FinClip's servers.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct StoreConfig {
    /// Key of the app.
    pub sdk_key: String,
    /// Secret of the app.
    pub sdk_secret: String,
    /// Address of the server.
    pub api_server: String,
    /// Address for reports.
    pub apm_server: Option<String>,
    /// 'MD5' or 'SM'.
    pub crypt_type: Option<String>,
}

/// Where the custom APIs of all mini-programs are declared.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct CustomApiConfig {
    /// Path of the file.
    pub path: Option<String>,
    /// Its text, instead of a path.
    pub json: Option<String>,
    /// How params templates are enforced; 'warn' by default.
    #[napi(ts_type = "'off' | 'warn' | 'strict'")]
    pub params: Option<Declared>,
    /// Also make every registered name a member of wx, listed or not.
    pub expose_registered: Option<bool>,
}

/// The limits of one mini-program and, where a member says so, of the whole client. Sizes are bytes.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct Limits {
    /// Engine memory of one applet. Default 64 MiB.
    pub memory: Option<f64>,
    /// JavaScript stack. At most 1 MiB, and at most a quarter of threadStack. Default 512 KiB.
    pub js_stack: Option<f64>,
    /// Stack of an applet's thread. Default 4 MiB.
    pub thread_stack: Option<f64>,
    /// JavaScript time of one turn (a synchronous run, or a chain of promise jobs) in the foreground. Default 1,000.
    pub turn_foreground_ms: Option<f64>,
    /// The same in the background. Default 200.
    pub turn_background_ms: Option<f64>,
    /// How long past its budget a turn may run before the watchdog gives the applet up. Default 500.
    pub watchdog_grace_ms: Option<f64>,
    /// Promise jobs in a row before messages are looked at. Default 1,000.
    pub jobs_per_pump: Option<f64>,
    /// Time for promise jobs in a row before messages are looked at. Default 8.
    pub pump_ms: Option<f64>,
    /// Text of one message. Default 1 MiB.
    pub message_bytes: Option<f64>,
    /// Nesting of one message. Default 64.
    pub message_depth: Option<f64>,
    /// Members of one object in a message. Default 10,000.
    pub message_keys: Option<f64>,
    /// Binaries beside one message, in all. Default 16 MiB.
    pub message_binary_bytes: Option<f64>,
    /// Calls in flight of one applet. Default 256.
    pub calls_in_flight: Option<f64>,
    /// Calls in flight of all applets together. Default 2,048.
    pub calls_in_flight_total: Option<f64>,
    /// Progress messages that wait for one applet. Default 1,000.
    pub progress_queued: Option<f64>,
    /// Events that wait for one applet; the oldest is dropped. Default 1,000.
    pub events_queued: Option<f64>,
    /// Event listeners of one applet. Default 1,000.
    pub listeners: Option<f64>,
    /// Timers of one applet. Default 1,000.
    pub timers: Option<f64>,
    /// Shortest timer delay. Default 4.
    pub timer_floor_ms: Option<f64>,
    /// Custom APIs that one applet may declare. Default 1,000.
    pub declared_apis: Option<f64>,
    /// One log line. Default 4,000.
    pub log_line_bytes: Option<f64>,
    /// Log lines a second of one applet. Default 100.
    pub log_lines_per_second: Option<f64>,
    /// Error text to the host. Default 4 KiB.
    pub error_text_host_bytes: Option<f64>,
    /// A handler's message to the applet. Default 1 KiB.
    pub error_text_applet_bytes: Option<f64>,
    /// Deadline of a synchronous call. At most 5,000. Default 3,000.
    pub sync_call_ms: Option<f64>,
    /// Time parked in synchronous calls in one turn, in all. At most 5,000. Default 5,000.
    pub parked_per_turn_ms: Option<f64>,
    /// Live applets of the client. Default 16.
    pub live_applets: Option<f64>,
    /// Pages on the stack of one applet. Default 10.
    pub pages_open: Option<f64>,
    /// Messages a second of one H5 page; what is more is dropped and counted. Default 1,000.
    pub page_messages_per_second: Option<f64>,
    /// Calls of one H5 page that wait for their answer, and calls of its functions that do. Default 64.
    pub page_calls_in_flight: Option<f64>,
    /// How long a page may take to answer callJS. Default 30,000.
    pub page_call_ms: Option<f64>,
    /// Messages of one H5 page that wait until the mini-program leaves it; their text in all as one message. Default 1,000.
    pub web_messages_queued: Option<f64>,
    /// Quarantined threads of the client. Default 4.
    pub zombies: Option<f64>,
    /// What one mini-program may keep for one user with the storage family. At most 1 GiB. Default 10 MiB.
    pub storage_bytes: Option<f64>,
    /// One value in it. Default 1 MiB.
    pub storage_value_bytes: Option<f64>,
    /// One key in it. Default 256.
    pub storage_key_bytes: Option<f64>,
    /// Requests, downloads and uploads of one mini-program that are under way at once; more wait. Default 10.
    pub network_tasks: Option<f64>,
    /// Sockets of one mini-program. Default 5.
    pub sockets: Option<f64>,
    /// Longest time for one request, download or upload, and for connecting a socket. Default 60,000.
    pub network_ms: Option<f64>,
    /// One downloaded file. Default 200 MiB.
    pub download_bytes: Option<f64>,
    /// The data of one event of reportEvent. Default 32 KiB.
    pub report_bytes: Option<f64>,
    /// Events a second of one mini-program. Default 20.
    pub reports_per_second: Option<f64>,
    /// Events of one mini-program that wait to be sent; the oldest is dropped. Default 10,000.
    pub reports_kept: Option<f64>,
    /// The same in bytes, as they are sent. Default 4 MiB.
    pub reports_kept_bytes: Option<f64>,
    /// The same of all mini-programs together. Default 32 MiB.
    pub reports_kept_bytes_total: Option<f64>,
    /// What one mini-program may keep for one user in files. At most 4 GiB. Default 200 MiB.
    pub files_bytes: Option<f64>,
    /// What its temporary files may take, which are gone when it closes. At most 4 GiB. Default 200 MiB.
    pub files_temp_bytes: Option<f64>,
    /// Files and folders among the ones, and among the others. Default 10,000.
    pub files_entries: Option<f64>,
    /// Files that it may have open. Default 64.
    pub files_open: Option<f64>,
    /// Files of a package, in all, unpacked. Default 64 MiB.
    pub package_bytes: Option<f64>,
    /// Entries of a package. Default 10,000.
    pub package_entries: Option<f64>,
    /// Packages from servers that the client keeps on disk. Default 256 MiB.
    pub package_cache_bytes: Option<f64>,
    /// Compiled code of packages that the client keeps on disk; 0 keeps none. Default 64 MiB.
    pub code_cache_bytes: Option<f64>,
    /// How long a start waits for the index of a package that is cached. Default 3,000.
    pub package_check_ms: Option<f64>,
    /// How long a package may take to come; its index as well when none is cached. Default 120,000.
    pub package_download_ms: Option<f64>,
}

/// What has been counted for a mini-program.
#[napi(object, object_from_js = false, object_to_js = false)]
pub struct CallCounters {
    /// Calls that reached a handler.
    pub calls: f64,
    /// Calls that ended well.
    pub succeeded: f64,
    /// Calls that failed after they had reached a handler.
    pub failed: f64,
    /// Calls that were cancelled.
    pub cancelled: f64,
    /// Calls refused before any handler saw them.
    pub refused: f64,
    /// Of these, calls that were not allowed.
    pub denied: f64,
    /// Calls that nobody answered in time.
    pub timed_out: f64,
    /// Second answers, and answers after the end.
    pub late_answers: f64,
    /// Progress messages delivered.
    pub progress: f64,
    /// Progress messages refused: after the end, or over the cap.
    pub progress_dropped: f64,
    /// Events delivered.
    pub events: f64,
    /// Events dropped because the applet was too slow.
    pub events_dropped: f64,
    /// Replies for calls that are not in flight.
    pub unknown_replies: f64,
    /// Log lines dropped by the rate limit or by a failing sink.
    pub log_lines_dropped: f64,
    /// Promise rejections that nobody handled.
    pub unhandled_rejections: f64,
    /// Unhandled rejections beyond the cap, which were not reported.
    pub unhandled_rejections_dropped: f64,
    /// Messages of H5 pages dropped because there were too many.
    pub page_messages_dropped: f64,
    /// Messages of H5 pages that are not understood, or came twice.
    pub page_messages_malformed: f64,
    /// Messages of H5 pages that did not come in time.
    pub page_messages_missing: f64,
    /// Panics caught at a door.
    pub panics: f64,
    /// Source files that were compiled.
    pub sources_compiled: f64,
    /// Source files that an earlier run had compiled.
    pub sources_kept: f64,
    /// Sum of the latencies of ended calls, in nanoseconds.
    pub latency_total_ns: f64,
    /// The longest latency of a call, in nanoseconds.
    pub latency_max_ns: f64,
}
