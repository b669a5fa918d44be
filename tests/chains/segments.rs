//! The methods of the lab: all at once, in segments, exact draws.

use super::*;
use scorefield::error::Error;
use scorefield::labs::Lab;
use scorefield::labs::lgssm::ChainLab;
use scorefield::labs::lgssm::Run;
use scorefield::labs::link;
use scorefield::labs::link::Mode;

pub(super) const N: usize = 4000;

pub(super) fn lab(rest: &str) -> Result<ChainLab, Error> {
    let text = format!("v=1&lab=lgssm&seed=3&{rest}");
    let link = link::decode(&text, Mode::Strict)?.link;
    ChainLab::new(&link.a)
}

pub(super) fn run(rest: &str) -> Run {
    let mut run = Run::new(lab(rest).unwrap());
    while !run.advance(usize::MAX / 4) {}
    run.check().unwrap();
    run
}

pub(super) fn samples(rest: &str) -> Vec<f64> {
    run(rest).samples().unwrap().to_vec()
}

/// Mean and covariance of the samples of segments with exact score and guidance: each new part given its context and
/// its own observations. Later observations are unknown to it.
pub(super) fn in_segments(
    lab: &ChainLab,
    [context, horizon]: [usize; 2],
) -> (Vec<f64>, Matrix<f64>) {
    let (chain, y) = (&lab.chain, lab.guided.observation().y());
    let (p, dim) = (chain.states(), chain.dim());
    let (mut mean, mut covariance) = (Matrix::zeros(dim, 1), Matrix::zeros(dim, dim));
    let (mut start, mut new) = (0, 0);
    while new < chain.length() {
        let end = chain.length().min(start + context + horizon);
        let part = chain.with_length(end - start).unwrap();
        let at: Vec<usize> = (0..lab.observed.len())
            .filter(|i| (new..end).contains(&lab.observed[*i]))
            .collect();
        let indices: Vec<usize> = at.iter().map(|i| lab.observed[*i] - start).collect();
        let known = (new - start) * p;
        let own: Vec<f64> = at.iter().map(|i| y[*i]).collect();
        let seen = stack(&chain_context(&part, new - start), &part.seen(&indices));
        let law = (!seen.is_empty()).then(|| {
            let (a, r) = part.dense(&seen);
            part.condition(&a, &r).unwrap()
        });
        let mean_of = |context: &[f64]| {
            let law = law.as_ref();
            let whole = law.map_or(vec![0.0; part.dim()], |law| {
                law.mean(&[context, &own].concat())
            });
            column(&whole[known..])
        };
        let cov = law
            .as_ref()
            .map_or(part.joint_covariance(), |law| law.covariance().clone());
        let fresh = part.dim() - known;
        let cov = cov.view((known, known), (fresh, fresh)).into_owned();
        let offset = mean_of(&vec![0.0; known]);
        let mut gain = Matrix::zeros(fresh, dim);
        for j in 0..known {
            let mut unit = vec![0.0; known];
            unit[j] = 1.0;
            gain.set_column(start * p + j, &(mean_of(&unit) - &offset).column(0));
        }
        let (row, cross) = (new * p, &gain * &covariance);
        let total = &cross * gain.transpose() + cov;
        let next = &gain * &mean + offset;
        mean.view_mut((row, 0), (fresh, 1)).copy_from(&next);
        covariance
            .view_mut((row, 0), (fresh, dim))
            .copy_from(&cross);
        covariance
            .view_mut((0, row), (dim, fresh))
            .copy_from(&cross.transpose());
        covariance
            .view_mut((row, row), (fresh, fresh))
            .copy_from(&total);
        start += horizon;
        new = end;
    }
    (mean.as_slice().to_vec(), covariance)
}

fn chain_context(chain: &Chain, count: usize) -> Vec<Seen> {
    if count == 0 {
        vec![]
    } else {
        chain.context(count)
    }
}

/// Five standard errors, plus the error of 64 steps of the sampler.
pub(super) fn has_law(x: &[f64], mean: &[f64], covariance: &Matrix<f64>, what: &str) {
    let (d, n) = (mean.len(), (x.len() / mean.len()) as f64);
    let entry = |i: usize, j: usize| {
        let pairs = x.chunks(d).map(|x| (x[i] - mean[i]) * (x[j] - mean[j]));
        pairs.sum::<f64>() / n
    };
    for i in 0..d {
        let first = x.chunks(d).map(|x| x[i] - mean[i]).sum::<f64>() / n;
        let se = (covariance[(i, i)] / n).sqrt();
        assert!(
            first.abs() <= 5.0 * se + 3e-3,
            "{what}: mean {i} is off by {first}"
        );
        for j in 0..d {
            let c = covariance[(i, j)];
            let se = ((covariance[(i, i)] * covariance[(j, j)] + c * c) / n).sqrt();
            let gap = entry(i, j) - c;
            assert!(
                gap.abs() <= 5.0 * se + 3e-3,
                "{what}: ({i}, {j}) is {c}, off by {gap}"
            );
        }
    }
}

