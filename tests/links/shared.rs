//! A shared link knows when it was edited. Fingerprints from before marks were introduced are read as before.

use super::{Dice, random_text, value};
use proptest::prelude::*;
use scorefield::fingerprint::{Fingerprint, Shared, Verdict};
use scorefield::labs::link::spec::{KEYS, find};
use scorefield::labs::link::{self, Link, Mode, Side};

/// Everything that the runs of both sides depend on.
fn run_values(link: &Link) -> Vec<(&'static str, String)> {
    [Some(&link.a), link.b.as_ref()]
        .into_iter()
        .flatten()
        .flat_map(|values| values.iter())
        .filter(|(key, _)| *key == "lab" || find(key).is_some_and(|k| k.is_run_key()))
        .map(|(key, value)| (key, value.to_string()))
        .collect()
}

/// The verdict on an unchanged result of a link, if the fingerprint was shared with a different link.
fn verdict(shared: &str, link: &Link) -> Verdict {
    let own = Fingerprint::of(&[0.25, -1.5]);
    let shared = Shared::decode(shared).unwrap();
    shared.judge(Side::A, &own, link, false).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn an_edit_of_a_run_key_is_seen_and_an_edit_of_what_is_shown_is_not(seed: u64) {
        let mut dice = Dice(seed, 0);
        let link = link::nearest(&random_text(&mut dice));
        let text = link::share(&link, &Fingerprint::of(&[0.25, -1.5]).encode(), None);
        let opened = link::decode(&text, Mode::Strict).unwrap().link;
        let fp = opened.a.text("fp").unwrap();
        prop_assert_eq!(verdict(fp, &opened), Verdict::Exact);
        for _ in 0..8 {
            let key = &KEYS[dice.roll(KEYS.len())];
            let side = if link.b.is_some() && dice.roll(2) == 0 && key.is_run_key() { Side::B } else { Side::A };
            let new = value(key, &link.a, &mut dice);
            let Ok(edited) = link::edit(&opened, side, key.name, &new) else { continue };
            let same = run_values(&edited.link) == run_values(&opened);
            let expected = if same { Verdict::Exact } else { Verdict::Edited };
            prop_assert_eq!(verdict(fp, &edited.link), expected, "{}={} in {}", key.name, new, text);
            prop_assert!(same || key.is_run_key() || key.name == "lab");
        }
    }
}

#[test]
fn each_shown_key_can_be_edited_and_each_run_key_not() {
    let link = |text: &str| link::decode(text, Mode::Strict).unwrap().link;
    let text = "v=1&lab=toy1d&process=vp&sampler=heun&steps=20&n=50&b.process=edm&seed=3";
    let shared = link::share(&link(text), &Fingerprint::of(&[0.25, -1.5]).encode(), None);
    let fp = link(&shared).a.text("fp").unwrap().to_owned();
    for same in [
        "view=flow",
        "at=0.5",
        "engine=cpu",
        "v=1",
        "b.steps=20",
        "b.process=edm",
    ] {
        let key = same.split('=').next().unwrap();
        let others: Vec<&str> = text
            .split('&')
            .filter(|p| !p.starts_with(&format!("{key}=")))
            .collect();
        assert_eq!(
            verdict(&fp, &link(&format!("{}&{same}", others.join("&")))),
            Verdict::Exact,
            "{same}"
        );
    }
    for other in [
        "seed=4",
        "steps=21",
        "process=ve",
        "target=comb",
        "b.process=ve",
        "b.steps=9",
        "score=empirical",
        "init=quantile",
    ] {
        let key = other.split('=').next().unwrap();
        let others: Vec<&str> = text
            .split('&')
            .filter(|p| !p.starts_with(&format!("{key}=")))
            .collect();
        assert_eq!(
            verdict(&fp, &link(&format!("{}&{other}", others.join("&")))),
            Verdict::Edited,
            "{other}"
        );
    }
    assert_eq!(
        verdict(&fp, &link(&text.replace("&b.process=edm", ""))),
        Verdict::Edited
    );
}

