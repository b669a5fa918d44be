//! Exact contexts with a singular covariance: rows that others determine, and the law of the segments.

use super::segments::*;
use super::*;
use scorefield::error::Error;
use scorefield::labs::lgssm::Run;

/// Models with a singular Q, and the numbers of a context of three states that determine all of them.
fn singular() -> Vec<(&'static str, Vec<usize>)> {
    vec![
        // The position follows from position and velocity, so a velocity follows from two positions.
        ("T=0.8,0.5;0,0.6&Q=0,0;0,0.2&O=1,0", vec![0, 2, 4, 5]),
        // The same draw drives both numbers.
        ("T=0.9,0;0,0.6&Q=0.2,0.2;0.2,0.2&O=1,0", vec![1, 3, 4, 5]),
        // The second number is the first number of the previous state.
        ("T=0.8,0;1,0&Q=0.3,0;0,0&O=1,1", vec![1, 3, 4, 5]),
        // The second number is always 0.
        ("T=0.9,0;0,0.8&Q=0.2,0;0,0&O=1,0", vec![0, 2, 4]),
        // A delay of two.
        (
            "T=0.8,0,0;1,0,0;0,1,0&Q=0.3,0,0;0,0,0;0,0,0&O=1,0,0",
            vec![2, 5, 6, 7, 8],
        ),
        // Two equal numbers, and an independent one.
        (
            "T=0.9,0,0;0.9,0,0;0,0,0.5&Q=0.2,0.2,0;0.2,0.2,0;0,0,0.3&O=1,0,1",
            vec![0, 2, 3, 5, 6, 8],
        ),
    ]
}

fn chain_of(model: &str) -> Chain {
    let link = format!("model=custom&{model}&R=0.25&length=5");
    lab(&link).unwrap().chain
}

#[test]
fn the_kept_numbers_of_a_context_determine_all_of_it_without_repetition() {
    for (model, _) in singular() {
        let chain = chain_of(model);
        for count in 1..=4 {
            let kept = chain.independent(count);
            let joint = chain.with_length(count).unwrap().joint_covariance();
            // The remaining rows have an invertible covariance, and given them nothing varies.
            let own = Matrix::from_fn(kept.len(), kept.len(), |i, j| joint[(kept[i], kept[j])]);
            let cross = Matrix::from_fn(joint.nrows(), kept.len(), |i, j| joint[(i, kept[j])]);
            let inverse = own.try_inverse().unwrap();
            let left = &joint - &cross * inverse * cross.transpose();
            assert!(largest(&left) < 1e-9, "{model}, {count}: {left}");
        }
    }
}

#[test]
fn the_last_state_of_a_context_goes_before_the_earlier_ones() {
    for (model, kept) in singular() {
        let found = chain_of(model).independent(3);
        assert_eq!(found.len(), kept.len(), "{model}: {found:?}");
        // As much as possible is kept of the last state.
        let p = chain_of(model).states();
        let last = |rows: &[usize]| rows.iter().filter(|r| **r >= 2 * p).count();
        assert_eq!(last(&found), last(&kept), "{model}: {found:?}");
    }
}

#[test]
fn a_context_with_a_regular_covariance_is_kept_whole() {
    for chain in [
        ar1(9),
        Chain::damped_spring(0.5, 9).unwrap(),
        Chain::rotation(0.5, 9).unwrap(),
        // Small units do not make a small share of a standard deviation.
        chain_of("T=0.9,0;0,0.8&Q=1e-16,0;0,0.1&O=1,0"),
        chain_of("T=0.99,0.1;0,0.9&Q=1e-11,0;0,0.1&O=1,0"),
    ] {
        for count in 0..=4 {
            let all: Vec<usize> = (0..count * chain.states()).collect();
            assert_eq!(chain.independent(count), all);
        }
    }
}

/// Against dense conditioning of each segment on its context and its observations.
#[test]
fn segments_with_a_singular_context_have_the_law_of_dense_conditioning() {
    for (model, _) in singular() {
        for [context, horizon] in [[1, 2], [2, 3]] {
            let link = format!(
                "model=custom&{model}&R=0.25&n={N}&length=7&observed=0,3,6&method=ar&context={context}&horizon={horizon}"
            );
            let lab = lab(&link).unwrap();
            let (mean, covariance) = in_segments(&lab, [context, horizon]);
            has_law(&samples(&link), &mean, &covariance, &link);
        }
    }
}

/// Two exact positions fix the first velocity.
#[test]
fn a_context_that_fixes_a_velocity_by_two_positions_runs() {
    let link = "model=custom&T=0.99,0.1;0,0.9&Q=0,0;0,0.1&O=1,0&R=0.25&length=9&observed=0,4,8&y=1,2,3&method=ar&context=2&horizon=2&sampler=dpmpp2m&steps=60";
    let link = format!("{link}&n={N}");
    let lab = lab(&link).unwrap();
    let (mean, covariance) = in_segments(&lab, [2, 2]);
    has_law(&samples(&link), &mean, &covariance, &link);
    // If a run ends without noise, the position follows from the previous state, also across segments.
    for path in samples(&format!("{link}&process=ddpm")).chunks(18) {
        for i in 1..9 {
            let follows = 0.99 * path[2 * i - 2] + 0.1 * path[2 * i - 1];
            assert!((path[2 * i] - follows).abs() < 1e-6, "{path:?}");
        }
    }
}

#[test]
fn a_breakdown_of_exact_names_its_cause_and_what_helps() {
    let broken = |rest: &str| {
        let mut run = Run::new(lab(rest).unwrap());
        while !run.advance(usize::MAX / 4) {}
        let Err(Error::Guidance { reason, remedy }) = run.check() else {
            panic!("{rest} was expected to break down")
        };
        (reason, remedy)
    };
    let windows = "length=27&score=blanket&k=1&method=ar&context=3&d=0&n=4";
    let (reason, remedy) = broken(windows);
    for fact in ["k=1", "3 states", "d=0"] {
        assert!(reason.contains(fact), "{reason}");
    }
    assert_eq!(remedy, "Choose score=full, or guidance=pigdm.");
    // The remedies help.
    run(&windows.replace("score=blanket&k=1", "score=full"));
    run(&windows.replace("context=3", "context=3&guidance=pigdm"));
}

/// If a context does not cause an error, the remedy is not to leave out the context.
#[test]
fn a_context_is_blamed_only_for_what_it_causes() {
    let says = |rest: &str| lab(rest).map(|_| ()).unwrap_err().to_string();
    let ar = "length=8&method=ar&context=2&horizon=2";
    let repeated = "model=custom&T=0.9&Q=0.2&O=1;1&R=0.2,0;0,0.2&guidance=finzi";
    let message = says(&format!("{ar}&{repeated}"));
    assert!(
        !message.contains("context") && message.contains("repeat others"),
        "{message}"
    );
    assert!(message.contains("ignores the noise R"), "{message}");
    let message = says(&format!("{ar}&guidance=replace&c=2"));
    assert!(!message.contains("context"), "{message}");
    let message = says(&format!("{ar}&guidance=sda&gamma=0"));
    assert!(
        message.ends_with("Choose gamma above 0, guidance=exact, or context=0."),
        "{message}"
    );
    for better in ["guidance=sda&gamma=0.1", "guidance=exact"] {
        assert!(lab(&format!("{ar}&{better}")).is_ok());
    }
}
