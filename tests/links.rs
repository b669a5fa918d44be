//! The laws of links: what is written can be read, nothing panics, every error has a repair.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

#[path = "links/pasted.rs"]
mod pasted;
#[path = "links/shared.rs"]
mod shared;

use proptest::prelude::*;
use scorefield::labs::link::spec::{KEYS, Key, Kind};
use scorefield::labs::link::{self, Link, Mode, Side, Values};
use scorefield::rng::philox4x32;

/// A stream of words from Philox: the same texts on every machine.
struct Dice(u64, u32);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.1 += 1;
        let r = philox4x32([self.1, 0, 0, 9], [self.0 as u32, (self.0 >> 32) as u32]);
        r[0] as usize % sides.max(1)
    }

    fn real(&mut self) -> f64 {
        self.roll(1 << 30) as f64 / (1u64 << 30) as f64
    }
}

/// A random valid value of a key, as text.
fn value(key: &Key, values: &Values, dice: &mut Dice) -> String {
    let real = |min: f64, max: f64, dice: &mut Dice| match dice.roll(4) {
        0 => min,
        1 => max,
        2 => min + (max - min) * dice.real(),
        _ => {
            ((min + (max - min) * dice.real()) * 8.0)
                .round()
                .clamp(min * 8.0, max * 8.0)
                / 8.0
        }
    };
    match (key.kind)(values) {
        Kind::Choice(list) => {
            let words: Vec<&str> = list.iter().map(|c| c.value).collect();
            // A key of another lab may have no choice at all here.
            match words.len() {
                0 => "none".to_owned(),
                count => words[dice.roll(count)].to_owned(),
            }
        }
        // A key of another lab may have an empty range here.
        Kind::Int(min, max) => {
            (min + dice.roll((max + 1).saturating_sub(min) as usize) as u64).to_string()
        }
        Kind::Seed => (u64::MAX / (1 << 20) * dice.roll(1 << 20) as u64).to_string(),
        Kind::Real(min, max) => real(min, max, dice).to_string(),
        Kind::Reals(least, most, min, max) => {
            let count = least + dice.roll(most - least + 1);
            let list: Vec<String> = (0..count)
                .map(|_| real(min, max, dice).to_string())
                .collect();
            list.join(",")
        }
        Kind::Matrix(rows, columns, _) => {
            let count =
                |[least, most]: [usize; 2], dice: &mut Dice| least + dice.roll(most - least + 1);
            let (rows, columns) = (count(rows, dice), count(columns, dice));
            let row: Vec<String> = (0..columns)
                .map(|_| real(-1.0, 1.0, dice).to_string())
                .collect();
            vec![row.join(","); rows].join(";")
        }
        Kind::Increasing(from, end) => {
            let first = from + dice.roll(end.saturating_sub(from) as usize) as u64;
            match first + 1 < end {
                true => format!("{first},{}", end - 1),
                false => first.to_string(),
            }
        }
        Kind::Text(_) => "AZyVvREwbMc2".to_owned(),
        Kind::Points(_) => "AAABAP__AIA".to_owned(),
    }
}

/// A random link: keys of side a, perhaps also of side b, in any order. Not all of them apply.
fn random_text(dice: &mut Dice) -> String {
    let lab = [
        "toy1d", "toy1d", "toy2d", "torus", "lgssm", "lgssm", "filter", "filter",
    ][dice.roll(8)];
    let mut none = Values::default();
    if let Ok(d) = link::decode(&format!("lab={lab}"), Mode::Strict) {
        none = d.link.a;
    }
    let mut pairs = vec![format!("lab={lab}")];
    for key in KEYS.iter().skip(1) {
        if dice.roll(3) == 0 {
            pairs.push(format!("{}={}", key.name, value(key, &none, dice)));
        }
        if key.is_run_key() && dice.roll(8) == 0 {
            pairs.push(format!("b.{}={}", key.name, value(key, &none, dice)));
        }
    }
    let at = dice.roll(pairs.len());
    pairs.rotate_left(at);
    pairs.join("&")
}

