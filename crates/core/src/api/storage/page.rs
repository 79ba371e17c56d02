//! What a page sends for this family, and what it gets: plain JSON, where the glue of a mini-program packs what JSON does
//! not have. Both see one and the same store.

use super::request::Operation;
use crate::bridge::members::{Members, quoted, type_name};
use crate::bridge::{Outcome, Payload};
use crate::error::{Error, ErrorCode, Result};

/// The APIs that pages of the mini-program may call: those of FinClip's JSSDK, and beside them the forms that FinClip's
/// base library calls.
pub(super) const FOR_PAGES: [&str; 10] = [
    "setStorage",
    "setStorageSync",
    "getStorage",
    "getStorageSync",
    "removeStorage",
    "removeStorageSync",
    "clearStorage",
    "clearStorageSync",
    "getStorageInfo",
    "getStorageInfoSync",
];

/// The parameters as the store takes them.
///
/// # Errors
/// `E_PARAM`, with the text that a mini-program gets.
pub(super) fn params(operation: Operation, params: Payload) -> Result<Payload> {
    if !matches!(operation, Operation::Set | Operation::Get | Operation::Remove) {
        return Ok(Payload::none());
    }
    let (text, binaries) = params.into_parts();
    let given = Members::parse(&text).map_err(|_| wrong("parameter", "Object", &text))?;
    let key = given.get("key").unwrap_or_default();
    if type_name(key) != "String" {
        return Err(wrong("parameter.key", "String", key));
    }
    let encrypt = given.get("encrypt") == Some("true");
    let value = match (operation, given.get("data")) {
        (Operation::Set, Some(data)) => format!(",\"data\":{data}"),
        (Operation::Set, None) => ",\"type\":\"undefined\"".to_owned(),
        _ => String::new(),
    };
    // A part of what has been bounded.
    Ok(Payload::checked_before(format!("{{\"key\":{key},\"encrypt\":{encrypt}{value}}}"), binaries))
}

fn wrong(place: &str, wanted: &str, raw: &str) -> Error {
    let got = type_name(raw);
    Error::new(ErrorCode::Parameter, format!("parameter error: {place} should be {wanted} instead of {got};"))
}

/// The answer as a page gets it. What JSON does not have becomes what `JSON.stringify` makes of it.
pub(super) fn outcome(operation: Operation, outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Success(body) if operation == Operation::Get => match unpacked(body) {
            Ok(body) => Outcome::Success(body),
            Err(error) => Outcome::failed(error),
        },
        other => other,
    }
}

fn unpacked(body: Payload) -> Result<Payload> {
    let (text, binaries) = body.into_parts();
    let members = Members::parse(&text).map_err(|_| ErrorCode::Internal)?;
    let data = members.get("data").unwrap_or("null");
    let text = match members.get("type") {
        Some("\"undefined\"") => "{}".to_owned(),
        Some("\"number\"") => "{\"data\":null}".to_owned(),
        Some("\"date\"") => {
            let text = data.parse::<f64>().ok().and_then(iso).map_or_else(|| "null".to_owned(), |text| quoted(&text));
            format!("{{\"data\":{text}}}")
        }
        _ => format!("{{\"data\":{data}}}"),
    };
    Ok(Payload::checked_before(text, binaries))
}

/// A time in milliseconds, as a Date writes it in JSON.
fn iso(time: f64) -> Option<String> {
    const DAY: i64 = 86_400_000;
    // As far as a Date goes.
    if time.is_nan() || time.abs() > 8.64e15 {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "whole milliseconds, in range as just checked")]
    let time = time as i64;
    let (day, of_day) = (time.div_euclid(DAY), time.rem_euclid(DAY));
    let (year, month, day) = civil(day);
    let year = match year {
        0..=9999 => format!("{year:04}"),
        _ if year < 0 => format!("-{:06}", -year),
        _ => format!("+{year:06}"),
    };
    let (seconds, milliseconds) = (of_day / 1000, of_day % 1000);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    Some(format!("{year}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}.{milliseconds:03}Z"))
}

/// Year, month and day of a day counted from 1970. Years begin in March here, so that a leap day is the last of its year.
fn civil(day: i64) -> (i64, i64, i64) {
    let day = day + 719_468;
    let (era, of_era) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;

    fn payload(text: &str) -> Payload {
        Payload::parse(text.to_owned(), Vec::new(), &Limits::default()).unwrap()
    }

    #[test]
    fn f_j25_dates_are_written_as_json_writes_them() {
        for (time, text) in [
            (0.0, "1970-01-01T00:00:00.000Z"),
            (-1.0, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000.0, "2000-02-29T00:00:00.000Z"),
            (1_700_000_000_123.0, "2023-11-14T22:13:20.123Z"),
            (8.64e15, "+275760-09-13T00:00:00.000Z"),
            (-62_198_755_200_000.0, "-000001-01-01T00:00:00.000Z"),
        ] {
            assert_eq!(iso(time).as_deref(), Some(text));
        }
        assert_eq!(iso(f64::NAN), None);
        assert_eq!(iso(8.7e15), None);
    }

    #[test]
    fn f_j25_a_page_cannot_say_what_kind_of_value_it_stores() {
        let packed = params(Operation::Set, payload(r#"{"key":"k","type":"date","data":{"a":1}}"#)).unwrap();
        assert_eq!(packed.text(), r#"{"key":"k","encrypt":false,"data":{"a":1}}"#);
        let packed = params(Operation::Set, payload(r#"{"key":"k"}"#)).unwrap();
        assert_eq!(packed.text(), r#"{"key":"k","encrypt":false,"type":"undefined"}"#);
    }

    #[test]
    fn f_j24_what_is_wrong_with_a_key_is_said_as_to_a_mini_program() {
        for (text, message) in [
            ("{}", "parameter error: parameter.key should be String instead of Undefined;"),
            (r#"{"key":5}"#, "parameter error: parameter.key should be String instead of Number;"),
            ("[1]", "parameter error: parameter should be Object instead of Array;"),
        ] {
            let error = params(Operation::Get, payload(text)).unwrap_err();
            assert_eq!((error.code(), error.message()), (ErrorCode::Parameter, message));
        }
    }
}
