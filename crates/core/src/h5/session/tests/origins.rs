//! The table of addresses, through the session and the policy: who is heard, and who may call.

use super::*;

const LISTED: [&str; 3] = ["https://good.example", "https://good.example:8443", "https://xn--fiqs8s.example"];

fn rows() -> impl Iterator<Item = (bool, String)> {
    include_str!("../../origins.tsv").lines().filter(|line| !line.starts_with('#')).map(|line| {
        let (verdict, address) = line.split_once('\t').unwrap();
        (verdict == "yes", serde_json::from_str(&format!("\"{address}\"")).unwrap())
    })
}

/// How many calls of a page at `address` reach the handler of `name`.
fn reached(stage: &Stage, address: &str, name: &str) -> usize {
    stage.session.committed(address);
    for (id, name) in [(1.0, "initPage"), (2.0, name)] {
        stage.session.web_invoke(Frame { url: address, is_top: true }, name, "{}".to_owned(), id);
    }
    std::mem::take(&mut *lock(&stage.held)).len()
}

#[test]
fn h_b2_a_page_calls_own_apis_from_the_very_origins_that_are_listed() {
    let stage = Stage::new();
    stage.dispatcher.rules.own_origins.set(LISTED.map(str::to_owned).into());
    for (listed, address) in rows() {
        assert_eq!(reached(&stage, &address, "hold"), usize::from(listed), "{address:?}");
    }
}

#[test]
fn h_b2_a_list_of_origins_of_one_api_is_as_exact() {
    let stage = Stage::new();
    let held = stage.held.clone();
    let pages = Pages::Origins(LISTED.map(str::to_owned).into());
    let hold = move |call| lock(&held).push(call);
    stage.register("shared", hold, ApiOptions { pages, ..ApiOptions::default() });
    for (listed, address) in rows() {
        assert_eq!(reached(&stage, &address, "shared"), usize::from(listed), "{address:?}");
        assert_eq!(reached(&stage, &address, "hold"), 0, "{address:?}");
    }
}

#[test]
fn h_b3_an_address_in_the_table_as_a_frame_is_not_heard() {
    let stage = Stage::new();
    stage.dispatcher.rules.own_origins.set(LISTED.map(str::to_owned).into());
    stage.session.committed("https://good.example/");
    let top = Frame { url: "https://good.example/", is_top: true };
    stage.session.web_invoke(top, "initPage", "{}".to_owned(), 1.0);
    for (_, address) in rows() {
        stage.session.web_invoke(Frame { url: &address, is_top: false }, "hold", "{}".to_owned(), 2.0);
        assert!(lock(&stage.held).is_empty(), "{address:?}");
    }
    // A listed origin is still not that of the document.
    stage.session.web_invoke(Frame { url: "https://good.example:8443/", is_top: true }, "hold", "{}".to_owned(), 2.0);
    assert!(lock(&stage.held).is_empty());
}
