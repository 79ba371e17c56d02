//! Mini-programs and archives that mean harm to the file family, or to the host and others through it.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test has files of its own, and looks at all of them"
)]

mod support;

use finapp_core::Config;
use serde_json::json;
use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;
use support::{Folder, Host};
use zip::write::SimpleFileOptions;

/// What every script here begins with.
const START: &str = "
    const fs = wx.getFileSystemManager(), at = (name) => `${wx.env.USER_DATA_PATH}/${name}`;
    const tried = (run) => { try { run(); return 'ok' } catch (e) { return e.errMsg ?? String(e) } };
";

fn kept(folder: &Folder) -> Host {
    Host::with(Config { data_dir: Some(folder.path().to_owned()), ..Config::default() })
}

fn run(host: &Host, body: &str) -> serde_json::Value {
    host.run(&format!("{START} {body}"))
}

/// All files, but for the compiled code that the library keeps once it has come round to it.
fn files_below(folder: &Path) -> Vec<String> {
    let mut list = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.file_name() == "_code" {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            list.extend(files_below(&entry.path()));
        } else {
            list.push(entry.path().to_string_lossy().into_owned());
        }
    }
    list.sort();
    list
}

#[test]
fn h_a27_no_path_leads_out_of_the_files_of_the_applet() {
    let data = Folder::new();
    data.file("secret", "of the host").file("_shared/other/files/usr/a", "of another");
    data.file("_shared/demo/beside", "of the library");
    let script = "
        const outside = [
            '../secret', '/etc/passwd', '../../../../secret', 'wxfile://usr/../../../secret', 'wxfile://usr/a/../../b',
            'wxfile://../beside', 'wxfile://storage.sqlite', 'wxfile://usr/..', 'wxfile://usr/\\u0000', 'file:///etc/passwd',
            'wxfile:///etc/passwd', 'http://localhost/x', 'wxfile://store/../usr/x', 'wxfile://tmp/../usr/x',
            'wxfile://usr/../../other/files/usr/a', 'finfile://..', 'WXFILE://USR/a', 'wxfile://new/x', '..\\\\secret',
        ];
        const names = ['%2e%2e', '%2e%2e%2fsecret', '..%2fsecret', '. .', '...', 'A', 'a'];
        names.forEach((name) => fs.writeFileSync(at(name), name));
        const said = new Set();
        for (const path of outside) {
            for (const run of [
                () => fs.readFileSync(path), () => fs.writeFileSync(path, 'x'), () => fs.appendFileSync(path, 'x'),
                () => fs.unlinkSync(path), () => fs.mkdirSync(path, true), () => fs.rmdirSync(path, true), () => fs.readdirSync(path),
                () => fs.renameSync(at('a'), path), () => fs.renameSync(path, at('x')), () => fs.copyFileSync(at('a'), path),
                () => fs.copyFileSync(path, at('x')), () => fs.openSync({filePath: path, flag: 'w+'}), () => fs.statSync(path, true),
                () => fs.saveFileSync(path), () => fs.truncateSync({filePath: path}), () => fs.accessSync(path),
            ]) said.add(tried(run).replace(/^\\w+:fail /, '').replace(/, \\w+ .*/s, ''));
        }
        ft.report({said: [...said].sort(), names: fs.readdirSync(wx.env.USER_DATA_PATH), a: fs.readFileSync(at('a'), 'utf8')})";
    let said = run(&kept(&data), script);
    let texts: Vec<&str> = said["said"].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
    for text in &texts {
        assert!(
            ["Path permission denied", "operation not permitted", "no such file or directory"].contains(text)
                || text.contains("package directory"),
            "{texts:?}"
        );
    }
    assert_eq!(said["names"], json!(["%2e%2e", "%2e%2e%2fsecret", ". .", "..%2fsecret", "...", "A", "a"]));
    assert_eq!(said["a"], "a");
    for (path, text) in [
        ("secret", "of the host"),
        ("_shared/other/files/usr/a", "of another"),
        ("_shared/demo/beside", "of the library"),
    ] {
        assert_eq!(fs::read_to_string(data.path().join(path)).unwrap(), text, "{path}");
    }
    let all = files_below(data.path());
    let own = data.path().join("_shared/demo/files/usr").to_string_lossy().into_owned();
    assert_eq!(all.iter().filter(|path| path.starts_with(&own)).count(), 7, "{all:?}");
    assert_eq!(all.len(), 10, "{all:?}");
}

