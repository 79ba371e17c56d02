//! Disks that take no more, or take nothing: at every byte of what is written, and wherever a mini-program keeps data.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test has files of its own, whose disk it spoils")]

mod support;

use finapp_core::Config;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::thread::{CapabilitySet, capabilities, set_capabilities};
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use support::alone::{alone, alone_under, alone_without_size_signal, runs_natively};
use support::{Folder, Host};

fn kept(folder: &std::path::Path) -> Host {
    Host::with(Config { data_dir: Some(folder.to_owned()), ..Config::default() })
}

/// The longest file that this process may write; none: as long as it likes.
fn allow(bytes: Option<u64>) {
    setrlimit(Resource::Fsize, Rlimit { current: bytes, ..getrlimit(Resource::Fsize) }).unwrap();
}

/// A mini-program that does `write(value)` whenever it is told to, and reports the failure and what is there now.
fn writer(write: &str, read: &str) -> String {
    format!(
        "const fs = wx.getFileSystemManager(), at = (name) => `${{wx.env.USER_DATA_PATH}}/${{name}}`;
        const attempt = (write) => {{ try {{ write(); return 'ok' }} catch (e) {{ return e.errMsg + ' ' + e.errCode }} }};
        const write = (value) => {write}, read = () => {read};
        write('old');
        ft.onCustomEvent(({{value}}) => ft.report({{said: attempt(() => write(value)), is: read()}}));
        ft.report({{is: read()}})"
    )
}

fn attempt(host: &Host, value: &str) -> (String, String) {
    host.send("demo", json!({ "value": value }));
    let said = host.reported();
    let text = |member: &str| said[member].as_str().map(str::to_owned).unwrap();
    (text("said"), text("is"))
}

#[test]
fn h_c14_a_file_is_old_or_new_at_every_byte_at_which_the_disk_is_full() {
    alone_without_size_signal("h_c14_a_file_is_old_or_new_at_every_byte_at_which_the_disk_is_full", || {
        let new = "new".repeat(70);
        let full = "fail the maximum size of the file storage limit is exceeded 1300202";
        for (name, write, old, after) in [
            ("writeFileSync", "fs.writeFileSync(at('file'), value)", "old".to_owned(), new.clone()),
            ("appendFileSync", "fs.appendFileSync(at('file'), value)", "old".to_owned(), format!("old{new}")),
            (
                "writeSync",
                "{ const fd = fs.openSync({filePath: at('file'), flag: value === 'old' ? 'w' : 'r+'});
                   try { fs.writeSync({fd, data: value, position: 1}) } finally { fs.closeSync({fd}) } }",
                "\0old".to_owned(),
                format!("\0{new}"),
            ),
            (
                "copyFileSync",
                "{ if (value === 'old') fs.writeFileSync(at('file'), value);
                   else fs.copyFileSync('long.txt', at('file')) }",
                "old".to_owned(),
                new.clone(),
            ),
        ] {
            let data = Folder::new();
            let host = kept(data.path());
            let package = Folder::new();
            let script = writer(write, "fs.readFileSync(at('file'), 'utf8')");
            package.file("app.js", &format!("ft.loadExtApi([{{name: 'report'}}]); {script}")).file("long.txt", &new);
            host.open_folder("demo", package).unwrap();
            assert_eq!(host.reported(), json!({ "is": old }), "{name}");
            for bytes in 0..after.len() as u64 {
                allow(Some(bytes));
                let (said, is) = attempt(&host, &new);
                assert_eq!(said, format!("{name}:{full}"), "{name} with room for {bytes} bytes");
                assert_eq!(is, old, "{name} with room for {bytes} bytes");
            }
            allow(None);
            assert_eq!(attempt(&host, &new), ("ok".to_owned(), after), "{name}");
        }
    });
}

#[test]
fn h_c14_a_stored_value_is_old_or_new_at_every_byte_at_which_the_disk_is_full() {
    alone_without_size_signal("h_c14_a_stored_value_is_old_or_new_at_every_byte_at_which_the_disk_is_full", || {
        let data = Folder::new();
        let host = kept(data.path());
        let script = writer("wx.setStorageSync('key', value)", "wx.getStorageSync('key')");
        assert_eq!(host.run(&script), json!({ "is": "old" }));
        let log = data.path().join("_shared/demo/storage.sqlite-wal");
        let mut bytes = log.metadata().unwrap().len();
        let mut refused = 0;
        loop {
            allow(Some(bytes));
            match attempt(&host, "new") {
                (said, is) if said == "ok" => {
                    assert_eq!(is, "new");
                    break;
                }
                (said, is) => {
                    assert_eq!(said, "setStorageSync:fail exceed max size 20016", "with a log of {bytes} bytes");
                    assert_eq!(is, "old", "with a log of {bytes} bytes");
                }
            }
            (bytes, refused) = (bytes + 1, refused + 1);
        }
        assert!(refused > 4096, "only {refused} lengths were refused");
        allow(None);
        assert_eq!(attempt(&host, "newer"), ("ok".to_owned(), "newer".to_owned()));
    });
}

