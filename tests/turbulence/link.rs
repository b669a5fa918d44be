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

#[test]
fn another_flow_has_a_method_that_knows_it() {
    let link = link::decode("lab=turbulence&viscosity=0.02", Mode::Strict).unwrap();
    assert_eq!(link.link.a.word("method"), Some("free"));
    assert_eq!(link.link.a.word("score"), None);
}
