//! The program as it is called: what it prints where, and its exit code.
#![allow(clippy::unwrap_used)]

use std::process::{Command, Output};

/// Types `xtask WORDS` outside of any checkout.
fn xtask(words: &[&str]) -> Output {
    Command::new(std::env::var_os("CARGO_BIN_EXE_xtask").unwrap())
        .current_dir("/")
        .env_remove("CARGO_MANIFEST_DIR")
        .args(words)
        .output()
        .unwrap()
}

#[test]
fn help_needs_no_checkout_and_goes_to_standard_output() {
    for words in [&[][..], &["help"], &["test", "--help"], &["--version"]] {
        let output = xtask(words);
        assert!(output.status.success(), "{words:?}");
        assert!(
            output.stdout.len() > 10 && output.stderr.is_empty(),
            "{words:?}"
        );
    }
}

#[test]
fn a_wrong_call_goes_to_standard_error_with_exit_code_2() {
    for words in [
        &["sreve"][..],
        &["serve", "--port", "x"],
        &["check", "--onyl", "doc"],
    ] {
        let output = xtask(words);
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        assert!(output.stdout.is_empty(), "{words:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.starts_with("xtask: "), "{said}");
    }
}

#[test]
fn a_wrong_step_or_suite_names_the_right_ones() {
    let folder = std::env::var_os("CARGO_MANIFEST_DIR").unwrap();
    for (words, part) in [
        (&["check", "--only", "dco"][..], "types, doc, licences"),
        (&["test", "--alone", "brwoser"], "cli, browser"),
        (
            &["test", "--alone", "browser", "--suites", "emebd"],
            "embed, ",
        ),
        (&["test", "--suites", "embed"], "--alone browser"),
    ] {
        let output = Command::new(std::env::var_os("CARGO_BIN_EXE_xtask").unwrap())
            .current_dir(&folder)
            .args(words)
            .output()
            .unwrap();
        assert!(!output.status.success(), "{words:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(part), "{words:?}: {said}");
    }
}
