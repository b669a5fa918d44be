//! The content of the file of licences.

use super::*;

fn package(name: &str, licence: &str, texts: &[(&str, &str)]) -> Package {
    Package {
        name: name.into(),
        licence: licence.into(),
        source: format!("https://example.org/{name}"),
        authors: "Ada".into(),
        texts: texts
            .iter()
            .map(|(name, text)| ((*name).into(), (*text).into()))
            .collect(),
    }
}

#[test]
fn a_text_that_packages_share_is_printed_once_with_their_names() {
    let packages = [
        package("a 1.0.0", "MIT", &[("LICENSE", "You may\nuse it.\n")]),
        package("b 2.0.0", "MIT", &[("LICENSE", "You may use\nit.")]),
    ];
    let file = compose(&packages).unwrap();
    assert!(file.contains("- a 1.0.0 | MIT | https://example.org/a 1.0.0\n- b 2.0.0 | MIT"));
    assert!(file.contains("\na 1.0.0, b 2.0.0\n"), "{file}");
    assert_eq!(file.matches("You may").count(), 1);
}

#[test]
fn a_package_without_a_file_has_the_standard_text_with_its_authors() {
    let file = compose(&[package("a 1.0.0", "Apache-2.0/MIT", &[])]).unwrap();
    assert!(
        file.contains("Copyright (c) Ada\n\nPermission is hereby granted"),
        "{file}"
    );
    let other = package("b 1.0.0", "MPL-2.0", &[("LICENSE", "Mozilla")]);
    let file = compose(&[package("a 1.0.0", "MPL-2.0", &[]), other]).unwrap();
    assert!(file.contains("\na 1.0.0, b 1.0.0\n"), "{file}");
    let error = compose(&[package("a 1.0.0", "BSD-3-Clause", &[])]).unwrap_err();
    assert!(error.to_string().contains("a 1.0.0 (BSD-3-Clause)"));
    assert!(compose(&[package("a 1.0.0", "MIT AND ISC", &[])]).is_err());
}

#[test]
fn apache_is_left_out_only_where_mit_may_be_chosen() {
    let names = |licence: &str, names: &[&str]| -> Vec<String> {
        let texts = names.iter().map(|name| ((*name).into(), String::new()));
        let kept = chosen(texts.collect(), licence);
        kept.into_iter().map(|(name, _)| name).collect()
    };
    let both = ["LICENSE-APACHE", "LICENSE-MIT", "NOTICE"];
    assert_eq!(names("MIT OR Apache-2.0", &both), ["LICENSE-MIT", "NOTICE"]);
    assert_eq!(names("MIT/Apache-2.0", &both), ["LICENSE-MIT", "NOTICE"]);
    assert_eq!(names("MIT AND Apache-2.0", &both), both);
    let apache = ["LICENSE-APACHE"];
    assert_eq!(names("MIT OR Apache-2.0", &apache), apache);
}

#[test]
fn a_path_is_no_licence() {
    assert!(is_packed_link("LICENSE-MIT", "../../LICENSE-MIT\n"));
    assert!(!is_packed_link(
        "LICENSE-MIT",
        "MIT License: see a/LICENSE-MIT"
    ));
    assert!(!is_packed_link("NOTICE", "Copyright Ada"));
}

#[test]
fn a_difference_names_the_packages() {
    let one = package("a 1.0.0", "MIT", &[("LICENSE", "x")]);
    let two = package("a 1.0.1", "MIT", &[("LICENSE", "x")]);
    let (old, new) = (compose(&[one]).unwrap(), compose(&[two]).unwrap());
    assert_eq!(difference(&old, &old), None);
    let said = difference(&old, &new).unwrap();
    assert_eq!(said, "missing: a 1.0.1; no longer shipped: a 1.0.0");
    assert_eq!(
        difference(&(old.clone() + "x"), &old).unwrap(),
        "a text differs"
    );
    assert!(difference("", &new).is_some());
}

#[test]
fn reads_the_tree_of_cargo() {
    let read = |line: &str| name_and_version(line);
    assert_eq!(read("a-b v1.2.3+c (*)").as_deref(), Some("a-b 1.2.3+c"));
    assert_eq!(read("m v1.0.0 (proc-macro)").as_deref(), Some("m 1.0.0"));
    assert_eq!(read(""), None);
}

#[test]
fn the_file_that_is_shipped_names_packages_and_no_registry() {
    let file = fs::read_to_string(root().join(FILE)).unwrap();
    let names = listed(&file);
    for name in [
        "wasm-bindgen",
        "nalgebra",
        "burn",
        "wgpu",
        "libm",
        "serde_derive",
    ] {
        let start = format!("{name} ");
        assert!(
            names.iter().any(|found| found.starts_with(&start)),
            "{name}"
        );
    }
    assert!(file.contains("The Rust standard library"));
    // The file names projects and their licences, but no registry.
    for host in [
        concat!("crates", ".io"),
        concat!("npm", "js"),
        concat!("docs", ".rs"),
    ] {
        assert!(!file.contains(host), "{host}");
    }
}

/// npm's packages are for development only. Code from them in the page would need its licence in the file too.
#[test]
fn the_page_imports_no_package_of_npm() {
    let mut imports = 0;
    let mut folders = vec![root().join("www")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            if path.extension().is_none_or(|end| end != "js") {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            for line in text
                .lines()
                .filter(|line| !line.trim().starts_with(['*', '/']))
            {
                let Some((_, from)) = line.split_once(" from '") else {
                    continue;
                };
                imports += 1;
                assert!(from.starts_with('.'), "{}: {line}", path.display());
            }
        }
    }
    assert!(imports > 50, "only {imports} imports found");
}
