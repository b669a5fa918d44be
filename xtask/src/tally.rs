//! Counts of passed and failed tests, read from the output of the test runners.

use std::fmt;
use std::ops::AddAssign;

/// How many tests passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: u64,
    pub failed: u64,
}

impl Tally {
    /// One check that passed.
    pub const PASS: Self = Self {
        passed: 1,
        failed: 0,
    };
    /// One check that failed.
    pub const FAIL: Self = Self {
        passed: 0,
        failed: 1,
    };

    /// Sums the `test result:` lines of `cargo test`. A run that fails without a failed test (it did not compile, or
    /// a test binary crashed) counts as one failure.
    pub fn of_cargo(output: &str, success: bool) -> Self {
        let mut tally = Self::default();
        for line in output.lines() {
            let Some(result) = line.trim_start().strip_prefix("test result:") else {
                continue;
            };
            for part in result.split([';', '.']) {
                let mut words = part.split_whitespace();
                match (words.next().map(str::parse::<u64>), words.next()) {
                    (Some(Ok(count)), Some("passed")) => tally.passed += count,
                    (Some(Ok(count)), Some("failed")) => tally.failed += count,
                    _ => {}
                }
            }
        }
        tally.or_one_failure(success)
    }

    /// Reads the summary at the end of the TAP report of Node's test runner.
    pub fn of_tap(report: &str, success: bool) -> Self {
        let count = |name: &str| -> u64 {
            report
                .lines()
                .filter_map(|line| {
                    line.strip_prefix("# ")?
                        .strip_prefix(name)?
                        .trim()
                        .parse::<u64>()
                        .ok()
                })
                .sum()
        };
        let tally = Self {
            passed: count("pass "),
            failed: count("fail ") + count("cancelled "),
        };
        tally.or_one_failure(success)
    }

    /// Whether something passed, and nothing failed.
    pub fn is_good(self) -> bool {
        self.failed == 0 && self.passed > 0
    }

    /// Reads the last line of `cargo xtask test`.
    pub fn of_last_line(output: &str, success: bool) -> Self {
        let last = output.lines().last().unwrap_or("");
        let read = || {
            let (passed, failed) = last.split_once(" passed, ")?;
            Some(Self {
                passed: passed.parse().ok()?,
                failed: failed.strip_suffix(" failed")?.parse().ok()?,
            })
        };
        read().map_or(Self::FAIL, |tally: Self| tally.or_one_failure(success))
    }

    fn or_one_failure(mut self, success: bool) -> Self {
        if !success && self.failed == 0 {
            self.failed = 1;
        }
        self
    }
}

/// A test that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedTest {
    pub name: String,
    /// The file it stands in.
    pub file: String,
    /// The failures that a report counts of it: its own, and those of the tests inside.
    pub failures: u64,
}

impl FailedTest {
    /// The failed tests of the TAP report of Node's test runner: of tests inside tests, the outer ones, because only these can be
    /// run by their names.
    pub fn of_tap(report: &str) -> Vec<Self> {
        let mut found = Vec::new();
        let (mut inside, mut open) = (0, None);
        for line in report.lines() {
            if let Some(words) = line.strip_prefix("not ok ") {
                let name = words.split_once(" - ").map(|(_, name)| unescaped(name));
                open = name.map(|name| (name, 1 + std::mem::take(&mut inside)));
            } else if line.starts_with("ok ") {
                inside = 0;
            } else if line.trim_start().starts_with("not ok ") {
                inside += 1;
            } else if let Some(place) = line.trim_start().strip_prefix("location: ") {
                let place = place.trim_matches('\'');
                let file = place.rsplitn(3, ':').last().unwrap_or(place).to_owned();
                found.extend(open.take().map(|(name, failures)| Self {
                    name,
                    file,
                    failures,
                }));
            }
        }
        found
    }

    /// Whether it is the same test.
    pub fn is(&self, other: &Self) -> bool {
        self.name == other.name && self.file == other.file
    }
}

/// A name in a report without its backslashes, which stand before `#` and `\`.
fn unescaped(name: &str) -> String {
    let mut text = String::new();
    let mut chars = name.chars();
    while let Some(c) = chars.next() {
        text.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    text
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_cargo_results() {
        let output = "running 3 tests\n\
            test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s\n\
            test result: FAILED. 10 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out; finished in 1.50s\n";
        assert_eq!(
            Tally::of_cargo(output, false),
            Tally {
                passed: 13,
                failed: 2
            }
        );
    }

    #[test]
    fn a_crash_without_a_failed_test_is_a_failure() {
        let output = "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n";
        assert_eq!(
            Tally::of_cargo(output, false),
            Tally {
                passed: 3,
                failed: 1
            }
        );
        assert_eq!(Tally::of_cargo("", false), Tally::FAIL);
        assert_eq!(Tally::of_tap("", false), Tally::FAIL);
    }

    #[test]
    fn reads_the_tap_summary_only() {
        let report = "TAP version 13\n# Subtest: pass 40 times\nok 1 - pass 40 times\n\
            1..4\n# tests 4\n# suites 0\n# pass 2\n# fail 1\n# cancelled 1\n# skipped 0\n# todo 0\n# duration_ms 12.3\n";
        assert_eq!(
            Tally::of_tap(report, false),
            Tally {
                passed: 2,
                failed: 2
            }
        );
    }

    #[test]
    fn the_last_line_of_a_step_is_read_and_one_that_broke_off_has_failed() {
        let tally = Tally {
            passed: 3,
            failed: 1,
        };
        assert_eq!(Tally::of_last_line(&format!("a\n{tally}\n"), false), tally);
        assert_eq!(
            Tally::of_last_line("1 passed, 0 failed\n", true),
            Tally::PASS
        );
        assert_eq!(Tally::of_last_line("1 passed, 0 failed\n", false).failed, 1);
        assert_eq!(Tally::of_last_line("no cargo\n", false), Tally::FAIL);
        assert_eq!(Tally::of_last_line("", true), Tally::FAIL);
    }

    #[test]
    fn names_the_failed_tests_and_their_files() {
        let report = "TAP version 13\nok 1 - fine\n  ---\n  location: '/r/a.test.js:1:1'\n  ...\n\
            not ok 2 - a \\# b \\\\ c - d\n  ---\n  duration_ms: 1\n  location: '/r/tests/b.test.js:12:1'\n  ...\n\
            \x20   not ok 1 - inside\n      ---\n      location: '/r/c.test.js:1:1'\n      failureType: 'testCodeFailure'\n      ...\n\
            not ok 3 - around\n  ---\n  location: '/r/c.test.js:9:1'\n  failureType: 'subtestsFailed'\n";
        let failed = |name: &str, file: &str, failures| FailedTest {
            name: name.to_owned(),
            file: file.to_owned(),
            failures,
        };
        let expected = [
            failed(r"a # b \ c - d", "/r/tests/b.test.js", 1),
            failed("around", "/r/c.test.js", 2),
        ];
        assert_eq!(FailedTest::of_tap(report), expected);
    }

    #[test]
    fn prints_the_last_line_of_the_test_command() {
        assert_eq!(
            Tally {
                passed: 12,
                failed: 0
            }
            .to_string(),
            "12 passed, 0 failed"
        );
    }
}
