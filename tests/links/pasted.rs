//! Links from chats, mail and papers: they open at once if only one reading is possible, with each change listed.

use super::{Dice, random_text};
use proptest::prelude::*;
use scorefield::labs::link::spec::{Kind, find};
use scorefield::labs::link::{self, Mode};

fn opened(text: &str) -> (String, Vec<String>) {
    let decoded = link::decode(text, Mode::Strict).unwrap_or_else(|e| panic!("{text}: {e}"));
    let page = link::decode(text, Mode::Clamp).unwrap();
    assert_eq!(
        page, decoded,
        "{text}: the page and the command line read alike"
    );
    (link::encode(&decoded.link), decoded.changes)
}

/// Texts that open at once, the link, and what each change must say.
#[test]
fn links_from_chats_and_papers_open_at_once_and_say_what_was_changed() {
    let plain = "v=1&lab=lgssm&length=20&process=fm&seed=3";
    let cases: &[(&str, &str, &[&str])] = &[
        (
            "#v=1%26lab=toy2d%26seed=0",
            "v=1&lab=toy2d&seed=0",
            &["percent"],
        ),
        (
            "V=1&LAB=lgssm&PROCESS=vp&SEED=3",
            "v=1&lab=lgssm&seed=3",
            &[
                "“V” is read as “v”",
                "“LAB”",
                "“PROCESS” is read as “process”",
                "“SEED”",
            ],
        ),
        (
            "“v=1&lab=lgssm&length=20&process=fm&seed=3”",
            plain,
            &["““v” is read as “v”", "seed=3"],
        ),
        (
            "“https://example.org/#v=1&lab=lgssm&length=20&process=fm&seed=3”.",
            plain,
            &["seed=3"],
        ),
        (
            "v=1&lab=lgssm&length=20&process=fm&seed=3.",
            plain,
            &["“seed=3.” is read as seed=3"],
        ),
        (
            "v=1&lab=lgssm&length=20&process=fm&seed=3)",
            plain,
            &["“seed=3)” is read as seed=3"],
        ),
        (
            "v=1&lab=lgssm&length=20&process=fm&seed=3,",
            plain,
            &["“seed=3,” is read as seed=3"],
        ),
        (
            "[here](https://example.org/#v=1&lab=lgssm&length=20&process=fm&seed=3).",
            plain,
            &["seed=3"],
        ),
        (
            "<https://example.org/#v=1&lab=lgssm&length=20&process=fm&seed=3>",
            plain,
            &["seed=3"],
        ),
        (
            "v%3D1%26lab%3Dlgssm%26length%3D20%26process%3Dfm%26seed%3D3",
            plain,
            &["percent"],
        ),
        (
            "v%253D1%2526lab%253Dlgssm%2526length%253D20%2526process%253Dfm%2526seed%253D3",
            plain,
            &["percent"],
        ),
        (
            "https%3A%2F%2Fexample.org%2F%23v%3D1%26lab%3Dlgssm%26length%3D20%26process%3Dfm%26seed%3D3",
            plain,
            &["percent"],
        ),
        (
            "v=1&amp;lab=lgssm&amp;length=20&amp;process=fm&amp;seed=3",
            plain,
            &["“&amp;” is read as “&”"],
        ),
        (
            "v=1&amp;amp;lab=lgssm&#38;length=20&#x26;process=fm&seed=3",
            plain,
            &["“&amp;”", "“&#38;”", "“&#x26;”"],
        ),
        (
            r"v=1\&lab=lgssm\&length=20\&process=fm\&seed=3",
            plain,
            &["“\\” is left out"],
        ),
        (
            r"v=1\u0026lab=lgssm\u0026length=20\u0026process=fm\u0026seed=3",
            plain,
            &["u0026"],
        ),
        (
            "v=1&lab=LGSSM&Length=20&process=FM&seed=3",
            plain,
            &["lab=lgssm", "“Length”", "process=fm"],
        ),
        (
            "v=1&lab=lgssm&length=20&process=fm&seed=3&fbclid=IwAR0x",
            plain,
            &["“fbclid” is left out"],
        ),
        (
            "v=1&utm_source=chat&lab=lgssm&length=20&process=fm&seed=3?utm_medium=x",
            plain,
            &["“utm_source” is left out", "“utm_medium” is left out"],
        ),
        (
            "v=1&lab=lgssm&length=20&process=fm&seed=3#top",
            plain,
            &["“#top” is left out"],
        ),
        (
            "v=1&lab=lgssm&length=20&process=fm&seed=3:~:text=noise",
            plain,
            &["is left out"],
        ),
        (
            "https://example.org/?v=1&lab=lgssm&length=20&process=fm&seed=3",
            plain,
            &["“?”"],
        ),
        (
            "v=1&lab=lgssm&length=20&length=20&process=fm&seed=3",
            plain,
            &["“length” stands there twice alike"],
        ),
        (
            "v=1&lab=lgssm&len\u{ad}gth=2\u{200b}0&process=fm&seed=3",
            plain,
            &["not seen"],
        ),
        (
            "v=1&lab=lgssm&observed=0, 4,\u{a0}8&seed=3",
            "v=1&lab=lgssm&observed=0,4,8&seed=3",
            &["observed=0,4,8"],
        ),
        (
            "lab=toy1d&target=mixture&means=−1, 0, 1",
            "v=1&lab=toy1d&target=mixture&means=-1,0,1&seed=0",
            &["means=-1,0,1"],
        ),
        (
            "lab=toy1d&process=vp‑cosine&sampler=ddim",
            "v=1&lab=toy1d&process=vp-cosine&sampler=ddim&seed=0",
            &["process=vp-cosine"],
        ),
    ];
    for (text, expected, words) in cases {
        let (link, changes) = opened(text);
        assert_eq!(link, *expected, "{text}");
        for word in *words {
            assert!(
                changes.iter().any(|c| c.contains(word)),
                "{text}: no “{word}” in {changes:?}"
            );
        }
        assert_eq!(
            opened(&link),
            (link.clone(), vec![]),
            "{text}: a second reading changes nothing"
        );
    }
}

