//! Pictures of a page as files, once they have been looked at: an empty page is of one colour.

use super::{Done, TELEPHONE};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use finapp_chromium::Page;
use serde_json::{Value, json};
use std::path::Path;

/// Writes what the page looks like; gives a sentence on the picture.
pub fn take(page: &Page, file: &Path, scale: f64) -> Done<String> {
    let clip = json!({"x": 0, "y": 0, "width": TELEPHONE.width, "height": TELEPHONE.height, "scale": scale});
    let answer = page.command("Page.captureScreenshot", &json!({"format": "png", "clip": clip}))?;
    let base64 = answer.get("data").and_then(Value::as_str).unwrap_or_default();
    let (width, height, colors) = look(page, base64)?;
    if colors < 2 {
        return Err(format!("{}: expected a picture of the page, got one colour", file.display()).into());
    }
    let bytes = BASE64_STANDARD.decode(base64)?;
    write(file, &bytes)?;
    let name = file.file_name().unwrap_or_default().display();
    Ok(format!("{name}: {width} x {height}, {colors} colours, {} bytes", bytes.len()))
}

/// Width, height and the number of colours of a PNG, as the browser reads it.
fn look(page: &Page, base64: &str) -> Done<(u64, u64, u64)> {
    let seen = page.evaluate(&format!(
        "(async () => {{
           const picture = await createImageBitmap(await (await fetch('data:image/png;base64,{base64}')).blob())
           const {{ width, height }} = picture
           const canvas = new OffscreenCanvas(width, height).getContext('2d')
           canvas.drawImage(picture, 0, 0)
           const pixels = new Uint32Array(canvas.getImageData(0, 0, width, height).data.buffer)
           return [width, height, new Set(pixels).size]
         }})()"
    ))?;
    Ok(serde_json::from_value(seen)?)
}

#[expect(clippy::disallowed_methods, reason = "a program of its own, which was told where the picture goes")]
fn write(file: &Path, bytes: &[u8]) -> Done {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    Ok(std::fs::write(file, bytes)?)
}
