//! What the files of the page import, read as text.
//!
//! A static import begins a line; a dynamic one is `import('…')` outside of comments; inside of a comment the same words
//! are a type, which the browser never loads.

/// The imports of one file, as paths below `www`.
#[derive(Debug, Default, PartialEq)]
pub struct Imports {
    /// What the browser loads with the file: `import … from` and `export … from`.
    pub fixed: Vec<String>,
    /// What it loads when the code asks: `import('…')`.
    pub asked: Vec<String>,
    /// Types in comments.
    pub types: Vec<String>,
    /// Whether the code asks for an address that it computes.
    pub computed: bool,
}

/// Reads the text of the file `file`, a path below `www`.
pub fn imports(file: &str, text: &str) -> Imports {
    let mut found = Imports::default();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let starts = ["import ", "export {", "export *"];
        if starts.iter().any(|start| line.starts_with(start)) {
            let statement = text[at..].split(';').next().unwrap();
            // `export { a, b };` has no address.
            found
                .fixed
                .extend(quoted(statement).map(|path| join(file, path)));
        }
        at += line.len();
    }
    for (at, word) in text.match_indices("import(") {
        let before = &text[..at];
        let line = before.rsplit('\n').next().unwrap();
        if line.trim_start().starts_with("//") || before.ends_with(|c: char| c.is_alphanumeric()) {
            continue;
        }
        let rest = &text[at + word.len()..];
        if before.rfind("/**") > before.rfind("*/") {
            found
                .types
                .extend(quoted(rest).map(|path| join(file, path)));
        } else if rest.starts_with(['\'', '"']) {
            found
                .asked
                .extend(quoted(rest).map(|path| join(file, path)));
        } else {
            found.computed = true;
        }
    }
    found
}

/// What stands between the first two quotes.
pub fn quoted(text: &str) -> Option<&str> {
    text.split(['\'', '"']).nth(1)
}

