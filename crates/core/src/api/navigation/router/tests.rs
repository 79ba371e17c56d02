//! The tables of the documentation, row by row.

use super::*;

/// Pages a and b are tabs, c and d are not.
fn router(most: usize) -> Router {
    let pages = ["a", "b", "c", "d"].map(|name| format!("pages/{name}/{name}")).to_vec();
    Router::new(pages.clone(), pages[..2].to_vec(), most)
}

/// Goes there and tells the hooks by the name of the page: `A.onHide B.onLoad B.onShow`.
fn go(router: &mut Router, navigation: &Navigation) -> Result<String, String> {
    let mut names: Vec<Page> = router.stack.iter().chain(&router.kept).cloned().collect();
    let plan = router.plan(&navigation.clone().into()).map_err(|error| error.message().to_owned())?;
    names.extend(plan.stack.iter().cloned());
    let name = |id: &PageId| {
        let page = names.iter().find(|page| page.id == *id).expect("a page of the plan lives");
        page.path.rsplit('/').next().unwrap().to_uppercase()
    };
    let hooks: Vec<String> = plan
        .steps
        .iter()
        .filter_map(|step| match step {
            PageStep::Open { id, .. } => Some(format!("{}.onLoad", name(id))),
            PageStep::Show(id) => Some(format!("{}.onShow", name(id))),
            PageStep::Hide(id) => Some(format!("{}.onHide", name(id))),
            PageStep::Unload(id) => Some(format!("{}.onUnload", name(id))),
            _ => None,
        })
        .collect();
    router.take(plan);
    Ok(hooks.join(" "))
}

fn url(page: &str) -> String {
    format!("/pages/{page}/{page}")
}

fn to(page: &str) -> Navigation {
    Navigation::To(url(page))
}

fn tab(page: &str) -> Navigation {
    Navigation::SwitchTab(url(page))
}

fn relaunch(page: &str) -> Navigation {
    Navigation::ReLaunch(url(page))
}

#[test]
fn f_m12_each_navigation_runs_the_hooks_of_the_table() {
    let mut pages = router(10);
    assert_eq!(go(&mut pages, &relaunch("c")).unwrap(), "C.onLoad C.onShow");
    assert_eq!(go(&mut pages, &to("d")).unwrap(), "C.onHide D.onLoad D.onShow");
    assert_eq!(go(&mut pages, &Navigation::Redirect(url("c"))).unwrap(), "D.onUnload C.onLoad C.onShow");
    assert_eq!(go(&mut pages, &to("d")).unwrap(), "C.onHide D.onLoad D.onShow");
    assert_eq!(go(&mut pages, &Navigation::Back(2)).unwrap(), "D.onUnload C.onUnload C.onShow");
    assert_eq!(go(&mut pages, &to("d")).unwrap(), "C.onHide D.onLoad D.onShow");
    assert_eq!(go(&mut pages, &Navigation::Back(99)).unwrap(), "D.onUnload C.onShow");
    assert_eq!(go(&mut pages, &to("d")).unwrap(), "C.onHide D.onLoad D.onShow");
    assert_eq!(go(&mut pages, &relaunch("a")).unwrap(), "D.onUnload C.onUnload A.onLoad A.onShow");
}

#[test]
fn f_m15_each_tab_switch_runs_the_hooks_of_the_table() {
    let at_a = || {
        let mut pages = router(10);
        go(&mut pages, &relaunch("a")).unwrap();
        pages
    };
    let mut pages = at_a();
    assert_eq!(go(&mut pages, &tab("a")).unwrap(), "");
    assert_eq!(go(&mut pages, &tab("b")).unwrap(), "A.onHide B.onLoad B.onShow");
    assert_eq!(go(&mut pages, &tab("a")).unwrap(), "B.onHide A.onShow");
    assert_eq!(go(&mut pages, &tab("b")).unwrap(), "A.onHide B.onShow");

    let mut pages = at_a();
    go(&mut pages, &to("c")).unwrap();
    assert_eq!(go(&mut pages, &tab("a")).unwrap(), "C.onUnload A.onShow");
    go(&mut pages, &to("c")).unwrap();
    assert_eq!(go(&mut pages, &tab("b")).unwrap(), "C.onUnload B.onLoad B.onShow");

    let mut pages = at_a();
    go(&mut pages, &to("c")).unwrap();
    go(&mut pages, &to("d")).unwrap();
    assert_eq!(go(&mut pages, &tab("b")).unwrap(), "D.onUnload C.onUnload B.onLoad B.onShow");

    let mut pages = router(10);
    go(&mut pages, &relaunch("d")).unwrap();
    assert_eq!(go(&mut pages, &tab("a")).unwrap(), "D.onUnload A.onLoad A.onShow");
}

#[test]
fn f_m15_a_relaunch_closes_the_tab_pages_that_live_hidden_too() {
    let mut pages = router(10);
    go(&mut pages, &relaunch("a")).unwrap();
    go(&mut pages, &tab("b")).unwrap();
    assert_eq!(go(&mut pages, &relaunch("c")).unwrap(), "B.onUnload A.onUnload C.onLoad C.onShow");
    assert_eq!(go(&mut pages, &tab("a")).unwrap(), "C.onUnload A.onLoad A.onShow", "none of them is left");
}

#[test]
fn f_m15_what_is_refused_says_so_in_the_words_that_programs_compare() {
    let mut pages = router(2);
    go(&mut pages, &relaunch("c")).unwrap();
    for (navigation, expected) in [
        (to("a"), "can not navigateTo a tabbar page"),
        (Navigation::Redirect(url("a")), "can not redirectTo a tabbar page"),
        (tab("c"), "can not switch to no-tabBar page"),
        (to("x"), "page \"pages/x/x\" is not found"),
        (Navigation::Back(1), "cannot navigate back at first page"),
    ] {
        assert_eq!(go(&mut pages, &navigation).unwrap_err(), expected);
    }
    go(&mut pages, &to("d")).unwrap();
    assert_eq!(go(&mut pages, &to("c")).unwrap_err(), "webview count limit exceed");
    assert_eq!(pages.stack().len(), 2, "what is refused changes nothing");
}

#[test]
fn no_number_is_given_to_two_pages() {
    let mut pages = router(10);
    let mut seen = Vec::new();
    for navigation in [relaunch("c"), to("d"), relaunch("c"), to("c")] {
        go(&mut pages, &navigation).unwrap();
        seen.push(pages.top().unwrap().id.0);
    }
    // Other tests take numbers as well.
    assert!(seen.is_sorted_by(|one, next| one < next), "{seen:?}");
}
