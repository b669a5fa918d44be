//! The error panel: the sum of the parts bounds the total, and each part measures what it should.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

use scorefield::labs::link::{self, Mode};
use scorefield::labs::{ErrorPoint, Errors, space, toy1d};

fn errors(text: &str) -> (Errors, Vec<ErrorPoint>) {
    let link = link::decode(text, Mode::Strict)
        .unwrap_or_else(|e| panic!("{text}: {e}"))
        .link;
    let by = match link.a.word("lab") {
        Some("toy1d") => toy1d::ERRORS,
        _ => space::ERRORS,
    };
    let mut errors = Errors::of(&link, by).unwrap().swap_remove(0);
    let mut points = vec![];
    while !errors.advance(1 << 20) {
        points.extend(errors.take());
    }
    points.extend(errors.take());
    (errors, points)
}

const NETS: [&str; 3] = [
    "lab=toy1d&process=edm&sampler=heun&steps=18&score=net&n=300&seed=1",
    "lab=toy2d&process=vp&sampler=dpmpp2m&grid=log-snr&steps=20&score=net&n=150&seed=2",
    "lab=torus&process=fm&sampler=euler&steps=20&score=net&n=150&seed=3",
];

/// A transport distance is at most what any coupling moves: an inequality, not an estimate.
#[test]
fn the_total_is_at_most_score_plus_discretisation_plus_monte_carlo() {
    for text in NETS {
        let (errors, points) = errors(text);
        let floor = errors.monte_carlo.unwrap();
        assert!(points.len() > 8 && points[0].steps == errors.own, "{text}");
        for p in &points {
            let sum = p.score + p.discretisation.unwrap() + floor;
            assert!(
                p.total <= sum * (1.0 + 1e-12),
                "{text} N={}: {p:?} {floor}",
                p.steps
            );
            assert!(
                p.exact <= p.discretisation.unwrap() + floor + 1e-12,
                "{text}: {p:?}"
            );
        }
    }
}

#[test]
fn where_a_sampler_draws_noise_score_and_the_exact_run_bound_the_total() {
    let (_, points) = errors("lab=toy1d&process=vp&sampler=em&steps=40&score=net&n=300&seed=1");
    for p in &points {
        assert_eq!(p.discretisation, None);
        assert!(p.total <= (p.score + p.exact) * (1.0 + 1e-12), "{p:?}");
    }
}

/// The discretisation error falls with N at the order of the sampler; the score error converges.
#[test]
fn more_steps_help_the_discretisation_and_not_the_score() {
    let (_, mut points) = errors(NETS[0]);
    points.sort_by_key(|p| p.steps);
    let at = |n: u32| points.iter().find(|p| p.steps == n).unwrap();
    let fall = at(8).discretisation.unwrap() / at(96).discretisation.unwrap();
    assert!(fall > 20.0, "{fall}");
    let settled = at(96).score / at(42).score;
    assert!((0.5..2.0).contains(&settled), "{settled}");
}

/// The score error is that of the card `nets/uniform.md`, within the noise of 512 draws.
#[test]
fn the_score_error_over_noise_is_that_of_the_card() {
    let (errors, _) = errors(NETS[0]);
    let card = std::fs::read_to_string("nets/uniform.md").unwrap();
    let mut seen = 0;
    for line in card
        .lines()
        .filter(|l| l.starts_with("| 0") || l.starts_with("| 1"))
    {
        let cells: Vec<f64> = line
            .split('|')
            .filter_map(|c| c.trim().parse().ok())
            .collect();
        let (ratio, error) = (cells[0], cells[1]);
        let near = errors
            .scores
            .iter()
            .min_by(|p, q| {
                (p.ratio / ratio)
                    .ln()
                    .abs()
                    .total_cmp(&(q.ratio / ratio).ln().abs())
            })
            .unwrap();
        assert!(
            (0.4..2.5).contains(&(near.x_hat / error)),
            "{ratio}: {near:?} {error}"
        );
        seen += 1;
    }
    assert!(seen > 5);
    // At large noise the exact denoiser is the mean of the data, so the spread is the standard deviation of U[0, 1].
    let last = errors.scores.last().unwrap();
    assert!((last.spread * 12f64.sqrt() - 1.0).abs() < 0.1, "{last:?}");
}

#[test]
fn the_view_needs_a_network() {
    let error = link::decode("lab=toy2d&view=errors", Mode::Strict).unwrap_err();
    assert!(error.to_string().contains("score=net"), "{error}");
    assert!(link::decode("lab=toy2d&view=errors&score=net", Mode::Strict).is_ok());
}
