//! What marks messages of the app to one document, so that scripts of a page cannot make them up: a token that is told to
//! the library alone, and a number that grows.

use crate::error::{ErrorCode, Result};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom, SystemRandom};

/// The version of the extensions that the app offers, and their names.
const VERSION: u32 = 1;
pub(super) const REPLY: &str = "reply";
pub(super) const CANCEL: &str = "cancel";
pub(super) const BINARY: &str = "binary";

/// The stamp of one epoch.
pub(super) struct Stamp {
    token: String,
    seq: u64,
}

impl Stamp {
    /// A new one.
    ///
    /// # Errors
    /// `E_INTERNAL` when the system gives no random bytes.
    pub(super) fn new() -> Result<Self> {
        Ok(Self { token: random()?, seq: 0 })
    }

    /// Whether a page that says `token` has read the offer.
    pub(super) fn is(&self, token: &str) -> bool {
        self.token == token
    }

    /// The offer, as JSON text. It is the first message of the epoch. Bytes are offered to pages that can have a port.
    pub(super) fn offer(&mut self, has_ports: bool) -> String {
        let known = [REPLY, CANCEL, BINARY];
        let offered = known.iter().filter(|feature| has_ports || **feature != BINARY);
        let features: Vec<String> = offered.map(|feature| format!("\"{feature}\"")).collect();
        let features = features.join(",");
        let rest = format!("\"version\":{VERSION},\"features\":[{features}]");
        self.next(&rest)
    }

    /// What the app says with the port that it hands to the page: no other script knows the token.
    pub(super) fn port_name(&self) -> String {
        format!("finapp.port.{}", self.token)
    }

    /// The stamp of the next message.
    pub(super) fn message(&mut self) -> String {
        self.next("")
    }

    /// The stamp of the next message, which asks the page for an answer under `call`.
    pub(super) fn question(&mut self, call: &str) -> String {
        self.next(&format!("\"call\":\"{call}\""))
    }

    fn next(&mut self, rest: &str) -> String {
        let comma = if rest.is_empty() { "" } else { "," };
        let text = format!("{{\"token\":\"{}\",\"seq\":{}{comma}{rest}}}", self.token, self.seq);
        self.seq += 1;
        text
    }
}

/// 128 random bits as text that needs no escape anywhere.
///
/// # Errors
/// `E_INTERNAL` when the system gives none.
pub(super) fn random() -> Result<String> {
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes).map_err(|_| ErrorCode::Internal)?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}
