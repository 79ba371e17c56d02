//! The events of the browser that matter here, in its own form.

use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Called {
    pub(super) name: String,
    pub(super) payload: String,
    pub(super) execution_context_id: i64,
}

#[derive(Deserialize)]
pub(super) struct Created {
    pub(super) context: Context,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Context {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) unique_id: String,
    pub(super) aux_data: AuxData,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AuxData {
    pub(super) is_default: bool,
    pub(super) frame_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Destroyed {
    pub(super) execution_context_id: i64,
}

#[derive(Deserialize)]
pub(super) struct Navigated {
    pub(super) frame: NavigatedFrame,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NavigatedFrame {
    pub(super) id: String,
    pub(super) url: String,
    pub(super) unreachable_url: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Within {
    pub(super) frame_id: String,
    pub(super) url: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Detached {
    pub(super) frame_id: String,
    #[serde(default)]
    pub(super) reason: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LoadingFailed {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) error_text: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Attached {
    pub(super) session_id: String,
    pub(super) target_info: TargetInfo,
}

#[derive(Deserialize)]
pub(super) struct TargetInfo {
    #[serde(rename = "type")]
    pub(super) kind: String,
}

#[derive(Deserialize)]
pub(super) struct Dialog {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) message: String,
}

#[derive(Deserialize)]
pub(super) struct ConsoleCall {
    pub(super) args: Vec<Value>,
}

impl ConsoleCall {
    pub(super) fn text(&self) -> String {
        self.args.iter().map(shown).collect::<Vec<_>>().join(" ")
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Thrown {
    pub(super) exception_details: Value,
}

impl Thrown {
    pub(super) fn text(&self) -> String {
        let text = self.exception_details.get("text").and_then(Value::as_str).unwrap_or_default();
        let what = self.exception_details.get("exception").map(shown).unwrap_or_default();
        format!("{text} {what}").trim().to_owned()
    }
}

/// A value of a page, for people.
fn shown(value: &Value) -> String {
    let plain = value.get("value").or_else(|| value.get("description"));
    match plain.or_else(|| value.get("type")) {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}
