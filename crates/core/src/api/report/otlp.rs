//! Events in the words of OpenTelemetry: a log record each, and the request that carries many, as OTLP has them in
//! JSON. Numbers of 64 bits are texts there, and names of members are in lower camel case.

use crate::bridge::Caller;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Number, Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// OpenTelemetry's number for "information".
const INFO: u8 = 9;

/// One event, as the mini-program reported it.
pub(super) struct Event {
    /// Who reported it.
    pub(super) caller: std::sync::Arc<Caller>,
    /// The version of the mini-program, if the host told it.
    pub(super) version: String,
    /// Its name: the first argument.
    pub(super) name: String,
    /// What the mini-program said: the second argument.
    pub(super) data: Map<String, Value>,
    /// When, by the device's wall clock.
    pub(super) time: Duration,
}

/// The log record of an event as JSON text. `id` is the event's own for good, `session` that of this run of the app.
pub(super) fn record(event: &Event, id: &str, session: &str) -> String {
    let mut attributes = vec![attribute("finapp.event.id", id), attribute("event.name", &event.name)];
    attributes.push(attribute("finapp.app.id", event.caller.applet().as_str()));
    if !event.version.is_empty() {
        attributes.push(attribute("finapp.app.version", &event.version));
    }
    match &*event.caller {
        Caller::Applet { generation, .. } | Caller::Page { generation, .. } => {
            attributes.push(attribute("session.id", &format!("{session}-{}", generation.0)));
        }
        Caller::Plugin { generation, plugin, .. } => {
            attributes.push(attribute("session.id", &format!("{session}-{}", generation.0)));
            attributes.push(attribute("finapp.plugin.id", plugin.as_str()));
        }
    }
    let time = event.time.as_nanos().to_string();
    json!({
        "timeUnixNano": time,
        "observedTimeUnixNano": time,
        "severityNumber": INFO,
        "severityText": "INFO",
        "eventName": event.name,
        "body": {"kvlistValue": {"values": members(&event.data)}},
        "attributes": attributes,
    })
    .to_string()
}

/// A whole request, of records that [`record`] made.
pub(super) fn request(resource: &BTreeMap<String, String>, records: &[Box<RawValue>]) -> serde_json::Result<Vec<u8>> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Request<'a> {
        resource_logs: [ResourceLogs<'a>; 1],
    }
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct ResourceLogs<'a> {
        resource: Value,
        scope_logs: [ScopeLogs<'a>; 1],
    }
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct ScopeLogs<'a> {
        scope: Value,
        log_records: &'a [Box<RawValue>],
    }
    let mut attributes: Vec<Value> = resource.iter().map(|(name, value)| attribute(name, value)).collect();
    if !resource.contains_key("service.name") {
        attributes.push(attribute("service.name", "finapp"));
    }
    serde_json::to_vec(&Request {
        resource_logs: [ResourceLogs {
            resource: json!({"attributes": attributes}),
            scope_logs: [ScopeLogs {
                scope: json!({"name": "finapp", "version": env!("CARGO_PKG_VERSION")}),
                log_records: records,
            }],
        }],
    })
}

/// How many records a collector that took the request says it refused, and why.
pub(super) fn rejected(answer: &[u8]) -> Option<(u64, String)> {
    let answer: Value = serde_json::from_slice(answer).ok()?;
    let partial = answer.get("partialSuccess")?;
    // A text by the rules, a number from collectors that do not know them.
    let count = match partial.get("rejectedLogRecords") {
        Some(Value::String(text)) => text.parse().ok()?,
        Some(Value::Number(number)) => number.as_u64()?,
        _ => 0,
    };
    let text = partial.get("errorMessage").and_then(Value::as_str).unwrap_or_default().to_owned();
    (count > 0 || !text.is_empty()).then_some((count, text))
}

fn attribute(key: &str, value: &str) -> Value {
    json!({"key": key, "value": {"stringValue": value}})
}

fn members(object: &Map<String, Value>) -> Vec<Value> {
    let member = |(key, value): (&String, &Value)| match value {
        // No value: OpenTelemetry's own reader for Rust knows no other way to say it.
        Value::Null => json!({"key": key}),
        value => json!({"key": key, "value": any(value)}),
    };
    object.iter().map(member).collect()
}

/// The nesting was bounded when the arguments were read.
fn any(value: &Value) -> Value {
    match value {
        // A value of which nothing is set: what stands in a list cannot be left out.
        Value::Null => json!({}),
        Value::Bool(value) => json!({"boolValue": value}),
        Value::Number(number) => any_number(number),
        Value::String(text) => json!({"stringValue": text}),
        Value::Array(items) => json!({"arrayValue": {"values": items.iter().map(any).collect::<Vec<_>>()}}),
        Value::Object(object) => json!({"kvlistValue": {"values": members(object)}}),
    }
}

fn any_number(number: &Number) -> Value {
    match number.as_i64() {
        Some(whole) => json!({"intValue": whole.to_string()}),
        None => json!({"doubleValue": number.as_f64()}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f_m08_what_a_collector_refused_in_part_is_read_however_it_writes_numbers() {
        for (answer, read) in [
            ("", None),
            ("{}", None),
            (r#"{"partialSuccess":{}}"#, None),
            (r#"{"partialSuccess":{"rejectedLogRecords":"0"}}"#, None),
            (r#"{"partialSuccess":{"rejectedLogRecords":"3","errorMessage":"old"}}"#, Some((3, "old"))),
            (r#"{"partialSuccess":{"rejectedLogRecords":3}}"#, Some((3, ""))),
            (r#"{"partialSuccess":{"errorMessage":"a warning"}}"#, Some((0, "a warning"))),
            (r#"{"partialSuccess":{"rejectedLogRecords":"many"}}"#, None),
        ] {
            let expected = read.map(|(count, text)| (count, text.to_owned()));
            assert_eq!(rejected(answer.as_bytes()), expected, "{answer}");
        }
    }

    #[test]
    fn f_m08_every_kind_of_value_has_its_own_member() {
        let data = json!({"t": "x", "i": -7, "l": 9_007_199_254_740_993_u64, "f": 0.5, "b": true, "n": null, "a": [1, "y"],
            "o": {"__proto__": 1}, "big": 1e300});
        let expected = json!({
            "t": {"stringValue": "x"}, "i": {"intValue": "-7"}, "l": {"intValue": "9007199254740993"},
            "f": {"doubleValue": 0.5}, "b": {"boolValue": true}, "n": {},
            "a": {"arrayValue": {"values": [{"intValue": "1"}, {"stringValue": "y"}]}},
            "o": {"kvlistValue": {"values": [{"key": "__proto__", "value": {"intValue": "1"}}]}},
            "big": {"doubleValue": 1e300},
        });
        for (key, value) in data.as_object().unwrap() {
            assert_eq!(any(value), expected[key], "{key}");
        }
    }
}