fn round_trip(link: &Link) -> Result<(), TestCaseError> {
    let text = link::encode(link);
    let back = link::decode(&text, Mode::Strict);
    prop_assert_eq!(back.map(|d| d.link), Ok(link.clone()), "{}", text);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, ..ProptestConfig::default() })]

    /// Random keys, most of which do not apply, are repaired to a valid configuration. All configurations can be
    /// reached like this, and each can be written and read again.
    #[test]
    fn decoding_inverts_encoding(seed: u64) {
        let text = random_text(&mut Dice(seed, 0));
        let link = link::nearest(&text);
        round_trip(&link)?;
        let seed = format!("&seed={}", link.a.int("seed").unwrap());
        prop_assert!(link::encode(&link).ends_with(&seed));
    }

    #[test]
    fn edits_keep_links_readable(seed: u64) {
        let mut dice = Dice(seed, 0);
        let mut link = link::nearest(&random_text(&mut dice));
        for _ in 0..5 {
            let key = &KEYS[1 + dice.roll(KEYS.len() - 1)];
            let side = if link.b.is_some() && dice.roll(2) == 0 && key.is_run_key() { Side::B } else { Side::A };
            let text = value(key, &link.a, &mut dice);
            if let Ok(edited) = link::edit(&link, side, key.name, &text) {
                link = edited.link;
                round_trip(&link)?;
            }
            round_trip(&link::compare(&link, dice.roll(2) == 0))?;
        }
    }

    #[test]
    fn reals_print_as_the_shortest_text_that_reads_back(x in 0.01..10.0f64) {
        let text = format!("lab=toy1d&target=gaussian&sd={x}&seed=0");
        let link = link::decode(&text, Mode::Strict).unwrap().link;
        prop_assert_eq!(link.a.real("sd").map(f64::to_bits), Some(x.to_bits()));
        let written = link::encode(&link);
        let expected = format!("&sd={x}&");
        prop_assert!(x == 0.5 || written.contains(&expected));
    }

    #[test]
    fn any_text_reads_or_says_why(text in ".{0,200}") {
        checked(&text)?;
    }
}

/// Reads a text in both ways. If that fails, the repair must be readable.
fn checked(text: &str) -> Result<(), TestCaseError> {
    let mut wrong = false;
    for mode in [Mode::Strict, Mode::Clamp] {
        match link::decode(text, mode) {
            Ok(decoded) => round_trip(&decoded.link)?,
            Err(error) => {
                prop_assert!(!error.message.is_empty());
                wrong = true;
            }
        }
    }
    if wrong {
        let repaired = link::repair(text);
        // The command line refuses numbers that the page clamps.
        prop_assert!(!repaired.changes.is_empty(), "a repair that names nothing");
        round_trip(&repaired.link)?;
    }
    Ok(())
}

/// Random and mutated links: 20,000 here, `LINK_FUZZ=1000000 cargo test --release --test links` for more.
#[test]
fn random_and_mutated_links_never_panic() {
    let count = std::env::var("LINK_FUZZ")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(20_000u64);
    const SCRAPS: [&str; 32] = [
        "&",
        "=",
        "#",
        "%",
        "%2C",
        "%ff",
        ";",
        ",",
        "b.",
        "nan",
        "inf",
        "-",
        "1e999",
        "-0",
        "99999999999999999999999",
        "é",
        "\u{0}",
        "lab=",
        "v=2",
        "seed=",
        "steps",
        "process=",
        "means=1,2,3",
        " ",
        "&amp;",
        "%26",
        "%253D",
        "\\",
        "“",
        ").",
        "−",
        "?utm_x=",
    ];
    let mut dice = Dice(0, 0);
    for round in 0..count {
        dice = Dice(round, 0);
        let mut text = random_text(&mut dice);
        for _ in 0..dice.roll(6) {
            let places: Vec<usize> = text.char_indices().map(|(i, _)| i).collect();
            let at = places
                .get(dice.roll(places.len().max(1)))
                .copied()
                .unwrap_or(0);
            match dice.roll(4) {
                0 => text.insert_str(at, SCRAPS[dice.roll(SCRAPS.len())]),
                1 if !text.is_empty() => {
                    text.remove(at);
                }
                2 => text.truncate(at),
                _ => {
                    let tail = text[at..].to_owned();
                    text.push_str(
                        &tail[..tail.char_indices().nth(40).map_or(tail.len(), |(i, _)| i)],
                    );
                }
            }
        }
        checked(&text).unwrap_or_else(|e| panic!("{text:?}: {e}"));
    }
    let _ = dice;
}

