//! The reference in docs/links.md is the table in the code.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

use scorefield::link::spec;
use std::fmt::Write;
use std::path::PathBuf;

/// Read when the test runs: a copied checkout must not read or write the files of the original.
fn root() -> PathBuf {
    PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap())
}

fn reference() -> String {
    let mut out = String::from(
        "# Keys of a link\n\n\
         Made from the table in `src/link/spec.rs` by `UPDATE_DOCS=1 cargo test --test docs`.\n\n\
         A link is `#v=1&lab=…&key=value&…&seed=…` after the page's address; the command line takes the same text.\n\
         Defaults are left out, `seed` is always written. Display flags (`embed`, `theme`, `ui`) stand in the query\n\
         string. `b.KEY` sets a key of the second configuration of a comparison; what it does not set it has from the\n\
         first one, where that is valid.\n\n\
         `fp` is the fingerprint of the result, and behind it the mark of the link: a hash of what the runs of both sides\n\
         depend on (all but `view`, `at`, `engine` and `fp`). Where the mark is another one, the link was edited after it was\n\
         shared, and its result is not compared. A fingerprint without a mark is compared.\n\n\
         A pasted link is read where one reading is left, and each change is named: `&amp;`, `%26` and other\n\
         percent-encoding, quotes, brackets and punctuation round it, keys of trackers (`utm_…`, `fbclid`), capitals where one key\n\
         of the lab matches. A list may have spaces: `-1, 0, 1`, `-1 0 1` and `−1; 0; 1` are `-1,0,1`.\n\n\
         | key | type | values | default | needs | meaning |\n|---|---|---|---|---|---|\n",
    );
    for row in spec::table() {
        let values = match (row.min, row.max) {
            (Some(min), Some(max)) => format!("{min} to {max}"),
            _ => row.choices.join(" "),
        };
        let default = row.default.unwrap_or_default();
        writeln!(
            out,
            "| {} | {} | {values} | {default} | {} | {} |",
            row.key,
            row.r#type,
            row.needs,
            spec::find(row.key).unwrap().help
        )
        .unwrap();
    }
    out.push_str(
        "\n`grid` other than `default` is not for `process=ddpm`, whose grid is its own levels; `steps` is at least 2 there, but for `sampler=langevin`.\n\
         `sds` and `weights` have as many entries as `means`; their defaults follow it.\n",
    );
    out
}

#[test]
fn the_reference_of_links_is_the_table_in_the_code() {
    let path = root().join("docs/links.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, reference()).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap();
    assert!(
        written == reference(),
        "docs/links.md is stale: run UPDATE_DOCS=1 cargo test --test docs"
    );
}

/// Every link in the README and the docs can be opened.
#[test]
fn every_link_in_the_documents_reads() {
    let root = root();
    let mut seen = 0;
    for name in [
        "README.md",
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
    ] {
        let text = std::fs::read_to_string(root.join(name)).unwrap();
        for (start, _) in text.match_indices("lab=toy1d&") {
            let link = text[start..]
                .split(['\'', '`', '"', ')', ' ', '\n'])
                .next()
                .unwrap();
            scorefield::link::decode(link, scorefield::link::Mode::Strict)
                .unwrap_or_else(|e| panic!("{name}: {link}: {e}"));
            seen += 1;
        }
    }
    assert!(seen >= 2, "only {seen} links found");
}

/// The README names the link from which its picture was made.
#[test]
fn the_picture_of_the_readme_is_made_from_the_link_beside_it() {
    let root = root();
    let read = |name: &str| std::fs::read_to_string(root.join(name)).unwrap();
    let script = read("tests/e2e/screenshot.js");
    let link = script
        .split("const LINK = '")
        .nth(1)
        .unwrap()
        .split('\'')
        .next()
        .unwrap();
    assert!(
        read("README.md").contains(&format!("#v=1&{link}`")),
        "{link}"
    );
    assert!(root.join("docs/screenshot.png").exists());
}
