//! Collectors that cannot take what they are sent, now or ever.

use super::support::collector::{Answer, Collector, TAKEN};
use super::support::{Folder, Host};
use super::{config, ids, names, sent, until};
use finapp_core::host::LogLevel;

#[test]
fn f_m08_a_collector_that_is_away_gets_the_same_events_later() {
    let collector = Collector::start(|at, _| match at {
        0 => Answer::Http(503, "retry-after: 0\r\n", "later"),
        1 => Answer::HangUp,
        2 => Answer::Http(429, "retry-after: Fri, 31 Dec 1999 23:59:59 GMT\r\n", ""),
        3 => Answer::Http(502, "", ""),
        4 => Answer::Http(504, "", ""),
        _ => TAKEN,
    });
    let folder = Folder::new();
    let host = Host::with(config(&folder, Some(&collector)));
    host.run("ft.reportEvent('a'); ft.report({})");
    sent(&host, 1);
    let counters = host.client.report_counters();
    assert_eq!((counters.sent, counters.retries, counters.rejected), (1, 5, 0));
    let requests = collector.requests();
    assert_eq!(requests.len(), 6);
    assert!(requests.iter().all(|request| ids(request) == ids(&requests[0])));
}

#[test]
fn f_m08_a_collector_that_asks_for_a_pause_gets_it() {
    let collector = Collector::start(|at, _| match at {
        0 => Answer::Http(429, "retry-after: 3600\r\n", ""),
        _ => TAKEN,
    });
    let folder = Folder::new();
    let host = Host::with(config(&folder, Some(&collector)));
    host.run("ft.reportEvent('a'); ft.report({})");
    until("the collector is asked", || host.client.report_counters().retries == 1);
    // Its own waits are 20 ms at most here: enough of them pass while other events are written to the disk.
    for at in 0..10 {
        host.open(&format!("other{at}"), "ft.reportEvent('b'); ft.report({})");
        host.reported();
    }
    assert_eq!(collector.requests().len(), 1);
}

#[test]
fn f_m08_what_a_collector_refuses_is_dropped_and_counted_and_the_rest_goes_on() {
    for (status, text) in [(400, "HTTP status 400"), (401, "HTTP status 401"), (500, "HTTP status 500"), (302, "302")] {
        let collector = Collector::start(move |at, _| match at {
            0 => Answer::Http(status, "location: /elsewhere\r\n", ""),
            _ => TAKEN,
        });
        let folder = Folder::new();
        let host = Host::with(config(&folder, Some(&collector)));
        host.open("first", "ft.reportEvent('refused'); ft.report({})");
        host.reported();
        until("the event is refused", || host.client.report_counters().rejected == 1);
        host.open("second", "ft.reportEvent('taken'); ft.report({})");
        host.reported();
        sent(&host, 2);
        assert_eq!(names(&collector), ["refused", "taken"], "{status}");
        let lines = host.log.at_least(LogLevel::Error);
        assert!(lines.len() == 1 && lines[0].contains(text), "{lines:?}");
    }
}

#[test]
fn f_m08_what_a_collector_refuses_in_part_is_counted_and_not_sent_again() {
    let partial = r#"{"partialSuccess":{"rejectedLogRecords":"1","errorMessage":"too old"}}"#;
    let collector = Collector::start(move |_, _| Answer::Http(200, "", partial));
    let folder = Folder::new();
    let host = Host::with(config(&folder, Some(&collector)));
    host.run("ft.reportEvent('a'); ft.report({})");
    sent(&host, 1);
    let counters = host.client.report_counters();
    assert_eq!((counters.sent, counters.rejected, collector.requests().len()), (1, 1, 1));
    let lines = host.log.at_least(LogLevel::Warn);
    assert!(lines.len() == 1 && lines[0].ends_with("refused 1 reported events of a request: too old"), "{lines:?}");
}

#[test]
fn f_m08_a_request_that_is_too_large_is_halved_until_it_fits() {
    let collector = Collector::start(|_, request| {
        let poisoned = request.body.windows(6).any(|part| part == b"poison");
        if poisoned || ids(request).len() > 2 { Answer::Http(413, "", "") } else { TAKEN }
    });
    let folder = Folder::new();
    // All of them wait already when the collector is first asked.
    let host = Host::with(config(&folder, None));
    host.run("for (const id of ['a', 'poison', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) ft.reportEvent(id); ft.report({})");
    drop(host);
    let host = Host::with(config(&folder, Some(&collector)));
    until("all events are taken or refused", || {
        let counters = host.client.report_counters();
        counters.sent + counters.rejected == 9 && counters.waiting == 0
    });
    let sizes: Vec<usize> = collector.requests().iter().map(|request| ids(request).len()).collect();
    assert_eq!(sizes[..8], [9, 4, 2, 1, 8, 4, 2, 1], "{sizes:?}");
    assert_eq!(host.client.report_counters().rejected, 1, "what is too large alone is given up");
}
