//! The words after `cargo xtask`.

use std::collections::VecDeque;

use crate::failure::Failure;

/// What is left to read of a command line.
#[derive(Debug)]
pub(crate) struct Arguments(VecDeque<String>);

impl Arguments {
    pub(crate) fn of_process() -> Arguments {
        Arguments(std::env::args().skip(1).collect())
    }

    /// The first word.
    pub(crate) fn command(&mut self) -> Option<String> {
        self.0.pop_front()
    }

    /// Whether the flag is there.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        let found = self.0.iter().position(|word| word == name);
        found.and_then(|at| self.0.remove(at)).is_some()
    }

    /// The value of an option, written `--name value` or `--name=value`.
    ///
    /// # Errors
    /// When the option is there without a value.
    pub(crate) fn value(&mut self, name: &str) -> Result<Option<String>, Failure> {
        let prefix = format!("{name}=");
        if let Some(at) = self.0.iter().position(|word| word.starts_with(&prefix)) {
            let word = self.0.remove(at);
            return Ok(word.and_then(|word| word.strip_prefix(&prefix).map(str::to_owned)));
        }
        let Some(at) = self.0.iter().position(|word| word == name) else {
            return Ok(None);
        };
        self.0.remove(at);
        match self.0.remove(at) {
            Some(value) => Ok(Some(value)),
            None => Err(Failure::new(format!("`{name}` needs a value"))),
        }
    }

    /// Refuses what nobody has read.
    ///
    /// # Errors
    /// When a word is left.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        match self.0.front() {
            None => Ok(()),
            Some(word) => Err(Failure::new(format!(
                "`{word}` is not an option of this command; `cargo xtask --help` lists them"
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Arguments {
        Arguments(line.split_whitespace().map(str::to_owned).collect())
    }

    #[test]
    fn options_are_read_in_both_spellings_and_any_order() {
        for line in ["demo --model m --live", "demo --live --model=m"] {
            let mut arguments = words(line);
            assert_eq!(arguments.command().as_deref(), Some("demo"));
            assert!(arguments.flag("--live"));
            assert_eq!(arguments.value("--model").unwrap().as_deref(), Some("m"));
            assert_eq!(arguments.value("--base-url").unwrap(), None);
            arguments.finish().unwrap();
        }
    }

    #[test]
    fn what_nobody_knows_is_refused_by_name() {
        let message = words("--fast").finish().unwrap_err().to_string();
        assert!(message.contains("`--fast`"), "{message}");
        let message = words("--model").value("--model").unwrap_err().to_string();
        assert!(message.contains("needs a value"), "{message}");
    }
}