/// The law of the next state given an exact context is N(a·x, b²).
#[test]
fn the_next_state_given_the_context_is_n_of_a_x_and_b_squared() {
    for [context, horizon] in [[1, 1], [2, 3], [3, 1]] {
        let link =
            format!("n={N}&length=6&observed=0&method=ar&context={context}&horizon={horizon}");
        let x = samples(&link);
        // Innovations at the first new index of each segment.
        for i in (context + horizon..6).step_by(horizon) {
            let e: Vec<f64> = x.chunks(6).map(|x| x[i] - 0.9 * x[i - 1]).collect();
            let before: Vec<f64> = x.chunks(6).map(|x| x[i - 1]).collect();
            let n = N as f64;
            let mean = e.iter().sum::<f64>() / n;
            let variance = e.iter().map(|e| e * e).sum::<f64>() / n;
            let cross = e.iter().zip(&before).map(|(e, x)| e * x).sum::<f64>() / n;
            let size = before.iter().map(|x| x * x).sum::<f64>() / n;
            assert!(mean.abs() < 5.0 * B / n.sqrt(), "mean {mean}");
            assert!(
                (variance - B * B).abs() < 5.0 * B * B * (2.0 / n).sqrt() + 1e-3,
                "variance {variance}"
            );
            assert!(
                cross.abs() < 5.0 * B * (size / n).sqrt() + 1e-3,
                "slope {cross}"
            );
        }
    }
}

#[test]
fn one_segment_is_all_at_once_to_the_bit() {
    for rest in [
        "n=600&length=12&steps=10",
        "n=600&length=12&steps=10&sampler=pc&corrections=2&guidance=sda&gamma=0.1",
        "n=40&length=9&model=rotation&sampler=ancestral&score=blanket&k=1&guidance=none",
    ] {
        let (aao, ar) = (
            run(rest),
            run(&format!(
                "{rest}&method=ar&context=0&horizon={}",
                if rest.contains("=12") { 12 } else { 9 }
            )),
        );
        let (mut aao, mut ar) = (aao, ar);
        assert_eq!(aao.samples(), ar.samples());
        assert_eq!(aao.recorder().take(), ar.recorder().take());
        assert_eq!(aao.lab.costs(), ar.lab.costs());
        assert_eq!(aao.jacobian_products(), ar.jacobian_products());
    }
}

/// If all observations lie in the first segment, nothing is left for smoothing, and by the Markov property segments
/// have the exact posterior.
#[test]
fn segments_have_the_exact_posterior_where_no_observation_is_still_to_come() {
    for (model, p) in [("ar1", 1), ("rotation", 2)] {
        for [context, horizon] in [[1, 4], [2, 3], [4, 4]] {
            let link = format!(
                "model={model}&n={N}&length=10&observed=0,2,4&method=ar&context={context}&horizon={horizon}"
            );
            let lab = lab(&link).unwrap();
            let exact = lab.reference.covariance().unwrap();
            let (mean, covariance) = in_segments(&lab, [context, horizon]);
            close("mean", &column(&mean), &column(lab.reference.mean()), 1e-9);
            close("covariance", &covariance, &exact, 1e-9);
            assert_eq!(mean.len(), 10 * p);
            has_law(&samples(&link), &mean, &exact, &link);
        }
    }
}

/// A segment does not know later observations: its law differs from the posterior, and is known.
#[test]
fn segments_filter_where_the_whole_chain_smooths() {
    for rest in [
        "context=1&horizon=3",
        "context=2&horizon=4",
        "context=0&horizon=5",
    ] {
        let link = format!("n={N}&length=11&every=3&truth-seed=4&method=ar&{rest}");
        let lab = lab(&link).unwrap();
        let number = |key: &str| {
            rest.split('&')
                .find_map(|p| p.strip_prefix(key))
                .unwrap()
                .parse()
                .unwrap()
        };
        let (mean, covariance) = in_segments(&lab, [number("context="), number("horizon=")]);
        has_law(&samples(&link), &mean, &covariance, &link);
        let gap = largest(&(covariance - lab.reference.covariance().unwrap()));
        assert!(
            gap > 0.02,
            "{rest}: filtering and smoothing should differ, by {gap}"
        );
    }
}