/// What both families say to a folder that they may not write to, and that the mini-program goes on.
fn refused_everywhere(host: &Host) -> Value {
    host.run(
        "const fs = wx.getFileSystemManager(), path = `${wx.env.USER_DATA_PATH}/file`;
        const code = (run) => { try { run(); return 'ok' } catch (e) { return e.errCode } };
        ft.report({said: [code(() => wx.setStorageSync('key', 1)), code(() => wx.getStorageSync('key')),
            code(() => fs.writeFileSync(path, 'x')), code(() => fs.readFileSync(path)), code(() => fs.mkdirSync(path))]})",
    )
}

#[test]
fn h_c16_a_folder_that_may_not_be_written_to_is_a_typed_error() {
    alone("h_c16_a_folder_that_may_not_be_written_to_is_a_typed_error", || {
        // Root writes where it likes with this; the threads that start later have what this one has.
        let mut own = capabilities(None).unwrap();
        own.effective.remove(CapabilitySet::DAC_OVERRIDE | CapabilitySet::DAC_READ_SEARCH);
        set_capabilities(None, own).unwrap();
        let data = Folder::new();
        std::fs::set_permissions(data.path(), PermissionsExt::from_mode(0o500)).unwrap();
        assert_eq!(refused_everywhere(&kept(data.path())), json!({"said": [20005, 20005, 1300013, 1300013, 1300013]}));
        std::fs::set_permissions(data.path(), PermissionsExt::from_mode(0o700)).unwrap();
        let host = kept(data.path());
        assert_eq!(refused_everywhere(&host), json!({"said": ["ok", "ok", "ok", "ok", 1301005]}));
    });
}

#[test]
fn h_c16_a_file_system_that_takes_nothing_is_a_typed_error() {
    // Nobody makes folders there: it is mounted for reading alone, or does not allow it.
    let said = refused_everywhere(&kept("/sys/finapp".as_ref()));
    let [stored, read, written, looked, made] =
        ["0", "1", "2", "3", "4"].map(|at| said.pointer(&format!("/said/{at}")).and_then(Value::as_i64).unwrap());
    assert_eq!((stored, read), (20005, 20005), "{said}");
    for code in [written, looked, made] {
        assert!([1300001, 1300013].contains(&code), "{said}");
    }
}

#[test]
fn h_c16_a_folder_that_goes_while_the_applet_runs_comes_back() {
    let data = Folder::new();
    let host = kept(data.path());
    let script = writer("fs.writeFileSync(at('file'), value)", "attempt(() => fs.accessSync(at('file')))");
    assert_eq!(host.run(&script), json!({"is": "ok"}));
    std::fs::remove_dir_all(data.path().join("_shared/demo/files")).unwrap();
    assert_eq!(attempt(&host, "new"), ("ok".to_owned(), "ok".to_owned()));
}

/// Whether system calls can be made to fail here.
fn can_trace() -> bool {
    runs_natively()
        && Command::new("strace").args(["-qq", "-o", "/dev/null", "true"]).status().is_ok_and(|ended| ended.success())
}

#[test]
fn h_c16_what_cannot_be_flushed_is_not_reported_as_saved() {
    let test = "h_c16_what_cannot_be_flushed_is_not_reported_as_saved";
    if !can_trace() {
        println!("{test}: NOT RUN, strace cannot make system calls fail here");
        return;
    }
    let data = Folder::new();
    let below = |name: &str| data.path().join("_shared/demo").join(name).to_string_lossy().into_owned();
    let (told, log, file) =
        (format!("FINAPP_TEST_DATA={}", data.path().display()), below("storage.sqlite-wal"), below("files/usr/file"));
    let tracer =
        ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "inject=fsync,fdatasync:error=EIO", "-P", &log, "-P", &file];
    let starter: Vec<&str> = ["env", &told].into_iter().chain(tracer).collect();
    alone_under(test, &starter, || {
        let data = std::path::PathBuf::from(std::env::var_os("FINAPP_TEST_DATA").unwrap());
        let said = kept(&data).run(
            "const fs = wx.getFileSystemManager(), path = `${wx.env.USER_DATA_PATH}/file`;
            const attempt = (write) => { try { write(); return 'ok' } catch (e) { return `${e.errMsg} ${e.errCode}` } };
            const said = [attempt(() => wx.setStorageSync('key', 'new')), wx.getStorageSync('key')];
            said.push(attempt(() => fs.writeFileSync(path, 'old')), attempt(() => fs.appendFileSync(path, ' and new')));
            said.push(fs.readFileSync(path, 'utf8'), attempt(() => fs.truncateSync({filePath: path, length: 100})), fs.statSync(path).size);
            const fd = fs.openSync({filePath: path, flag: 'r+'});
            said.push(attempt(() => fs.closeSync({fd})));
            ft.report({said})",
        );
        assert_eq!(
            said["said"],
            json!([
                "setStorageSync:fail the store cannot be read or written 20019",
                "",
                "ok",
                "appendFileSync:fail Input/output error 1300005",
                "old",
                "truncateSync:fail Input/output error 1300005",
                3,
                "closeSync:fail Input/output error 1300005",
            ])
        );
    });
}
