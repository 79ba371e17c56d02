//! The configuration of a client: FinClip's members by their names, and our own. Wrong values are refused with the
//! path of the field.

use super::data;
use crate::api::HostInfo;
use crate::api::provided::{self, FixedProviders};
use crate::api::report::ReportConfig;
use crate::engine::{Declared, TemplateMode};
use crate::error::{Error, ErrorCode, Result};
use crate::limits::Limits;
use crate::net::NetworkConfig;
use crate::packages::Server;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What `init` takes. Members that FinClip documents and this library has no use for are ignored.
///
/// ```
/// use finapp_core::{Config, ErrorCode};
/// let config = Config::from_json(r#"{"phone": "10086", "limits": {"callsInFlight": 32}}"#).unwrap();
/// assert_eq!(config.limits.calls_in_flight, 32);
/// let error = Config::from_json(r#"{"limits": {"callsInFlight": "many"}}"#).unwrap_err();
/// assert_eq!(error.code(), ErrorCode::Parameter);
/// assert!(error.message().starts_with("limits.callsInFlight: "));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Config {
    /// Phone number of the user, for the host's own reports.
    pub phone: Option<String>,
    /// The user whose data is used; without one all users share it.
    pub current_user_id: Option<String>,
    /// Distribution channel of the app.
    pub channel: Option<String>,
    /// Where packages come from when a request names neither a server nor a path: the address of a static file server.
    pub api_server: Option<String>,
    /// FinClip's servers and keys. Without an `api_server`, packages come from the first; the keys are not used.
    pub fin_store_configs: Vec<StoreConfig>,
    /// The limits of every applet.
    pub limits: Limits,
    /// TCMPP's file of custom APIs.
    pub custom_api_config: Option<CustomApiConfig>,
    /// What the built-ins tell of the app and the device, until [`crate::FinAppClient::update_host_info`] says more.
    pub host: HostInfo,
    /// Explains refusals in the log and lists near names. Not for release builds.
    pub debug: bool,
    /// One log line when a call begins and one when it ends: names and times, never contents.
    pub trace: bool,
    /// When all places for applets are taken, close the one that went to the background first instead of refusing.
    pub evict_background: bool,
    /// Folder for what applets keep, and for packages from servers. None: applets keep things in memory, until they
    /// close, and start from paths alone.
    pub data_dir: Option<PathBuf>,
    /// How the network is reached.
    pub network: NetworkConfig,
    /// Answers of APIs that only the host can give, beforehand: by the name of the API an object, or a list of objects
    /// that are used in their order. What the host provides by [`crate::FinAppClient::set_provider`] wins.
    pub providers: FixedProviders,
    /// Where the events go that mini-programs report.
    pub report: ReportConfig,
}

/// One of FinClip's servers.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoreConfig {
    /// Key of the app.
    pub sdk_key: String,
    /// Secret of the app. Never logged, never visible to an applet.
    pub sdk_secret: String,
    /// Address of the server.
    pub api_server: String,
    /// Address for reports.
    #[serde(default)]
    pub apm_server: Option<String>,
    /// `MD5` or `SM`.
    #[serde(default)]
    pub crypt_type: Option<String>,
}

/// Where the custom APIs of all applets are declared: `{extApi: [...], overwriteWxApi}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CustomApiConfig {
    /// Path of the file. Read when an applet starts, on the applet's thread.
    pub path: Option<PathBuf>,
    /// The text itself, instead of a path.
    pub json: Option<String>,
    /// How `params` templates are enforced.
    pub params: TemplateMode,
    /// Also make every registered name a member of `wx`, listed or not.
    pub expose_registered: bool,
}

impl Config {
    /// Reads and validates a configuration.
    ///
    /// # Errors
    /// `E_PARAM`, beginning with the path of the field.
    pub fn from_json(text: &str) -> Result<Self> {
        let config: Self = parse("config", text)?;
        config.validate()?;
        Ok(config)
    }

