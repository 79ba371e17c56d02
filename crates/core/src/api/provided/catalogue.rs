//! The APIs that only the host can answer: what each takes, what its answer holds, and what must be allowed first. Names,
//! defaults and limits are those of WeChat's declarations, and of FinClip's where WeChat has no such API.

use super::shape::Kind::{
    Count, File, Flag, Number, Object, Picture, Pictures, Short, Style, Text, Texts, Within, Word, Words,
};
use super::shape::{Member, may, must, or};

/// One API.
pub(super) struct Api {
    pub(super) name: &'static str,
    pub(super) params: &'static [Member],
    pub(super) answer: Answer,
    /// What the user must have allowed.
    pub(super) scope: Option<&'static str>,
    /// Whether pages of the mini-program itself may call it, as FinClip's JSSDK lets them.
    pub(super) pages: bool,
    pub(super) alone: Alone,
}

/// What an answer holds.
#[derive(Clone, Copy, Debug)]
pub(super) enum Answer {
    /// Nothing that the mini-program gets.
    Nothing,
    /// These members, and whatever else the provider says.
    Members(&'static [Member]),
    /// What the user did with a dialog.
    Choice,
    /// Images that the user picked.
    Images,
    /// Images and films that the user picked.
    Media,
}

impl Answer {
    /// Whether files of the user's come with it.
    pub(super) fn has_files(self) -> bool {
        matches!(self, Self::Images | Self::Media)
    }
}

/// What happens while nobody provides an API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alone {
    /// It fails.
    Fails,
    /// It succeeds and does nothing: without a view nothing can be seen of it anyway.
    Passes,
    /// The library answers it: nobody provides it.
    Own,
}

/// Asks the user for a scope, and tells what was said. Their answers are the library's own; only the asking is not.
pub(super) const AUTHORIZE: &str = "authorize";

/// Where the user is.
pub(super) const LOCATION: &str = "scope.userLocation";
/// To put pictures into the user's album.
pub(super) const ALBUM: &str = "scope.writePhotosAlbum";
/// Who the user is.
pub(super) const USER: &str = "scope.userInfo";

const fn api(name: &'static str, params: &'static [Member], answer: Answer) -> Api {
    Api { name, params, answer, scope: None, pages: false, alone: Alone::Fails }
}

impl Api {
    const fn asks(self, scope: &'static str) -> Self {
        Self { scope: Some(scope), ..self }
    }

    /// Whether it takes files or gives some.
    pub(super) fn has_files(&self) -> bool {
        self.alone == Alone::Own || self.takes_files() || self.answer.has_files()
    }

    /// Whether paths of files are among what it takes.
    pub(super) fn takes_files(&self) -> bool {
        self.params.iter().any(|member| member.kind.is_file())
    }

    const fn for_pages(self) -> Self {
        Self { pages: true, ..self }
    }

    const fn own(self) -> Self {
        Self { alone: Alone::Own, ..self }
    }

    const fn passes(self) -> Self {
        Self { alone: Alone::Passes, ..self }
    }
}

const SIZES: &[&str] = &["original", "compressed"];
const SOURCES: &[&str] = &["album", "camera"];
const DOCUMENTS: &[&str] = &["doc", "docx", "xls", "xlsx", "ppt", "pptx", "pdf"];
const LANGUAGES: &[&str] = &["en", "zh_CN", "zh_TW"];
const CODES: &[&str] = &["barCode", "qrCode", "wxCode", "datamatrix", "pdf417"];
const NETWORKS: &[&str] = &["wifi", "2g", "3g", "4g", "5g", "unknown", "none"];
const PLACE: &[Member] = &[
    must("latitude", Within(-90, 90)),
    must("longitude", Within(-180, 180)),
    or("name", Text, "\"\""),
    or("address", Text, "\"\""),
];
const PICTURE: &[Member] =
    &[must("width", Number), must("height", Number), must("path", Text), must("orientation", Text), must("type", Text)];
const PERSON: &[Member] = &[
    must("userInfo", Object),
    or("rawData", Text, "\"\""),
    or("signature", Text, "\"\""),
    or("encryptedData", Text, "\"\""),
    or("iv", Text, "\"\""),
];

