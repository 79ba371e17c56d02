//! From the paths that a mini-program knows to those that a provider can open.

use super::shape::{Kind, Member};
use crate::api::files::Sandbox;
use crate::bridge::members::{Members, items, quoted, value};
use crate::error::{Error, ErrorCode, Result};

/// Puts real paths in the place of the mini-program's own. May wait for the disk.
///
/// # Errors
/// What the sandbox says of a path.
pub(super) fn translate(shape: &[Member], members: &mut Members<'_>, sandbox: &Sandbox) -> Result<()> {
    for Member { name, kind, .. } in shape {
        let Some(raw) = members.get(name) else { continue };
        let translated = match kind {
            Kind::File => real(sandbox, raw)?,
            Kind::Picture => picture(sandbox, raw)?,
            Kind::Pictures => {
                let list = items(raw).unwrap_or_default();
                let list: Vec<String> = list.iter().map(|raw| picture(sandbox, raw.get())).collect::<Result<_>>()?;
                format!("[{}]", list.join(","))
            }
            _ => continue,
        };
        members.set(name, translated);
    }
    Ok(())
}

fn real(sandbox: &Sandbox, raw: &str) -> Result<String> {
    let path: String = value(raw).ok_or_else(|| Error::new(ErrorCode::Parameter, "parameter error"))?;
    let real = sandbox.real(&path)?;
    Ok(quoted(&real.to_string_lossy()))
}

/// The same for a picture, which may also lie in the web or in the package: those stay what they are.
fn picture(sandbox: &Sandbox, raw: &str) -> Result<String> {
    let path: String = value(raw).unwrap_or_default();
    let of_the_files = path.contains("://") && !path.starts_with("https://") && !is_host(&path);
    if of_the_files { real(sandbox, raw) } else { Ok(raw.to_owned()) }
}

/// Whether a `http:` address is not one of the forms of a path.
fn is_host(path: &str) -> bool {
    path.strip_prefix("http://").is_some_and(|rest| {
        let first = rest.split('/').next().unwrap_or_default();
        !matches!(first, "tmp" | "usr" | "store") && !first.starts_with("tmp_") && !first.starts_with("store_")
    })
}
