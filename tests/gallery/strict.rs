//! The reader of entries is strict: a file is refused, or read as it says.

use super::entry::{Entry, Number, Stated, contradictions, numbers_of, read};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;
use toml::{Table, Value};

const VALID: &str = r#"
lab = "toy1d"
name = "Who wins?"
link = "v=1&lab=toy1d&steps=8&seed=0"
why = "One sentence. Or two."
tags = ["steps", "process"]

[[number]]
key = "w1"
value = 0.126373
tolerance = 5e-7

[[number]]
key = "ks"
at-least = 0.2
at-most = 0.3

[[number]]
key = "w1"
less-than = "ks"
"#;

fn read_text(text: &str) -> Result<Entry, String> {
    read(Path::new("010-who-wins.toml"), text)
}

/// As [`read_text`], in a file that is called as the entry's name asks.
fn read_named(text: &str) -> Result<Entry, String> {
    let table = toml::from_str::<Table>(text).unwrap_or_default();
    let name = table.get("name").and_then(Value::as_str);
    let words: Vec<_> = name
        .unwrap_or_default()
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    read(Path::new(&format!("010-{}.toml", words.join("-"))), text)
}

/// The entry as a table: what a file says that is read as this entry.
fn table_of(entry: &Entry) -> Table {
    let text = |s: &str| Value::String(s.to_owned());
    let tag = |t| text(&format!("{t:?}").to_lowercase());
    let number = |n: &Number| {
        let mut out = Table::from_iter([("key".to_owned(), text(&n.key))]);
        let mut add = |key: &str, x: f64| out.insert(key.to_owned(), Value::Float(x));
        match &n.stated {
            Stated::Value { value, tolerance } => {
                add("value", *value);
                add("tolerance", *tolerance);
            }
            Stated::Bounds { at_least, at_most } => {
                for (key, end) in [("at-least", *at_least), ("at-most", *at_most)] {
                    if end.is_finite() {
                        add(key, end);
                    }
                }
            }
            Stated::LessThan(other) => {
                out.insert("less-than".to_owned(), text(other));
            }
        }
        Value::Table(out)
    };
    Table::from_iter([
        ("lab".to_owned(), text(&entry.lab)),
        ("name".to_owned(), text(&entry.name)),
        ("link".to_owned(), text(&entry.link)),
        ("why".to_owned(), text(&entry.why)),
        (
            "tags".to_owned(),
            Value::Array(entry.tags.iter().map(tag).collect()),
        ),
        (
            "number".to_owned(),
            Value::Array(entry.numbers.iter().map(number).collect()),
        ),
    ])
}

/// Whole numbers as floats: the format tells 8 from 8.0, an entry does not.
fn with_floats(value: Value) -> Value {
    match value {
        Value::Integer(i) => Value::Float(i as f64),
        Value::Array(list) => Value::Array(list.into_iter().map(with_floats).collect()),
        Value::Table(table) => {
            let pairs = table.into_iter().map(|(k, v)| (k, with_floats(v)));
            Value::Table(pairs.collect())
        }
        other => other,
    }
}

/// That a text is refused with a cause, or read as it says. Returns whether it was read.
fn refused_or_read_as_it_says(text: &str) -> Result<bool, TestCaseError> {
    match read_named(text) {
        Err(cause) => {
            prop_assert!(cause.len() > 30, "{cause}");
            Ok(false)
        }
        Ok(entry) => {
            let says = with_floats(Value::Table(toml::from_str(text).unwrap()));
            prop_assert_eq!(&says, &Value::Table(table_of(&entry)), "{}", text);
            Ok(true)
        }
    }
}

#[test]
fn a_valid_entry_is_read_as_it_says() {
    read_text(VALID).unwrap();
    assert!(refused_or_read_as_it_says(VALID).unwrap());
}

