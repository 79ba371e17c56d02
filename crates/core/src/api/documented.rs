//! What `canIUse` knows of a built-in beyond its name: options, members of the answer, arguments of a callback. In the
//! words of its schema, `object`, `success`, `return` and `callback`.

use super::{BUILT_INS, files, navigation, provided, system};
use serde_json::Value;

/// The parts of the members that are no plain request and answer: the word of the schema, and paths below it.
const PARTS: &[(&str, &str, &[&str])] = &[
    (
        "invokeNativePlugin",
        "object",
        &["api_name", "data", "sync", "timeout", "success", "fail", "complete", "progress"],
    ),
    // What it takes is the program's own, and it gives nothing.
    ("sendWebviewEvent", "object", &[]),
    ("getLaunchOptionsSync", "return", LAUNCH),
    ("getEnterOptionsSync", "return", LAUNCH),
    ("onAppShow", "callback", LAUNCH),
    ("env", "USER_DATA_PATH", &[]),
    ("createAnimation", "object", &["duration", "timingFunction", "delay", "transformOrigin"]),
    ("onSocketOpen", "callback", &["header"]),
    ("onSocketMessage", "callback", &["data"]),
    ("onSocketError", "callback", &["errMsg"]),
    ("onSocketClose", "callback", &["code", "reason"]),
    ("onUnhandledRejection", "callback", &["reason", "promise"]),
    ("onPageNotFound", "callback", &["path", "query", "isEntryPage"]),
    ("onThemeChange", "callback", &["theme"]),
    ("onWindowResize", "callback", &["size", "size.windowWidth", "size.windowHeight"]),
    ("onMemoryWarning", "callback", &["level"]),
    ("onNetworkStatusChange", "callback", &["isConnected", "networkType"]),
];

const LAUNCH: &[&str] = &["path", "query", "scene", "referrerInfo", "apiCategory"];

/// Options and members of the answer of what takes and gives more than the host's facts. A member of a callback's
/// argument stands in [`PARTS`].
const CALLS: &[(&str, &[&str], &[&str])] = &[
    (
        "request",
        &["url", "data", "header", "method", "dataType", "responseType", "timeout", "enableChunked", "redirect"],
        &["data", "statusCode", "header", "cookies"],
    ),
    (
        "downloadFile",
        &["url", "header", "timeout", "filePath"],
        &["tempFilePath", "filePath", "statusCode", "header", "cookies", "dataLength"],
    ),
    (
        "uploadFile",
        &["url", "filePath", "name", "header", "formData", "timeout"],
        &["data", "statusCode", "header", "cookies"],
    ),
    ("connectSocket", &["url", "header", "protocols", "timeout"], &[]),
    ("sendSocketMessage", &["data"], &[]),
    ("closeSocket", &["code", "reason"], &[]),
    ("setStorage", &["key", "data"], &[]),
    ("getStorage", &["key"], &["data"]),
    ("removeStorage", &["key"], &[]),
    ("getStorageInfo", &[], STORED),
    ("getStorageInfoSync", &[], STORED),
    ("batchSetStorage", &["kvList"], &[]),
    ("batchGetStorage", &["keyList"], &["dataList"]),
    ("navigateTo", &["url", "events"], &["eventChannel"]),
    ("redirectTo", &["url"], &[]),
    ("switchTab", &["url"], &[]),
    ("reLaunch", &["url"], &[]),
    ("navigateBack", &["delta"], &[]),
    ("navigateToMiniProgram", &["appId", "path", "extraData"], &[]),
    ("navigateBackMiniProgram", &["extraData"], &[]),
];

/// Objects that built-ins give, with their members.
const OBJECTS: &[(&str, &[&str])] = &[
    ("RequestTask", &["abort", "onHeadersReceived", "offHeadersReceived", "onChunkReceived", "offChunkReceived"]),
    ("DownloadTask", TRANSFER),
    ("UploadTask", TRANSFER),
    ("SocketTask", &["send", "close", "onOpen", "onMessage", "onError", "onClose", "readyState"]),
];

const STORED: &[&str] = &["keys", "currentSize", "limitSize"];

const TRANSFER: &[&str] =
    &["abort", "onHeadersReceived", "offHeadersReceived", "onProgressUpdate", "offProgressUpdate"];

/// Whether the member `name` has what `path` names, as in `success.safeArea.top`.
pub(crate) fn documented(name: &str, path: &str) -> bool {
    let (word, below) = path.split_once('.').unwrap_or((path, ""));
    if let Some((_, known, paths)) = PARTS.iter().find(|(known, ..)| *known == name) {
        return *known == word && (below.is_empty() || paths.contains(&below));
    }
    if name == files::OBJECT {
        // Its methods, and what they take and give is not asked for.
        return BUILT_INS.iter().any(|built_in| built_in.name.strip_prefix(name) == Some(&format!(".{path}")));
    }
    if let Some(known) = files::documented(name, word, below) {
        return known;
    }
    if let Some((_, members)) = OBJECTS.iter().find(|(known, _)| *known == name) {
        return path.is_empty() || members.contains(&path);
    }
    let Some(built_in) = BUILT_INS.iter().find(|built_in| built_in.name == name) else { return false };
    match word {
        "object" => !built_in.sync && (below.is_empty() || takes(name, below)),
        "success" if !built_in.sync => answers(name, below),
        "return" if built_in.sync => answers(name, below),
        _ => false,
    }
}

fn takes(name: &str, option: &str) -> bool {
    let own = CALLS.iter().any(|(known, options, _)| *known == name && options.contains(&option));
    own || matches!(option, "success" | "fail" | "complete")
        || provided::has_option(name, option)
        || navigation::has_option(name, option)
}

fn answers(name: &str, below: &str) -> bool {
    if below.is_empty() || below == "errMsg" {
        return true;
    }
    if let Some((.., members)) = CALLS.iter().find(|(known, ..)| *known == name) {
        return members.contains(&below);
    }
    let Some(sample) = system::sample(name) else { return provided::answers(name, below) };
    below.split('.').try_fold(&sample, |value: &Value, member| value.get(member)).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f_m17_every_built_in_of_this_family_has_an_answer_that_can_i_use_knows() {
        for built_in in system::BUILT_INS {
            assert!(system::sample(built_in.name).is_some_and(|sample| sample.is_object()), "{}", built_in.name);
        }
    }
}