/// Keys that differ only by capitals: they are changed to lower case only if that leaves one key of the lab.
#[test]
fn capitals_are_folded_only_where_one_key_of_the_lab_matches() {
    let custom = "v=1&lab=lgssm&model=custom&T=0.5&Q=1&O=1&R=1&seed=0";
    assert_eq!(
        opened(&custom.replace("T=", "t=").replace("O=", "o=")).0,
        custom
    );
    assert_eq!(opened("lab=lgssm&A=0.5").0, "v=1&lab=lgssm&a=0.5&seed=0");
    assert_eq!(
        opened("lab=toy1d&b.Steps=9").0,
        "v=1&lab=toy1d&b.steps=9&seed=0"
    );
    for text in [
        "lab=toy1d&A=0.5",
        "lab=toy2d&t=1",
        "lab=lgssm&M=5",
        "lab=toy1d&SEED=3&seed=4",
    ] {
        assert!(link::decode(text, Mode::Strict).is_err(), "{text}");
    }
}

#[test]
fn lists_are_read_with_spaces_tabs_semicolons_and_minus_signs() {
    let mixture = |means: &str| format!("lab=toy1d&target=mixture&means={means}");
    for means in [
        "-1,0,1",
        "-1, 0, 1",
        " -1 ,0 , 1 ",
        "-1\t0\t1",
        "-1 0 1",
        "-1;0;1",
        "-1; 0; 1",
        "−1, 0, 1",
        "–1,\u{a0}0,\u{202f}1",
        "[-1, 0, 1]",
        "(-1, 0, 1)",
        "- 1, 0, 1",
        "-1,%200,%201",
        "-1，0，1",
    ] {
        assert_eq!(
            opened(&mixture(means)).0,
            "v=1&lab=toy1d&target=mixture&means=-1,0,1&seed=0",
            "{means}"
        );
    }
    // Here several readings are possible.
    for means in ["-1,5;0,5", "-1 0, 1", "1 - 2", "1,,2", "-1..1", "1 2;3 4,5"] {
        assert!(
            link::decode(&mixture(means), Mode::Strict).is_err(),
            "{means}"
        );
    }
    let chain = |t: &str| format!("lab=lgssm&model=custom&T={t}&Q=1,0;0,1&O=1,0&R=1");
    for t in [
        "0.9,0.1;0,0.8",
        "0.9, 0.1; 0, 0.8",
        "0.9 0.1; 0 0.8",
        "0.9\u{a0}0.1;\t0 0.8",
        "(0.9, 0.1; −0, 0.8).",
    ] {
        let link = link::decode(&chain(t), Mode::Strict)
            .unwrap_or_else(|e| panic!("{t}: {e}"))
            .link;
        assert_eq!(link.a.get("T").unwrap().to_string(), "0.9,0.1;0,0.8", "{t}");
    }
    let edited = |key: &str, value: &str| {
        let link = link::decode("lab=lgssm&length=9&observed=1,2&y=5,6", Mode::Strict)
            .unwrap()
            .link;
        link::encode(&link::edit(&link, link::Side::A, key, value).unwrap().link)
    };
    assert!(edited("observed", "0;\u{a0}4").contains("&observed=0,4&"));
    assert!(edited("y", "−1; 2.5").contains("&y=-1,2.5&"));
}

