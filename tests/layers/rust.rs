//! Which file of a crate uses what another file defines.
//!
//! - A path is followed through modules, imports and re-exports to the file that defines the item. Who imports a
//!   re-exported name depends on the file that it comes from, not on the file that passes it on.
//! - Declaring a module (`mod child;`) and re-exporting its names (`pub use child::Name;`) are no imports. So a file
//!   may define what its child takes by `use super::Name;`. The two are a circle where that file also uses a name of
//!   the child itself: by a private import, by a path in its code, or by the bare name that it re-exports.
//! - Naming a module is no import; naming an item in it is one.
//! - What stands under `#[cfg(test)]` does not count.

use crate::graph::Graph;
use std::collections::{BTreeMap, BTreeSet};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemUse, Macro, UseTree, Visibility};

type Names = Vec<String>;

/// What a name means in a module.
enum Meaning {
    /// An item of the module's own file.
    Item,
    /// A module below.
    Module,
    /// What this path means.
    Alias(Names),
}

#[derive(Default)]
struct Module {
    file: String,
    meanings: BTreeMap<String, Vec<Meaning>>,
    /// Modules or enums, all of whose names are imported.
    globs: Vec<Names>,
    /// Paths of private imports and of code.
    uses: BTreeSet<Names>,
}

/// The modules of a crate, by their path.
#[derive(Default)]
struct Crate {
    modules: BTreeMap<Names, Module>,
}

/// The imports of all files that belong to the crate of some root files, which may call itself by `name`. The modules of
/// all roots stand side by side.
pub fn imports(files: &BTreeMap<String, String>, roots: &[&str], name: &str) -> Graph {
    let mut whole = Crate::default();
    let mut graph = Graph::new();
    for root in roots {
        let folder = root.rsplit_once('/').map_or("", |(folder, _)| folder);
        read(files, root, folder, vec![], &mut whole);
        graph.entry((*root).to_owned()).or_default();
    }
    for module in whole.modules.values() {
        graph.entry(module.file.clone()).or_default();
    }
    for (path, module) in &whole.modules {
        let mut found = BTreeSet::new();
        for used in &module.uses {
            found.extend(whole.defined(path, used, name, 0));
        }
        found.remove(&module.file);
        graph.entry(module.file.clone()).or_default().extend(found);
    }
    graph
}

impl Crate {
    /// The files that define what a path means in a module; none where it comes from another crate, or means a module.
    fn defined(
        &self,
        at: &[String],
        path: &[String],
        name: &str,
        depth: usize,
    ) -> BTreeSet<String> {
        let Some((first, rest)) = path.split_first() else {
            return BTreeSet::new();
        };
        // An alias may name itself (`use tensor::tensor`); no true chain of re-exports is this long.
        if depth > 12 {
            return BTreeSet::new();
        }
        match first.as_str() {
            "crate" => return self.inside(&[], rest, name, depth),
            "self" => return self.inside(at, rest, name, depth),
            "super" => return self.defined_above(at, rest, name, depth),
            _ => {}
        }
        let found = self.inside(at, path, name, depth);
        if found.is_empty() && first == name {
            return self.inside(&[], rest, name, depth);
        }
        found
    }

    fn defined_above(
        &self,
        at: &[String],
        rest: &[String],
        name: &str,
        depth: usize,
    ) -> BTreeSet<String> {
        let above = at.split_last().map_or(at, |(_, above)| above);
        match rest.first() {
            Some(word) if word == "super" => self.defined_above(above, &rest[1..], name, depth),
            _ => self.inside(above, rest, name, depth),
        }
    }

