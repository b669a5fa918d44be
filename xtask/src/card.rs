//! The table of a graphics card in docs/speed.md, from what `scorefield card` printed on this machine or on another.

use std::fmt::Write;
use std::fs;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::args::Bench;
use crate::command::{cargo, command, run_kept};
use crate::root::root;

/// The lines that were printed: the machine, then a row of the table each.
struct Found {
    machine: Value,
    rows: Vec<Value>,
}

/// Builds the bench and runs it, or takes what another machine printed; prints the table, and writes it where that is asked for.
///
/// # Errors
/// If something cannot be built, run, read or written.
pub fn bench(part: &Bench) -> Result<()> {
    let (text, whole) = match &part.from {
        Some(file) => (
            fs::read_to_string(file)
                .with_context(|| format!("{} cannot be read", file.display()))?,
            true,
        ),
        None => measured(part.rounds)?,
    };
    let found = Found::read(&text)?;
    let unit = "Milliseconds: medians, and ranges in brackets.";
    let told = format!("{}\n\n{unit}\n\n{}", found.head(), found.table());
    println!("{told}");
    if !whole {
        bail!("a run failed: see the lines above; nothing is written");
    }
    if part.write {
        let file = root().join("docs/speed.md");
        let page = fs::read_to_string(&file).context("docs/speed.md cannot be read")?;
        fs::write(&file, placed(&page, "card", &told)?)?;
    }
    Ok(())
}

/// What the bench prints on this machine, and whether all of it ran.
fn measured(rounds: u32) -> Result<(String, bool)> {
    let program = ["--package", "scorefield", "--bin", "scorefield"];
    crate::command::run(
        cargo(&["build", "--release"])
            .args(program)
            .args(["--features", "webgpu"]),
    )?;
    let built = root().join("target/release/scorefield");
    let mut card = command(built);
    let (success, text) = run_kept(card.args(["card", "--rounds", &rounds.to_string()]))?;
    Ok((text, success))
}

/// The page with `text` between the marks of a part.
fn placed(page: &str, part: &str, text: &str) -> Result<String> {
    let (begin, end) = (
        format!("<!-- begin {part} -->"),
        format!("<!-- end {part} -->"),
    );
    let found = page
        .split_once(&begin)
        .and_then(|(before, rest)| Some((before, rest.split_once(&end)?.1)));
    let Some((before, after)) = found else {
        bail!("docs/speed.md has no place for “{part}”");
    };
    Ok(format!("{before}{begin}\n{text}\n{end}{after}"))
}

impl Found {
    fn read(text: &str) -> Result<Self> {
        let mut lines = text.lines().filter(|line| line.starts_with('{'));
        let mut next = || -> Option<Result<Value>> {
            let line = lines.next()?;
            Some(serde_json::from_str(line).with_context(|| format!("no JSON: {line}")))
        };
        let machine = next().transpose()?.unwrap_or_default();
        if machine["card"].as_str().is_none() {
            bail!("the first line does not name a card: take what `scorefield card` printed");
        }
        let rows = std::iter::from_fn(next).collect::<Result<Vec<_>>>()?;
        if let Some(row) = rows
            .iter()
            .find(|row| row["work"].as_str().is_none() || row["n"].as_u64().is_none())
        {
            bail!("this is no row: {row}");
        }
        Ok(Self { machine, rows })
    }

    fn word(&self, name: &str) -> &str {
        self.machine[name].as_str().unwrap_or("unknown")
    }

    fn threads(&self) -> u64 {
        self.machine["threads"].as_u64().unwrap_or(0)
    }

    /// Where it was measured, and how.
    fn head(&self) -> String {
        format!(
            "`scorefield card --rounds {}`, {}; {}, driver {}, {}; {}, {} threads",
            self.machine["rounds"].as_u64().unwrap_or(0),
            day(self.machine["day"].as_u64().unwrap_or(0)),
            self.word("card"),
            self.word("driver"),
            self.word("backend"),
            self.word("cpu"),
            self.threads()
        )
    }

    fn table(&self) -> String {
        let threads = format!("CPU engine, {} threads", self.threads());
        let head = [
            "work",
            "particles",
            "first run",
            "samples",
            "with frames",
            "CPU engine, one thread",
            &threads,
            "largest difference",
            "beyond 10⁻⁴",
        ];
        let mut text = String::new();
        let _ = writeln!(text, "| {} |", head.join(" | "));
        let _ = writeln!(text, "| --- |{}", " --: |".repeat(head.len() - 1));
        for row in &self.rows {
            let off = match &row["samples_off"] {
                Value::Null => &row["frames_off"],
                off => off,
            };
            let largest = off["largest"].as_f64();
            let beyond = off["beyond"].as_u64();
            let none = || "–".to_owned();
            let cells = [
                row["work"].as_str().unwrap_or_default().to_owned(),
                grouped(row["n"].as_u64().unwrap_or(0)),
                row["first"].as_f64().map_or_else(none, rounded),
                spread(&row["samples"]),
                spread(&row["frames"]),
                spread(&row["one_thread"]),
                spread(&row["all_threads"]),
                largest.map_or_else(none, |most| format!("{most:.0e}")),
                beyond.map_or_else(none, grouped),
            ];
            let _ = writeln!(text, "| {} |", cells.join(" | "));
        }
        text.trim_end().to_owned()
    }
}

