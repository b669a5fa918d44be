//! Files and what they import; the circles among them.

use std::collections::{BTreeMap, BTreeSet};

/// A file → the files that it imports.
pub type Graph = BTreeMap<String, BTreeSet<String>>;

/// One circle from each group of files that reach each other, as `a → b → a`: the shortest one through the first file
/// of the group.
pub fn circles(graph: &Graph) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for start in graph.keys() {
        if seen.contains(start) {
            continue;
        }
        let before = reached(graph, start);
        // The shortest way back: the first file of the search that imports `start`.
        let Some(last) = before.iter().find(|(file, _)| graph[file].contains(start)) else {
            continue;
        };
        let mut way = vec![start.clone(), last.0.clone()];
        while let Some((_, from)) = before.iter().find(|(file, _)| way.last() == Some(file)) {
            way.push(from.clone());
            if from == start {
                break;
            }
        }
        way.reverse();
        found.push(way.join(" → "));
        seen.extend(
            before
                .into_iter()
                .map(|(file, _)| file)
                .filter(|file| reached(graph, file).iter().any(|(back, _)| back == start)),
        );
    }
    found
}

/// The other files that a file reaches, nearest first, each with the file that it was reached from.
fn reached(graph: &Graph, start: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut next = 0;
    let mut at = start.to_owned();
    loop {
        for file in graph.get(&at).into_iter().flatten() {
            let known = file == start || found.iter().any(|(f, _)| f == file);
            if !known && graph.contains_key(file) {
                found.push((file.clone(), at.clone()));
            }
        }
        let Some((file, _)) = found.get(next) else {
            return found;
        };
        at = file.clone();
        next += 1;
    }
}

#[test]
fn a_circle_is_found_and_told_as_a_way() {
    let graph = |text: &str| -> Graph {
        let edge = |pair: &str| {
            let (from, to) = pair.split_once('>').unwrap();
            (from.to_owned(), to.chars().map(String::from).collect())
        };
        text.split_whitespace().map(edge).collect()
    };
    assert_eq!(circles(&graph("a>bc b>c c>d d>")), [""; 0]);
    assert_eq!(circles(&graph("a>b b>a")), ["a → b → a"]);
    assert_eq!(
        circles(&graph("a>b b>cd c>d d>b e>f f>e")),
        ["b → d → b", "e → f → e"]
    );
    assert_eq!(circles(&graph("a>a")), [""; 0], "a file alone is no circle");
}
