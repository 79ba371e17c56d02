//! What a module's request means: which file of the package. Pure text and the package's own list of files; the rules
//! are those of WeChat's mini-programs.

use super::{Package, PackageError, PackagePath, plugins};
use crate::error::{Error, ErrorCode, Result};

const NPM: &str = "miniprogram_npm";

/// The path of the file that `request` means in the file `from`; `.js` may be left out.
///
/// - `./a`, `../a`: beside the asking file; `/a`: from the root of the package.
/// - `a`, `a/b`: beside the asking file, then what `resolveAlias` of `app.json` says, then the nearest
///   `miniprogram_npm` on the way to the root, as a file or as a folder with an `index.js`.
///
/// For a file of a plugin the root is the plugin's folder and there are no aliases; for all others there is no such
/// folder.
///
/// # Errors
/// `E_NOT_FOUND`, or `E_PARAM` when the request leaves the package or is malformed. The message is the path that was
/// looked for first.
pub(crate) fn resolve(package: &Package, from: &str, request: &str) -> Result<String> {
    let Some((_, inner)) = plugins::split(from) else {
        let has = |path: &PackagePath| !plugins::is_inside(path.as_str()) && package.has(path);
        return find(request, from, &has, package.manifest().aliases());
    };
    let root = from.strip_suffix(inner).unwrap_or_default();
    let outer = |path: &str| PackagePath::parse(None, &format!("{root}{path}"));
    let has = |path: &PackagePath| outer(path.as_str()).is_ok_and(|path| package.has(&path));
    find(request, inner, &has, &[]).map(|path| format!("{root}{path}")).map_err(|error| match error.code() {
        ErrorCode::NotFound => Error::new(ErrorCode::NotFound, format!("{root}{}", error.message())),
        _ => error,
    })
}

type Has<'a> = &'a dyn Fn(&PackagePath) -> bool;

fn find(request: &str, from: &str, has: Has<'_>, aliases: &[(String, String)]) -> Result<String> {
    let base = PackagePath::parse(None, from).map_err(|_| refused(ErrorCode::Parameter, request))?;
    let beside = match PackagePath::parse(Some(&base), &with_ending(request)) {
        Ok(path) => path,
        // A package may be named as a path may not.
        Err(PackageError::Escape | PackageError::BadPath { .. }) => return Err(refused(ErrorCode::Parameter, request)),
        Err(_) => return Err(refused(ErrorCode::NotFound, request)),
    };
    if has(&beside) {
        return Ok(beside.as_str().to_owned());
    }
    let missing = || Err(refused(ErrorCode::NotFound, beside.as_str()));
    if [".", "..", "/"].contains(&request.split_inclusive('/').next().unwrap_or_default().trim_end_matches('/'))
        || request.starts_with('/')
    {
        return missing();
    }
    let existing = |text: &str| PackagePath::parse(None, text).ok().filter(|path| has(path));
    for (name, target) in aliases {
        let Some(text) = aliased(name, target, request) else { continue };
        let found = existing(&with_ending(&text)).or_else(|| existing(&format!("{text}/index.js")));
        return found.map_or_else(missing, |path| Ok(path.as_str().to_owned()));
    }
    let mut folder = base.as_str();
    loop {
        folder = folder.rsplit_once('/').map_or("", |(folder, _)| folder);
        let found = existing(&format!("{folder}/{NPM}/{}", with_ending(request)))
            .or_else(|| existing(&format!("{folder}/{NPM}/{request}/index.js")));
        match found {
            Some(path) => return Ok(path.as_str().to_owned()),
            None if folder.is_empty() => return missing(),
            None => {}
        }
    }
}

/// What an entry of `resolveAlias` makes of a request, if it is meant. A `*` at the end stands for any rest.
fn aliased(name: &str, target: &str, request: &str) -> Option<String> {
    let target = target.trim_start_matches("./");
    match name.strip_suffix('*') {
        Some(start) => {
            let rest = request.strip_prefix(start)?;
            Some(format!("{}{rest}", target.strip_suffix('*').unwrap_or(target)))
        }
        None => (name == request).then(|| target.to_owned()),
    }
}

fn with_ending(request: &str) -> String {
    if request.ends_with(".js") { request.to_owned() } else { format!("{request}.js") }
}