/// The path `to`, written in `file`, from the folder `www`; outside of it, it begins with `..`.
pub fn join(file: &str, to: &str) -> String {
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in to.split('/') {
        match part {
            "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => _ = parts.pop(),
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

/// What a file imports against the order of the rooms, each as a sentence.
pub fn offences(
    file: &str,
    found: &Imports,
    labs: &[String],
    rooms: &[(&str, usize)],
) -> Vec<String> {
    let layer = |file: &str| {
        let room = file.split('/').next().unwrap();
        let of = rooms.iter().find(|(name, _)| *name == room);
        of.map(|(_, layer)| *layer)
    };
    let room = file.split('/').next().unwrap();
    let Some(own) = layer(file) else {
        return vec![format!("www/{file} is in no room")];
    };
    let mut out = vec![];
    let folder = file
        .strip_prefix("labs/")
        .and_then(|below| below.split_once('/'));
    if folder.is_some_and(|(name, _)| name != "shared" && !labs.iter().any(|lab| lab == name)) {
        out.push(format!(
            "www/{file} stands in a folder that has no lab's name, and is not labs/shared"
        ));
    }
    let mut refuse = |to: &String, why: &str| out.push(format!("www/{file} imports {to}: {why}"));
    for to in found.fixed.iter().chain(&found.asked) {
        match layer(to) {
            None if to.starts_with("..") && room == "engine" => {}
            None => refuse(to, "only engine imports what is outside of www"),
            Some(_) if room == "worker.js" && !to.starts_with("engine/") => {
                refuse(to, "the worker imports the engine only");
            }
            Some(other) if other > own => refuse(to, "it is above"),
            Some(_) if to == "worker.js" => refuse(to, "the worker is started, not imported"),
            Some(_) => {}
        }
        let (from, into) = (lab_of(file, labs), lab_of(to, labs));
        if file != "labs/index.js" && into.is_some() && from != into && layer(to) <= Some(own) {
            refuse(
                to,
                "only labs/index.js and the lab itself import a lab's files",
            );
        }
    }
    // A type is a comment: it may come from above, so that plots can name the state of app; never from a lab.
    for to in &found.types {
        if lab_of(to, labs).is_some() && lab_of(file, labs) != lab_of(to, labs) {
            refuse(to, "a type of a lab is known in its own lab only");
        }
    }
    if found.computed && room != "engine" {
        out.push(format!(
            "www/{file} imports an address that it computes: only engine does"
        ));
    }
    out
}

/// The lab that a file belongs to: `labs/NAME/…`, `labs/NAME.js` and `labs/NAME-….js`.
fn lab_of<'a>(file: &str, labs: &'a [String]) -> Option<&'a String> {
    let below = file.strip_prefix("labs/")?;
    labs.iter().find(|lab| {
        let rest = below.strip_prefix(lab.as_str());
        rest.is_some_and(|rest| rest.starts_with(['/', '-']) || rest == ".js")
    })
}

#[test]
fn every_kind_of_import_is_read() {
    let text = "\
import { a } from './a.js';
import * as b from '../b.js';
import c from './c.js';
import './d.js';
import {
  e,
  f,
} from './deep/e.js';
export { g } from './g.js';
export * from './h.js';
export { a, b };
export const text = \"from 'nowhere'\";
// import { z } from './z.js'; import('./z.js')
/**
 * @typedef {import('./t.js').T} T
 */
/** @type {import('../../../pkg/cpu/p.js').P} */
const one = () => import('./late.js');
const two = (js) => import(js);
";
    let found = imports("labs/x/index.js", text);
    let fixed = ["x/a", "b", "x/c", "x/d", "x/deep/e", "x/g", "x/h"];
    assert_eq!(found.fixed, fixed.map(|name| format!("labs/{name}.js")));
    assert_eq!(found.asked, ["labs/x/late.js"]);
    assert_eq!(found.types, ["labs/x/t.js", "../pkg/cpu/p.js"]);
    assert!(found.computed);
    assert!(!imports("a.js", "/** a */ const reimport = (x) => reimport(x);").computed);
    assert_eq!(
        join("engine/package.js", "../../pkg/cpu/p.js"),
        "../pkg/cpu/p.js"
    );
}

#[test]
fn what_goes_against_the_order_is_told() {
    let rooms = [("plots", 0), ("engine", 1), ("labs", 2), ("worker.js", 3)];
    let labs = ["x", "y"].map(String::from);
    let told = |file: &str, text: &str| {
        let mut said = offences(file, &imports(file, text), &labs, &rooms);
        said.pop().unwrap_or_default()
    };
    let import = |to: &str| format!("import {{ a }} from '{to}';");
    for (file, to) in [
        ("engine/a.js", "../plots/b.js"),
        ("engine/a.js", "../../pkg/cpu/b.js"),
        ("worker.js", "./engine/a.js"),
        ("labs/x/index.js", "./draw.js"),
        ("labs/x/index.js", "../shared/sides.js"),
        ("labs/x.js", "./x-words.js"),
        ("labs/index.js", "./x/index.js"),
    ] {
        assert_eq!(told(file, &import(to)), "", "{file} may import {to}");
    }
    for (file, to, why) in [
        ("plots/a.js", "../engine/b.js", "above"),
        ("plots/a.js", "../../pkg/cpu/b.js", "outside of www"),
        ("worker.js", "./plots/a.js", "the worker"),
        ("labs/x/index.js", "../y/draw.js", "the lab itself"),
        ("labs/x.js", "./y.js", "the lab itself"),
        ("labs/shared/a.js", "../x/index.js", "the lab itself"),
        ("engine/a.js", "../worker.js", "above"),
        ("other/a.js", "./b.js", "no room"),
        ("labs/z/a.js", "./b.js", "no lab's name"),
    ] {
        let said = told(file, &import(to));
        assert!(said.contains(why), "{file} imports {to}: {said}");
    }
    let late = "export const lab = () => import('../labs/x/index.js');";
    assert!(told("engine/a.js", late).contains("above"));
    let of_type = "/** @typedef {import('../labs/x/index.js').X} X */";
    assert!(told("plots/a.js", of_type).contains("a type of a lab"));
    assert_eq!(
        told("plots/a.js", "/** @type {import('../engine/a.js').A} */"),
        ""
    );
    assert!(told("plots/a.js", "const f = (a) => import(a);").contains("computes"));
}
