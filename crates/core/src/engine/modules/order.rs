//! In which order modules that import each other are evaluated: what is imported before who imports it, and those that
//! import each other in a circle together, beginning with the one that was reached first.

use std::collections::HashMap;
use std::hash::Hash;

/// Groups of modules that are reached from `root`, each after all that it imports. Tarjan's algorithm, without
/// recursion: how long a chain of imports is lies with the package.
pub(super) fn order<N: Clone + Eq + Hash>(root: &N, imports: impl Fn(&N) -> Vec<N>) -> Vec<Vec<N>> {
    struct Seen {
        index: usize,
        lowest: usize,
        open: bool,
    }
    let mut seen: HashMap<N, Seen> = HashMap::new();
    let mut open: Vec<N> = Vec::new();
    let mut path: Vec<(N, Vec<N>, usize)> = Vec::new();
    let mut groups = Vec::new();
    let mut enter = Some(root.clone());
    loop {
        if let Some(node) = enter.take() {
            let index = seen.len();
            seen.insert(node.clone(), Seen { index, lowest: index, open: true });
            open.push(node.clone());
            let next = imports(&node);
            path.push((node, next, 0));
        }
        let Some((node, next, at)) = path.last_mut() else { return groups };
        if let Some(imported) = next.get(*at).cloned() {
            *at += 1;
            match seen.get(&imported).map(|seen| (seen.open, seen.index)) {
                None => enter = Some(imported),
                Some((true, index)) => {
                    if let Some(own) = seen.get_mut(node) {
                        own.lowest = own.lowest.min(index);
                    }
                }
                Some((false, _)) => {}
            }
            continue;
        }
        let Some((node, ..)) = path.pop() else { return groups };
        let Some((index, lowest)) = seen.get(&node).map(|seen| (seen.index, seen.lowest)) else { return groups };
        if let Some(parent) = path.last().and_then(|(parent, ..)| seen.get_mut(parent)) {
            parent.lowest = parent.lowest.min(lowest);
        }
        if index == lowest {
            let first = open.iter().rposition(|open| *open == node).unwrap_or(open.len());
            let group = open.split_off(first);
            for node in &group {
                if let Some(seen) = seen.get_mut(node) {
                    seen.open = false;
                }
            }
            groups.push(group);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(edges: &[(&'static str, &[&'static str])]) -> Vec<Vec<&'static str>> {
        let edges: HashMap<_, _> = edges.iter().map(|(node, next)| (*node, next.to_vec())).collect();
        order(&"a", |node| edges.get(node).cloned().unwrap_or_default())
    }

    #[test]
    fn f_m12_what_is_imported_comes_first_and_in_the_order_of_the_text() {
        assert_eq!(groups(&[("a", &["b", "c"]), ("b", &["d"]), ("c", &["d"])]), [["d"], ["b"], ["c"], ["a"]]);
    }

    #[test]
    fn f_m12_modules_in_a_circle_come_together_with_the_first_one_in_front() {
        let circle = groups(&[("a", &["b", "x"]), ("b", &["c"]), ("c", &["b", "y"])]);
        assert_eq!(circle, [vec!["y"], vec!["b", "c"], vec!["x"], vec!["a"]]);
        assert_eq!(groups(&[("a", &["a"])]), [["a"]]);
    }

    #[test]
    fn f_m12_a_long_chain_of_imports_takes_no_stack() {
        assert_eq!(order(&0, |at: &u32| if *at < 100_000 { vec![at + 1] } else { vec![] }).len(), 100_001);
    }
}