/// What cannot be read for sure stays an error. Its repair names every change and keeps what is readable.
#[test]
fn a_repair_lists_every_change_and_keeps_what_is_readable() {
    let cases: &[(&str, &str, &[&str])] = &[
        (
            "lab=toy1d&process=vpp&steps=-3",
            "v=1&lab=toy1d&process=vp&steps=1&seed=0",
            &[
                "process=vp is used",
                "steps=-3 is outside 1 to 2000. 1 is used",
            ],
        ),
        (
            "process=vpp&steps=-3",
            "v=1&lab=toy1d&process=vp&steps=1&seed=0",
            &["lab=toy1d is used", "process=vp is used", "steps=-3"],
        ),
        (
            "lab=toy1d&sampler=huen&steps=abc&seed=x",
            "v=1&lab=toy1d&sampler=heun&seed=0",
            &[
                "sampler=heun is used",
                "steps=100 is used",
                "seed=0 is used",
            ],
        ),
        (
            "lab=toy1d&prcess=edm&seed=3x",
            "v=1&lab=toy1d&process=edm&seed=3",
            &[
                "Did you mean “process”? process=edm is used",
                "seed=3 is used",
            ],
        ),
        (
            "lab=toy1d&stepp=9",
            "v=1&lab=toy1d&steps=9&seed=0",
            &["steps=9 is used"],
        ),
        (
            "lab=toy1d&sampler=langevin&stepp=0.2",
            "v=1&lab=toy1d&sampler=langevin&step=0.2&seed=0",
            &["step=0.2 is used"],
        ),
        (
            "lab=toy1d&seed=7…",
            "v=1&lab=toy1d&seed=7",
            &["seed=7 is used"],
        ),
        (
            "lab=toy1d&seed=3.7&n=1e3",
            "v=1&lab=toy1d&n=1000&seed=3",
            &["n=1000 is used", "seed=3 is used"],
        ),
        (
            "lab=toy1d&n=20,000&steps=2k",
            "v=1&lab=toy1d&steps=2000&n=20000&seed=0",
            &["n=20000 is used", "steps=2000 is used"],
        ),
        (
            "lab=toy1d&target=gaussian&sd=0,25",
            "v=1&lab=toy1d&target=gaussian&sd=0.25&seed=0",
            &["sd=0.25 is used"],
        ),
        (
            "lab=toy1d&target=mixture&means=-1,0x,1&sds=0.3",
            "v=1&lab=toy1d&target=mixture&means=-1,0,1&sds=0.3,0.3,0.3&seed=0",
            &["means=-1,0,1 is used", "sds=0.3,0.3,0.3 is used"],
        ),
        (
            "lab=toy1d&target=mixture&means=-1,5;0,5",
            "v=1&lab=toy1d&target=mixture&means=-1.5,0.5&seed=0",
            &["means=-1.5,0.5 is used"],
        ),
        (
            "lab=lgssm&observed=9,3,3,20",
            "v=1&lab=lgssm&observed=3,9,20&seed=0",
            &["observed=3,9,20 is used"],
        ),
        (
            "model=rotation&length=9&guidance=sda",
            "v=1&lab=lgssm&model=rotation&length=9&guidance=sda&seed=0",
            &["lab=lgssm is used"],
        ),
        (
            "lab=toy1d&V2=1&st=3&q=7&seed=5",
            "v=1&lab=toy1d&seed=5",
            &["V2=1 is left out", "st=3 is left out", "q=7 is left out"],
        ),
        (
            "lab=toy1d&target=gaussian&sed=3&seed=4",
            "v=1&lab=toy1d&target=gaussian&seed=4",
            &["sed=3 is left out"],
        ),
        (
            "lab=toy1d&seed=4&SEED=5",
            "v=1&lab=toy1d&seed=4",
            &["seed=5 is left out"],
        ),
        (
            "lab=toy1d&process=xx&seed=1e999",
            "v=1&lab=toy1d&seed=0",
            &["process=ddpm is used", "seed=0 is used"],
        ),
    ];
    for (text, expected, words) in cases {
        assert!(link::decode(text, Mode::Strict).is_err(), "{text}");
        let repaired = link::repair(text);
        assert_eq!(link::encode(&repaired.link), *expected, "{text}");
        for word in *words {
            assert!(
                repaired.changes.iter().any(|c| c.contains(word)),
                "{text}: no “{word}” in {:?}",
                repaired.changes
            );
        }
    }
}