/// All of them. `BUILT_INS` and the handlers are made of this list.
pub(super) const APIS: &[Api] = &[
    // Pictures, films and documents.
    api(
        "chooseImage",
        &[
            or("count", Count(1, 9), "9"),
            or("sizeType", Words(SIZES), r#"["original","compressed"]"#),
            or("sourceType", Words(SOURCES), r#"["album","camera"]"#),
        ],
        Answer::Images,
    )
    .for_pages(),
    api(
        "chooseMedia",
        &[
            or("count", Count(1, 20), "9"),
            or("mediaType", Words(&["image", "video", "mix"]), r#"["image","video"]"#),
            or("sourceType", Words(SOURCES), r#"["album","camera"]"#),
            or("maxDuration", Count(3, 60), "10"),
            or("sizeType", Words(SIZES), r#"["original","compressed"]"#),
            or("camera", Style(&["back", "front"]), "\"back\""),
        ],
        Answer::Media,
    ),
    api(
        "previewImage",
        &[must("urls", Pictures), may("current", Picture), or("showmenu", Flag, "true")],
        Answer::Nothing,
    ),
    api("saveImageToPhotosAlbum", &[must("filePath", File)], Answer::Nothing).asks(ALBUM),
    api(
        "openDocument",
        &[must("filePath", File), may("fileType", Word(DOCUMENTS)), or("showMenu", Flag, "false")],
        Answer::Nothing,
    )
    .for_pages(),
    api("getLocalImgData", &[must("path", File)], Answer::Members(&[must("localData", Text)])).own().for_pages(),
    api("getImageInfo", &[must("src", File)], Answer::Members(PICTURE)).own(),
    // Places.
    api(
        "getLocation",
        &[
            or("type", Word(&["wgs84", "gcj02"]), "\"wgs84\""),
            or("altitude", Flag, "false"),
            or("isHighAccuracy", Flag, "false"),
            may("highAccuracyExpireTime", Number),
        ],
        Answer::Members(&[
            must("latitude", Within(-90, 90)),
            must("longitude", Within(-180, 180)),
            or("speed", Number, "-1"),
            or("accuracy", Number, "0"),
            or("altitude", Number, "0"),
            or("verticalAccuracy", Number, "0"),
            or("horizontalAccuracy", Number, "0"),
        ]),
    )
    .asks(LOCATION)
    .for_pages(),
    api(
        "chooseLocation",
        &[may("latitude", Within(-90, 90)), may("longitude", Within(-180, 180))],
        Answer::Members(PLACE),
    )
    .asks(LOCATION)
    .for_pages(),
    api(
        "openLocation",
        &[
            must("latitude", Within(-90, 90)),
            must("longitude", Within(-180, 180)),
            or("scale", Count(5, 18), "18"),
            or("name", Text, "\"\""),
            or("address", Text, "\"\""),
        ],
        Answer::Nothing,
    ),
    // What lies over the page.
    api(
        "showToast",
        &[
            must("title", Text),
            or("icon", Style(&["success", "error", "loading", "none"]), "\"success\""),
            may("image", Picture),
            or("duration", Number, "1500"),
            or("mask", Flag, "false"),
        ],
        Answer::Nothing,
    ),
    api("hideToast", &[], Answer::Nothing),
    api("showLoading", &[must("title", Text), or("mask", Flag, "false")], Answer::Nothing),
    api("hideLoading", &[], Answer::Nothing),
    api(
        "showModal",
        &[
            or("title", Text, "\"\""),
            or("content", Text, "\"\""),
            or("showCancel", Flag, "true"),
            or("cancelText", Short(4), "\"取消\""),
            or("cancelColor", Text, "\"#000000\""),
            or("confirmText", Short(4), "\"确定\""),
            or("confirmColor", Text, "\"#576B95\""),
            or("editable", Flag, "false"),
            may("placeholderText", Text),
        ],
        Answer::Choice,
    ),
    api(
        "showActionSheet",
        &[must("itemList", Texts(1, 6)), may("alertText", Text), or("itemColor", Text, "\"#000000\"")],
        Answer::Members(&[must("tapIndex", Within(0, 5))]),
    ),
    // The bar above the page, and the page.
    api("setNavigationBarTitle", &[must("title", Text)], Answer::Nothing).for_pages(),
    api(
        "setNavigationBarColor",
        &[must("frontColor", Word(&["#ffffff", "#000000"])), must("backgroundColor", Text), may("animation", Object)],
        Answer::Nothing,
    ),
    api("showNavigationBarLoading", &[], Answer::Nothing),
    api("hideNavigationBarLoading", &[], Answer::Nothing),
    api("hideHomeButton", &[], Answer::Nothing),
    api(
        "pageScrollTo",
        &[may("scrollTop", Number), or("duration", Number, "300"), may("selector", Text), may("offsetTop", Number)],
        Answer::Nothing,
    )
    .passes(),
    api("startPullDownRefresh", &[], Answer::Nothing).passes(),
    api("stopPullDownRefresh", &[], Answer::Nothing).passes(),
    // Who uses it.
    api("login", &[may("timeout", Number)], Answer::Members(&[must("code", Text)])),
    api("checkSession", &[], Answer::Nothing),
    api("getUserProfile", &[must("desc", Text), or("lang", Word(LANGUAGES), "\"en\"")], Answer::Members(PERSON)),
    api(
        "getUserInfo",
        &[or("withCredentials", Flag, "false"), or("lang", Word(LANGUAGES), "\"en\"")],
        Answer::Members(PERSON),
    )
    .asks(USER),
    api("getPhoneNumber", &[], Answer::Members(&[])),
    api(
        "requestPayment",
        &[
            must("timeStamp", Text),
            must("nonceStr", Text),
            must("package", Text),
            or("signType", Word(&["MD5", "HMAC-SHA256", "RSA"]), "\"MD5\""),
            must("paySign", Text),
        ],
        Answer::Members(&[]),
    ),
    api("authorize", &[must("scope", Text)], Answer::Nothing),
    api("getSetting", &[may("withSubscriptions", Flag)], Answer::Members(&[must("authSetting", Object)])).own(),
    api("openSetting", &[may("withSubscriptions", Flag)], Answer::Members(&[must("authSetting", Object)])),
    // The device.
    api("setClipboardData", &[must("data", Text)], Answer::Nothing),
    api("getClipboardData", &[], Answer::Members(&[must("data", Text)])),
    api("makePhoneCall", &[must("phoneNumber", Text)], Answer::Nothing),
    api(
        "scanCode",
        &[or("onlyFromCamera", Flag, "false"), or("scanType", Words(CODES), r#"["barCode","qrCode"]"#)],
        Answer::Members(&[
            must("result", Text),
            or("scanType", Text, "\"QR_CODE\""),
            or("charSet", Text, "\"UTF-8\""),
            or("rawData", Text, "\"\""),
        ]),
    ),
    api("vibrateShort", &[or("type", Word(&["heavy", "medium", "light"]), "\"medium\"")], Answer::Nothing),
    api("vibrateLong", &[], Answer::Nothing),
    api(
        "getNetworkType",
        &[],
        Answer::Members(&[
            must("networkType", Word(NETWORKS)),
            or("hasSystemProxy", Flag, "false"),
            or("signalStrength", Number, "0"),
            or("weakNet", Flag, "false"),
        ]),
    ),
    api("setKeepScreenOn", &[must("keepScreenOn", Flag)], Answer::Nothing),
    api("getScreenBrightness", &[], Answer::Members(&[must("value", Within(0, 1))])),
    api("setScreenBrightness", &[must("value", Within(0, 1))], Answer::Nothing),
    api("hideKeyboard", &[], Answer::Nothing),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn h_a33_pages_may_call_what_their_sdk_has_and_nothing_else() {
        let pages: Vec<&str> = APIS.iter().filter(|api| api.pages).map(|api| api.name).collect();
        let expected = [
            "chooseImage",
            "openDocument",
            "getLocalImgData",
            "getLocation",
            "chooseLocation",
            "setNavigationBarTitle",
        ];
        assert_eq!(pages, expected);
    }

    #[test]
    fn every_default_is_json_and_every_name_stands_once() {
        let names: HashSet<&str> = APIS.iter().map(|api| api.name).collect();
        assert_eq!(names.len(), APIS.len());
        for api in APIS {
            for member in api.params {
                if let super::super::shape::Need::Or(default) = member.need {
                    assert!(serde_json::from_str::<serde_json::Value>(default).is_ok(), "{}.{}", api.name, member.name);
                }
            }
        }
    }
}