/// Invalid links: what the message must name, the choices, and the repaired link.
#[test]
fn wrong_links_name_what_is_wrong_and_what_is_right() {
    let cases = [
        (
            "lab=toy1d&process=vpp",
            "process=vpp",
            "vp-cosine",
            "v=1&lab=toy1d&process=vp&seed=0",
        ),
        (
            "lab=toy1d&stepz=50",
            "stepz",
            "steps",
            "v=1&lab=toy1d&steps=50&seed=0",
        ),
        ("lab=toy9d", "lab=toy9d", "toy1d", "v=1&lab=toy1d&seed=0"),
        (
            "process=vp",
            "no lab",
            "toy1d",
            "v=1&lab=toy1d&process=vp&seed=0",
        ),
        ("v=2&lab=toy1d", "Version", "1", "v=1&lab=toy1d&seed=0"),
        (
            "lab=toy1d&churn=3",
            "sampler=heun",
            "",
            "v=1&lab=toy1d&seed=0",
        ),
        (
            "lab=toy1d&steps=5000",
            "2 to 2000",
            "",
            "v=1&lab=toy1d&steps=2000&seed=0",
        ),
        (
            "lab=toy1d&steps=1",
            "2 to 2000",
            "",
            "v=1&lab=toy1d&steps=2&seed=0",
        ),
        (
            "lab=toy1d&steps=ten",
            "whole number",
            "",
            "v=1&lab=toy1d&seed=0",
        ),
        (
            "lab=toy1d&steps=1e2",
            "whole number",
            "",
            "v=1&lab=toy1d&seed=0",
        ),
        (
            "lab=toy1d&n=-5",
            "1 to 1000000",
            "",
            "v=1&lab=toy1d&n=1&seed=0",
        ),
        (
            "lab=toy1d&target=gaussian&sd=nan",
            "number from 0.01",
            "",
            "v=1&lab=toy1d&target=gaussian&seed=0",
        ),
        (
            "lab=toy1d&target=gaussian&sd=inf",
            "number from 0.01",
            "",
            "v=1&lab=toy1d&target=gaussian&seed=0",
        ),
        ("lab=toy1d&steps=", "no value", "", "v=1&lab=toy1d&seed=0"),
        (
            "lab=toy1d&seed=1&seed=2",
            "twice",
            "",
            "v=1&lab=toy1d&seed=1",
        ),
        (
            "lab=toy1d&grid=karras",
            "grid=karras",
            "default",
            "v=1&lab=toy1d&seed=0",
        ),
        (
            "lab=toy1d&score=magic",
            "score=magic",
            "exact",
            "v=1&lab=toy1d&seed=0",
        ),
        (
            "lab=toy1d&target=mixture&means=0,1,2&sds=1,1",
            "3 numbers",
            "",
            "v=1&lab=toy1d&target=mixture&means=0,1,2&seed=0",
        ),
        (
            "lab=toy2d&target=drawn",
            "needs the key “points”",
            "",
            "v=1&lab=toy2d&seed=0",
        ),
        (
            "lab=toy2d&target=drawn&points=AAAA",
            "1 to 1000 points",
            "",
            "v=1&lab=toy2d&seed=0",
        ),
        (
            "lab=toy2d&target=uniform",
            "target=uniform",
            "moons",
            "v=1&lab=toy2d&seed=0",
        ),
        (
            "lab=torus&target=moons",
            "lab=toy1d or lab=toy2d",
            "",
            "v=1&lab=torus&seed=0",
        ),
        (
            "lab=torus&major=0.5&minor=0.7",
            "0.05 to 0.49995",
            "",
            "v=1&lab=torus&major=0.5&minor=0.49995&seed=0",
        ),
        (
            "lab=toy2d&init=quantile",
            "lab=toy1d",
            "",
            "v=1&lab=toy2d&seed=0",
        ),
        (
            "lab=toy1d&b.view=flow",
            "cannot differ",
            "b.steps",
            "v=1&lab=toy1d&seed=0",
        ),
        (
            "lab=toy1d&b.tau=0.5",
            "sampler=pc",
            "",
            "v=1&lab=toy1d&seed=0",
        ),
        (
            "lab=toy1d&seed=18446744073709551616",
            "whole number",
            "",
            "v=1&lab=toy1d&seed=0",
        ),
    ];
    for (text, names, choice, repaired) in cases {
        let error = link::decode(text, Mode::Strict).expect_err(text);
        let words = error.to_string();
        assert!(words.contains(names), "{text}: {words}");
        assert!(
            choice.is_empty() || error.choices.iter().any(|c| c == choice),
            "{text}: {:?}",
            error.choices
        );
        assert_eq!(link::encode(&link::nearest(text)), repaired, "{text}");
    }
    let long = format!("lab=toy1d&means={}", "1,".repeat(5000));
    assert!(
        link::decode(&long, Mode::Strict)
            .unwrap_err()
            .message
            .contains("8192")
    );
}

