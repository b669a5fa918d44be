//! What the lab promises of its truths, observations and methods.

use super::{number, numbers, run, scene};

#[test]
fn methods_see_the_same_truth_and_the_same_observations() {
    let own = scene("lab=turbulence&frames=5&seed=1");
    for other in [
        "lab=turbulence&frames=5&method=enkf&n=3&seed=2",
        "lab=turbulence&frames=5&guidance=none&steps=2&seed=3",
        "lab=turbulence&frames=5&method=posterior&seed=4",
    ] {
        let other = scene(other);
        for key in ["truth", "y", "places", "seen"] {
            assert!(own[key] == other[key], "{key}");
        }
    }
    let truth = scene("lab=turbulence&frames=5&truth-seed=1&seed=1");
    assert!(own["truth"] != truth["truth"]);
    let seen = scene("lab=turbulence&frames=5&y-seed=1&seed=1");
    assert!(own["truth"] == seen["truth"]);
    assert!(own["y"] != seen["y"]);
}

fn places(text: &str) -> Vec<u64> {
    let scene = scene(&format!("lab=turbulence&frames=3&{text}&seed=0"));
    let list = scene["places"].as_array().unwrap().iter();
    list.map(|k| k.as_u64().unwrap()).collect()
}

#[test]
fn each_layout_sees_what_it_says() {
    let grid = places("spacing=8");
    assert_eq!(grid.len(), 16);
    assert!(grid.iter().all(|k| k % 8 == 0 && k / 32 % 8 == 0));
    assert_eq!(places("spacing=3").len(), 11 * 11);
    assert_eq!(places("layout=line&spacing=16"), [512, 528]);
    assert_eq!(places("layout=placed&mask=3,77,1023"), [3, 77, 1023]);
    let blocks = scene("lab=turbulence&frames=3&layout=blocks&spacing=5&seed=0");
    assert_eq!(blocks["block"], 5);
    assert_eq!(blocks["places"].as_array().unwrap().len(), 36);
    // A block is seen as the mean of its pixels, up to the noise.
    let truth = blocks["truth"].as_array().unwrap();
    let mean: f64 = (0..25)
        .map(|k| truth[k / 5 * 32 + k % 5].as_f64().unwrap() / 25.0)
        .sum();
    let y = blocks["y"][0].as_f64().unwrap();
    assert!((y - mean).abs() < 0.5, "{y} {mean}");
}

#[test]
fn random_pixels_are_different_and_grow_with_their_number() {
    let (few, many) = (
        places("layout=random&count=20"),
        places("layout=random&count=50"),
    );
    assert_eq!((few.len(), many.len()), (20, 50));
    assert!(few.windows(2).all(|pair| pair[0] < pair[1]));
    assert!(few.iter().all(|k| many.contains(k)));
    assert_ne!(few, places("layout=random&count=20&y-seed=1"));
}

/// Members that the equations move stay near a known start, and members of the climate do not.
#[test]
fn the_equations_know_the_near_future() {
    let near = run("lab=turbulence&task=forecast&frames=8&method=free&n=4&seed=0");
    assert!(number(near.as_ref(), "rmse") < 0.2);
    let far = run("lab=turbulence&frames=8&method=free&n=4&seed=0");
    assert!(number(far.as_ref(), "rmse") > 0.6);
}

/// A film of the solver has no defect, its residual is that of the difference, and a mean has both.
#[test]
fn the_equations_are_held_against_what_they_say() {
    let one = run(
        "lab=turbulence&task=forecast&given=1&given-noise=0.01&frames=6&method=free&n=1&seed=0",
    );
    // The first frame is the known one with its noise; all others follow from it.
    assert!(number(one.as_ref(), "defect") < 1e-3);
    let mean = run("lab=turbulence&frames=6&method=interpolate&seed=0");
    let all = numbers(mean.as_ref());
    assert!(
        all["defect"].as_f64().unwrap() > 0.1 && all["residual"].as_f64().unwrap() > 0.5,
        "{all}"
    );
}

/// What the plan says of its rows is true of the run: segments and corrections are named where there are some.
#[test]
fn the_plan_names_segments_and_corrections_where_there_are_some() {
    for (text, segments, corrections) in [
        ("", false, true),
        ("&corrections=0", false, false),
        ("&sampler=heun", false, false),
        ("&method=ar", true, true),
        ("&method=ar&corrections=0", true, false),
    ] {
        let own = super::open(&format!("lab=turbulence&score=gaussian&seed=0{text}"));
        let plan = own.plan(scorefield::labs::link::Side::A).unwrap();
        assert_eq!(plan.note.contains("segment"), segments, "{text}");
        assert_eq!(plan.note.contains("correction"), corrections, "{text}");
    }
}