    /// Where packages come from when a request names no server.
    pub(super) fn default_server(&self) -> Option<&str> {
        let first = || self.fin_store_configs.first().map(|store| store.api_server.as_str());
        self.api_server.as_deref().or_else(first)
    }

    /// Checks what a type cannot say.
    ///
    /// # Errors
    /// `E_PARAM`, beginning with the path of the field.
    pub fn validate(&self) -> Result<()> {
        self.limits.validate()?;
        self.host.validate("host.")?;
        self.network.validate()?;
        self.api_server.as_deref().map(Server::parse).transpose()?;
        provided::validate(&self.providers)?;
        self.report.validate()?;
        if let (Some(user), Some(_)) = (&self.current_user_id, &self.data_dir) {
            data::check_user("currentUserId", user)?;
        }
        for (index, store) in self.fin_store_configs.iter().enumerate() {
            for (field, value) in
                [("sdkKey", &store.sdk_key), ("sdkSecret", &store.sdk_secret), ("apiServer", &store.api_server)]
            {
                if value.is_empty() {
                    return Err(refused(
                        &format!("finStoreConfigs[{index}].{field}"),
                        "expected text, got an empty one",
                    ));
                }
            }
        }
        if let Some(custom) = &self.custom_api_config {
            match (&custom.path, &custom.json) {
                (Some(_), Some(_)) => {
                    return Err(refused("customApiConfig", "expected path or json, got both"));
                }
                (None, Some(text)) => drop(DeclarationFile::parse("customApiConfig.json", text)?),
                _ => {}
            }
        }
        Ok(())
    }
}

impl CustomApiConfig {
    /// Reads and checks the declarations. May wait for the disk. `warn` hears of names that stand there twice.
    ///
    /// # Errors
    /// `E_PARAM`, naming the file and the place in it.
    pub(super) fn read(&self, warn: impl Fn(&str)) -> Result<Declared> {
        let (file, text) = match (&self.path, &self.json) {
            (Some(path), _) => {
                let file = format!("customApiConfig.path: {}", path.display());
                let text = data::read_text(path).map_err(|error| refused(&file, &error.kind().to_string()))?;
                (file, text)
            }
            (None, Some(json)) => ("customApiConfig.json".to_owned(), json.clone()),
            (None, None) => ("customApiConfig".to_owned(), "{}".to_owned()),
        };
        let (entries, repeated) = DeclarationFile::parse(&file, &text)?;
        for name in repeated {
            warn(&format!("{file}: {name} is declared twice; the last declaration counts"));
        }
        Ok(Declared { entries, mode: self.params, expose_registered: self.expose_registered })
    }
}

/// TCMPP's file, as far as it must be right before anything starts.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeclarationFile {
    #[serde(default)]
    ext_api: Vec<Declaration>,
    #[serde(default)]
    overwrite_wx_api: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct Declaration {
    name: String,
    #[serde(default)]
    sync: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    params: Option<serde_json::Value>,
}

impl DeclarationFile {
    /// Reads the file; gives it back in the form the prelude takes: only known members, each name once (the last
    /// one counts). The second part are the names that stood there more than once.
    ///
    /// # Errors
    /// `E_PARAM`, naming the file, the place in it and what was expected.
    pub(crate) fn parse(file: &str, text: &str) -> Result<(String, Vec<String>)> {
        let mut parsed: Self = located(text).map_err(|(place, text)| match place {
            Some(place) => refused(&format!("{file}: {place}"), &text),
            None => refused(file, &text),
        })?;
        let mut seen = std::collections::HashSet::new();
        let mut repeated = Vec::new();
        parsed.ext_api.reverse();
        parsed.ext_api.retain(|entry| {
            let first = seen.insert(entry.name.clone());
            if !first && !repeated.contains(&entry.name) {
                repeated.push(entry.name.clone());
            }
            first
        });
        parsed.ext_api.reverse();
        for (index, entry) in parsed.ext_api.iter().enumerate() {
            if !crate::ids::is_api_name(&entry.name) {
                return Err(refused(&format!("{file}: extApi[{index}].name"), "expected the name of an api"));
            }
        }
        let kept = serde_json::to_string(&parsed).map_err(|_| Error::from(ErrorCode::Internal))?;
        Ok((kept, repeated))
    }
}

