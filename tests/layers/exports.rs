//! What the page's files export, and what takes it.

use crate::page::{join, quoted};
use std::collections::BTreeSet;

/// The names that a file exports.
pub fn exports(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if let Some(rest) = line.strip_prefix("export ") {
            let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
            let mut words = rest.split(|c| !is_word(c)).filter(|w| !w.is_empty());
            if rest.starts_with('{') {
                let list = text[at..].split(['{', '}']).nth(1).unwrap();
                found.extend(pairs(list).map(|(_, name)| name.to_owned()));
            } else if !rest.starts_with('*') {
                let is_kind = |w: &&str| ["async", "function", "class", "const", "let"].contains(w);
                found.extend(words.find(|w| !is_kind(w)).map(str::to_owned));
            }
        }
        at += line.len();
    }
    found
}

/// What a file takes of others, as their paths below `www` and the names; `*` for all of them, empty where the file is only to be there.
pub fn taken(file: &str, text: &str) -> Vec<(String, String)> {
    let mut found = vec![];
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.starts_with("import ")
            || line.starts_with("export {")
            || line.starts_with("export *")
        {
            let statement = text[at..].split(';').next().unwrap();
            let (names, from) = match statement.split_once(" from ") {
                Some((names, from)) => (names, quoted(from)),
                None => ("", quoted(statement)),
            };
            let from = from.map(|from| join(file, from));
            if let Some(from) = from {
                let list = names.split(['{', '}']).nth(1).unwrap_or("");
                found.extend(pairs(list).map(|(name, _)| (from.clone(), name.to_owned())));
                if names.contains('*') {
                    found.push((from, "*".to_owned()));
                } else if names.is_empty() {
                    found.push((from, String::new()));
                }
            }
        }
        at += line.len();
    }
    // `import('…').Name` in a comment takes a name; in code it is not followed.
    for (at, word) in text.match_indices("import(") {
        let rest = &text[at + word.len()..];
        let Some((from, rest)) = quoted(rest)
            .filter(|_| rest.starts_with(['\'', '"']))
            .zip(rest.split_once(')'))
        else {
            continue;
        };
        let name = rest
            .1
            .strip_prefix('.')
            .and_then(|rest| rest.split(|c: char| !c.is_alphanumeric()).next());
        found.push((join(file, from), name.unwrap_or("*").to_owned()));
    }
    for (from, _) in &mut found {
        // Tests stand beside `www`.
        *from = from.trim_start_matches("../www/").to_owned();
    }
    found
}

/// `a, b as c` as (a, a), (b, c).
fn pairs(list: &str) -> impl Iterator<Item = (&str, &str)> {
    let names = list
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty());
    names.map(|name| name.split_once(" as ").unwrap_or((name, name)))
}

#[test]
fn exports_and_what_is_taken_are_read() {
    let text = "\
export const A = 1;
export async function b() {}
export class C {}
export { d, e as f };
const hidden = 1;
/** export function in a comment */
";
    let names: Vec<String> = exports(text).into_iter().collect();
    assert_eq!(names, ["A", "C", "b", "d", "f"]);
    let text = "\
import { A, b as other } from './x.js';
import * as all from '../y.js';
import {
  C,
} from './z.js';
export { f } from './w.js';
import './bare.js';
/** @type {import('./t.js').T} */
const late = () => import('./late.js');
";
    let found = taken("app/a.js", text);
    let found: Vec<String> = found
        .iter()
        .map(|(from, name)| format!("{from} {name}"))
        .collect();
    let expected = [
        "app/x.js A",
        "app/x.js b",
        "y.js *",
        "app/z.js C",
        "app/w.js f",
        "app/bare.js ",
        "app/t.js T",
        "app/late.js *",
    ];
    assert_eq!(found, expected);
    let found = taken(
        "../tests/e2e/a.js",
        "import { A } from '../../www/app/x.js';",
    );
    assert_eq!(found, [("app/x.js".to_owned(), "A".to_owned())]);
}