#[test]
fn the_page_clamps_and_reports_where_the_command_line_refuses() {
    let decoded = link::decode("lab=toy1d&steps=5000&n=0", Mode::Clamp).unwrap();
    assert_eq!(
        (decoded.link.a.int("steps"), decoded.link.a.int("n")),
        (Some(2000), Some(1))
    );
    assert_eq!(decoded.clamps.len(), 2);
    assert!(decoded.clamps[0].message.contains("2000 is used"));
}

/// A value of any length, a list and a key of any length too, has 40 characters in every message, and control characters can be seen.
#[test]
fn no_message_repeats_a_long_value() {
    let digits = "1".repeat(400);
    let list = vec!["0.123456789"; 60].join(",");
    for key in [
        "n",
        "seed",
        "steps",
        "target",
        "sampler",
        "weights",
        "fp",
        "lab",
        "v",
        "dim",
        "noise-y",
        "y",
        "observed",
        "points",
        "b.steps",
        "b.dim",
        "model",
        "cycles",
        "utm_source",
        &digits,
    ] {
        for lab in ["toy1d", "toy2d", "lgssm", "filter", "turbulence"] {
            for value in [
                &digits,
                &list,
                &format!("0.{digits}"),
                &format!("-{digits}\u{0}"),
            ] {
                let text = format!("lab={lab}&{key}={value}&n={digits}");
                let wrong = link::decode(&text, Mode::Strict).unwrap_err();
                let repaired = link::repair(&text);
                for said in std::iter::once(&wrong.message).chain(&repaired.changes) {
                    let longest = said
                        .split([' ', '='])
                        .map(|word| word.chars().count())
                        .max();
                    assert!(longest <= Some(60), "lab={lab}, {key}: {said}");
                    assert!(!said.contains('\u{0}'), "lab={lab}, {key}: {said}");
                }
            }
        }
    }
    let changes = link::repair(&format!("lab=filter&dim={digits}")).changes;
    let said = format!("dim={}… is left out.", "1".repeat(40));
    assert!(changes[0].ends_with(&said), "{changes:?}");
}

/// A key that no link of a lab can have is refused with the labs that have it; of any other, what it needs are keys and words of
/// that lab. The repair drops it.
#[test]
fn what_a_key_needs_is_something_that_the_lab_of_the_link_has() {
    let read = |text: &str| link::decode(text, Mode::Strict);
    let labs = read("lab=none").unwrap_err().choices;
    // The keys that some link of a lab can have.
    let keys_of = |lab: &str| read(&format!("lab={lab}&nothing=0")).unwrap_err().choices;
    let has = |lab: &str, key: &str| keys_of(lab).iter().any(|own| own == key);
    let mut refused = [0, 0];
    for lab in &labs {
        for key in KEYS.iter().map(|key| key.name).filter(|key| *key != "lab") {
            let wrong = read(&format!("lab={lab}&{key}=2"));
            let said = wrong.map_or_else(|error| error.message, |_| String::new());
            if !said.starts_with("The key “") {
                assert!(has(lab, key), "lab={lab}, {key}: {said}");
                continue;
            }
            let repaired = link::repair(&format!("lab={lab}&{key}=2"));
            assert_eq!(repaired.link, read(&format!("lab={lab}")).unwrap().link);
            let pairs = said
                .split([' ', ',', ':', '.'])
                .filter_map(|w| w.split_once('='));
            let pairs: Vec<_> = pairs.collect();
            let Some((_, others)) = said.split_once(", only to ") else {
                assert!(has(lab, key), "lab={lab}: {said}");
                for (own, word) in pairs {
                    assert!(own == "lab" || has(lab, own), "lab={lab}: {said}");
                    let other = read(&format!("lab={lab}&{own}={word}"));
                    let other = other.map_or_else(|error| error.message, |_| String::new());
                    assert!(!other.contains("is not one of"), "lab={lab}: {said}");
                }
                refused[0] += 1;
                continue;
            };
            assert!(!has(lab, key), "lab={lab}: {said}");
            let others = others.trim_end_matches('.').split(" or ");
            let others: Vec<_> = others.filter_map(|own| own.strip_prefix("lab=")).collect();
            let all = labs.iter().filter(|own| has(own, key));
            assert!(others.iter().eq(all), "lab={lab}: {said}");
            refused[1] += 1;
        }
    }
    assert!(refused.iter().all(|count| *count > 50), "{refused:?}");
}