/// Parses JSON text into `T`; an error names the field, or line and column when the text is not JSON at all.
pub(super) fn parse<T: DeserializeOwned>(what: &str, text: &str) -> Result<T> {
    located(text).map_err(|(place, text)| refused(place.as_deref().unwrap_or(what), &text))
}

/// The same, with the field, if there is one, apart from what is wrong with it.
fn located<T: DeserializeOwned>(text: &str) -> std::result::Result<T, (Option<String>, String)> {
    // A list would be taken for the fields in their order, and an empty one for all defaults.
    if text.trim_start().starts_with('[') {
        return Err((None, "expected an object, got a list".to_owned()));
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        let inside = inner.is_data() && path != ".";
        (inside.then_some(path), inner.to_string())
    })?;
    deserializer.end().map_err(|error| (None, error.to_string()))?;
    Ok(value)
}

fn refused(field: &str, text: &str) -> Error {
    Error::new(ErrorCode::Parameter, format!("{field}: {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h_c12_a_wrong_configuration_is_refused_by_the_name_of_its_field() {
        for (text, start) in [
            ("[]", "config: "),
            ("{", "config: "),
            (r#"{"phone": 1}"#, "phone: "),
            (r#"{"apiServer": "apps.example"}"#, "apiServer: expected"),
            (r#"{"limits": {"memory": -1}}"#, "limits.memory: "),
            (r#"{"limits": {"memroy": 1}}"#, "limits"),
            (r#"{"limits": {"jsStack": 0}}"#, "limits.jsStack: "),
            (r#"{"finStoreConfigs": [{"sdkKey": "k"}]}"#, "finStoreConfigs[0]"),
            (
                r#"{"finStoreConfigs": [{"sdkKey": "", "sdkSecret": "s", "apiServer": "a"}]}"#,
                "finStoreConfigs[0].sdkKey: ",
            ),
            (r#"{"customApiConfig": {"params": "loose"}}"#, "customApiConfig.params: "),
            (r#"{"customApiConfig": {"json": "{\"extApi\": [{}]}"}}"#, "customApiConfig.json: extApi[0]"),
            (r#"{"network": {"proxy": "host:1"}}"#, "network.proxy: "),
            (r#"{"network": {"rootCertificates": ["none"]}}"#, "network.rootCertificates[0]: "),
            (r#"{"report": {"endpoint": "host"}}"#, "report.endpoint: "),
            (r#"{"report": {"endpoint": "data:text/plain,x"}}"#, "report.endpoint: "),
            (r#"{"report": {"headers": {"a b": "c"}}}"#, "report.headers: "),
            (r#"{"report": {"batch": 0}}"#, "report.batch: "),
            (r#"{"report": {"interval": 1}}"#, "report"),
            (r#"{} {}"#, "config: "),
            (r#"{"customApiConfig": {"json": "{"}}"#, "customApiConfig.json: "),
        ] {
            let error = Config::from_json(text).unwrap_err();
            assert_eq!(error.code(), ErrorCode::Parameter, "{text}");
            assert!(error.message().starts_with(start), "{text}: {error}");
        }
    }

    #[test]
    fn the_last_of_two_declarations_counts() {
        let text = r#"{"extApi":[{"name":"a","sync":true},{"name":"b"},{"name":"a","sync":false}],"other":1}"#;
        let (kept, repeated) = DeclarationFile::parse("custom.json", text).unwrap();
        assert_eq!(repeated, ["a"]);
        assert_eq!(kept, r#"{"extApi":[{"name":"b","sync":false},{"name":"a","sync":false}],"overwriteWxApi":false}"#);
    }
}