fn refused(code: ErrorCode, path: &str) -> Error {
    Error::new(code, with_ending(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: [&str; 14] = [
        "app.js",
        "a.js",
        "utils/a.js",
        "utils/index.js",
        "pages/p/p.js",
        "pages/p/own.js",
        "pages/p/data.json",
        "pages/miniprogram_npm/near.js",
        "miniprogram_npm/near.js",
        "miniprogram_npm/pkg/index.js",
        "miniprogram_npm/pkg/sub.js",
        "miniprogram_npm/@scope/pkg/index.js",
        "miniprogram_npm/own/index.js",
        "miniprogram_npm/pkg/miniprogram_npm/inner/index.js",
    ];

    fn resolved(from: &str, request: &str) -> std::result::Result<String, (ErrorCode, String)> {
        let aliases: Vec<(String, String)> =
            [("~/deep/*", "utils/*"), ("@u/*", "./utils/*"), ("~/*", "/*"), ("main", "app")]
                .map(|(name, target)| (name.to_owned(), target.to_owned()))
                .to_vec();
        find(request, from, &|path| FILES.contains(&path.as_str()), &aliases)
            .map_err(|error| (error.code(), error.message().to_owned()))
    }

    #[test]
    fn f_m12_a_request_is_looked_for_beside_the_file_then_by_alias_then_in_npm() {
        for (from, request, expected) in [
            ("pages/p/p.js", "./own", "pages/p/own.js"),
            ("pages/p/p.js", "./own.js", "pages/p/own.js"),
            ("pages/p/p.js", "../../a", "a.js"),
            ("pages/p/p.js", "own", "pages/p/own.js"),
            ("app.js", "utils/a", "utils/a.js"),
            ("app.js", "utils/a.js", "utils/a.js"),
            ("pages/p/p.js", "/utils/a", "utils/a.js"),
            ("pages/p/p.js", "@u/a", "utils/a.js"),
            ("pages/p/p.js", "~/deep/a", "utils/a.js"),
            ("pages/p/p.js", "~/a", "a.js"),
            ("pages/p/p.js", "main", "app.js"),
            ("pages/p/p.js", "near", "pages/miniprogram_npm/near.js"),
            ("app.js", "near", "miniprogram_npm/near.js"),
            ("pages/p/p.js", "pkg", "miniprogram_npm/pkg/index.js"),
            ("pages/p/p.js", "pkg/sub", "miniprogram_npm/pkg/sub.js"),
            ("pages/p/p.js", "@scope/pkg", "miniprogram_npm/@scope/pkg/index.js"),
            ("miniprogram_npm/pkg/sub.js", "inner", "miniprogram_npm/pkg/miniprogram_npm/inner/index.js"),
            ("miniprogram_npm/pkg/sub.js", "near", "miniprogram_npm/near.js"),
        ] {
            assert_eq!(resolved(from, request).as_deref(), Ok(expected), "{request} in {from}");
        }
    }

    #[test]
    fn f_m12_folders_and_json_are_no_modules_and_the_path_that_was_meant_is_named() {
        for (from, request, wanted) in [
            ("app.js", "./utils", "utils.js"),
            ("app.js", "utils/", "utils/.js"),
            ("pages/p/p.js", "./data.json", "pages/p/data.json.js"),
            ("pages/p/p.js", "./pkg", "pages/p/pkg.js"),
            ("pages/p/p.js", "/pkg", "pkg.js"),
            ("app.js", "inner", "inner.js"),
            ("app.js", "A", "A.js"),
            ("app.js", "~/none", "~/none.js"),
        ] {
            assert_eq!(resolved(from, request), Err((ErrorCode::NotFound, wanted.to_owned())), "{request} in {from}");
        }
    }

    #[test]
    fn h_a27_no_request_leaves_the_package_or_means_a_url() {
        for request in
            ["../../../x", "/../x", "pkg/../../../../x", "file:///etc/passwd", "https://h/x.js", "node:fs", "a\0"]
        {
            assert_eq!(resolved("pages/p/p.js", request).unwrap_err().0, ErrorCode::Parameter, "{request:?}");
        }
        for request in
            ["%2e%2e/%2e%2e/a", "..%2f..%2fa", "/etc/passwd", "~/../../x", "./addon.node", "./lib.so", "...", ""]
        {
            assert_eq!(resolved("pages/p/p.js", request).unwrap_err().0, ErrorCode::NotFound, "{request:?}");
        }
    }
}
