//! The reference in docs/links.md is the table in the code.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

use scorefield::labs::link::spec;
use std::fmt::Write;
use std::path::PathBuf;

/// Read when the test runs: a copied checkout must not read or write the files of the original.
fn root() -> PathBuf {
    PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap())
}

fn reference() -> String {
    let mut out = String::from(
        "# Keys of a link\n\n\
         Made from the table of keys (`src/link/shared.rs`, `keys.rs` of each lab in `src/labs`) by `UPDATE_DOCS=1 cargo test --test docs`.\n\n\
         A link is `#v=1&lab=…&key=value&…&seed=…` after the page's address. The command line takes the same text.\n\
         Keys with their default values are left out; `seed` is always written. A default that depends on other keys is not in the table. Display flags are in\n\
         the query string ([embed.md](embed.md)). `b.KEY` sets a key of the second configuration of a comparison. Other keys of the second\n\
         configuration have the value of the first one if it is valid there.\n\n\
         `fp` is the fingerprint of the result (66 characters), in a comparison followed by the fingerprint of the second\n\
         configuration (66), then the mark of the link (6). Each fingerprint proves the result of its own configuration; a\n\
         comparison with one fingerprint proves the result of the first configuration only. The mark is a hash of everything\n\
         that the runs of both sides depend on (all keys but `view`, `at`, `engine` and `fp`). If the mark does not match, the\n\
         link was edited after it was shared, and no result is compared. Fingerprints without a mark are always compared.\n\
         `scorefield run` ends with exit code 3 where a result is compared and is another one.\n\n\
         A pasted link is corrected if only one reading is possible, and each change is named: `&amp;`, `%26` and other\n\
         percent-encoding, quotes, brackets and punctuation around the link, keys of trackers (`utm_…`, `fbclid`), and capitals\n\
         if one key of the lab matches. A list may have spaces: `-1, 0, 1`, `-1 0 1` and `−1; 0; 1` are `-1,0,1`.\n\n\
         | key | type | values | default | needs | meaning |\n|---|---|---|---|---|---|\n",
    );
    for (row, key) in spec::table().into_iter().zip(spec::KEYS.iter()) {
        let values = match (row.min, row.max) {
            (Some(min), Some(max)) => format!("{min} to {max}"),
            _ => row.choices.join(" "),
        };
        let default = row.default.unwrap_or_default();
        writeln!(
            out,
            "| {} | {} | {values} | {default} | {} | {} |",
            row.key, row.r#type, row.needs, key.help
        )
        .unwrap();
    }
    out.push_str(
        "\nWith `process=ddpm` the grid is the levels of the process, so `grid` must be `default`, and `steps` is at least 2 unless `sampler=langevin`.\n\
         `sds` and `weights` have as many entries as `means`; so have their defaults.\n",
    );
    out
}

/// The lists and the ranges are those of all models and methods of a lab.
#[test]
fn the_reference_has_every_choice_and_the_widest_ranges_of_the_filters() {
    let rows = spec::table();
    let row = |key: &str| {
        let mut own = rows.iter().filter(|row| row.key == key);
        own.rfind(|row| row.needs.contains("filter") || row.needs.contains("method"))
            .unwrap_or_else(|| panic!("{key}"))
    };
    for word in ["letkf", "exact", "reference"] {
        assert!(row("method").choices.contains(&word), "{word}");
    }
    assert!(row("likelihood").choices.contains(&"exact"));
    for (key, min, max) in [
        ("burn-in", 0.0, 1999.0),
        ("observed", 1.0, 2000.0),
        ("every", 1.0, 2000.0),
    ] {
        assert_eq!(
            (row(key).min, row(key).max),
            (Some(min), Some(max)),
            "{key}"
        );
    }
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
fn every_link_in_the_documents_opens() {
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
            scorefield::labs::link::decode(link, scorefield::labs::link::Mode::Strict)
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