    /// The same for a path that begins in a module.
    fn inside(&self, at: &[String], path: &[String], name: &str, depth: usize) -> BTreeSet<String> {
        let (Some(module), Some((first, rest))) = (self.modules.get(at), path.split_first()) else {
            return BTreeSet::new();
        };
        let joined = |head: &[String], tail: &[String]| [head, tail].concat();
        let Some(meanings) = module.meanings.get(first) else {
            let all = module.globs.iter();
            return all
                .flat_map(|glob| self.defined(at, &joined(glob, path), name, depth + 1))
                .collect();
        };
        let one = |meaning: &Meaning| match meaning {
            Meaning::Item => BTreeSet::from([module.file.clone()]),
            Meaning::Module => {
                let below = joined(at, std::slice::from_ref(first));
                self.inside(&below, rest, name, depth)
            }
            Meaning::Alias(to) => self.defined(at, &joined(to, rest), name, depth + 1),
        };
        meanings.iter().flat_map(one).collect()
    }
}

/// Reads a file and the files of the modules that it declares.
fn read(files: &BTreeMap<String, String>, file: &str, folder: &str, at: Names, whole: &mut Crate) {
    let syntax = syn::parse_file(&files[file]).unwrap_or_else(|e| panic!("src/{file}: {e}"));
    module(files, file, folder, at, &syntax.items, whole);
}

/// Takes the items of one module, which is a file or stands inside one.
fn module(
    files: &BTreeMap<String, String>,
    file: &str,
    folder: &str,
    at: Names,
    items: &[Item],
    whole: &mut Crate,
) {
    // The root of a crate may be two files.
    let mut here = whole.modules.remove(&at).unwrap_or_default();
    here.file = file.to_owned();
    for item in items.iter().filter(|item| !is_test(item)) {
        if let Item::Mod(inner) = item {
            let name = inner.ident.to_string();
            here.mean(&name, Meaning::Module);
            let below = [at.clone(), vec![name.clone()]].concat();
            let place = format!("{folder}/{name}");
            let place = place.trim_start_matches('/');
            if let Some((_, items)) = &inner.content {
                module(files, file, place, below, items, whole);
            } else {
                let flat = format!("{place}.rs");
                let file = if files.contains_key(&flat) {
                    flat
                } else {
                    format!("{place}/mod.rs")
                };
                read(files, &file, place, below, whole);
            }
            continue;
        }
        if let Item::Use(import) = item {
            for (path, alias) in leaves(import) {
                match alias {
                    None => here.globs.push(path),
                    Some(alias) => here.mean(&alias, Meaning::Alias(path)),
                }
            }
        } else if let Some(name) = name(item) {
            here.mean(&name, Meaning::Item);
        }
        Reader(&mut here).visit_item(item);
    }
    whole.modules.insert(at, here);
}

impl Module {
    fn mean(&mut self, name: &str, meaning: Meaning) {
        self.meanings
            .entry(name.to_owned())
            .or_default()
            .push(meaning);
    }
}

/// Collects the paths of a module's code and private imports.
struct Reader<'a>(&'a mut Module);

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item_use(&mut self, import: &'ast ItemUse) {
        if !matches!(import.vis, Visibility::Inherited) {
            return;
        }
        // Of `use module::*` the names count that the code uses.
        self.0
            .uses
            .extend(leaves(import).into_iter().map(|(path, _)| path));
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names = path.segments.iter().map(|s| s.ident.to_string());
        self.0.uses.insert(names.collect());
        visit::visit_path(self, path);
    }

    /// What a macro is given has no grammar: its paths are words with `::` between them, outside of quotes.
    fn visit_macro(&mut self, call: &'ast Macro) {
        let text = call.tokens.to_string().replace("\\\"", "");
        let code: String = text.split('"').step_by(2).collect();
        let code = code.replace(" :: ", "::");
        let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
        for path in code.split(|c| !is_path(c)) {
            let names = path.split("::").map(str::to_owned);
            self.0.uses.insert(names.collect());
        }
        visit::visit_macro(self, call);
    }
}