/// Fingerprints from before marks were introduced: nothing shows that the link was edited.
#[test]
fn an_old_fingerprint_is_compared_as_before() {
    let own = Fingerprint::of(&[0.25, -1.5]);
    let old = own.encode();
    assert_eq!(
        old,
        "AW3RcmD1VBVqAAAgvwAARD8AAIA-AADAvwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    );
    let other = Fingerprint::of(&[0.5, -1.5]).encode();
    for text in ["lab=toy1d&seed=0", "lab=lgssm&seed=7"] {
        let link = link::decode(text, Mode::Strict).unwrap().link;
        assert_eq!(verdict(&old, &link), Verdict::Exact);
        assert_eq!(verdict(&other, &link), Verdict::Different(0.25));
        // The text of the fingerprint alone is the beginning of the shared text.
        let shared = link::share(&link, &old, None);
        assert!(
            shared.contains(&format!("&fp={old}{}&", link::mark(&link))),
            "{shared}"
        );
    }
    for bad in [
        &old[..60],
        &format!("{old}abc"),
        &format!("{old}abcdefgh"),
        "",
    ] {
        assert!(Shared::decode(bad).is_err(), "{bad}");
    }
}

/// A comparison is proved on both sides, each by its own fingerprint; one that was shared with the first side's alone
/// proves that side, and says nothing of the other.
#[test]
fn a_shared_comparison_proves_both_sides() {
    let read = |text: &str| link::decode(text, Mode::Strict).unwrap().link;
    let [first, second, other] = [0.25, 0.75, 5.0].map(|x| Fingerprint::of(&[x, -1.5]));
    let pair = read("lab=toy1d&n=2&b.process=edm&seed=3");
    let told = |text: &str, side, own: &Fingerprint| {
        let opened = read(text);
        let shared = Shared::decode(opened.a.text("fp").unwrap()).unwrap();
        let verdict = shared.judge(side, own, &opened, false);
        assert_eq!(shared.proves(side), verdict.is_some());
        verdict
    };
    let both = link::share(&pair, &first.encode(), Some(&second.encode()));
    assert_eq!(told(&both, Side::A, &first), Some(Verdict::Exact));
    assert_eq!(told(&both, Side::B, &second), Some(Verdict::Exact));
    assert_eq!(told(&both, Side::A, &second), Some(Verdict::Different(0.5)));
    assert_eq!(told(&both, Side::B, &first), Some(Verdict::Different(0.5)));
    assert_eq!(told(&both, Side::B, &other), Some(Verdict::Different(4.25)));
    let edited = both.replace("b.process=edm", "b.process=ve");
    for side in [Side::A, Side::B] {
        assert_eq!(told(&edited, side, &first), Some(Verdict::Edited));
    }
    let old = link::share(&pair, &first.encode(), None);
    assert_eq!(told(&old, Side::A, &first), Some(Verdict::Exact));
    assert_eq!(told(&old, Side::B, &second), None);
    // Without a mark both are compared, whatever the link says.
    let bare = format!("{}{}", first.encode(), second.encode());
    let bare = both.replace(read(&both).a.text("fp").unwrap(), &bare);
    assert_eq!(told(&bare, Side::B, &second), Some(Verdict::Exact));
    // A link of one configuration has one fingerprint.
    let alone = read("lab=toy1d&n=2&seed=3");
    let shared = link::share(&alone, &first.encode(), Some(&second.encode()));
    assert_eq!(shared, link::share(&alone, &first.encode(), None));
    // One that is damaged in its second half is not taken for one of the first side alone.
    let fp = read(&both).a.text("fp").unwrap().to_owned();
    for bad in [
        &fp[..137],
        &fp[..100],
        &format!("{}!{}", &fp[..66], &fp[67..]),
    ] {
        assert!(Shared::decode(bad).is_err(), "{bad}");
    }
}

/// A link of the largest size can be shared and read again, with both fingerprints.
#[test]
fn the_longest_comparison_can_be_shared() {
    let longest = (1..=1000).rev().find_map(|n| {
        let y = vec!["0.12345"; n].join(",");
        let text = format!("lab=lgssm&length={n}&every=1&y={y}&b.steps=9&seed=3");
        link::decode(&text, Mode::Strict).ok()
    });
    let longest = longest.unwrap().link;
    assert!(link::encode(&longest).len() > 7800);
    let fp = Fingerprint::of(&[0.25]).encode();
    let shared = link::share(&longest, &fp, Some(&fp));
    let again = link::decode(&shared, Mode::Strict).unwrap().link;
    assert_eq!(
        (
            again.b,
            link::encode(&link::decode(&shared, Mode::Strict).unwrap().link)
        ),
        (longest.b, shared)
    );
}
