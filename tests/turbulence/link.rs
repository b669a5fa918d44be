//! Links of the lab.

use super::links::{self, Mode};
use scorefield::labs::link;

fn written(text: &str) -> String {
    let link = link::decode(text, Mode::Strict).unwrap_or_else(|e| panic!("{text}: {e}"));
    link::encode(&link.link)
}

/// A later version may have another default: what was shared keeps its meaning.
#[test]
fn a_link_says_its_score_also_where_that_is_the_default() {
    for text in [
        "lab=turbulence",
        "lab=turbulence&method=ar&seed=3",
        "lab=turbulence&task=prior&view=spectrum",
    ] {
        let own = written(text);
        assert!(own.contains("&score=small"), "{own}");
        assert_eq!(written(&own), own);
    }
    // Of side b too: it has the score of side a, which is written.
    let both = written("lab=turbulence&b.steps=16");
    assert!(
        both.contains("&score=small") && !both.contains("b.score"),
        "{both}"
    );
    // Where side a has none, side b says its own.
    let both = written("lab=turbulence&method=enkf&b.method=aao");
    assert!(both.contains("&b.score=small"), "{both}");
    assert_eq!(written(&both), both);
    // A film that is too short for a window has the other one.
    let own = written("lab=turbulence&frames=4");
    assert!(own.contains("&score=gaussian"), "{own}");
    // A method without a score has none to say.
    assert!(!written("lab=turbulence&method=enkf").contains("score"));
    // And no other lab says more than before.
    assert_eq!(written("lab=lgssm"), "v=1&lab=lgssm&seed=0");
}

/// What was wrong, and what the error says of it.
#[test]
fn what_a_flow_cannot_do_is_refused_with_the_reason_and_a_remedy() {
    for (text, says) in [
        ("viscosity=0.02&method=aao", "method=enkf or free"),
        ("viscosity=0.02&method=posterior", "viscosity=0.01"),
        ("pixels=64&method=aao", "pixels=32"),
        ("pixels=64&score=gaussian", "does not apply"),
        ("pixels=64&score=gaussian", "method=enkf or free"),
        ("method=enkf&score=small", "makes no use of a score"),
        ("method=enkf&score=small", "method=aao or ar"),
        ("method=free&score=gaussian", "makes no use of a score"),
        (
            "method=posterior&steps=3",
            "needs a method that goes through noise",
        ),
        ("method=enkf&sampler=heun", "method=aao or ar"),
        ("spacing=1&method=posterior", "at most 2000"),
        ("spacing=2&method=enkf", "at most 150"),
        ("layout=blocks&method=posterior", "not means of blocks"),
        ("layout=random&method=interpolate", "layout=grid or blocks"),
        ("task=prior&method=posterior", "aao, ar or free"),
        ("task=forecast&method=enkf", "method=free"),
        ("guidance=exact", "method=posterior"),
        ("guidance=finzi", "for chains"),
        ("spacing=1&gamma=0.01", "blow up"),
        ("task=forecast&context-gamma=0.01", "blows up"),
        ("physics=residual&physics-sd=0.1", "blow up"),
        ("physics=defect&physics-gamma=0.1", "blow up"),
        ("frames=2", "3 to 32"),
        ("frames=33", "3 to 32"),
        ("score=net", "small, large, gaussian"),
        ("score=small&frames=4", "frames=5 or more"),
        ("score=small&viscosity=0.02", "method=enkf or free"),
        ("score=small&pixels=64", "method=enkf or free"),
        (
            "score=small&method=ar&context=2&horizon=2",
            "five together at least",
        ),
    ] {
        let text = format!("lab=turbulence&{text}");
        let error = links::decode(&text, Mode::Strict).unwrap_err().to_string();
        assert!(error.contains(says), "{text}: {error}");
        // And the repair of it is a link.
        let nearest = link::repair(&text);
        assert!(!nearest.changes.is_empty(), "{text}");
    }
}