#[test]
fn an_unknown_key_offers_the_closest_key_of_its_lab_first() {
    for (text, first, fix) in [
        ("lab=toy1d&prcess=edm", "process", "process=edm"),
        ("lab=lgssm&lenght=9", "length", "length=9"),
        ("lab=lgssm&obs=1,2", "observed", ""),
        ("lab=toy2d&b.smapler=em", "b.sampler", "b.sampler=em"),
    ] {
        let error = link::decode(text, Mode::Strict).unwrap_err();
        assert_eq!(error.choices[0], first, "{text}");
        assert!((1..=4).contains(&error.meant), "{text}: {}", error.meant);
        assert!(
            error.message.contains(&format!("Did you mean “{first}”?")),
            "{text}: {}",
            error.message
        );
        assert_eq!(link::choice_links(text, &error).len(), error.meant);
        assert!(link::encode(&link::nearest(text)).contains(fix), "{text}");
        let lab = &link::nearest(text).a;
        let foreign = if lab.word("lab") == Some("lgssm") {
            "teeth"
        } else {
            "guidance"
        };
        assert!(
            !error.choices.iter().any(|c| c.ends_with(foreign)),
            "{text}: a key of another lab"
        );
    }
    let error = link::decode("lab=torus&qqqqqq=3", Mode::Strict).unwrap_err();
    assert_eq!(
        (error.meant, &error.message[..]),
        (0, "There is no key “qqqqqq” in lab=torus.")
    );
}

/// Upper case for keys and words; base64 keeps its letters.
fn capitals(text: &str) -> String {
    let pair = |pair: &str| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let kept = matches!(key.strip_prefix("b.").unwrap_or(key), "points" | "fp");
        let value = if kept {
            value.to_owned()
        } else {
            value.to_uppercase()
        };
        format!("{}={value}", key.to_uppercase())
    };
    text.split('&').map(pair).collect::<Vec<_>>().join("&")
}

/// As `encodeURIComponent`.
fn percent_encoded(text: &str) -> String {
    let encode = |b: u8| match b {
        b'A'..=b'Z'
        | b'a'..=b'z'
        | b'0'..=b'9'
        | b'-'
        | b'_'
        | b'.'
        | b'!'
        | b'~'
        | b'*'
        | b'\''
        | b'('
        | b')' => char::from(b).to_string(),
        b => format!("%{b:02X}"),
    };
    text.bytes().map(encode).collect()
}

/// The changes that pasting makes to a link, in the order in which they happen.
fn pasted(link: &str, dice: &mut Dice) -> String {
    let mut text = link.to_owned();
    let mut pick = |n: usize| dice.roll(n);
    match pick(3) {
        0 => text = capitals(&text),
        1 => text = text.replace("&lab=", "&Lab=").replace("&seed=", "&Seed="),
        _ => {}
    }
    if pick(3) == 0 {
        text = text.replace('-', ["−", "–", "‑"][pick(3)]);
    }
    if pick(3) == 0 {
        let space = [" ", "\u{a0}", "\t", "\n", "  "][pick(5)];
        text = text
            .replace(',', &format!(",{space}"))
            .replace(';', &format!("{space};{space}"));
    }
    match pick(6) {
        0 => text += "&utm_source=chat&utm_medium=social",
        1 => text = format!("fbclid=IwAR0_x-1&{text}"),
        2 => text += "?gclid=Cj0K",
        _ => {}
    }
    if pick(4) == 0 {
        let doubled = text.split('&').nth(1).unwrap().to_owned();
        text += &format!("&{doubled}");
    }
    match pick(7) {
        0 => text = text.replace('&', "&amp;"),
        1 => text = text.replace('&', "%26"),
        2 => text = text.replace('&', "\\&"),
        3 => text = text.replace('&', "\\u0026"),
        4 => text = text.replace('&', "&\n"),
        5 => text = text.replace('&', "&#38;"),
        _ => {}
    }
    if pick(2) == 0 {
        text = format!("https://example.org/a/?embed=1#{text}");
    }
    match pick(8) {
        0 => text = format!("“{text}”"),
        1 => text = format!("({text})."),
        2 => text = format!("<{text}>,"),
        3 => text = format!("«{text}»"),
        4 => text = format!("'{text}'!"),
        5 => text += [".", ")", ",", ";", "?", "\"", " "][pick(7)],
        _ => {}
    }
    for _ in 0..pick(3) {
        text = percent_encoded(&text);
    }
    if pick(5) == 0 {
        let places: Vec<usize> = text.char_indices().map(|(i, _)| i).collect();
        text.insert(places[pick(places.len())], '\u{200b}');
    }
    text
}

