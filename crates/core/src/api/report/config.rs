//! Where reported events go, as the host says it.

use crate::error::{Error, ErrorCode, Result};
use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// An hour: longer waits help nobody.
const MOST_MS: u64 = 3_600_000;

/// The collector of what mini-programs report with `reportEvent`: any that takes OTLP over HTTP with JSON.
///
/// ```
/// use finapp_core::Config;
/// let config = Config::from_json(
///     r#"{"report": {"endpoint": "https://otel.example.com:4318", "headers": {"authorization": "Bearer token"}}}"#,
/// ).unwrap();
/// assert_eq!(config.report.batch, 200);
/// assert!(Config::from_json(r#"{"report": {"endpoint": "otel.example.com"}}"#).is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ReportConfig {
    /// Address of the collector; `/v1/logs` is appended. None: events are kept, as far as the limits go, for a later
    /// start of the app that has one.
    pub endpoint: Option<String>,
    /// Headers of each request, for instance `authorization`. Never logged, never visible to an applet.
    pub headers: BTreeMap<String, String>,
    /// Attributes of the resource that all events are of. Default: `service.name` is `finapp`.
    pub resource: BTreeMap<String, String>,
    /// How long events gather before they are sent, in milliseconds. Default 5,000.
    pub interval_ms: u64,
    /// Events of one request; so many are sent at once. Default 200.
    pub batch: usize,
    /// How long a request may take, in milliseconds. Default 10,000.
    pub timeout_ms: u64,
    /// How long the first retry waits, in milliseconds; each further one waits twice as long. Default 1,000.
    pub retry_first_ms: u64,
    /// How long a retry waits at most, in milliseconds. Default 300,000.
    pub retry_most_ms: u64,
    /// Compresses requests.
    pub gzip: bool,
}

impl Default for ReportConfig {
    fn default() -> Self {
        Self {
            endpoint: None,
            headers: BTreeMap::new(),
            resource: BTreeMap::new(),
            interval_ms: 5_000,
            batch: 200,
            timeout_ms: 10_000,
            retry_first_ms: 1_000,
            retry_most_ms: 300_000,
            gzip: false,
        }
    }
}

impl ReportConfig {
    /// Checks what a type cannot say.
    ///
    /// # Errors
    /// `E_PARAM`, beginning with the path of the field.
    pub(crate) fn validate(&self) -> Result<()> {
        drop(self.address()?);
        drop(self.header_map()?);
        for (field, value, most) in [
            ("intervalMs", self.interval_ms, MOST_MS),
            ("batch", self.batch as u64, 10_000),
            ("timeoutMs", self.timeout_ms, MOST_MS),
            ("retryFirstMs", self.retry_first_ms, MOST_MS),
            ("retryMostMs", self.retry_most_ms, MOST_MS),
        ] {
            if !(1..=most).contains(&value) {
                return Err(refused(field, &format!("expected 1 to {most}, got {value}")));
            }
        }
        Ok(())
    }

    /// Where requests go.
    ///
    /// # Errors
    /// `E_PARAM` when it is no address.
    pub(super) fn address(&self) -> Result<Option<Url>> {
        let Some(endpoint) = &self.endpoint else { return Ok(None) };
        let wrong = || refused("endpoint", "expected http://host:port or https://host:port");
        let mut address = Url::parse(endpoint).map_err(|_| wrong())?;
        if !matches!(address.scheme(), "http" | "https") || address.host_str().is_none() {
            return Err(wrong());
        }
        address.path_segments_mut().map_err(|()| wrong())?.pop_if_empty().extend(["v1", "logs"]);
        Ok(Some(address))
    }

    /// The headers.
    ///
    /// # Errors
    /// `E_PARAM` when one cannot be sent. Its value is not repeated: it may be a secret.
    pub(super) fn header_map(&self) -> Result<HeaderMap> {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let wrong = || refused("headers", &format!("{name} cannot be sent as a header"));
            let header = HeaderName::try_from(name).map_err(|_| wrong())?;
            let mut value = HeaderValue::try_from(value).map_err(|_| wrong())?;
            value.set_sensitive(true);
            headers.insert(header, value);
        }
        Ok(headers)
    }

    pub(super) fn interval(&self) -> Duration {
        Duration::from_millis(self.interval_ms)
    }

    pub(super) fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout_ms)
    }

    /// How long the retry after so many failures in a row waits: from half of its time to all of it, so that many
    /// devices do not come back at once. `chance` is any number.
    pub(super) fn wait(&self, failures: u32, chance: u64) -> Duration {
        let doubled = self.retry_first_ms.saturating_mul(1 << failures.saturating_sub(1).min(32));
        let whole = doubled.min(self.retry_most_ms);
        Duration::from_millis(whole - chance % (whole / 2 + 1))
    }
}

fn refused(field: &str, text: &str) -> Error {
    Error::new(ErrorCode::Parameter, format!("report.{field}: {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f_m08_a_retry_waits_twice_as_long_each_time_and_never_longer_than_allowed() {
        let config = ReportConfig { retry_first_ms: 1_000, retry_most_ms: 10_000, ..ReportConfig::default() };
        for (failures, most) in [(1, 1_000), (2, 2_000), (3, 4_000), (4, 8_000), (5, 10_000), (4_000_000_000, 10_000)] {
            let waits = (0..20_000).step_by(7).map(|chance| config.wait(failures, chance).as_millis());
            let (least, longest) = waits.fold((u128::MAX, 0), |(low, high), wait| (low.min(wait), high.max(wait)));
            assert!(least >= most / 2 && longest <= most && longest > least, "{failures}: {least} to {longest}");
        }
    }

    #[test]
    fn the_path_for_logs_is_appended_to_the_endpoint() {
        for (endpoint, address) in [
            ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/logs"),
            ("https://otel.example.com/", "https://otel.example.com/v1/logs"),
            ("https://example.com/tenant/1/", "https://example.com/tenant/1/v1/logs"),
        ] {
            let config = ReportConfig { endpoint: Some(endpoint.to_owned()), ..ReportConfig::default() };
            assert_eq!(config.address().unwrap().unwrap().as_str(), address);
        }
    }
}
