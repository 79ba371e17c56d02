//! What the first bytes of a picture say of it: its kind, its size, and how it is to be turned.

/// One picture.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Picture {
    pub(super) kind: &'static str,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) orientation: &'static str,
}

/// How many bytes are enough: the parts of a JPEG before its size may hold a preview.
pub(super) const BEGINNING: u64 = 256 * 1024;

/// The EXIF numbers, from 1 on.
const ORIENTATIONS: [&str; 8] =
    ["up", "up-mirrored", "down", "down-mirrored", "left-mirrored", "right", "right-mirrored", "left"];

/// Reads the beginning of a file.
pub(super) fn look(bytes: &[u8]) -> Option<Picture> {
    let upright = |kind, size: Option<(u32, u32)>| {
        size.map(|(width, height)| Picture { kind, width, height, orientation: ORIENTATIONS[0] })
    };
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return upright("png", Some((be32(bytes, 16)?, be32(bytes, 20)?)));
    }
    if bytes.starts_with(b"GIF8") {
        return upright("gif", Some((le16(bytes, 6)?, le16(bytes, 8)?)));
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return upright("unknown", webp(bytes));
    }
    if bytes.starts_with(b"\xff\xd8") { jpeg(bytes) } else { None }
}

fn jpeg(bytes: &[u8]) -> Option<Picture> {
    let mut orientation = ORIENTATIONS[0];
    let mut at = 2;
    loop {
        let (mark, length) = (be16(bytes, at)?, be16(bytes, at + 2)? as usize);
        match mark {
            0xffe1 => orientation = exif(bytes.get(at + 4..(at + 2 + length).min(bytes.len()))?).unwrap_or(orientation),
            // The frames, without the tables that have numbers among theirs.
            0xffc0..=0xffcf if !matches!(mark, 0xffc4 | 0xffc8 | 0xffcc) => {
                let (height, width) = (be16(bytes, at + 5)?, be16(bytes, at + 7)?);
                return Some(Picture { kind: "jpeg", width, height, orientation });
            }
            0xff00..=0xffff if length >= 2 => {}
            _ => return None,
        }
        at += 2 + length;
    }
}

/// The orientation that stands in the first directory of an EXIF part.
fn exif(part: &[u8]) -> Option<&'static str> {
    let tiff = part.strip_prefix(b"Exif\0\0")?;
    let little = tiff.starts_with(b"II");
    let short = |at: usize| if little { le16(tiff, at) } else { be16(tiff, at) };
    let long = if little { le32(tiff, 4) } else { be32(tiff, 4) };
    let directory = long? as usize;
    for entry in 0..short(directory)? as usize {
        let at = directory.checked_add(2 + 12 * entry)?;
        if short(at)? == 0x0112 {
            return ORIENTATIONS.get((short(at + 8)? as usize).checked_sub(1)?).copied();
        }
    }
    None
}

fn webp(bytes: &[u8]) -> Option<(u32, u32)> {
    match bytes.get(12..16)? {
        b"VP8X" => Some((le24(bytes, 24)? + 1, le24(bytes, 27)? + 1)),
        b"VP8L" => {
            let bits = le32(bytes, 21)?;
            Some(((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1))
        }
        b"VP8 " => Some((le16(bytes, 26)? & 0x3fff, le16(bytes, 28)? & 0x3fff)),
        _ => None,
    }
}

fn be16(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at.checked_add(2)?)?.try_into().ok().map(u16::from_be_bytes).map(u32::from)
}

fn le16(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at.checked_add(2)?)?.try_into().ok().map(u16::from_le_bytes).map(u32::from)
}

fn le24(bytes: &[u8], at: usize) -> Option<u32> {
    Some(le16(bytes, at)? | u32::from(*bytes.get(at + 2)?) << 16)
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at.checked_add(4)?)?.try_into().ok().map(u32::from_be_bytes)
}

fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at.checked_add(4)?)?.try_into().ok().map(u32::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f_m22_the_size_of_a_picture_is_read_from_its_beginning() {
        let png = [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(), &[0, 0, 1, 0, 0, 0, 0, 7]].concat();
        let gif = b"GIF89a\x05\0\x06\0";
        let exif = b"\xff\xe1\0\x22Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
        let jpeg = [b"\xff\xd8".as_slice(), exif, b"\xff\xc0\0\x11\x08\0\x02\0\x03\x03"].concat();
        let cut = |picture: &Picture| (picture.kind, picture.width, picture.height, picture.orientation);
        assert_eq!(look(&png).as_ref().map(cut), Some(("png", 256, 7, "up")));
        assert_eq!(look(gif).as_ref().map(cut), Some(("gif", 5, 6, "up")));
        assert_eq!(look(&jpeg).as_ref().map(cut), Some(("jpeg", 3, 2, "right")));
        for bytes in [png.as_slice(), gif, &jpeg] {
            // Whatever is cut off or broken is no picture, and no panic.
            for end in 0..bytes.len() {
                let _ = look(&bytes[..end]);
                let mut broken = bytes.to_vec();
                broken[end] = 0xff;
                let _ = look(&broken);
            }
        }
        assert_eq!(look(b"text"), None);
    }
}