#[test]
fn h_a27_links_that_somebody_put_there_are_not_followed() {
    let data = Folder::new();
    data.file("secret", "of the host").file("_shared/demo/files/usr/own", "own");
    let user = data.path().join("_shared/demo/files/usr");
    std::os::unix::fs::symlink(data.path().join("secret"), user.join("link")).unwrap();
    std::os::unix::fs::symlink(data.path(), user.join("up")).unwrap();
    let script = "
        const said = [() => fs.readFileSync(at('link')), () => fs.readFileSync(at('up/secret')), () => fs.writeFileSync(at('link'), 'x'),
            () => fs.appendFileSync(at('link'), 'x'), () => fs.openSync({filePath: at('link'), flag: 'r+'}), () => fs.statSync(at('link')),
            () => fs.copyFileSync(at('link'), at('copy')), () => fs.readdirSync(at('up')), () => fs.rmdirSync(at('up'), true),
            () => fs.copyFileSync(at('own'), at('up/new')), () => fs.renameSync(at('link'), at('moved'))].map(tried);
        ft.report({said: said.filter((text) => !text.includes('Path permission denied')),
            list: fs.statSync(wx.env.USER_DATA_PATH, true).map(({path}) => path)})";
    assert_eq!(run(&kept(&data), script), json!({"said": [], "list": ["/", "/own"]}));
    assert_eq!(fs::read_to_string(data.path().join("secret")).unwrap(), "of the host");
}

#[test]
fn h_a35_bytes_files_open_files_and_one_message_are_bounded_and_others_are_not_hurt() {
    let host = Host::with_limits(|limits| {
        (limits.files_bytes, limits.files_entries, limits.files_open) = (10_000, 20, 3);
        limits.message_binary_bytes = 5_000;
    });
    host.open("other", &format!("{START} fs.writeFileSync(at('own'), 'kept'); ft.onCustomEvent(() => ft.report({{own: fs.readFileSync(at('own'), 'utf8')}}))"));
    let script = "
        const code = (run) => { try { run(); return 'ok' } catch (e) { return e.errCode } };
        fs.writeFileSync(at('old'), 'intact');
        const said = [code(() => fs.writeFileSync(at('big'), new ArrayBuffer(5001)))];
        for (let i = 0; i < 3; i++) said.push(code(() => fs.appendFileSync(at('big'), new ArrayBuffer(4000))));
        said.push(code(() => fs.truncateSync({filePath: at('big'), length: 1e12})), code(() => fs.copyFileSync(at('big'), at('copy'))));
        said.push(code(() => fs.readFileSync(at('big'))), fs.readFileSync(at('big'), undefined, 0, 5000).byteLength);
        const fd = fs.openSync({filePath: at('big'), flag: 'r+'});
        said.push(code(() => fs.writeSync({fd, data: 'x', position: 9e15})), code(() => fs.writeSync({fd, data: 'x', position: 1e6})));
        fs.openSync({filePath: at('big')}); fs.openSync({filePath: at('big')});
        said.push(code(() => fs.openSync({filePath: at('big')})));
        let made = 0;
        while (code(() => fs.mkdirSync(at(`folder ${made}`))) === 'ok') made++;
        said.push(made, code(() => fs.mkdirSync(at('a/b/c'), true)), code(() => fs.writeFileSync(at('x'), '')), fs.statSync(at('big')).size);
        fs.unlinkSync(at('big'));
        said.push(code(() => fs.writeFileSync(at('x'), new ArrayBuffer(4900))), fs.readFileSync(at('old'), 'utf8'));
        ft.report({said})";
    let full = 1_300_202;
    assert_eq!(
        run(&host, script)["said"],
        json!([
            20002, "ok", "ok", full, full, full, 20002, 5000, full, full, 1_302_002, 18, full, full, 8000, "ok",
            "intact"
        ])
    );
    host.send("other", json!({}));
    assert_eq!(host.reported(), json!({"own": "kept"}));
}

