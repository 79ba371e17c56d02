//! `reportEvent` from a mini-program's call to the collector: what arrives, what is refused, and that nothing is lost.
#![expect(clippy::unwrap_used, clippy::panic, reason = "what a test needs and does not get fails the test")]

mod kills;
mod refusals;
mod retries;
#[path = "../support/mod.rs"]
mod support;

use finapp_core::{Config, ReportConfig};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use serde_json::{Value, json};
use support::alone::{alone, threads, until};
use support::collector::{Answer, Collector, Request, TAKEN};
use support::{Folder, Host};

/// A client that sends at once, keeps its data in `folder`, and has this collector.
fn config(folder: &Folder, collector: Option<&Collector>) -> Config {
    let report = ReportConfig {
        endpoint: collector.map(Collector::address),
        interval_ms: 1,
        retry_first_ms: 1,
        retry_most_ms: 20,
        ..ReportConfig::default()
    };
    Config { data_dir: Some(folder.path().join("data")), report, ..Config::default() }
}

/// The log records of a request, as OpenTelemetry's own messages read them. What they write again holds all that we
/// wrote: no member was one they do not know.
fn records(request: &Request) -> Vec<LogRecord> {
    let written: Value = serde_json::from_slice(&request.body).unwrap();
    let read: ExportLogsServiceRequest = serde_json::from_slice(&request.body).unwrap();
    assert_holds(&serde_json::to_value(&read).unwrap(), &written, "request");
    read.resource_logs.into_iter().flat_map(|logs| logs.scope_logs).flat_map(|logs| logs.log_records).collect()
}

fn assert_holds(whole: &Value, part: &Value, path: &str) {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            for (key, value) in part {
                let path = format!("{path}.{key}");
                assert_holds(whole.get(key).unwrap_or_else(|| panic!("{path} is unknown")), value, &path);
            }
        }
        (Value::Array(whole), Value::Array(part)) => {
            assert_eq!(whole.len(), part.len(), "{path}");
            for (at, (whole, part)) in whole.iter().zip(part).enumerate() {
                assert_holds(whole, part, &format!("{path}[{at}]"));
            }
        }
        _ => assert_eq!(whole, part, "{path}"),
    }
}

fn text(attributes: &[KeyValue], key: &str) -> String {
    let found = attributes.iter().find(|attribute| attribute.key == key).unwrap_or_else(|| panic!("{key} is missing"));
    match &found.value.as_ref().unwrap().value {
        Some(any_value::Value::StringValue(text)) => text.clone(),
        other => panic!("{key} is {other:?}"),
    }
}

/// The names of the events of all requests, in the order in which they came.
fn names(collector: &Collector) -> Vec<String> {
    collector.requests().iter().flat_map(records).map(|record| record.event_name).collect()
}

/// The ids of the events of a request.
fn ids(request: &Request) -> Vec<String> {
    records(request).iter().map(|record| text(&record.attributes, "finapp.event.id")).collect()
}

/// Waits until so many events were stored and none waits any more.
fn sent(host: &Host, stored: u64) {
    until("the events are sent", || {
        let counters = host.client.report_counters();
        counters.stored == stored && counters.waiting == 0
    });
}

/// An AnyValue as JSON, as far as JSON can say it.
fn plain(value: &AnyValue) -> Value {
    match value.value.as_ref() {
        None => Value::Null,
        Some(any_value::Value::StringValue(text)) => json!(text),
        Some(any_value::Value::BoolValue(value)) => json!(value),
        Some(any_value::Value::IntValue(number)) => json!(number),
        Some(any_value::Value::DoubleValue(number)) => json!(number),
        Some(any_value::Value::ArrayValue(list)) => list.values.iter().map(plain).collect(),
        Some(any_value::Value::KvlistValue(list)) => {
            let member = |own: &KeyValue| (own.key.clone(), own.value.as_ref().map_or(Value::Null, plain));
            Value::Object(list.values.iter().map(member).collect())
        }
        Some(any_value::Value::BytesValue(bytes)) => panic!("{bytes:?} from JSON"),
    }
}

#[test]
fn f_m08_an_event_arrives_as_a_log_record_that_opentelemetry_reads() {
    let (folder, collector) = (Folder::new(), Collector::start(|_, _| TAKEN));
    let mut config = config(&folder, Some(&collector));
    config.report.headers.insert("Authorization".to_owned(), "Bearer secret".to_owned());
    config.report.resource.insert("deployment.environment.name".to_owned(), "test".to_owned());
    let host = Host::with(config);
    let data = "{text: 'x\u{e9}\\u0000', whole: -7, large: 2 ** 53, part: 0.5, yes: true, none: null, gone: undefined,
        call() {}, list: [1, [2, {a: 'b'}]], nested: {['__proto__']: {deep: 1}}, nan: NaN, date: new Date(0)}";
    let said = host.run(&format!(
        "const first = ft.reportEvent('page view', {data});
         ft.report({{first, second: wx.reportEvent('nothing'), third: wx.reportAnalytics('old', {{}})}})"
    ));
    let ok = |name: &str| json!({"errMsg": format!("{name}:ok")});
    assert_eq!(said, json!({"first": ok("reportEvent"), "second": ok("reportEvent"), "third": ok("reportAnalytics")}));
    sent(&host, 3);
    assert_eq!(names(&collector), ["page view", "nothing", "old"]);
    for request in collector.requests() {
        assert_eq!(request.line, "POST /v1/logs HTTP/1.1");
        assert_eq!(request.headers["content-type"], "application/json");
        assert_eq!(request.headers["authorization"], "Bearer secret");
        let read: ExportLogsServiceRequest = serde_json::from_slice(&request.body).unwrap();
        let resource = read.resource_logs[0].resource.as_ref().unwrap();
        assert_eq!(text(&resource.attributes, "service.name"), "finapp");
        assert_eq!(text(&resource.attributes, "deployment.environment.name"), "test");
    }
    let first = &records(&collector.requests()[0])[0];
    assert_eq!(
        plain(first.body.as_ref().unwrap()),
        json!({"text": "x\u{e9}\0", "whole": -7, "large": 9_007_199_254_740_992_i64, "part": 0.5, "yes": true,
            "none": null, "list": [1, [2, {"a": "b"}]], "nested": {"__proto__": {"deep": 1}}, "nan": null,
            "date": "1970-01-01T00:00:00.000Z"})
    );
    assert_eq!((first.severity_number, first.severity_text.as_str()), (9, "INFO"));
    // After this was written, and before the year 2262, where the number ends.
    assert!((1_700_000_000_000_000_000..i64::MAX as u64).contains(&first.time_unix_nano));
    assert_eq!(text(&first.attributes, "finapp.app.id"), "demo");
    assert_eq!(text(&first.attributes, "event.name"), "page view");
    assert!(text(&first.attributes, "session.id").ends_with("-1"));
}

