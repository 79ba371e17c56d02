//! Pages that lie in the package of their mini-program: shown from its own origin, and from nowhere else.

mod support;

use serde_json::json;
use support::{Stage, next};

#[test]
fn f_m19_a_page_of_the_package_is_shown_from_its_own_origin_and_may_call() {
    let stage = Stage::new();
    let calls = stage.hands_over("hello");
    let files = [
        (
            "web/index.html",
            "<!doctype html><title>mine</title><link rel=stylesheet href=a.css><script src=/jssdk.js></script><script src=\"sub/b.js\"></script>",
        ),
        ("web/a.css", "body { color: rgb(1, 2, 3) }"),
        ("web/sub/b.js", "ft.callNativeAPI('hello', { from: location.pathname }, () => {})"),
    ];
    let applet = stage.start_with("packed", &[], &files);
    let page = stage.profile.open(&applet, &format!("{}/web/", applet.web_origin())).unwrap();
    page.wait_for_load(1).unwrap();
    let call = next(&calls);
    assert_eq!(call.params.text(), "{\"from\":\"/web/\"}");
    assert_eq!(
        page.evaluate("[document.title, getComputedStyle(document.body).color]").unwrap(),
        json!(["mine", "rgb(1, 2, 3)"])
    );
    // Another applet's package is a foreign origin, whatever its address says.
    let other = stage.start_with("other", &[], &files);
    page.go(&format!("{}/web/index.html", other.web_origin())).unwrap();
    assert_ne!(page.evaluate("document.title").unwrap(), json!("mine"));
    assert!(calls.try_recv().is_err());
}
