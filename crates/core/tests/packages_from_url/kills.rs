//! Kills a process that updates its packages, at random moments: afterwards there is a whole version, the old one or the
//! new one, and never an older one than was already seen.

use super::server::{Answer, Server, package};
use super::support::Folder;
use super::{from, keeping, run};
use finapp_core::package_index::{IndexEntry, PackageFile};
use finapp_core::{AppletRequest, Config, FinAppClient, Platform};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

const KILLS: u64 = 40;
/// Set in the child: where it keeps packages, and the address of the server.
const MARK: &str = "FINAPP_TEST_KILLED";
/// Set by the cross-build to the program that runs the tests of another system.
const RUNNER: &str = "FINAPP_TEST_RUNNER";

fn offer(server: &Server, version: u64) {
    // Large enough for several writes.
    let filler: String =
        (0..60_000_u64).map(|at| format!("{:x}", (at + version).wrapping_mul(0x9e37_79b9_7f4a))).collect();
    let zip = package(&format!("ft.report({{v: '{version}'}}); '{filler}'"));
    let file = format!("{version}.zip");
    let entry = IndexEntry::new("demo", version.to_string().parse().unwrap(), PackageFile::of(file.clone(), &zip));
    server.answers(&format!("demo/{file}"), Answer::File(zip));
    server.offers_entry(&entry);
}

/// The process that is killed: starts the mini-program again and again.
fn update_for_ever(data: &str, url: &str) {
    let config = Config { data_dir: Some(data.into()), ..Config::default() };
    let client = FinAppClient::init(config, Platform::default()).unwrap();
    client
        .register_custom_api("report", |call: finapp_core::bridge::HostCall| {
            call.reply.success(finapp_core::bridge::Payload::none());
        })
        .unwrap();
    loop {
        let applet = client.start_applet_and_wait(AppletRequest::remote("demo", url)).unwrap();
        let mut out = std::io::stdout().lock();
        // A line of its own: the test's harness writes there as well.
        drop(writeln!(out, "\nversion {}", applet.package().unwrap().version).and_then(|()| out.flush()));
        drop(out);
        applet.close();
        applet.wait_until_closed(Duration::MAX).unwrap();
    }
}

#[test]
fn f_h13_a_kill_at_any_moment_of_an_update_leaves_the_old_version_or_the_new_one() {
    let name = "kills::f_h13_a_kill_at_any_moment_of_an_update_leaves_the_old_version_or_the_new_one";
    if let Ok(mark) = std::env::var(MARK) {
        let (data, url) = mark.split_once(' ').unwrap();
        return update_for_ever(data, url);
    }
    let (server, data) = (Server::new(), Folder::new());
    let mut random = std::process::id().into();
    let (mut offered, mut seen) = (1, 0);
    offer(&server, offered);
    for kill in 0..KILLS {
        let mut child = child(name, data.path(), &server.url());
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut versions = std::iter::from_fn(|| {
            lines.by_ref().map_while(Result::ok).find_map(|line| line.strip_prefix("version ")?.parse().ok())
        });
        let first: u64 = versions.next().expect("it starts before it is killed");
        assert!(first >= seen, "kill {kill}: {first} after {seen}");
        offered += 1;
        offer(&server, offered);
        let killer = std::thread::spawn(move || {
            std::thread::park_timeout(Duration::from_micros(next(&mut random) % 40_000));
            child.kill().unwrap();
            child.wait().unwrap();
            random
        });
        seen = versions.last().unwrap_or(first);
        random = killer.join().unwrap();
        // Without the server, which would repair what the kill has broken.
        server.answers("demo/index.json", Answer::Status(503));
        let found: u64 = run(&keeping(&data), from(&server)).parse().unwrap();
        assert!(found >= seen && found <= offered, "kill {kill}: {found} after {seen}, {offered} was offered");
        seen = found;
        offer(&server, offered);
    }
    assert!(seen > KILLS / 4, "too few updates came through to show anything: {seen}");
}

fn child(test: &str, data: &Path, url: &str) -> std::process::Child {
    let own = std::env::args_os().next().unwrap();
    let mut command = match std::env::var_os(RUNNER) {
        Some(runner) => {
            let mut command = Command::new(runner);
            command.arg(own);
            command
        }
        None => Command::new(std::env::current_exe().unwrap()),
    };
    command
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env(MARK, format!("{} {url}", data.display()))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Xorshift: moments need no better.
fn next(random: &mut u64) -> u64 {
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    *random
}
