//! The files of a training: its recipe, its saved state, its network, the card and the line in `SUMS`.

use super::course::{Course, Trained, loss_of_last};
use super::failure::{Failure, bad_call, failed};
use super::input;
use super::output::{Place, discard, write_whole};
use super::say::tell;
use scorefield::error::Error;
use scorefield::net::{State, catalog, saved};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The error of a program that was built without networks on windows.
#[cfg(not(feature = "unet"))]
pub fn without_windows(name: &str) -> Failure {
    bad_call(format!(
        "{name} is about a network on windows of a flow, and this program was built without such networks. Use “cargo run --release --features unet --” in its place."
    ))
}

/// The files of a training.
pub struct Files<'t> {
    /// The recipe as it was given.
    pub path: &'t Path,
    /// The name of the network.
    pub stem: &'t str,
    /// The text of the recipe.
    pub text: &'t str,
    folder: PathBuf,
    part: PathBuf,
}

impl<'t> Files<'t> {
    /// Those of the recipe at `path`.
    pub fn of(path: &'t Path, stem: &'t str, text: &'t str) -> Self {
        Self {
            path,
            stem,
            text,
            folder: path.parent().unwrap_or(Path::new("")).to_owned(),
            part: path.with_extension("part"),
        }
    }

    /// Checks that all files can be written, before the work; with `fresh` the saved state is deleted.
    pub fn check(&self, fresh: bool) -> Result<(), Failure> {
        let Self { folder, stem, .. } = self;
        let files = ["part", "bpk", "md"].map(|end| format!("{stem}.{end}"));
        for name in files.iter().map(String::as_str).chain(["SUMS"]) {
            Place::check(&folder.join(name))?;
        }
        other_sums(folder, stem)?;
        match fresh {
            true => discard(&self.part),
            false => Ok(()),
        }
    }

    /// The state that an interrupted call has saved, if there is one; `read` reads its bytes.
    pub fn load(
        &self,
        steps: u32,
        read: impl Fn(&str, &[u8]) -> Result<State, Error>,
    ) -> Result<Option<State>, Failure> {
        let name = self.part.display().to_string();
        let bytes = match input::read(&self.part) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            Err(e) => {
                return Err(failed(format!(
                    "{name} cannot be read: {e}. Start again with --fresh, which deletes this file."
                )));
            }
        };
        let state = read(&name, &bytes)?;
        tell(&format!("Continues from step {} of {steps}.\n", state.step));
        Ok(Some(state))
    }

    /// Trains to the end, and saves the state meanwhile.
    pub fn run(&self, course: &mut dyn Course, steps: u32) -> Result<Trained, Failure> {
        let save = |state: &State| write_whole(&self.part, &saved::write(self.text, state)?);
        super::course::run(course, steps, self.stem, &save)
    }

    /// Writes the network, its card and its line in `SUMS`, and deletes the saved state.
    pub fn write(&self, bytes: &[u8], card: &str, trained: &Trained) -> Result<(), Failure> {
        let Self { folder, stem, .. } = self;
        let write = |name: String, bytes: &[u8]| write_whole(&folder.join(name), bytes);
        write(format!("{stem}.bpk"), bytes)?;
        write(format!("{stem}.md"), card.as_bytes())?;
        write("SUMS".to_owned(), sums(folder, stem, bytes)?.as_bytes())?;
        discard(&self.part)?;
        let (count, loss) = (bytes.len(), loss_of_last(trained));
        let seconds = trained.seconds;
        tell(&format!(
            "{stem}.bpk: {count} bytes, loss {loss:.4}, {seconds:.0} s.\n"
        ));
        Ok(())
    }
}

/// The lines of `SUMS` for the other files, by their names.
fn other_sums(folder: &Path, stem: &str) -> Result<Vec<(String, String)>, Failure> {
    let path = folder.join("SUMS");
    let text = match input::text(&path) {
        Err(e) if e.kind() == ErrorKind::NotFound => String::new(),
        text => text.map_err(|e| {
            bad_call(format!(
                "{} cannot be read: {e}. Repair it or move it away.",
                path.display()
            ))
        })?,
    };
    let mut lines = Vec::new();
    for (i, line) in text.lines().enumerate() {
        let name = line.split_whitespace().nth(2).ok_or_else(|| {
            failed(format!(
                "{}, line {}: the form is “hash bytes file”. Repair the line or remove it, because it would be lost.",
                path.display(),
                i + 1
            ))
        })?;
        if name != format!("{stem}.bpk") {
            lines.push((name.to_owned(), line.to_owned()));
        }
    }
    Ok(lines)
}

/// The lines of the other files and of this file, sorted.
fn sums(folder: &Path, stem: &str, bytes: &[u8]) -> Result<String, Failure> {
    let mut lines = other_sums(folder, stem)?;
    let file = format!("{stem}.bpk");
    let line = format!("{} {} {file}", catalog::hash(bytes), bytes.len());
    lines.push((file, line));
    lines.sort();
    Ok(lines.iter().map(|(_, line)| format!("{line}\n")).collect())
}