/// Median and range of times in milliseconds.
fn spread(times: &Value) -> String {
    let mut all: Vec<f64> = times
        .as_array()
        .map(|all| all.iter().filter_map(Value::as_f64).collect())
        .unwrap_or_default();
    all.sort_by(f64::total_cmp);
    let (Some(least), Some(most)) = (all.first(), all.last()) else {
        return "–".to_owned();
    };
    let middle = f64::midpoint(all[(all.len() - 1) / 2], all[all.len() / 2]);
    match all.len() {
        1 => rounded(middle),
        _ => format!(
            "{} ({}–{})",
            rounded(middle),
            rounded(*least),
            rounded(*most)
        ),
    }
}

/// Two digits after the point below ten, one below a hundred.
fn rounded(ms: f64) -> String {
    match ms {
        ms if ms < 9.995 => format!("{ms:.2}"),
        ms if ms < 99.95 => format!("{ms:.1}"),
        ms => grouped(ms.round() as u64),
    }
}

/// 1234567 as 1,234,567.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The date of a day, counted from 1 January 1970 (Hinnant, “chrono-compatible low-level date algorithms”, `civil_from_days`).
fn day(days: u64) -> String {
    let days = days + 719_468; // from 1 March of the year 0
    let (era, own) = (days / 146_097, days % 146_097);
    let year = (own - own / 1460 + own / 36_524 - own / 146_096) / 365;
    let of_year = own - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    format!("{:04}-{month:02}-{of_month:02}", year + era * 400 + next)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = r#"{"card":"A card","driver":"D 1.2","backend":"Vulkan","cpu":"A processor","threads":16,"day":20784,"rounds":5}
{"work":"mixture","n":1000000,"first":812.4,"samples":[31.0,30.0,36.0],"frames":[250.4],"all_threads":[151.2,149.8],"samples_off":{"largest":0.0000123,"beyond":0}}
{"work":"torus","n":4000,"frames":[5.0,6.0],"frames_off":{"largest":0.2,"beyond":1234}}
"#;

    #[test]
    fn the_table_has_medians_ranges_and_what_was_not_run() -> Result<()> {
        let found = Found::read(PRINTED)?;
        assert_eq!(
            found.head(),
            "`scorefield card --rounds 5`, 2026-11-27; A card, driver D 1.2, Vulkan; A processor, 16 threads"
        );
        let table = found.table();
        let lines: Vec<&str> = table.lines().collect();
        assert!(lines[0].contains("| CPU engine, 16 threads |"), "{table}");
        assert_eq!(
            lines[2..],
            [
                "| mixture | 1,000,000 | 812 | 31.0 (30.0–36.0) | 250 | – | 151 (150–151) | 1e-5 | 0 |",
                "| torus | 4,000 | – | – | 5.50 (5.00–6.00) | – | – | 2e-1 | 1,234 |",
            ]
        );
        Ok(())
    }

    #[test]
    fn what_is_no_result_is_refused() {
        let refused = |text: &str| match Found::read(text) {
            Ok(_) => panic!("{text}"),
            Err(error) => format!("{error:#}"),
        };
        assert!(refused("").contains("take what `scorefield card` printed"));
        assert!(refused("{\"work\":1}").contains("does not name a card"));
        assert!(refused("{\"card\":\"A\"}\n{\"n\":5}").contains("no row"));
        assert!(refused("{\"card\":\"A\"}\n{oops").contains("no JSON: {oops"));
    }

    #[test]
    fn the_text_goes_between_its_marks() -> Result<()> {
        let page = "a\n<!-- begin card -->\nold\n<!-- end card -->\nb\n";
        let placed = placed(page, "card", "new")?;
        assert_eq!(
            placed,
            "a\n<!-- begin card -->\nnew\n<!-- end card -->\nb\n"
        );
        assert!(super::placed("a", "card", "new").is_err());
        Ok(())
    }

    #[test]
    fn days_are_dates() {
        let dates = [
            (0, "1970-01-01"),
            (11_016, "2000-02-29"),
            (20_784, "2026-11-27"),
        ];
        for (days, date) in dates {
            assert_eq!(day(days), date);
        }
    }
}
