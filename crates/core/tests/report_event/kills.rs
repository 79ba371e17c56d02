//! A process that is killed while it reports and sends.

use super::support::alone::this_program;
use super::support::collector::{Collector, TAKEN};
use super::support::{Folder, Host, PATIENCE};
use super::{config, plain, records, until};
use finapp_core::bridge::{HostCall, Payload};
use finapp_core::{AppletRequest, Config, ReportConfig};
use std::collections::{HashMap, HashSet};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Stdio};
use std::time::Duration;

const NAME: &str = "kills::f_m08_a_killed_process_loses_no_event_that_was_acknowledged";
/// Set in the child: folder, collector, and which child it is.
const WRITER: &str = "FINAPP_TEST_REPORTS";
const KILLS: u64 = 20;
/// Set for a long run to how many kills there shall be.
const MORE: &str = "FINAPP_TEST_KILLS";
/// The longest time that a child is left alone once it has begun.
const MOST_MICROSECONDS: u64 = 40_000;

/// Reports numbers for ever, and tells each one whose call came back.
const SCRIPT: &str = "
    ft.loadExtApi([{name: 'tell'}]);
    const run = +wx.getLaunchOptionsSync().query.run;
    let n = 0;
    setInterval(() => {
        for (let at = 0; at < 3; at++) {
            n++;
            if (ft.reportEvent('counted', {run, n}).errMsg === 'reportEvent:ok') ft.tell({run, n});
        }
    }, 4);";

#[test]
fn f_m08_a_killed_process_loses_no_event_that_was_acknowledged() {
    if let Ok(task) = std::env::var(WRITER) {
        let [folder, endpoint, run] = task.split('|').collect::<Vec<_>>().try_into().unwrap();
        return write(folder, endpoint, run);
    }
    let (folder, collector) = (Folder::new(), Collector::start(|_, _| TAKEN));
    folder.file("package/app.js", SCRIPT);
    let kills = std::env::var(MORE).map_or(KILLS, |kills| kills.parse().unwrap());
    let mut told = HashSet::new();
    for run in 1..=kills {
        let mut child = this_program()
            .args([NAME, "--exact", "--nocapture", "--test-threads=1"])
            .env(WRITER, format!("{}|{}|{run}", folder.path().display(), collector.address()))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.by_ref().find_map(|line| read(&line.unwrap())).unwrap();
        // Moments that differ and can be repeated.
        let killer = killer(child, Duration::from_micros(run * 7_919 % MOST_MICROSECONDS));
        told.insert(first);
        // What was told before the kill is in the pipe.
        told.extend(lines.filter_map(|line| read(&line.unwrap())));
        killer.join().unwrap();
    }
    let host = Host::with(config(&folder, Some(&collector)));
    host.run("ft.reportEvent('last'); ft.report({})");
    until("the last event arrives", || {
        let counters = host.client.report_counters();
        counters.stored == 1 && counters.waiting == 0
    });
    let mut arrived: HashMap<(u64, u64), HashSet<String>> = HashMap::new();
    let mut seen = HashSet::new();
    let mut repeated_requests = 0;
    for request in collector.requests() {
        let mut repeated = false;
        for record in records(&request).iter().filter(|record| record.event_name == "counted") {
            let body = plain(record.body.as_ref().unwrap());
            let id = super::text(&record.attributes, "finapp.event.id");
            repeated |= !seen.insert(id.clone());
            let event = (body["run"].as_u64().unwrap(), body["n"].as_u64().unwrap());
            arrived.entry(event).or_default().insert(id);
        }
        repeated_requests += u64::from(repeated);
    }
    let lost: Vec<_> = told.iter().filter(|event| !arrived.contains_key(event)).collect();
    assert!(lost.is_empty(), "{} of {} are lost: {lost:?}", lost.len(), told.len());
    assert!(arrived.values().all(|ids| ids.len() == 1), "an event under two ids cannot be told from two events");
    // Only the request that was under way when the process was killed may come again.
    assert!(repeated_requests <= kills, "{repeated_requests} requests held events that had arrived");
    let known = told.len();
    assert!(known as u64 > kills, "{known} events in {kills} runs");
    println!("{kills} kills, {known} acknowledged events, {repeated_requests} requests that held some of them again");
}

fn write(folder: &str, endpoint: &str, run: &str) {
    let report = ReportConfig { endpoint: Some(endpoint.to_owned()), interval_ms: 1, ..ReportConfig::default() };
    let mut config = Config { data_dir: Some(format!("{folder}/data").into()), report, ..Config::default() };
    config.limits.reports_per_second = u32::MAX;
    let host = Host::with(config);
    let tell = |call: HostCall| {
        let mut out = std::io::stdout().lock();
        // Nobody reads any more: the end is near.
        drop(writeln!(out, "told {}", call.params.text()).and_then(|()| out.flush()));
        call.reply.success(Payload::none());
    };
    host.client.register_custom_api("tell", tell).unwrap();
    let request = serde_json::json!({"appId": "demo", "offlineLibraryPath": format!("{folder}/package"),
        "startParams": {"query": format!("run={run}")}});
    let applet = host.client.start_applet_and_wait(AppletRequest::from_json(&request.to_string()).unwrap()).unwrap();
    applet.wait_until_closed(PATIENCE).unwrap();
}

/// A line of the child. The test's own words, and a line that the kill has cut short, say nothing.
fn read(line: &str) -> Option<(u64, u64)> {
    let (_, told) = line.split_once("told ")?;
    let told: serde_json::Value = serde_json::from_str(told).ok()?;
    Some((told["run"].as_u64()?, told["n"].as_u64()?))
}

#[expect(clippy::disallowed_methods, reason = "a kill at a random moment is what the test is about")]
fn killer(mut child: Child, after: Duration) -> std::thread::JoinHandle<()> {
    std::thread::spawn(move || {
        std::thread::sleep(after);
        child.kill().unwrap();
        child.wait().unwrap();
    })
}
