//! Text and bytes: what each encoding makes of what a mini-program wrote, and of what a file holds. Text is taken from
//! JSON as it stands there, since a JavaScript text may hold halves of characters that no Rust text can.

use super::fault::Fault;
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

type Result<T> = std::result::Result<T, Fault>;

/// Takes text with and without its padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// How bytes are text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Ascii,
    Base64,
    Hex,
    Latin1,
    Utf16,
    Utf8,
}

impl Encoding {
    pub(super) fn parse(name: &str) -> Result<Self> {
        Ok(match name.to_ascii_lowercase().as_str() {
            "ascii" => Self::Ascii,
            "base64" => Self::Base64,
            "hex" => Self::Hex,
            "binary" | "latin1" => Self::Latin1,
            "ucs2" | "ucs-2" | "utf16le" | "utf-16le" => Self::Utf16,
            "utf8" | "utf-8" => Self::Utf8,
            _ => return Err(Fault::Argument(format!("invalid encoding \"{}\"", crate::error::cut(name, 40)))),
        })
    }

    /// The bytes of a text, which comes as a JSON string.
    pub(super) fn bytes_of(self, json: &str) -> Result<Vec<u8>> {
        match self {
            Self::Utf8 => match serde_json::from_str::<String>(json) {
                Ok(text) => Ok(text.into_bytes()),
                Err(_) => Ok(String::from_utf16_lossy(&units(json)?).into_bytes()),
            },
            Self::Utf16 => Ok(units(json)?.into_iter().flat_map(u16::to_le_bytes).collect()),
            Self::Ascii | Self::Latin1 => Ok(units(json)?.into_iter().map(|unit| unit.to_le_bytes()[0]).collect()),
            Self::Base64 => {
                let text: String = serde_json::from_str(json).map_err(|_| Fault::BadEncoding)?;
                let packed: String = text.chars().filter(|letter| !letter.is_ascii_whitespace()).collect();
                BASE64.decode(packed).map_err(|_| Fault::BadEncoding)
            }
            Self::Hex => {
                let text: String = serde_json::from_str(json).map_err(|_| Fault::BadEncoding)?;
                let digits = text.chars().map(|digit| digit.to_digit(16)).collect::<Option<Vec<_>>>();
                let digits = digits.filter(|digits| digits.len() % 2 == 0).ok_or(Fault::BadEncoding)?;
                digits.chunks_exact(2).map(|pair| byte_of(pair).ok_or(Fault::BadEncoding)).collect()
            }
        }
    }

    /// The text of bytes, as a JSON string.
    pub(super) fn json_of(self, bytes: &[u8]) -> String {
        match self {
            Self::Utf8 => json_text(&String::from_utf8_lossy(bytes)),
            Self::Ascii => json_text(&bytes.iter().map(|byte| char::from(byte & 0x7f)).collect::<String>()),
            Self::Latin1 => json_text(&bytes.iter().map(|byte| char::from(*byte)).collect::<String>()),
            Self::Base64 => json_text(&BASE64.encode(bytes)),
            Self::Hex => json_text(&hex(bytes)),
            Self::Utf16 => {
                let units = bytes
                    .chunks_exact(2)
                    .map(|pair| pair.iter().rev().fold(0, |sum, byte| sum << 8 | u16::from(*byte)));
                let mut json = String::from('"');
                for found in char::decode_utf16(units) {
                    match found {
                        Ok(letter) => {
                            let quoted = json_text(letter.encode_utf8(&mut [0; 4]));
                            json.push_str(quoted.get(1..quoted.len() - 1).unwrap_or_default());
                        }
                        Err(half) => json.push_str(&format!("\\u{:04x}", half.unpaired_surrogate())),
                    }
                }
                json.push('"');
                json
            }
        }
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn byte_of(pair: &[u32]) -> Option<u8> {
    let [high, low] = pair else { return None };
    u8::try_from(high * 16 + low).ok()
}

fn json_text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The UTF-16 units of a JSON string, halves of characters among them.
fn units(json: &str) -> Result<Vec<u16>> {
    if let Ok(text) = serde_json::from_str::<String>(json) {
        return Ok(text.encode_utf16().collect());
    }
    let inner = json.strip_prefix('"').and_then(|json| json.strip_suffix('"')).ok_or(Fault::Invalid)?;
    let mut units = Vec::with_capacity(inner.len());
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            units.extend_from_slice(letter.encode_utf16(&mut [0; 2]));
            continue;
        }
        units.push(match letters.next().ok_or(Fault::Invalid)? {
            'u' => {
                let digits: String = letters.by_ref().take(4).collect();
                u16::from_str_radix(&digits, 16).map_err(|_| Fault::Invalid)?
            }
            'b' => 8,
            'f' => 12,
            'n' => 10,
            'r' => 13,
            't' => 9,
            plain => u16::try_from(u32::from(plain)).map_err(|_| Fault::Invalid)?,
        });
    }
    Ok(units)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f_m21_each_encoding_gives_back_what_it_took() {
        for (encoding, json, bytes) in [
            (Encoding::Utf8, r#""a\u00e9\ud83d\ude00""#, "a\u{e9}\u{1f600}".as_bytes()),
            (Encoding::Utf16, r#""a\ud800\"""#, &[0x61, 0, 0, 0xd8, 0x22, 0]),
            (Encoding::Latin1, r#""a\u00e9\u0000""#, &[0x61, 0xe9, 0]),
            (Encoding::Ascii, r#""a~""#, b"a~"),
            (Encoding::Base64, r#""aGVsbG8=""#, b"hello"),
            (Encoding::Hex, r#""00ff7f""#, &[0, 255, 127]),
        ] {
            assert_eq!(encoding.bytes_of(json).unwrap(), bytes, "{encoding:?}");
            let back = encoding.json_of(bytes);
            assert_eq!(encoding.bytes_of(&back).unwrap(), bytes, "{encoding:?}: {back}");
        }
        assert_eq!(Encoding::Utf8.bytes_of(r#""\ud800x""#).unwrap(), "\u{fffd}x".as_bytes());
        assert_eq!(Encoding::Utf8.json_of(&[0xff, b'x']), "\"\u{fffd}x\"");
        assert_eq!(Encoding::Base64.bytes_of(r#""aGVs\nbG8""#).unwrap(), b"hello");
    }

    #[test]
    fn what_is_no_text_of_an_encoding_is_refused() {
        for (encoding, json) in [
            (Encoding::Base64, r#""data:image/png;base64,aGVsbG8=""#),
            (Encoding::Base64, r#""a""#),
            (Encoding::Hex, r#""abc""#),
            (Encoding::Hex, r#""zz""#),
            (Encoding::Hex, r#""+1""#),
        ] {
            assert_eq!(encoding.bytes_of(json), Err(Fault::BadEncoding), "{json}");
        }
        assert!(matches!(Encoding::parse("gbk"), Err(Fault::Argument(_))));
    }
}
