//! What the library answers itself of the files that providers gave: nobody need be asked. Waits for the disk.

use super::picture;
use crate::api::files::Sandbox;
use crate::bridge::members::{Members, quoted, value};
use crate::error::{Error, ErrorCode, Result};
use crate::limits::Limits;

/// Answers one of the names; the text of an object.
///
/// # Errors
/// What the sandbox says of the path, `E_TOO_LARGE`, and `E_PARAM` for what is no picture.
pub(super) fn answer(name: &str, params: &str, sandbox: &Sandbox, limits: &Limits) -> Result<String> {
    let members = Members::parse(params)?;
    let path = |name: &str| members.get(name).and_then(value::<String>).unwrap_or_default();
    if name == "getLocalImgData" {
        // Four characters for each three bytes, and the answer around them.
        let most = (limits.message_bytes / 4).saturating_sub(64) * 3;
        let bytes = sandbox.bytes(&path("path"), u64::try_from(most).unwrap_or(u64::MAX))?;
        return Ok(format!(r#"{{"localData":"data:image/{};base64,{}"}}"#, kind_of(&bytes), base64(&bytes)));
    }
    let src = path("src");
    let picture = picture::look(&sandbox.beginning(&src, picture::BEGINNING)?);
    let picture = picture.ok_or_else(|| Error::new(ErrorCode::Parameter, "image not found or not supported"))?;
    let picture::Picture { kind, width, height, orientation } = picture;
    let path = quoted(&src);
    Ok(format!(r#"{{"width":{width},"height":{height},"path":{path},"orientation":"{orientation}","type":"{kind}"}}"#))
}

/// What stands in a data address, so that a page can show it.
fn kind_of(bytes: &[u8]) -> &'static str {
    match bytes {
        [0xff, 0xd8, ..] => "jpeg",
        [b'G', b'I', b'F', ..] => "gif",
        [b'R', b'I', b'F', b'F', ..] => "webp",
        _ => "png",
    }
}

fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let bits = three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for sign in 0..4 {
            let six = (bits >> (18 - 6 * sign)) & 63;
            text.push(if sign > three.len() { '=' } else { char::from(SIGNS[six as usize]) });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn the_base64_of_known_texts() {
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }
}
