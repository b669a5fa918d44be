//! Shared by the tests of the command line.
#![allow(dead_code)] // each test file uses a part

use std::path::PathBuf;

/// The program under test. Read when the test runs: a copied checkout must not test the program of the original.
pub fn program() -> PathBuf {
    PathBuf::from(std::env::var_os("CARGO_BIN_EXE_scorefield").unwrap())
}

/// The folder for the files of tests, next to the program.
pub fn scratch_folder() -> PathBuf {
    let folder = program().parent().unwrap().with_file_name("tmp");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}