/// Where a repaired number is moved to its bound, or replaced by a later repair, nothing says that it is used.
#[test]
fn a_repair_says_the_value_that_is_used() {
    for text in [
        "lab=toy1d&stepp=5000",
        "lab=toy1d&stepp=5000&n=1e9",
        "lab=toy1d&stepp=-2",
        "lab=toy1d&process=vpp&steps=9999",
        "lab=toy1d&n=20,000,000",
        "lab=lgssm&lenght=100000",
        "stepp=5000&b.seed=1",
    ] {
        let repaired = link::repair(text);
        let used: Vec<&str> = repaired
            .changes
            .iter()
            .filter_map(|change| change.strip_suffix(" is used."))
            .filter_map(|change| change.rsplit(' ').next())
            .collect();
        assert!(!used.is_empty(), "{text}: {:?}", repaired.changes);
        for pair in used {
            let Some((key, value)) = pair.split_once('=') else {
                continue; // a number that was moved: its key stands before
            };
            let own = repaired.link.a.get(key).map(ToString::to_string);
            assert_eq!(
                own.as_deref(),
                Some(value),
                "{text}: {:?}",
                repaired.changes
            );
        }
    }
    let changes = link::repair("lab=toy1d&stepp=5000").changes;
    assert_eq!(changes.len(), 1, "{changes:?}");
    let said = "Did you mean “steps”? steps=5000 is outside 2 to 2000. 2000 is used.";
    assert!(changes[0].ends_with(said), "{changes:?}");
}

#[test]
fn an_error_names_the_writing_where_that_is_its_cause() {
    for (text, message, repaired) in [
        (
            "lab=toy1d&n=1e5&seed=0",
            "n=1e5: a whole number from 1 to 1000000 is needed, written out in digits alone.",
            "n=100000",
        ),
        (
            "lab=toy1d&n=20_000&seed=0",
            "n=20_000: a whole number from 1 to 1000000 is needed, written out in digits alone.",
            "n=20000",
        ),
        (
            "lab=toy1d&n=30k&seed=0",
            "n=30k: a whole number from 1 to 1000000 is needed, written out in digits alone.",
            "n=30000",
        ),
        (
            "lab=toy1d&n=2.5&seed=0",
            "n=2.5: a whole number from 1 to 1000000 is needed.",
            "n=2",
        ),
        (
            "lab=toy1d&n=50&seed=%00",
            "seed=␀ has a control character (U+0000), which no value of a link has.",
            "seed=0",
        ),
        (
            "lab=toy1d&n=50&seed=7%00",
            "seed=7␀ has a control character (U+0000), which no value of a link has.",
            "seed=7",
        ),
        (
            "lab=toy1d&sampler=he%1bun&seed=1",
            "sampler=he␛un has a control character (U+001B), which no value of a link has.",
            "sampler=",
        ),
    ] {
        let error = link::decode(text, Mode::Strict).unwrap_err();
        assert_eq!(error.message, message);
        let all = link::repair(text);
        assert!(
            link::encode(&all.link).contains(repaired),
            "{text}: {}",
            link::encode(&all.link)
        );
        assert!(
            all.changes
                .iter()
                .all(|change| !change.chars().any(char::is_control)),
            "{:?}",
            all.changes
        );
    }
}