/// Each change, and what the error says: the cause, and what is valid.
#[test]
fn an_error_names_the_file_the_cause_and_what_is_valid() {
    let link = "link = \"v=1&lab=toy1d&steps=8&seed=0\"";
    let numbers = &VALID[VALID.find("\n[[number]]").unwrap()..];
    let key = "key = \"ks\"\n";
    for (from, to, says) in [
        ("lab = \"toy1d\"\n", "", &["missing field `lab`"][..]),
        ("name = \"Who wins?\"\n", "", &["missing field `name`"]),
        ("why", "because", &["unknown field `because`", "`why`"]),
        (
            "at-most",
            "at_most",
            &["unknown field `at_most`", "`at-most`"],
        ),
        (
            "\"process\"",
            "\"sampler\"",
            &["unknown variant `sampler`", "`process`", "`cost`"],
        ),
        ("\"process\"", "\"steps\"", &["Steps twice"]),
        ("\"steps\", \"process\"", "", &["tags is empty"]),
        (
            "lab = \"toy1d\"",
            "lab = \"toy3d\"",
            &["no lab “toy3d”", "toy1d, toy2d, torus, lgssm"],
        ),
        (
            "lab = \"toy1d\"",
            "lab = \"torus\"",
            &["is of the lab toy1d, the entry of torus"],
        ),
        (
            link,
            "link = \"v=1&lab=toy1d&stops=8&seed=0\"",
            &["“v=1&lab=toy1d&stops=8&seed=0” is invalid", "stops"],
        ),
        (
            link,
            "link = \"lab=toy1d&seed=0&steps=8\"",
            &["not canonical; write “v=1&lab=toy1d&steps=8&seed=0”"],
        ),
        (
            link,
            "link = \"v=1&lab=toy1d&steps=8&n=2000&process=ddpm&seed=0\"",
            &["not canonical; write “"],
        ),
        ("sentence. Or two.", "word", &["no sentence", ". ? or !"]),
        ("Who wins?", "", &["name is \"\""]),
        ("Who wins?", "Who loses?", &["NNN-who-loses.toml"]),
        (numbers, "", &["missing field `number`"]),
        ("tolerance = 5e-7\n", "", &["w1: value without tolerance"]),
        ("value = 0.126373\n", "", &["w1: tolerance without value"]),
        (
            "tolerance = 5e-7",
            "tolerance = 0.1",
            &["w1: tolerance is 0.1", "a hundredth"],
        ),
        (
            "tolerance = 5e-7",
            "tolerance = -1e-9",
            &["w1: tolerance is -0.000000001"],
        ),
        (
            "value = 0.126373",
            "value = nan",
            &["w1: value is NaN", "finite"],
        ),
        (
            "at-most = 0.3",
            "at-most = inf",
            &["ks: at-most is inf", "finite"],
        ),
        (
            "at-most = 0.3",
            "at-most = 0.1",
            &["ks: at-least 0.2 is above at-most 0.1"],
        ),
        (
            "at-most = 0.3",
            "value = 0.3",
            &["ks: these fields do not go together", "less-than"],
        ),
        (
            "less-than = \"ks\"",
            "",
            &["w1: nothing is stated", "value and tolerance"],
        ),
        (
            "less-than = \"ks\"",
            "less-than = \"w1\"",
            &["w1: less-than names itself"],
        ),
        (
            "less-than = \"ks\"",
            "value = 0.1\ntolerance = 0",
            &["w1 is stated twice"],
        ),
        (key, "", &["missing field `key`"]),
    ] {
        let text = VALID.replacen(from, to, 1);
        assert_ne!(text, VALID, "{from}");
        let error = read_text(&text).expect_err(&text);
        assert!(error.starts_with("010-who-wins.toml: "), "{error}");
        for says in says {
            assert!(error.contains(says), "{error}\nhas not {says}");
        }
    }
    let error = read(Path::new("who-wins.toml"), VALID).unwrap_err();
    assert!(error.contains("NNN-who-wins.toml"), "{error}");
}

#[test]
fn no_line_can_be_left_out_unnoticed() {
    let lines: Vec<_> = VALID.lines().collect();
    for i in (0..lines.len()).filter(|&i| !lines[i].is_empty()) {
        let left = [&lines[..i], &lines[i + 1..]].concat().join("\n");
        let read = refused_or_read_as_it_says(&left).unwrap();
        // Of two bounds one may go.
        assert_eq!(read, lines[i].starts_with("at-"), "{}", lines[i]);
    }
}

/// One answer for all that an entry can state.
fn answer() -> BTreeMap<String, f64> {
    numbers_of(&serde_json::json!({
        "nfe": 8, "seconds": 0.5, "seed": 3, "metrics": {"w1": 0.126, "lag1": null},
        "training": {"loss": 0.9, "seconds": 2.0},
        "b": {"nfe": 15, "metrics": {"w1": 0.25}},
    }))
}

