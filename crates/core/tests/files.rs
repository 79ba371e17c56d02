//! The file family as a mini-program calls it: what comes back, the texts and numbers of failures, and what is kept.
#![allow(clippy::unwrap_used, reason = "what a test needs and does not get fails the test")]

mod support;

use finapp_core::Config;
use serde_json::{Value, json};
use support::{Folder, Host};

/// What every script here begins with.
const START: &str = "
    const fs = wx.getFileSystemManager(), at = (name) => `${wx.env.USER_DATA_PATH}/${name}`;
    const text = (buffer) => String.fromCharCode(...new Uint8Array(buffer));
    const tried = (run) => { try { return run() } catch (e) { return [e instanceof Error && e.message === e.errMsg, e.errMsg, e.errCode] } };
    const ended = (method, given) => new Promise(done => (fs[method] ?? wx[method])({...given, success: r => done(r), fail: r => done(r)}));
";

fn run(script: &str) -> Value {
    Host::new().run(&format!(
        "{START} (async () => {{ {script} }})().catch(e => ft.report({{thrown: String(e), stack: e.stack}}))"
    ))
}

fn kept(folder: &Folder) -> Config {
    Config { data_dir: Some(folder.path().to_owned()), ..Config::default() }
}

#[test]
fn f_m21_what_was_written_comes_back_in_both_forms_and_every_encoding() {
    let said = run("
        const said = [];
        fs.writeFileSync(at('a'), 'h\\u00e9llo');
        said.push(fs.readFileSync(at('a'), 'utf8'), fs.readFileSync(at('a')).byteLength, fs.readFileSync(at('a'), 'hex'));
        said.push(fs.readFileSync(at('a'), 'base64'), fs.readFileSync(at('a'), 'latin1').length, fs.readFileSync(at('a'), 'utf8', 3, 2));
        fs.writeFileSync(at('b'), new Uint8Array([1, 2, 255]).buffer);
        said.push(String(new Uint8Array(fs.readFileSync(at('b')))));
        fs.writeFileSync(at('c'), 'aGVsbG8=', 'base64');
        fs.appendFileSync(at('c'), '20776f726c64', 'hex');
        said.push(text(fs.readFileSync(at('c'))));
        fs.writeFileSync(at('d'), 'x\\ud800\\u4f60', 'ucs2');
        said.push(fs.readFileSync(at('d'), 'utf16le') === 'x\\ud800\\u4f60', fs.readFileSync(at('d')).byteLength);
        fs.writeFileSync(at('e'), new Uint8Array([9, 8, 7, 6]).subarray(1, 3));
        said.push(String(new Uint8Array(fs.readFileSync(at('e')))));
        said.push(await ended('writeFile', {filePath: at('f'), data: 'async'}));
        said.push(await ended('appendFile', {filePath: at('f'), data: ' more'}));
        const read = await ended('readFile', {filePath: at('f'), encoding: 'utf8'});
        said.push(read, Object.keys(read).join());
        const bytes = await fs.readFile({filePath: at('f')});
        said.push(bytes.data instanceof ArrayBuffer, fs.writeFileSync(at('g'), '') === undefined, fs.readFileSync(at('g'), 'utf8'));
        ft.report({said})");
    assert_eq!(
        said["said"],
        json!([
            "h\u{e9}llo", 6, "68c3a96c6c6f", "aMOpbGxv", 6, "ll", "1,2,255", "hello world", true, 6, "8,7",
            {"errMsg": "writeFile:ok"}, {"errMsg": "appendFile:ok"},
            {"data": "async more", "errMsg": "readFile:ok"}, "data,errMsg", true, true, "",
        ]),
        "{said}"
    );
}

#[test]
fn f_m21_failures_have_wechats_texts_and_numbers() {
    let said = run("
        const said = [];
        const f = at('file'), d = at('folder');
        fs.writeFileSync(f, 'text'); fs.mkdirSync(d); fs.writeFileSync(d + '/inner', '');
        said.push(await ended('readFile', {filePath: at('none')}));
        said.push(tried(() => fs.readFileSync(at('none'))));
        for (const run of [
            () => fs.accessSync(at('none')), () => fs.readFileSync(d), () => fs.writeFileSync(d, ''),
            () => fs.writeFileSync(at('none/x'), ''), () => fs.writeFileSync(f + '/x', ''), () => fs.mkdirSync(d),
            () => fs.mkdirSync(at('x/y')), () => fs.rmdirSync(d), () => fs.rmdirSync(f), () => fs.unlinkSync(d),
            () => fs.readdirSync(f), () => fs.readdirSync(at('none')), () => fs.renameSync(at('none'), at('x')),
            () => fs.rmdirSync(wx.env.USER_DATA_PATH), () => fs.writeFileSync('wxfile://tmp_x', ''),
            () => fs.writeFileSync('app.js', ''), () => fs.writeFileSync(f, '!', 'base64'),
            () => fs.readFileSync(f, 'gbk'), () => fs.readFileSync(f, 'utf8', 4), () => fs.readFileSync(f, 'utf8', 0, 5),
            () => fs.readFileSync(f, 'utf8', -1), () => fs.readFileSync(f, 'utf8', 0, 0.5), () => fs.readFileSync(),
            () => fs.writeFileSync(f, 7), () => fs.openSync({filePath: f, flag: 'q'}), () => fs.closeSync({fd: '9'}),
            () => fs.saveFileSync('wxfile://tmp_none'), () => fs.accessSync(at('x'.repeat(256))),
            () => fs.accessSync(at('../x')), () => fs.truncateSync({filePath: f, length: -1}),
        ]) said.push(tried(run).slice(1));
        said.push(fs.readFileSync(f, 'utf8'));
        ft.report({said})");
    let text = |name: &str, text: &str, code: i32| json!([format!("{name}:fail {text}"), code]);
    let usr = "wxfile://usr";
    let parameter = |name: &str, said: &str| text(name, &format!("parameter error: {said}"), 10001);
    let none = format!("no such file or directory, open \"{usr}/none\"");
    assert_eq!(said["said"][0], json!({"errMsg": format!("readFile:fail {none}"), "errCode": 1300002}));
    assert_eq!(said["said"][1], json!([true, format!("readFileSync:fail {none}"), 1300002]));
    let expected = json!([
        text("accessSync", &format!("no such file or directory, access \"{usr}/none\""), 1300002),
        text("readFileSync", &format!("illegal operation on a directory, open \"{usr}/folder\""), 1301003),
        text("writeFileSync", &format!("illegal operation on a directory, open \"{usr}/folder\""), 1301003),
        text("writeFileSync", &format!("no such file or directory, open \"{usr}/none/x\""), 1300002),
        text("writeFileSync", &format!("not a directory, open \"{usr}/file/x\""), 1300020),
        text("mkdirSync", &format!("file already exists, mkdir \"{usr}/folder\""), 1301005),
        text("mkdirSync", &format!("no such file or directory, mkdir \"{usr}/x/y\""), 1300002),
        text("rmdirSync", &format!("directory not empty, rmdir \"{usr}/folder\""), 1300066),
        text("rmdirSync", &format!("not a directory, rmdir \"{usr}/file\""), 1300020),
        text("unlinkSync", &format!("operation not permitted, unlink \"{usr}/folder\""), 1300001),
        text("readdirSync", &format!("not a directory, scandir \"{usr}/file\""), 1300020),
        text("readdirSync", &format!("no such file or directory, scandir \"{usr}/none\""), 1300002),
        text("renameSync", &format!("no such file or directory, rename \"{usr}/none\" -> \"{usr}/x\""), 1300002),
        text("rmdirSync", &format!("operation not permitted, rmdir \"{usr}\""), 1300001),
        text("writeFileSync", "permission denied, cannot access file path, open \"wxfile://tmp_x\"", 1301000),
        text("writeFileSync", "illegal operation on a package directory, open \"app.js\"", 1301004),
        text("writeFileSync", "base64 encode error", 1300203),
        text("readFileSync", "invalid encoding \"gbk\"", 10001),
        text("readFileSync", "value of position is out of range", 1301009),
        text("readFileSync", "value of length is out of range", 1301006),
        text("readFileSync", "value of position is out of range", 1301009),
        text("readFileSync", "value of length is out of range", 1301006),
        parameter("readFileSync", "parameter.filePath should be String instead of Undefined;"),
        parameter("writeFileSync", "parameter.data should be String or ArrayBuffer instead of Number;"),
        text("openSync", "invalid flag", 1302003),
        text("closeSync", "bad file descriptor", 1300009),
        text("saveFileSync", "tempFilePath file not exist", 1301112),
        text("accessSync", "File name too long", 1300036),
        text("accessSync", &format!("Path permission denied, access \"{usr}/../x\""), 1300014),
        text("truncateSync", "value of length is out of range", 1301006),
        "text",
    ]);
    for (at, wanted) in expected.as_array().unwrap().iter().enumerate() {
        assert_eq!(&said["said"][at + 2], wanted, "case {at}");
    }
}

#[test]
fn f_m21_folders_are_made_listed_moved_and_removed() {
    let said = run("
        const said = [];
        fs.mkdirSync(at('a/b/c'), true);
        fs.writeFileSync(at('a/one'), '1'); fs.writeFileSync(at('a/b/two'), '22');
        said.push(fs.readdirSync(at('a')), fs.readdirSync(wx.env.USER_DATA_PATH));
        const whole = fs.statSync(at('a'), true);
        said.push(whole.map(({path, stats}) => [path, stats.isDirectory(), stats.isFile(), stats.isFile() && stats.size]));
        const one = fs.statSync(at('a/one'));
        said.push([one.isFile(), one.isDirectory(), one.size, one.mode & 0o777, typeof one.lastModifiedTime, Object.keys(one).sort().join()]);
        fs.renameSync(at('a/b'), at('moved'));
        fs.copyFileSync(at('moved/two'), at('a/copy'));
        said.push(fs.readdirSync(at('moved')), fs.readFileSync(at('a/copy'), 'utf8'));
        fs.truncateSync({filePath: at('a/copy'), length: 1});
        said.push(fs.readFileSync(at('a/copy'), 'utf8'));
        fs.unlinkSync(at('a/copy'));
        fs.rmdirSync(at('a'), true);
        said.push(fs.readdirSync(wx.env.USER_DATA_PATH));
        const stat = await ended('stat', {path: at('moved'), recursive: true});
        said.push(stat.stats.map(s => s.path), (await ended('getFileInfo', {filePath: at('moved/two')})));
        for (const digestAlgorithm of ['sha1', 'sha256']) said.push((await wx.getFileInfo({filePath: at('moved/two'), digestAlgorithm})).digest);
        ft.report({said})");
    assert_eq!(
        said["said"],
        json!([
            ["b", "one"], ["a"],
            [["/", true, false, false], ["/b", true, false, false], ["/b/c", true, false, false],
             ["/b/two", false, true, 2], ["/one", false, true, 1]],
            [true, false, 1, 0o600, "number", "lastAccessedTime,lastModifiedTime,mode,size"],
            ["c", "two"], "22", "2", ["moved"], ["/", "/c", "/two"],
            {"size": 2, "digest": "b6d767d2f8ed5d21a44b0e5886680cb9", "errMsg": "getFileInfo:ok"},
            "12c6fc06c99a462375eeb3f43dfd832b08ca9e17",
            "785f3ec7eb32f30b90cd0fcf3657d388b5ff4297f2f9716ff66e9b69c05ddd09",
        ]),
        "{said}"
    );
}

#[test]
fn f_m21_open_files_are_read_and_written_at_their_positions() {
    let said = run("
        const said = [];
        const fd = fs.openSync({filePath: at('file'), flag: 'w+'});
        said.push(typeof fd, fs.writeSync({fd, data: 'hello world'}));
        said.push(fs.writeSync({fd, data: new Uint8Array([1, 74, 2]).buffer, offset: 1, length: 1, position: 0}));
        const arrayBuffer = new ArrayBuffer(8);
        const read = fs.readSync({fd, arrayBuffer, offset: 2, length: 5, position: 0});
        said.push(read.bytesRead, read.arrayBuffer === arrayBuffer, text(arrayBuffer), Object.keys(read).sort().join());
        said.push(fs.readSync({fd, arrayBuffer, length: 5}).bytesRead, fs.fstatSync({fd}).size);
        said.push(tried(() => fs.readSync({fd, arrayBuffer, length: 9})).slice(1), tried(() => fs.readSync({fd, arrayBuffer, offset: 9})).slice(1));
        said.push(tried(() => fs.readSync({fd})).slice(1), tried(() => fs.writeSync({fd, data: arrayBuffer, offset: 9})).slice(1));
        said.push(tried(() => fs.writeSync({fd, data: arrayBuffer, offset: 1, length: 8})).slice(1));
        fs.ftruncateSync({fd, length: 5});
        const back = await ended('read', {fd, arrayBuffer, length: 8, position: 1});
        said.push([back.bytesRead, back.errMsg, back.arrayBuffer === arrayBuffer, text(arrayBuffer).slice(0, 4)]);
        said.push(await ended('write', {fd, data: '!', position: 5}), (await ended('fstat', {fd})).stats.isFile());
        fs.closeSync({fd});
        said.push(tried(() => fs.writeSync({fd, data: ''})).slice(1), fs.readFileSync(at('file'), 'utf8'));
        const reader = (await ended('open', {filePath: at('file')})).fd;
        said.push(tried(() => fs.writeSync({fd: reader, data: 'x'})).slice(1), tried(() => fs.openSync({filePath: at('file'), flag: 'wx'})).slice(1));
        const adding = fs.openSync({filePath: at('file'), flag: 'a'});
        fs.writeSync({fd: adding, data: '+', position: 0}); fs.writeSync({fd: adding, data: '+'});
        said.push(fs.readFileSync(at('file'), 'utf8'), tried(() => fs.readSync({fd: adding, arrayBuffer, length: 1})).slice(1));
        ft.report({said})");
    let range =
        |name: &str, what: &str, code: i32| json!([format!("{name}:fail value of {what} is out of range"), code]);
    assert_eq!(
        said["said"],
        json!([
            "string", {"bytesWritten": 11}, {"bytesWritten": 1}, 5, true, "\0\0Jello\0", "arrayBuffer,bytesRead",
            0, 11,
            range("readSync", "length", 1301006), range("readSync", "offset", 1301007),
            ["readSync:fail array buffer does not exist", 1302005],
            range("writeSync", "offset", 1301007), range("writeSync", "length", 1301006),
            [4, "read:ok", true, "ello"], {"bytesWritten": 1, "errMsg": "write:ok"}, true,
            ["writeSync:fail bad file descriptor", 1300009], "Jello!",
            ["writeSync:fail permission denied, the file was not opened for that", 1302001],
            ["openSync:fail file already exists, open \"wxfile://usr/file\"", 1301005],
            "Jello!++", ["readSync:fail permission denied, the file was not opened for that", 1302001],
        ]),
        "{said}"
    );
}

#[test]
fn f_m21_the_files_of_the_package_are_read_and_never_written() {
    let host = Host::new();
    let package = Folder::new();
    let script = format!(
        "ft.loadExtApi([{{name: 'report'}}]); {START}
        const said = [fs.readFileSync('data/a.bin', 'utf8'), fs.readFileSync('/data/a.bin', 'hex'), fs.statSync('data/a.bin').size];
        fs.copyFileSync('data/a.bin', at('copy'));
        said.push(fs.readFileSync(at('copy'), 'utf8'), fs.readFileSync('app.js', 'utf8').includes('copyFileSync'));
        for (const run of [() => fs.unlinkSync('data/a.bin'), () => fs.readFileSync('data/none'), () => fs.readFileSync('../secret'),
            () => fs.readdirSync('data'), () => fs.mkdirSync('x'), () => fs.renameSync('data/a.bin', at('x'))]) said.push(tried(run)[2]);
        ft.report({{said}})"
    );
    package.file("app.js", &script).file("data/a.bin", "raw");
    host.open_folder("demo", package).unwrap();
    assert_eq!(
        host.reported()["said"],
        json!(["raw", "726177", 3, "raw", true, 1301004, 1300002, 1300014, 1301004, 1301004, 1301004])
    );
}

#[test]
fn f_m21_files_outlast_their_run_and_are_cleared_with_the_data() {
    let data = Folder::new();
    let host = Host::with(kept(&data));
    let script = |body: &str| format!("{START} {body}");
    let first =
        host.run(&script("fs.writeFileSync(at('a'), 'kept'); ft.report({all: fs.readdirSync(wx.env.USER_DATA_PATH)})"));
    assert_eq!(first, json!({"all": ["a"]}));
    host.client.close_applet("demo").unwrap();
    host.closed("demo");
    assert_eq!(host.run(&script("ft.report({is: fs.readFileSync(at('a'), 'utf8')})")), json!({"is": "kept"}));
    host.client.close_applet("demo").unwrap();
    host.closed("demo");
    host.client.clear_applet_data("demo", None).unwrap();
    assert_eq!(host.run(&script("ft.report({all: fs.readdirSync(wx.env.USER_DATA_PATH)})")), json!({"all": []}));
}

#[test]
fn f_m21_plain_names_are_on_both_objects_and_can_i_use_knows_the_family() {
    let said = run("
        const schemas = ['getFileSystemManager', 'FileSystemManager', 'FileSystemManager.readFile', 'FileSystemManager.readFileSync',
            'saveFile', 'saveFile.object.tempFilePath', 'getFileInfo.success.digest', 'env.USER_DATA_PATH',
            'readFile', 'FileSystemManager.readCompressedFile', 'FileSystemManager.nothing', 'saveFile.success.nothing'];
        ft.report({
            same: ft.getFileSystemManager() === wx.getFileSystemManager() && ft.env.USER_DATA_PATH === wx.env.USER_DATA_PATH,
            env: wx.env.USER_DATA_PATH, alone: ['readFile', 'access', 'FileSystemManager.access'].filter(name => name in wx),
            can: schemas.map(schema => wx.canIUse(schema)), methods: fs.readFile.length,
        })");
    assert_eq!(
        said,
        json!({
            "same": true, "env": "wxfile://usr", "alone": [], "methods": 1,
            "can": [true, true, true, true, true, true, true, true, false, false, false, false],
        })
    );
}
