//! What a page sends for this family, and what it gets: the options as they were written, which the glue of a
//! mini-program reads, and no task to hold.

use crate::bridge::members::{Members, quoted, type_name, value};
use crate::bridge::{Outcome, Payload};
use crate::error::{Error, ErrorCode, Result};

/// The APIs that pages of the mini-program may call, as FinClip's JSSDK lets them.
pub(super) const FOR_PAGES: [&str; 2] = ["request", "downloadFile"];

/// The options as the family takes them. What a mini-program may leave out or get wrong, a page may too.
///
/// # Errors
/// `E_PARAM`, with the text that a mini-program gets.
pub(super) fn params(name: &str, params: Payload) -> Result<Payload> {
    let (text, binaries) = params.into_parts();
    let given = Members::parse(&text).map_err(|_| wrong("parameter", "Object", &text))?;
    let mut taken = Members::default();
    let url = given.get("url").unwrap_or_default();
    if type_name(url) != "String" {
        return Err(wrong("parameter.url", "String", url));
    }
    taken.set("url", url.to_owned());
    if let Some(header) = given.get("header").filter(|header| type_name(header) == "Object") {
        taken.set("header", header.to_owned());
    }
    if let Some(timeout) = given.get("timeout").filter(|timeout| value::<f64>(timeout).is_some_and(|wait| wait > 0.0)) {
        taken.set("timeout", timeout.to_owned());
    }
    if name == "request" {
        requested(&given, &mut taken);
    } else if let Some(path) = given.get("filePath").filter(|path| *path != "null") {
        if type_name(path) != "String" {
            return Err(wrong("parameter.filePath", "String", path));
        }
        taken.set("filePath", path.to_owned());
    }
    // Parts of what has been bounded.
    Ok(Payload::checked_before(taken.text(), binaries))
}

fn requested<'a>(given: &Members<'a>, taken: &mut Members<'a>) {
    let text = |name: &str| given.get(name).and_then(value::<String>);
    let method = text("method");
    if let Some(method) = &method {
        taken.set("method", quoted(method));
    }
    // FinClip's base library, which alone numbers its tasks, puts the data of a GET into the address by itself.
    let is_get = method.is_none_or(|method| method.eq_ignore_ascii_case("GET"));
    let in_address = is_get && given.get("taskId").is_some();
    if let Some(data) = given.get("data").filter(|_| !in_address) {
        let data = match type_name(data) {
            "Number" | "Boolean" => quoted(data),
            _ => data.to_owned(),
        };
        taken.set("data", data);
    }
    // Only that library hears of pieces.
    let chunked = given.get("taskId").is_some() && given.get("enableChunked") == Some("true");
    let flag = |set: bool| if set { "true" } else { "false" };
    if chunked {
        taken.set("chunked", "true");
    }
    taken.set("asText", flag(text("dataType").is_some_and(|kind| kind != "json")));
    taken.set("asBinary", flag(text("responseType").is_some_and(|kind| kind == "arraybuffer")));
    taken.set("manual", flag(text("redirect").is_some_and(|kind| kind == "manual")));
}

fn wrong(place: &str, wanted: &str, raw: &str) -> Error {
    let got = type_name(raw);
    Error::new(ErrorCode::Parameter, format!("parameter error: {place} should be {wanted} instead of {got};"))
}

/// The answer as a page gets it: what the glue would have parsed is parsed where it arrives, when it is JSON.
pub(super) fn outcome(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Success(body) if body.text().contains("\"parse\":true") => {
            let (text, binaries) = body.into_parts();
            let Ok(mut members) = Members::parse(&text) else { return Outcome::failed(ErrorCode::Internal) };
            members.retain(|name| name != "parse");
            let data = members.get("data").and_then(value::<String>);
            if let Some(data) = data.filter(|data| serde_json::from_str::<&serde_json::value::RawValue>(data).is_ok()) {
                members.set("data", data);
            }
            Outcome::Success(Payload::checked_before(members.text(), binaries))
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;

    fn read(name: &str, text: &str) -> Result<String> {
        let payload = Payload::parse(text.to_owned(), Vec::new(), &Limits::default()).unwrap();
        params(name, payload).map(|payload| payload.text().to_owned())
    }

    #[test]
    fn f_j32_options_of_a_page_are_read_as_those_of_a_mini_program() {
        let forms = r#""asText":false,"asBinary":false,"manual":false}"#;
        for (given, taken) in [
            (r#"{"url":"u","chunked":true,"socket":1,"header":[1],"timeout":-1}"#, format!(r#"{{"url":"u",{forms}"#)),
            (r#"{"url":"u","data":5,"method":"POST"}"#, format!(r#"{{"url":"u","method":"POST","data":"5",{forms}"#)),
            (r#"{"url":"u","data":{"a":1}}"#, format!(r#"{{"url":"u","data":{{"a":1}},{forms}"#)),
            (r#"{"url":"u?a=1","data":"{\"a\":1}","taskId":3}"#, format!(r#"{{"url":"u?a=1",{forms}"#)),
        ] {
            assert_eq!(read("request", given).unwrap(), taken);
        }
        let text = "parameter error: parameter.url should be String instead of Undefined;";
        assert_eq!(read("request", "{}").unwrap_err().message(), text);
    }

    #[test]
    fn f_j17_a_place_for_a_download_is_a_text() {
        let given = r#"{"url":"u","filePath":"finfile://usr/a","header":{"a":"b"},"data":1}"#;
        let taken = r#"{"url":"u","header":{"a":"b"},"filePath":"finfile://usr/a"}"#;
        assert_eq!(read("downloadFile", given).unwrap(), taken);
        assert_eq!(
            read("downloadFile", r#"{"url":"u","filePath":1}"#).unwrap_err().message(),
            "parameter error: parameter.filePath should be String instead of Number;"
        );
    }
}