#[test]
fn f_m08_gzip_is_what_the_header_says() {
    let (folder, collector) = (Folder::new(), Collector::start(|_, _| TAKEN));
    let mut config = config(&folder, Some(&collector));
    config.report.gzip = true;
    let host = Host::with(config);
    host.run("ft.reportEvent('small', {text: 'x'.repeat(10000)}); ft.report({})");
    sent(&host, 1);
    let mut request = collector.requests().remove(0);
    assert_eq!(request.headers["content-encoding"], "gzip");
    assert!(request.body.len() < 1_000, "{} bytes", request.body.len());
    let mut body = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&*request.body), &mut body).unwrap();
    request.body = body;
    assert_eq!(records(&request)[0].event_name, "small");
}

#[test]
fn f_m08_events_gather_until_the_batch_is_full() {
    let (folder, collector) = (Folder::new(), Collector::start(|_, _| TAKEN));
    let mut config = config(&folder, Some(&collector));
    // So long that only a full batch can be the reason.
    (config.report.interval_ms, config.report.batch) = (3_600_000, 3);
    let host = Host::with(config);
    host.run("for (const name of ['a', 'b', 'c']) ft.reportEvent(name); ft.report({})");
    sent(&host, 3);
    assert_eq!(collector.requests().len(), 1);
    assert_eq!(names(&collector), ["a", "b", "c"]);
}

#[test]
fn f_m08_what_is_reported_outlasts_its_applet_its_data_and_the_client_and_is_sent_once() {
    let (folder, collector) = (Folder::new(), Collector::start(|_, _| TAKEN));
    // The first run of the app has no collector.
    let host = Host::with(config(&folder, None));
    let applet = host.open("demo", "ft.reportEvent('before', {n: 1}); ft.report({})");
    host.reported();
    applet.close();
    host.closed("demo");
    applet.wait_until_closed(support::PATIENCE).unwrap();
    host.client.clear_applet_data("demo", None).unwrap();
    assert_eq!(host.client.report_counters().stored, 1);
    drop((applet, host));
    // The second sends what the first left, without any applet, and the third has nothing to send again.
    let host = Host::with(config(&folder, Some(&collector)));
    until("the event arrives", || host.client.report_counters().sent == 1);
    until("the event is forgotten", || host.client.report_counters().waiting == 0);
    drop(host);
    let host = Host::with(config(&folder, Some(&collector)));
    host.run("ft.reportEvent('after'); ft.report({})");
    sent(&host, 1);
    assert_eq!(names(&collector), ["before", "after"]);
    let ids: Vec<String> = collector.requests().iter().flat_map(ids).collect();
    let (origin, number) = ids[0].split_once('-').unwrap();
    assert_eq!((number, ids[1].as_str()), ("1", format!("{origin}-2").as_str()));
}

#[test]
fn f_m08_without_a_folder_events_are_sent_all_the_same() {
    let collector = Collector::start(|_, _| TAKEN);
    let config = Config { data_dir: None, ..config(&Folder::new(), Some(&collector)) };
    let host = Host::with(config);
    host.run("ft.reportEvent('in memory'); ft.report({})");
    sent(&host, 1);
    assert_eq!(names(&collector), ["in memory"]);
}

#[test]
fn f_m08_a_client_whose_collector_never_answers_ends_and_leaves_no_thread() {
    alone("f_m08_a_client_whose_collector_never_answers_ends_and_leaves_no_thread", || {
        let (folder, collector) = (Folder::new(), Collector::start(|_, _| Answer::Silence));
        // With the threads of the collector: one for this connection is still to come.
        let before = threads() + 1;
        let host = Host::with(config(&folder, Some(&collector)));
        host.run("ft.reportEvent('kept'); ft.report({})");
        until("the collector is asked", || !collector.requests().is_empty());
        drop(host);
        until("all threads end", || threads() <= before);
        let again = Collector::start(|_, _| TAKEN);
        let host = Host::with(config(&folder, Some(&again)));
        until("the event is sent after all", || host.client.report_counters().sent == 1);
        assert_eq!(ids(&collector.requests()[0]), ids(&again.requests()[0]));
    });
}