/// The paths of an import, each with the name that it gets; none for `*`.
fn leaves(import: &ItemUse) -> Vec<(Names, Option<String>)> {
    fn walk(tree: &UseTree, mut path: Names, out: &mut Vec<(Names, Option<String>)>) {
        match tree {
            UseTree::Path(part) => {
                path.push(part.ident.to_string());
                walk(&part.tree, path, out);
            }
            UseTree::Name(part) if part.ident == "self" => {
                let name = path.last().cloned();
                out.push((path, name));
            }
            UseTree::Name(part) => {
                path.push(part.ident.to_string());
                out.push((path, Some(part.ident.to_string())));
            }
            UseTree::Rename(part) => {
                path.push(part.ident.to_string());
                out.push((path, Some(part.rename.to_string())));
            }
            UseTree::Glob(_) => out.push((path, None)),
            UseTree::Group(group) => {
                for tree in &group.items {
                    walk(tree, path.clone(), out);
                }
            }
        }
    }
    let mut out = vec![];
    walk(&import.tree, vec![], &mut out);
    out
}

/// The name that an item defines.
fn name(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        _ => return None,
    };
    Some(ident.to_string())
}

/// Whether an item is there in tests only.
fn is_test(item: &Item) -> bool {
    let attributes: &[Attribute] = match item {
        Item::Const(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    };
    attributes.iter().any(|a| {
        a.path().is_ident("cfg")
            && a.parse_args::<syn::Path>()
                .is_ok_and(|p| p.is_ident("test"))
    })
}

/// The imports of a crate of these files, as `a → b`.
#[cfg(test)]
fn of(files: &[(&str, &str)]) -> Graph {
    let text = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
    imports(&files.iter().map(text).collect(), &["lib.rs"], "own")
}

#[test]
fn a_path_is_followed_to_the_file_that_defines_the_item() {
    let graph = of(&[
        ("lib.rs", "pub mod a; mod b { pub use crate::a::*; }"),
        (
            "a/mod.rs",
            "mod deep; mod code; mod tests; pub use deep::Deep as Renamed; pub fn near() {}",
        ),
        (
            "a/deep.rs",
            "pub struct Deep; mod inner { pub const ONE: u8 = 1; } pub use inner::ONE;",
        ),
        (
            "a/code.rs",
            "use super::Renamed; use own::a::near; fn f() { near(); } #[cfg(test)] mod t { use super::super::tests::X; }",
        ),
        (
            "a/tests.rs",
            "const X: u8 = crate::b::Renamed::ONE + format!(\"{}\", crate::a::code::f()); use std::fmt;",
        ),
    ]);
    let files = |file: &str| graph[file].iter().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(files("a/code.rs"), ["a/deep.rs", "a/mod.rs"]);
    assert_eq!(files("a/tests.rs"), ["a/code.rs", "a/deep.rs"]);
    for none in ["lib.rs", "a/mod.rs", "a/deep.rs"] {
        assert_eq!(files(none), [""; 0], "{none}");
    }
}

#[test]
fn a_parent_and_its_child_are_a_circle_only_where_each_uses_the_other() {
    let circles = |parent: &str, child: &str| {
        let files = [("lib.rs", "mod a;"), ("a.rs", parent), ("a/b.rs", child)];
        crate::graph::circles(&of(&files))
    };
    let circle = ["a.rs → a/b.rs → a.rs"];
    let child = "use super::Shared; pub struct Own(Shared); pub const fn own() {}";
    for passed in [
        "mod b; pub use b::Own; pub struct Shared;",
        "mod b; pub(crate) use b::{Own, own as other}; pub struct Shared; fn own() { own() }",
        "mod b; pub struct Shared; #[cfg(test)] fn test() { b::own() }",
        "mod b; pub use b::own; pub struct Shared; fn f() { print!(\"own b::own\") }",
    ] {
        assert_eq!(circles(passed, child), [""; 0], "{passed}");
    }
    for refused in [
        "mod b; use b::Own; pub struct Shared;",
        "mod b; pub use b::Own; pub struct Shared; fn f(_: Own) {}",
        "mod b; pub struct Shared; fn f() { b::own() }",
        "mod b; pub struct Shared; fn f() { print!(\"{:?}\", b::own()) }",
        "mod b; pub struct Shared; fn f() { use b::own; own() }",
    ] {
        assert_eq!(circles(refused, child), circle, "{refused}");
    }
    let free = "pub struct Own; pub fn own() {}";
    assert_eq!(
        circles("mod b; use b::Own; pub struct Shared;", free),
        [""; 0]
    );
}