/// A valid link, as it is written.
fn written(dice: &mut Dice) -> String {
    link::encode(&link::nearest(&random_text(dice)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn a_link_as_it_is_written_is_not_touched(seed: u64) {
        let text = written(&mut Dice(seed, 0));
        for text in [text.clone(), format!("#{text}"), format!("https://example.org/a/?embed=1#{text}\n"), text.replace(',', "%2C")] {
            // Encoding may make a link longer than the limit.
            if text.len() > 8192 && text.contains("%2C") {
                continue;
            }
            let decoded = link::decode(&text, Mode::Clamp).unwrap();
            prop_assert!(decoded.changes.is_empty() && decoded.clamps.is_empty(), "{}: {:?}", text, decoded.changes);
        }
    }

    #[test]
    fn a_pasted_link_opens_the_same_experiment(seed: u64) {
        let mut dice = Dice(seed, 0);
        let text = written(&mut dice);
        let pasted = pasted(&text, &mut dice);
        let decoded = match link::decode(&pasted, Mode::Strict) {
            Ok(decoded) => decoded,
            // Encoding may make a link longer than the limit.
            Err(error) if error.message.contains("8192") => return Ok(()),
            Err(error) => return Err(TestCaseError::fail(format!("{pasted:?}: {error}"))),
        };
        prop_assert_eq!(link::encode(&decoded.link), text.clone(), "{:?}", pasted);
        let link = link::decode(&text, Mode::Strict).unwrap().link;
        prop_assert_eq!(decoded.link, link);
    }

    /// The number is kept and the change is named, whatever follows the number.
    #[test]
    fn junk_behind_a_number_keeps_the_number(seed: u64) {
        let mut dice = Dice(seed, 0);
        let text = written(&mut dice);
        let link = link::decode(&text, Mode::Strict).unwrap().link;
        let numeric = |pair: &&str| {
            let key = pair.split('=').next().unwrap();
            let values = if key.starts_with("b.") { link.b.as_ref().unwrap() } else { &link.a };
            let key = find(key.strip_prefix("b.").unwrap_or(key));
            key.is_some_and(|k| matches!((k.kind)(values), Kind::Int(..) | Kind::Real(..) | Kind::Seed))
        };
        let pairs: Vec<&str> = text.split('&').filter(numeric).collect();
        let pair = pairs[dice.roll(pairs.len())];
        let junk = ["x", "…", ")x", "°", "_", ".)", "!?"][dice.roll(7)];
        let wrong: Vec<String> = text.split('&').map(|p| if p == pair { format!("{p}{junk}") } else { p.to_owned() }).collect();
        let wrong = wrong.join("&");
        let repaired = link::repair(&wrong);
        prop_assert_eq!(link::encode(&repaired.link), text.clone(), "{}", wrong);
        let named = pair.split('=').next().unwrap();
        prop_assert!(repaired.changes.len() == 1 && repaired.changes[0].contains(named), "{}: {:?}", wrong, repaired.changes);
    }

    /// However many pairs are wrong, each is named.
    #[test]
    fn every_wrong_pair_is_named_by_the_repair(seed: u64) {
        let mut dice = Dice(seed, 0);
        let text = written(&mut dice);
        let mut pairs: Vec<String> = text.split('&').map(str::to_owned).collect();
        let mut wrong = vec![];
        for _ in 0..3 {
            let at = 2 + dice.roll(pairs.len() - 2);
            let key = pairs[at].split('=').next().unwrap().to_owned();
            pairs[at] = format!("{key}=@@");
            wrong.push(key);
        }
        pairs.push("zzzz=1".to_owned());
        wrong.push("zzzz".to_owned());
        let text = pairs.join("&");
        prop_assert!(link::decode(&text, Mode::Clamp).is_err());
        let all = link::repair(&text).changes.join(" ");
        for key in wrong {
            prop_assert!(all.contains(&key), "{}: no {} in {}", text, key, all);
        }
    }
}