#[test]
fn links_read_with_address_encoding_and_any_order() {
    let read = |text: &str| link::decode(text, Mode::Strict).unwrap().link;
    let plain = read("lab=toy1d&target=mixture&means=-1,1&seed=7");
    for text in [
        "https://example.org/a/?embed=1#v=1&seed=7&lab=toy1d&target=mixture&means=-1,1",
        "#lab=toy1d&target=mixture&means=-1%2C1&seed=7",
        "  lab=toy1d&target=mixture&seed=7  ",
        "lab=toy1d&amp;target=mixture&amp;seed=7",
        "lab = toy1d & target=mixture & seed= 7",
    ] {
        assert_eq!(read(text), plain, "{text}");
    }
    assert_eq!(link::encode(&plain), "v=1&lab=toy1d&target=mixture&seed=7");
}

#[test]
fn a_langevin_walk_takes_one_step_whatever_the_process() {
    for process in ["ddpm", "vp", "edm"] {
        let text = format!("lab=toy1d&process={process}&sampler=langevin&steps=1");
        let link = link::decode(&text, Mode::Strict).unwrap().link;
        assert_eq!(link.a.int("steps"), Some(1), "{process}");
        let mut run = scorefield::labs::toy1d::Run::new(
            scorefield::labs::toy1d::Toy1d::new(&link.a).unwrap(),
            scorefield::labs::toy1d::Axis::linear(-1.0, 2.0),
        );
        while !run.advance(10_000) {}
        assert!(run.samples().unwrap().iter().all(|x| x.is_finite()));
    }
    // Back to a sampler with the levels of ddpm, the number is clamped, with a message.
    let link = link::decode("lab=toy1d&sampler=langevin&steps=1", Mode::Strict)
        .unwrap()
        .link;
    let edited = link::edit(&link, Side::A, "sampler", "ddim").unwrap();
    assert_eq!(edited.link.a.int("steps"), Some(2));
    assert_eq!(edited.clamps[0].key, "steps");
}

#[test]
fn a_comparison_writes_its_differences_only() {
    let text = "v=1&lab=toy1d&process=vp&sampler=euler&steps=8&b.process=edm&b.sampler=heun&seed=3";
    let link = link::decode(text, Mode::Strict).unwrap().link;
    assert_eq!(link::encode(&link), text);
    let b = link.b.unwrap();
    assert_eq!(
        (b.int("steps"), b.int("seed"), b.word("process")),
        (Some(8), Some(3), Some("edm"))
    );
    // If side b cannot have a value of side a, it gets the default of b.
    let text = "v=1&lab=toy1d&process=edm&grid=karras&b.process=ddpm&seed=0";
    let link = link::decode(text, Mode::Strict).unwrap().link;
    assert_eq!(link.b.as_ref().unwrap().word("grid"), Some("default"));
    assert_eq!(link::encode(&link), text);
}

#[test]
fn an_edit_drops_and_names_what_no_longer_applies() {
    let link = link::decode(
        "lab=toy1d&process=edm&sampler=heun&churn=20&grid=uniform-t",
        Mode::Strict,
    )
    .unwrap()
    .link;
    let edited = link::edit(&link, Side::A, "process", "ddpm").unwrap();
    let keys: Vec<&str> = edited.dropped.iter().map(|n| n.key.as_str()).collect();
    assert_eq!(keys.len(), 2, "{keys:?}");
    assert!(
        keys.contains(&"churn") && keys.contains(&"grid"),
        "{keys:?}"
    );
    let shared = link::decode("lab=toy1d&fp=AAAA", Mode::Strict)
        .unwrap()
        .link;
    assert_eq!(
        link::edit(&shared, Side::A, "steps", "7")
            .unwrap()
            .link
            .a
            .text("fp"),
        None
    );
    assert_eq!(
        link::edit(&shared, Side::A, "view", "flow")
            .unwrap()
            .link
            .a
            .text("fp"),
        Some("AAAA")
    );
    assert!(link::edit(&shared, Side::A, "steps", "many").is_err());
}

