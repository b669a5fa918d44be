//! A command line as words and flags, taken one by one; what is left over is an error.

use std::str::FromStr;

use anyhow::{Result, bail};

/// The words not yet taken.
pub struct Args {
    rest: Vec<String>,
}

impl Args {
    /// All words of a command line, without the program's name.
    pub fn new(words: impl Iterator<Item = String>) -> Self {
        Self {
            rest: words.collect(),
        }
    }

    /// Takes the first word if it is not a flag.
    pub fn word(&mut self) -> Option<String> {
        if self
            .rest
            .first()
            .is_some_and(|word| !word.starts_with("--"))
        {
            Some(self.rest.remove(0))
        } else {
            None
        }
    }

    /// Takes `name` if it is there.
    pub fn flag(&mut self, name: &str) -> bool {
        let before = self.rest.len();
        self.rest.retain(|word| word != name);
        self.rest.len() < before
    }

    /// Takes `name VALUE` if it is there.
    ///
    /// # Errors
    /// Where the value is missing or cannot be read.
    pub fn value<T: FromStr>(&mut self, name: &str) -> Result<Option<T>> {
        let Some(at) = self.rest.iter().position(|word| word == name) else {
            return Ok(None);
        };
        self.rest.remove(at);
        if at >= self.rest.len() {
            bail!("{name} needs a value after it");
        }
        let text = self.rest.remove(at);
        match text.parse() {
            Ok(value) => Ok(Some(value)),
            Err(_) => bail!("{name} cannot be `{text}`"),
        }
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// Where a word is left that nobody took.
    pub fn end(self) -> Result<()> {
        match self.rest.first() {
            None => Ok(()),
            Some(word) => bail!("`{word}` means nothing here; `cargo xtask help` lists what does"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(text: &str) -> Args {
        Args::new(text.split_whitespace().map(String::from))
    }

    #[test]
    fn takes_words_flags_and_values_in_any_order() {
        let mut args = args("serve --no-webgpu --port 8123");
        assert_eq!(args.word().as_deref(), Some("serve"));
        assert_eq!(args.value::<u16>("--port").ok(), Some(Some(8123)));
        assert!(args.flag("--no-webgpu"));
        assert!(!args.flag("--dist"));
        assert!(args.end().is_ok());
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        assert!(args("--prot 80").end().is_err());
        assert!(args("--port").value::<u16>("--port").is_err());
        assert!(args("--port many").value::<u16>("--port").is_err());
    }
}