#[test]
fn pieces_change_nothing_and_frames_come_in_their_order() {
    for rest in [
        "n=1300&length=9&steps=12&sampler=pc&method=ar&context=1&horizon=3",
        "n=1300&length=9&steps=12&method=exact",
        "n=1300&length=9&steps=12&operator=window&width=2&method=ar&context=1&horizon=3",
    ] {
        let mut whole = run(rest);
        let mut small = Run::new(lab(rest).unwrap());
        let mut levels = vec![];
        let mut watch = |level, _: &[f64]| levels.push(level);
        let mut pieces = 0;
        while !small.advance_with(100, &mut watch) {
            small.check().unwrap();
            pieces += 1;
        }
        // As many as the work needs, with what is left of a piece where the next particle does not fit.
        let cost = small.work();
        assert!(
            pieces <= 3 * cost.div_ceil(100) + 3,
            "{rest}: {pieces} pieces"
        );
        assert_eq!(small.evaluations(), small.total());
        assert_eq!(whole.samples(), small.samples());
        assert_eq!(whole.recorder().take(), small.recorder().take());
        assert_eq!(whole.jacobian_products(), small.jacobian_products());
        assert_eq!(levels, (1..=12).collect::<Vec<_>>());
        let metrics = small.final_metrics().unwrap();
        assert_eq!(metrics.nfe, Some(small.lab.score_calls()));
    }
}

#[test]
fn exact_draws_have_the_posterior_and_ask_for_no_score() {
    for rest in ["every=3", "guidance=none", "operator=window&width=3"] {
        let link = format!("n={N}&length=9&{rest}&method=exact");
        let run = run(&link);
        let x = run.samples().unwrap();
        let reference = &run.lab.reference;
        has_law(x, reference.mean(), &reference.covariance().unwrap(), rest);
        assert_eq!(run.lab.score_calls(), 0);
        assert_eq!(run.jacobian_products(), Some(0.0));
        // A sample is compared with other samples, not with itself.
        assert_ne!(x, reference.draws(3, N));
    }
}

/// N(1 + C) calls per segment, minus C if a step ends at σ = 0.
#[test]
fn costs_are_calls_times_segments_and_the_largest_state() {
    let costs = |rest: &str| {
        let lab = lab(&format!(
            "n=10&length=33&steps=20&sampler=pc&corrections=2&{rest}"
        ))
        .unwrap();
        (lab.score_calls(), lab.state_floats())
    };
    let (calls, floats) = costs("method=aao");
    assert_eq!(floats, 330);
    assert!(calls == 60 || calls == 58, "{calls}");
    // 0…8, 1 + 8·i …: (33 − 9)/8 = 3 more.
    assert_eq!(costs("method=ar&context=1&horizon=8"), (4 * calls, 90));
    assert_eq!(costs("method=ar&context=0&horizon=8"), (5 * calls, 80));
    assert_eq!(costs("method=ar&context=4&horizon=1"), (29 * calls, 50));
    assert_eq!(costs("method=exact"), (0, 330));
}

#[test]
fn methods_that_do_not_fit_are_refused_by_name() {
    let ar = |rest: &str| format!("length=12&method=ar&context=1&horizon=4&{rest}");
    for (rest, says) in [
        (ar("guidance=none"), "guidance=none uses no context"),
        (
            ar("guidance=sda&gamma=0"),
            "Choose gamma above 0, guidance=exact, or context=0.",
        ),
        (
            ar("score=blanket&k=2"),
            "k=2 makes windows of 5 states, and the segment of the indices 8 to 11 has 4. Choose k=1 or less",
        ),
        (
            ar("operator=window&width=4&every=1"),
            "Choose operator=linear, or context=3 or more.",
        ),
        ("length=12&context=1".to_owned(), "method=ar"),
        ("length=12&method=aao&horizon=1".to_owned(), "method=ar"),
        ("length=12&method=ar&context=4&horizon=9".to_owned(), "8"),
        (
            "length=12&operator=saturating&method=exact".to_owned(),
            "no exact posterior",
        ),
    ] {
        let message = lab(&rest).map(|_| ()).unwrap_err().to_string();
        assert!(message.contains(says), "{rest}: {message}");
    }
    for rest in [
        "length=12&method=ar&context=0&horizon=4&guidance=none",
        "length=12&method=ar&context=3&horizon=4&operator=window&width=4&every=1",
        "length=12&method=ar&context=11&horizon=1&score=blanket&k=4",
        "length=1&method=ar",
    ] {
        assert!(lab(rest).is_ok(), "{rest}");
    }
}