#[test]
fn h_a36_no_failure_names_a_place_of_the_host() {
    let data = Folder::new();
    data.file("_shared/demo/files/usr", "a file in the place of the folder");
    let script = "
        const said = [];
        for (const run of [() => fs.writeFileSync(at('a'), 'x'), () => fs.readdirSync(wx.env.USER_DATA_PATH), () => fs.saveFileSync('wxfile://tmp_1'),
            () => fs.readFileSync('wxfile://tmp_1'), () => fs.readFileSync('none'), () => wx.setStorageSync('k'.repeat(999), 1)]) {
            try { run() } catch (e) { said.push(e.errMsg, e.message, e.stack, String(e), JSON.stringify(e)) }
        }
        ft.report({said})";
    let host = kept(&data);
    let said = run(&host, script)["said"].to_string();
    let name = data.path().file_name().unwrap().to_string_lossy().into_owned();
    for secret in [&*name, "_shared", "finapp-", "/tmp/", "os error", ".rs"] {
        assert!(!said.contains(secret), "{secret}: {said}");
    }
}

/// A zip with these entries.
fn zip_of(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn f_m21_archives_are_read_and_unpacked() {
    let data = Folder::new();
    let path = data.path().join("_shared/demo/files/usr/a.zip");
    data.file("_shared/demo/files/usr/old", "old");
    fs::write(&path, zip_of(&[("one.txt", b"first"), ("deep/two.bin", &[1, 2, 255])])).unwrap();
    let script = "
        const show = (r) => r.entries ? Object.fromEntries(Object.entries(r.entries).map(([name, {data, errMsg}]) =>
            [name, [typeof data === 'string' ? data : data && [...new Uint8Array(data)].join(), errMsg]])) : r;
        (async () => {
            const said = [show(await fs.readZipEntry({filePath: at('a.zip'), entries: 'all'}))];
            said.push(show(await fs.readZipEntry({filePath: at('a.zip'), entries: [
                {path: 'one.txt', encoding: 'utf8', position: 1, length: 3}, {path: 'deep/two.bin', encoding: 'hex'}, {path: 'none'}]})));
            said.push(await fs.unzip({zipFilePath: at('a.zip'), targetPath: at('out/here')}));
            said.push(fs.statSync(at('out'), true).map(({path}) => path), fs.readFileSync(at('out/here/one.txt'), 'utf8'));
            said.push(await fs.unzip({zipFilePath: at('old'), targetPath: at('out')}).catch(r => r));
            ft.report({said});
        })()";
    assert_eq!(
        run(&kept(&data), script)["said"],
        json!([
            {"one.txt": ["102,105,114,115,116", "readZipEntry:ok"], "deep/two.bin": ["1,2,255", "readZipEntry:ok"]},
            {"one.txt": ["irs", "readZipEntry:ok"], "deep/two.bin": ["0102ff", "readZipEntry:ok"],
             "none": [null, "readZipEntry:fail no such file or directory"]},
            {"errMsg": "unzip:ok"},
            ["/", "/here", "/here/deep", "/here/deep/two.bin", "/here/one.txt"], "first",
            {"errMsg": "unzip:fail unzip open file fail", "errCode": 1_301_102},
        ])
    );
}

#[test]
fn h_a27_an_archive_whose_entries_climb_link_or_lie_unpacks_nothing_outside_and_no_bomb_goes_off() {
    let mut lying = zip_of(&[("lie", &[b'x'; 500])]);
    // Both headers say that the file has ten bytes.
    for at in 0..lying.len() - 4 {
        if lying[at..at + 4] == 500_u32.to_le_bytes() {
            lying[at..at + 4].copy_from_slice(&10_u32.to_le_bytes());
        }
    }
    let mut linking = zip::ZipWriter::new(Cursor::new(Vec::new()));
    linking.add_symlink("link", "../../../../secret", SimpleFileOptions::default()).unwrap();
    let linking = linking.finish().unwrap().into_inner();
    let bomb = zip_of(&[("zeros", &vec![0; 3_000_000])]);
    assert!(bomb.len() < 10_000);
    for (case, zip, texts) in [
        ("climbs", zip_of(&[("fine", b"x"), ("../../../../secret", b"x")]), vec!["Path permission denied"]),
        ("absolute", zip_of(&[("/secret", b"x")]), vec!["Path permission denied"]),
        ("backslashes", zip_of(&[("..\\secret", b"x")]), vec!["Path permission denied"]),
        ("links", linking, vec!["Path permission denied"]),
        ("lies", lying, vec!["unzip entry fail"]),
        ("bomb", bomb, vec!["the maximum size of the file storage limit is exceeded"]),
    ] {
        let data = Folder::new();
        data.file("secret", "of the host").file("_shared/demo/files/usr/old", "old");
        fs::write(data.path().join("_shared/demo/files/usr/a.zip"), zip).unwrap();
        let mut config = Config { data_dir: Some(data.path().to_owned()), ..Config::default() };
        config.limits.files_bytes = 1_000_000;
        let said = run(
            &Host::with(config),
            "fs.unzip({zipFilePath: at('a.zip'), targetPath: at('out'), complete: (r) => ft.report(r)})",
        );
        let text = said["errMsg"].as_str().unwrap();
        assert!(texts.iter().any(|wanted| text.contains(wanted)), "{case}: {said}");
        assert_eq!(fs::read_to_string(data.path().join("secret")).unwrap(), "of the host", "{case}");
        let outside = files_below(data.path()).into_iter().filter(|path| !path.contains("/files/usr/")).count();
        assert_eq!(outside, 1, "{case}");
    }
}

#[test]
fn h_a15_traps_in_arguments_and_polluted_prototypes_change_nothing_and_run_nothing() {
    let script = "
        const said = [];
        said.push(tried(() => fs.writeFileSync(at('a'), {toString() { said.push('ran'); return 'x' }})));
        said.push(tried(() => fs.openSync({get filePath() { throw new Error('mine') }})));
        said.push(tried(() => fs.openSync({get filePath() { return fs.readFileSync(at('a')) }})));
        said.push(tried(() => fs.readFileSync({toString() { said.push('ran') }})));
        const revoked = Proxy.revocable([], {}); revoked.revoke();
        fs.readZipEntry({filePath: at('a'), entries: revoked.proxy, fail: (r) => { said.push(r.errMsg); later() }});
        const later = () => {
            for (const name of ['path', 'to', 'fd', 'data', 'encoding', 'recursive', 'errCode', 'stats', 'get']) {
                Object.defineProperty(Object.prototype, name, {set() { said.push('a setter ran') }, get() { return undefined }, configurable: true});
            }
            Array.prototype[Symbol.iterator] = () => { said.push('an iterator ran'); throw 1 };
            Uint8Array.prototype.set = Uint8Array.prototype.slice = () => { said.push('a method ran') };
            Object.defineProperty(Uint8Array, Symbol.species, {get() { said.push('a species was asked for') }});
            globalThis.Uint8Array = globalThis.Error = class {};
            fs.writeFileSync(at('a'), 'text');
            const fd = fs.openSync({filePath: at('a'), flag: 'r+'});
            const arrayBuffer = new ArrayBuffer(4);
            fs.writeSync({fd, data: arrayBuffer, offset: 1, length: 1, position: 0});
            said.push(fs.readSync({fd, arrayBuffer, length: 4, position: 0}).bytesRead, fs.statSync(at('a')).isFile());
            const moved = arrayBuffer.transfer();
            said.push(tried(() => fs.readSync({fd, arrayBuffer, length: 4})), fs.readFileSync(at('a'), 'latin1'));
            ft.report({said});
        };";
    assert_eq!(
        run(&Host::new(), script)["said"],
        json!([
            "writeFileSync:fail parameter error: parameter.data should be String or ArrayBuffer instead of Object;",
            "openSync:fail parameter error: parameter cannot be read;",
            "openSync:fail parameter error: parameter cannot be read;",
            "readFileSync:fail parameter error: parameter.filePath should be String instead of Object;",
            "readZipEntry:fail parameter error: parameter cannot be read;",
            4,
            true,
            "readSync:fail value of length is out of range",
            "\0ext",
        ])
    );
}