/// The nearest link keeps what was asked for first: the network, not the number of frames; each choice is a link too.
#[test]
fn the_nearest_link_of_a_film_that_is_too_short_keeps_the_network() {
    let text = "lab=turbulence&frames=4&score=small";
    let nearest = link::repair(text);
    assert_eq!(nearest.link.a.int("frames"), Some(5));
    assert_eq!(nearest.link.a.word("score"), Some("small"));
    assert!(
        nearest.changes[0].contains("frames=5 is used"),
        "{:?}",
        nearest.changes
    );
    let error = link::decode(text, Mode::Strict).unwrap_err();
    assert_eq!(error.choices, ["gaussian"]);
    let [other] = &link::choice_links(text, &error)[..] else {
        panic!("a link a choice");
    };
    assert_eq!(other.link.a.word("score"), Some("gaussian"));
    assert_eq!(other.link.a.int("frames"), Some(4));
    // The second side has its frames from the first.
    let both = link::repair("lab=turbulence&frames=4&score=gaussian&b.score=small").link;
    let b = both.b.unwrap();
    assert_eq!((b.int("frames"), b.word("score")), (Some(5), Some("small")));
}

/// Numbers that are not below their floors are what a link says.
#[test]
fn numbers_above_their_floors_are_kept() {
    for text in [
        "spacing=1&gamma=0.5",
        "gamma=0.003",
        "task=forecast&context-gamma=0.3",
        "physics=residual&physics-sd=1&physics-gamma=2",
        "physics=defect&physics-sd=0.05&physics-gamma=1",
    ] {
        let own = written(&format!("lab=turbulence&{text}"));
        for pair in text.split('&') {
            assert!(own.contains(pair), "{pair} in {own}");
        }
    }
}

/// What is shown in place of what was asked for, with what else is possible.
#[test]
fn a_flow_that_no_score_knows_says_that_its_members_move_freely() {
    let read = |text: &str| link::decode(&format!("lab=turbulence&{text}"), Mode::Strict).unwrap();
    for (text, name) in [
        ("pixels=64", "method"),
        ("viscosity=0.02", "method"),
        ("b.pixels=64", "b.method"),
    ] {
        let own = read(text);
        let [said] = &own.changes[..] else {
            panic!("{text}: {:?}", own.changes);
        };
        assert!(
            said.starts_with(&format!("{name}=free is used: ")),
            "{said}"
        );
        assert!(said.contains("method=enkf") && said.contains("pixels=32"));
        // The link that is written names the method, and is read without a word.
        let canonical = link::encode(&own.link);
        assert!(canonical.contains(&format!("&{name}=free")), "{canonical}");
        let again = link::decode(&canonical, Mode::Strict).unwrap();
        assert_eq!((again.link, again.changes), (own.link, vec![]));
    }
    for text in [
        "pixels=64&method=enkf&spacing=8",
        "pixels=64&method=free",
        "viscosity=0.02&method=free&b.seed=1",
        "",
    ] {
        assert!(read(text).changes.is_empty(), "{text}");
    }
}

/// A control that changes the flow changes the method too, which is said.
#[test]
fn an_edit_to_a_flow_that_no_score_knows_says_what_becomes_of_the_method() {
    let before = link::decode("lab=turbulence&score=gaussian", Mode::Strict).unwrap();
    let edited = link::edit(&before.link, link::Side::A, "pixels", "64").unwrap();
    assert_eq!(edited.link.a.word("method"), Some("free"));
    assert_eq!(edited.changes.len(), 1);
    assert!(edited.changes[0].contains("method=free is used"));
    // Back again, the method is what the link says.
    let back = link::edit(&edited.link, link::Side::A, "pixels", "32").unwrap();
    assert_eq!(back.link.a.word("method"), Some("free"));
    assert!(back.changes.is_empty());
}

#[test]
fn another_flow_has_a_method_that_knows_it() {
    let link = link::decode("lab=turbulence&viscosity=0.02", Mode::Strict).unwrap();
    assert_eq!(link.link.a.word("method"), Some("free"));
    assert_eq!(link.link.a.word("score"), None);
}
