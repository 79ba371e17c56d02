//! `cargo xtask soak storage`: kills a process that stores values, at random moments, and looks whether everything that
//! had been acknowledged is there afterwards. Prints its seed; ends with 1 when something was lost or torn.
#![expect(clippy::print_stdout, reason = "acknowledgements and figures are what this program is for")]
#![expect(clippy::disallowed_methods, reason = "the package and the data have to lie somewhere")]

use finapp_core::bridge::{HostCall, Payload};
use finapp_core::{AppletRequest, Config, FinAppClient, Platform};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, SystemTime};

const KILLS: u64 = 1_000;
/// The longest time that a writer is left alone once it has begun.
const MOST_MICROSECONDS: u64 = 60_000;

/// Tells what it finds, then writes numbers in four ways for ever and tells each one that has been acknowledged. A
/// value says itself whether it is whole.
const WRITER: &str = "
    ft.loadExtApi([{name: 'tell'}]);
    const value = n => ({n, whole: `${n},`.repeat(1 + n % 997)});
    const read = key => {
        const found = wx.getStorageSync(key);
        return found === '' ? 0 : found.whole === value(found.n).whole ? found.n : -1;
    };
    const began = Date.now();
    const first = read('one');
    const opened = Date.now() - began;
    const [x, y] = wx.batchGetStorageSync(['x', 'y']);
    const found = {one: first, sync: read('sync'), batch: x === y ? +x : -1, kept: read('kept'), opened};
    ft.tell({found});
    const tell = (way, n) => ft.tell({way, n});
    const one = n => wx.setStorage({key: 'one', data: value(n), success() { tell('one', n); one(n + 1) }});
    const batch = n => wx.batchSetStorage({
        kvList: [{key: 'x', value: n}, {key: 'filler', value: value(n)}, {key: 'y', value: n}],
        success() { tell('batch', n); batch(n + 1) }
    });
    const kept = n => wx.removeStorage({key: 'removed', success() {
        wx.setStorage({key: 'kept', data: value(n), success() { tell('kept', n); kept(n + 1) }});
    }});
    let sync = found.sync;
    setInterval(() => { wx.setStorageSync('sync', value(++sync)); tell('sync', sync) }, 4);
    one(found.one + 1); batch(found.batch + 1); kept(found.kept + 1);";

/// The ways of writing.
const WAYS: [&str; 4] = ["one", "sync", "batch", "kept"];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["write", folder] => write(Path::new(folder)),
        [] => kill(KILLS),
        [kills] => kills.parse().map_err(|_| format!("expected a number of kills, got {kills}")).and_then(kill),
        _ => Err("expected nothing, or a number of kills".to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("storage: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The process that is killed.
fn write(folder: &Path) -> Result<(), String> {
    let config = Config { data_dir: Some(folder.join("data")), ..Config::default() };
    let client = FinAppClient::init(config, Platform::default()).map_err(|error| error.to_string())?;
    let tell = |call: HostCall| {
        let mut out = std::io::stdout().lock();
        // Nobody reads any more: the end is near.
        drop(writeln!(out, "{}", call.params.text()).and_then(|()| out.flush()));
        call.reply.success(Payload::none());
    };
    client.register_custom_api("tell", tell).map_err(|error| error.to_string())?;
    let applet = client.start_applet_and_wait(AppletRequest::local("demo", folder.join("package")));
    let applet = applet.map_err(|error| error.to_string())?;
    applet.wait_until_closed(Duration::MAX).map_err(|error| error.to_string())
}

/// The process that kills.
fn kill(kills: u64) -> Result<(), String> {
    let folder = Folder::new()?;
    let time = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_err(|error| error.to_string())?;
    let mut random = Random(time.as_nanos() as u64 | 1);
    println!("{kills} kills at random moments, seed {}", random.0);
    let mut acknowledged = [0_i64; WAYS.len()];
    let (mut seen, mut slowest) = (0_u64, 0);
    for kill in 1..=kills {
        let mut child = Command::new(std::env::current_exe().map_err(|error| error.to_string())?)
            .arg("write")
            .arg(&folder.0)
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| error.to_string())?;
        let out = child.stdout.take().ok_or("the writer has no output")?;
        let mut lines = BufReader::new(out).lines();
        let begun = lines.next().ok_or("the writer ended by itself")?.map_err(|error| error.to_string())?;
        slowest = slowest.max(compare(&begun, &mut acknowledged, kill)?);
        let killer = killer(child, Duration::from_micros(random.next() % MOST_MICROSECONDS));
        // What was told before the kill is in the pipe.
        for line in lines {
            seen += u64::from(note(&line.map_err(|error| error.to_string())?, &mut acknowledged));
        }
        killer.join().map_err(|_| "the killer failed")??;
        if kill % 100 == 0 {
            println!("{kill} kills, {seen} acknowledged writes, slowest open {slowest} ms");
        }
    }
    println!("nothing acknowledged was lost");
    Ok(())
}

/// What a fresh process finds must be all that was acknowledged. Gives how long it took to open the store.
fn compare(line: &str, acknowledged: &mut [i64; 4], kill: u64) -> Result<i64, String> {
    let told: serde_json::Value = serde_json::from_str(line).map_err(|error| format!("{line}: {error}"))?;
    let number = |name: &str| told["found"][name].as_i64().unwrap_or(-1);
    for (way, acknowledged) in WAYS.iter().zip(acknowledged) {
        let found = number(way);
        if found < *acknowledged {
            return Err(format!("after {} kills {way} holds {found}; {acknowledged} was acknowledged", kill - 1));
        }
        *acknowledged = found;
    }
    Ok(number("opened"))
}

/// Notes an acknowledgement. A line that the kill has cut short says nothing.
fn note(line: &str, acknowledged: &mut [i64; 4]) -> bool {
    let Ok(told) = serde_json::from_str::<serde_json::Value>(line) else { return false };
    let Some(way) = WAYS.iter().position(|way| told["way"] == *way) else { return false };
    acknowledged[way] = acknowledged[way].max(told["n"].as_i64().unwrap_or_default());
    true
}

fn killer(mut child: Child, after: Duration) -> std::thread::JoinHandle<Result<(), String>> {
    std::thread::spawn(move || {
        std::thread::sleep(after);
        child.kill().and_then(|()| child.wait()).map(drop).map_err(|error| error.to_string())
    })
}

/// Xorshift: moments need no better.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

/// The package and the data, gone at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self, String> {
        let path = std::env::temp_dir().join(format!("finapp-kills-{}", std::process::id()));
        let package = path.join("package");
        std::fs::create_dir_all(&package)
            .and_then(|()| std::fs::write(package.join("app.js"), WRITER))
            .map_err(|error| error.to_string())?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}