#[test]
fn a_view_that_a_choice_takes_away_gives_way_to_the_first() {
    let text = "lab=toy2d&score=net&view=errors";
    let link = link::decode(text, Mode::Strict).unwrap().link;
    let edited = link::edit(&link, Side::A, "score", "exact").unwrap();
    assert_eq!(edited.link.a.word("view"), Some("particles"));
    assert_eq!(edited.dropped.len(), 1);
}

/// Short numbers may have long canonical texts. What was read must be readable after it is written.
#[test]
fn a_link_that_would_be_too_long_when_written_is_refused_and_repaired() {
    let y = vec!["-9e-6"; 1000].join(",");
    let text = format!("lab=lgssm&length=1000&every=1&y={y}");
    assert!(text.len() < 8192);
    let error = link::decode(&text, Mode::Strict).unwrap_err();
    assert!(error.message.contains("Written out") && error.key.as_deref() == Some("y"));
    let repaired = link::encode(&link::nearest(&text));
    assert!(
        !repaired.contains("&y=") && repaired.contains("length=1000"),
        "{repaired}"
    );
}

#[test]
fn keys_that_need_each_other_are_set_at_once_or_not_at_all() {
    let link = link::decode("lab=toy2d&fp=AAAA", Mode::Strict)
        .unwrap()
        .link;
    let error = link::edit(&link, Side::A, "target", "drawn").unwrap_err();
    assert!(error.message.contains("points"), "{}", error.message);
    let changes = [("target", "drawn"), ("points", "AAABAP__AIA")];
    let edited = link::edit_all(&link, Side::A, &changes).unwrap();
    assert_eq!(edited.link.a.text("points"), Some("AAABAP__AIA"));
    assert_eq!(edited.link.a.text("fp"), None);
    let bad = [("target", "drawn"), ("points", "AAA")];
    assert!(link::edit_all(&link, Side::A, &bad).is_err());
}

/// Hundreds of invalid keys are dropped one by one; the valid keys stay.
#[test]
fn a_long_wrong_link_keeps_what_is_right() {
    let junk: String = (0..1500).map(|i| format!("&x{i}")).collect();
    let link = link::nearest(&format!("lab=toy1d&process=vp&n=10{junk}"));
    assert_eq!(link::encode(&link), "v=1&lab=toy1d&process=vp&n=10&seed=0");
}

/// The longest canonical link can be read: no number takes more than 24 characters.
#[test]
fn the_longest_link_reads_back() {
    let list = |x: f64| vec![x.to_string(); 8].join(",");
    let text = format!(
        "lab=toy1d&target=mixture&process=edm&sampler=heun&means={m}&sds={s}&weights={w}&churn=1e-300&churn-min=1e-300&at=1e-300\
         &b.means={s}&b.sds={w}&b.churn=2e-300&b.churn-min=2e-300&fp={fp}&seed=3",
        m = list(-9.876543210987654),
        s = list(0.1234567890123456),
        w = list(0.9876543210987654),
        fp = "A".repeat(200),
    );
    let link = link::decode(&text, Mode::Strict).unwrap().link;
    let written = link::encode(&link);
    assert!(
        written.len() < 2500 && written.contains("at=1e-300"),
        "{written}"
    );
    assert_eq!(link::decode(&written, Mode::Strict).unwrap().link, link);
}

#[test]
fn each_valid_choice_comes_with_its_link() {
    let text = "lab=toy1d&process=vpp&steps=9";
    let error = link::decode(text, Mode::Strict).unwrap_err();
    let links = link::choice_links(text, &error);
    assert_eq!(links.len(), error.choices.len());
    for (repaired, choice) in links.iter().zip(&error.choices) {
        let link = &repaired.link;
        assert_eq!(
            (link.a.word("process"), link.a.int("steps")),
            (Some(choice.as_str()), Some(9))
        );
    }
    let error = link::decode("lab=toy1d&stepz=9", Mode::Strict).unwrap_err();
    let links = link::choice_links("lab=toy1d&stepz=9", &error);
    assert_eq!(
        (error.meant, links.len()),
        (2, 2),
        "step and steps may have been meant"
    );
    assert_eq!(link::encode(&links[0].link), "v=1&lab=toy1d&steps=9&seed=0");
}