#[test]
fn the_numbers_of_an_answer_are_those_that_reproduce() {
    let names: Vec<_> = answer().into_keys().collect();
    assert_eq!(names, ["b.nfe", "b.w1", "nfe", "training.loss", "w1"]);
}

#[test]
fn a_number_that_the_answer_lacks_is_named_with_those_that_it_has() {
    let entry = read_text(VALID).unwrap();
    let faults = contradictions(&entry.numbers, &answer());
    assert_eq!(faults.len(), 3, "{faults:?}");
    assert!(faults[0].contains("w1 is 0.126; the entry states 0.126373"));
    assert!(faults[1].contains("no number “ks”; it has b.nfe, b.w1, nfe, training.loss, w1."));
    assert!(faults[2].contains("no number “ks”"));
}

proptest! {
    /// Any few characters put in, taken out or replaced.
    #[test]
    fn an_edited_entry_is_refused_or_read_as_it_says(
        edits in prop::collection::vec((0..VALID.len(), 0..3usize, "[ -~\n]{0,4}"), 1..4),
    ) {
        let mut text: Vec<char> = VALID.chars().collect();
        for (at, removed, put) in edits {
            let at = at.min(text.len());
            let end = (at + removed).min(text.len());
            text.splice(at..end, put.chars());
        }
        refused_or_read_as_it_says(&text.into_iter().collect::<String>())?;
    }

    /// A digit of a number in the place of another: most of these are still valid entries, of other numbers.
    #[test]
    fn an_entry_of_other_numbers_is_read_with_them(
        which in 0..4usize, digit in 1..10u8,
    ) {
        let (from, to) = [
            ("0.126373", format!("0.{digit}26373")),
            ("5e-7", format!("{digit}e-7")),
            ("0.2", format!("0.0{digit}")),
            ("0.3", format!("{digit}")),
        ][which].clone();
        let read = refused_or_read_as_it_says(&VALID.replacen(from, &to, 1))?;
        prop_assert!(read);
    }

    /// Of an entry that is right in all but one name, the error says the name.
    #[test]
    fn an_unknown_field_is_refused_wherever_it_stands(
        name in "[a-z][a-z-]{1,8}", line in 1..6usize, number in any::<bool>(),
    ) {
        const KNOWN: [&str; 12] = [
            "lab", "name", "link", "why", "tags", "number", "key", "value", "tolerance", "at-least", "at-most", "less-than",
        ];
        prop_assume!(!KNOWN.contains(&name.as_str()));
        let mut lines: Vec<_> = VALID.lines().collect();
        let field = format!("{name} = 1");
        lines.insert(if number { 9 + line % 2 } else { line }, &field);
        let error = read_text(&lines.join("\n")).unwrap_err();
        prop_assert!(error.contains(&format!("unknown field `{name}`")), "{error}");
    }

    /// A value is as near as its tolerance says, and bounds hold their ends.
    #[test]
    fn a_stated_value_holds_within_its_tolerance_and_nowhere_else(
        value in 0.1..10.0f64, share in 0.0..0.01f64, off in -3.0..3.0f64,
    ) {
        let tolerance = share * value;
        let x = value + off * tolerance;
        let within = (x - value).abs() <= tolerance;
        let entry = |fields: String| {
            let number = format!("[[number]]\nkey = \"w1\"\n{fields}");
            let head = &VALID[..VALID.find("[[number]]").unwrap()];
            read_text(&format!("{head}{number}")).unwrap()
        };
        let holds = |entry: &Entry| {
            contradictions(&entry.numbers, &BTreeMap::from([("w1".to_owned(), x), ("w2".to_owned(), value)])).is_empty()
        };
        prop_assert_eq!(holds(&entry(format!("value = {value:?}\ntolerance = {tolerance:?}"))), within);
        prop_assert_eq!(holds(&entry(format!("at-least = {value:?}"))), x >= value);
        prop_assert_eq!(holds(&entry(format!("at-most = {value:?}"))), x <= value);
        prop_assert_eq!(holds(&entry("less-than = \"w2\"".to_owned())), x < value);
    }
}
