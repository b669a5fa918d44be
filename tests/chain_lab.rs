//! The lab lgssm: its runs, its references, and its refusals.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

use scorefield::error::Error;
use scorefield::labs::Held;
use scorefield::labs::lgssm::{self, ChainLab, Run, covariance, score_errors};
use scorefield::labs::link::{self, Mode, Side};
use scorefield::process::Matrix;
use scorefield::process::lgssm::moments;
use scorefield::sample::Affine;

fn compiled(text: &str) -> Result<ChainLab, Error> {
    let link = link::decode(&format!("lab=lgssm{text}"), Mode::Strict)
        .unwrap_or_else(|e| panic!("{text}: {e}"));
    ChainLab::new(&link.link.a)
}

fn lab(text: &str) -> ChainLab {
    compiled(text).unwrap_or_else(|e| panic!("{text}: {e}"))
}

fn finished(text: &str) -> Run {
    let mut run = Run::new(lab(text));
    while !run.advance(10_000) {
        run.check().unwrap();
    }
    run.check().unwrap();
    run
}

/// Mean and covariance of the plan by the closed recursion, without sampling.
fn law_of(lab: &ChainLab) -> (Vec<f64>, Matrix<f64>) {
    let dim = lab.chain.dim();
    let out = lab
        .setup
        .plan
        .moments(dim, |level| Affine::of(&lab.guided, level, dim));
    lab.guided.check().unwrap();
    (out.mean.as_slice().to_vec(), out.covariance)
}

fn relative(a: &[f64], b: &[f64]) -> f64 {
    let norm = |x: &mut dyn Iterator<Item = f64>| x.map(|x| x * x).sum::<f64>().sqrt();
    norm(&mut a.iter().zip(b).map(|(a, b)| a - b)) / norm(&mut b.iter().copied())
}

/// For `exact`, vp, dpmpp2m, log-snr, N = 64 and 33 states with every fourth observed: the mean and covariance of the
/// plan are within 2 %, and those of 10,000 samples within their Monte-Carlo error of them.
#[test]
fn exact_guidance_reaches_the_posterior_by_closed_recursion_and_by_sampling() {
    let own = lab("&n=10000&seed=3");
    let (mean, cov) = law_of(&own);
    let exact = own.reference.covariance().unwrap();
    assert!(relative(&mean, own.reference.mean()) < 0.02);
    assert!((&cov - &exact).norm() / exact.norm() < 0.02);
    let run = finished("&n=10000&seed=3");
    let (m, c) = moments(run.samples().unwrap(), 33);
    for i in 0..33 {
        let se = (cov[(i, i)] / 1e4).sqrt();
        assert!(
            (m[i] - mean[i]).abs() < 5.0 * se,
            "{i}: {} {}",
            m[i],
            mean[i]
        );
        let se = cov[(i, i)] * (2e-4f64).sqrt();
        assert!((c[(i, i)] - cov[(i, i)]).abs() < 5.0 * se, "{i}");
    }
}

/// Each rule converges to the law that its V implies: only `exact` to the posterior.
#[test]
fn only_exact_guidance_is_unbiased() {
    let error = |text: &str| {
        let own = lab(text);
        let exact = own.reference.covariance().unwrap();
        (law_of(&own).1 - &exact).norm() / exact.norm()
    };
    assert!(error("&guidance=exact") < 0.02);
    for biased in [
        "sda&gamma=0.01",
        "diagonal",
        "finzi",
        "lambda&lambda=0.5",
        "pigdm",
        "replace",
    ] {
        let found = error(&format!("&guidance={biased}"));
        assert!(found > 0.1, "{biased}: {found}");
    }
    assert!(error("&guidance=none") < 0.02);
}

#[test]
fn other_models_and_operators_reach_their_posteriors() {
    for text in [
        "&model=damped-spring",
        "&model=rotation&every=3",
        "&operator=window&width=3",
        "&observed=2,7,8,30&y=1,-1,0.5,2",
        "&model=custom&T=0.9,0.1;0,0.8&Q=0.1,0;0,0.1&O=1,0;0,2&R=0.1,0;0,0.3&length=14",
        "&length=1&every=1",
    ] {
        let own = lab(text);
        let (mean, cov) = law_of(&own);
        let exact = own.reference.covariance().unwrap();
        assert!(relative(&mean, own.reference.mean()) < 0.02, "{text}");
        assert!((&cov - &exact).norm() / exact.norm() < 0.03, "{text}");
        for (i, sd) in own.reference.sd().iter().enumerate() {
            assert!((sd * sd - exact[(i, i)]).abs() < 1e-9, "{text} {i}");
        }
    }
}

/// At α = 0, x_t carries no information about x₀, but y does: the guided x̂ is E[x₀ | y], and a plan that starts
/// there is unbiased from its first step on.
#[test]
fn without_signal_exact_guidance_gives_the_posterior_mean() {
    let own = lab("&process=fm&grid=uniform-t&sampler=ddim&steps=32");
    let start = own.setup.plan.levels[0];
    assert_eq!(start.alpha, 0.0);
    let map = Affine::of(&own.guided, &start, 33);
    own.guided.check().unwrap();
    for (x_hat, mean) in map.offset.iter().zip(own.reference.mean()) {
        assert!((x_hat - mean).abs() < 1e-5, "{x_hat} {mean}");
    }
    let (mean, _) = law_of(&own);
    assert!(relative(&mean, own.reference.mean()) < 1e-3);
}

/// A dragged observation: the posterior for other values is that of a link with these values.
#[test]
fn the_posterior_of_other_values_is_that_of_their_link() {
    let own = lab("&observed=0,8,16&length=20");
    let moved = lab("&observed=0,8,16&length=20&y=1.5,-0.25,0.75");
    assert_eq!(
        own.reference.mean_of(&[1.5, -0.25, 0.75]),
        moved.reference.mean()
    );
    assert_ne!(own.reference.mean(), moved.reference.mean());
    // An earlier question has no influence.
    let reference = &own.reference;
    let other = reference.given(&[1.0, 2.0, 3.0]).unwrap();
    assert_eq!(
        reference.given(&[1.5, -0.25, 0.75]).unwrap(),
        moved.reference.mean()
    );
    assert_eq!(reference.given(&[1.0, 2.0, 3.0]).unwrap(), other);
    for wrong in [&[1.0, 2.0][..], &[1.0, 2.0, f64::NAN]] {
        let error = reference.given(wrong).unwrap_err().to_string();
        assert!(error.contains("give 3"), "{error}");
    }
    assert_eq!(own.reference.sd(), moved.reference.sd());
}

#[test]
fn the_truth_and_its_noise_do_not_depend_on_what_is_observed() {
    let (all, some) = (lab("&every=1"), lab("&observed=4,12"));
    assert_eq!(all.truth, some.truth);
    let y = all.guided.observation().y();
    assert_eq!(some.guided.observation().y(), [y[4], y[12]]);
    assert_ne!(lab("&truth-seed=1").truth, all.truth);
    // The saturating operator adds the same noise to a different value.
    let curved = lab("&observed=4,12&operator=saturating&guidance=sda");
    let bent = |u: f64| u / (1.0 + u.abs());
    let got = curved.guided.observation().y()[0] - bent(all.truth[4]);
    assert!((got - (y[4] - all.truth[4])).abs() < 1e-12);
}

/// Each number of a run against its definition.
#[test]
fn the_numbers_are_those_of_their_definitions() {
    let run = finished("&n=500&seed=2&score=blanket&k=1");
    let rows = run.final_metrics().unwrap().rows;
    let value = |key: &str| rows.iter().find(|r| r.key == key).unwrap().value.unwrap();
    let (mean, cov) = moments(run.samples().unwrap(), 33);
    let exact = run.lab.reference.covariance().unwrap();
    assert!((value("mean_err") - relative(&mean, run.lab.reference.mean())).abs() < 1e-12);
    assert!((value("cov_err") - (&cov - &exact).norm() / exact.norm()).abs() < 1e-12);
    let lag = (0..32).map(|i| cov[(i, i + 1)]).sum::<f64>() / 32.0 / (cov.trace() / 33.0);
    assert!((value("lag1") - lag).abs() < 1e-12);
    // L = 33, a = 0.9, unit variance, k = 1: 0.310.
    assert!((value("score_err") - 0.310).abs() < 0.003);
    assert!(value("w2") > 0.0);
    let exact = finished("&n=500&seed=2");
    let rows = exact.final_metrics().unwrap().rows;
    for row in &rows[..3] {
        let ratio = row.value.unwrap() / row.reference;
        assert!((0.5..2.0).contains(&ratio), "{}: {ratio}", row.key);
    }
}

/// The references of the errors of mean and covariance do not depend on a draw, and are the root mean square over many
/// sets of exact draws.
#[test]
fn what_is_called_perfect_is_the_root_mean_square_of_exact_draws() {
    for (text, n) in [
        ("&every=4", 20),
        ("&every=4", 1),
        ("&guidance=none&length=9", 7),
        ("&model=damped-spring&length=12&every=5", 60),
    ] {
        let references = |seed: u64| {
            let own = finished(&format!("{text}&n={n}&steps=2&seed={seed}"));
            let rows = own.final_metrics().unwrap().rows;
            ["mean_err", "cov_err"].map(|key| {
                let row = rows.iter().find(|r| r.key == key).unwrap();
                assert_eq!(row.held, Held::Perfect);
                row.reference
            })
        };
        let told = references(0);
        assert_eq!(told, references(1), "{text}");
        let own = lab(text);
        let law = &own.reference;
        let exact = law.covariance().unwrap();
        let size = match law.mean().iter().any(|m| *m != 0.0) {
            true => law.mean().iter().map(|m| m * m).sum::<f64>().sqrt(),
            false => exact.trace().sqrt(),
        };
        let sets = 3000;
        let mut squares = [vec![], vec![]];
        for seed in 0..sets {
            let (mean, cov) = moments(&law.draws(seed, n), exact.nrows());
            let gap = mean.iter().zip(law.mean()).map(|(a, b)| (a - b) * (a - b));
            squares[0].push(gap.sum::<f64>() / (size * size));
            let off = (&cov - &exact).norm() / exact.norm();
            squares[1].push(off * off);
        }
        for (told, squares) in told.iter().zip(&squares) {
            let mean = squares.iter().sum::<f64>() / sets as f64;
            let spread = squares.iter().map(|s| (s - mean) * (s - mean)).sum::<f64>();
            let error = spread.sqrt() / sets as f64;
            assert!(
                (told * told - mean).abs() <= 4.0 * error + 1e-12,
                "{text} n={n}: {told} against {} ± {error}",
                mean.sqrt()
            );
        }
    }
}

#[test]
fn the_picture_holds_what_the_run_holds() {
    let mut run = finished("&n=40&steps=12&seed=1&model=rotation&length=9");
    let scene = lgssm::scene(&run.lab, 1.0);
    let frames = run.recorder().take().unwrap();
    assert_eq!((frames.from, frames.to, scene.shown), (0, 13, 24));
    let dim = 18;
    let last = scene.scale[12];
    let x = run.samples().unwrap();
    for (shown, x) in frames.array("chains")[12 * 24 * dim..].iter().zip(x) {
        assert_eq!(*shown, (x / last) as f32);
    }
    let (mean, cov) = moments(x, dim);
    for i in 0..dim {
        let shown = frames.array("mean")[12 * dim + i];
        assert!((f64::from(shown) - mean[i] / last).abs() < 1e-5);
        let sd = f64::from(frames.array("sd")[12 * dim + i]);
        assert!((sd - cov[(i, i)].sqrt() / last).abs() < 1e-5);
        let band = |b: usize| frames.array("bands")[(12 * 4 + b) * dim + i];
        assert!(band(0) < band(1) && band(1) < shown && shown < band(3) && band(2) < band(3));
    }
    let (size, exact) = covariance(&run.lab);
    assert_eq!((size, exact.len()), (dim, dim * dim));
}

/// The page is told whether a covariance is formed, and how far a picture grows.
#[test]
fn the_scene_says_what_is_formed_and_how_far_it_grows() {
    for (text, formed) in [("&length=400", true), ("&length=401", false)] {
        let own = lab(text);
        assert_eq!(lgssm::scene(&own, 1.0).formed, formed);
        assert_eq!(own.reference.covariance().is_some(), formed);
    }
    let reach = |y: f64| {
        let own = lab(&format!("&length=5&observed=2&y={y}"));
        let most = lgssm::scene(&own, 1.0).most;
        (lgssm::reach(&own), most)
    };
    let (near, most) = reach(0.1);
    assert!(near < 0.9 * most);
    assert!(reach(1e3).0 >= most);
}

/// An observed number that sees one coordinate is drawn on the axis of this coordinate, whatever the other rows see.
#[test]
fn observed_numbers_of_one_coordinate_have_a_place_on_its_axis() {
    let own = lab(
        "&model=custom&T=0.9,0.1;0,0.8&Q=0.1,0;0,0.1&O=0,-2;1,1;0.5,0&R=0.16,0,0;0,1,0;0,0,0.09&length=9&observed=2,7&y=1,2,3,-4,5,-6",
    );
    let marks = lgssm::scene(&own, 1.0).marks;
    assert_eq!(*marks.seen, [1, -1, 0]);
    let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
    for (a, b) in marks.noise.iter().zip([0.2, 0.0, 0.6]) {
        close(*a, b);
    }
    for (a, b) in marks
        .places
        .iter()
        .zip([-0.5, f64::NAN, 6.0, 2.0, f64::NAN, -12.0])
    {
        if b.is_nan() {
            assert!(a.is_nan());
        } else {
            close(*a, b);
        }
    }
    let sd = own.variance().sqrt();
    assert!(lgssm::reach(&own) >= 2.8 * sd);
    // A row of a window belongs to no single state. A saturated value is drawn at the state that it comes from.
    let windows = lgssm::scene(&lab("&operator=window&width=3"), 1.0).marks;
    assert_eq!(*windows.seen, [-1]);
    assert!(windows.places.iter().all(|x| x.is_nan()));
    let bent = lgssm::scene(
        &lab("&operator=saturating&guidance=sda&c=2&observed=4,5&y=0.5,-1.5"),
        1.0,
    );
    assert_eq!(*bent.marks.seen, [0]);
    close(bent.marks.places[0], 0.5);
    assert!(bent.marks.places[1].is_nan());
}

/// The picture contains truth, law and observations, and one outlier does not flatten the rest.
#[test]
fn the_reach_holds_the_picture() {
    for text in [
        "",
        "&model=rotation",
        "&guidance=none",
        "&d=3",
        "&operator=window",
    ] {
        let own = lab(text);
        let reach = lgssm::reach(&own);
        let sd = own.variance().sqrt();
        assert!(reach >= 2.8 * sd, "{text}");
        assert!(own.truth.iter().all(|x| x.abs() < reach), "{text}");
        let law = own.reference.mean().iter().zip(own.reference.sd());
        for (m, s) in law {
            assert!(m.abs() + 2.0 * s < reach, "{text}");
        }
    }
    let near = lgssm::reach(&lab("&observed=4&y=4"));
    let far = lgssm::reach(&lab("&observed=4&y=4000&guidance=none"));
    assert!(near >= 4.0 && far < 6.5, "{near} {far}");
}

#[test]
fn the_curves_of_score_errors_are_those_of_the_half_windows() {
    let curves = score_errors(&lab("&score=blanket&k=3")).unwrap();
    let ks: Vec<usize> = curves.iter().map(|c| c.k).collect();
    assert_eq!(ks, [1, 2, 3, 4]);
    for pair in curves.windows(2) {
        let most = |c: &lgssm::ScoreErrors| c.curve.iter().map(|p| p.1).fold(0.0, f64::max);
        assert!(most(&pair[0]) > most(&pair[1]));
    }
    assert!(score_errors(&lab("&length=2")).is_err());
}

/// Jacobian products per chain, for each rule: none without a gradient, one per call if V has a closed form, and two
/// more per iteration of conjugate gradients, with at most as many iterations as rows.
#[test]
fn the_products_with_the_jacobian_are_those_of_the_rule() {
    let counted = |text: &str| {
        let run = finished(&format!("&n=600&steps=10{text}"));
        let stages = &run.lab.setup.plan.stages;
        let noisy = stages
            .iter()
            .filter_map(|s| s.level)
            .filter(|l| l.sigma > 0.0);
        (noisy.count() as f64, run.jacobian_products().unwrap())
    };
    for rule in ["none", "replace"] {
        assert_eq!(counted(&format!("&guidance={rule}")).1, 0.0, "{rule}");
    }
    for rule in [
        "sda",
        "sda&sampler=pc&corrections=2",
        "dps&sampler=heun",
        "pigdm&sampler=langevin",
        "diagonal",
        "finzi",
        "lambda",
    ] {
        let (calls, products) = counted(&format!("&guidance={rule}"));
        assert!(calls >= 10.0);
        assert_eq!(products, calls, "{rule}");
    }
    // One row: one iteration.
    let (calls, products) = counted("&observed=5");
    assert_eq!(products, 3.0 * calls);
    for (text, rows) in [("", 9.0), ("&every=16&score=blanket&k=3", 3.0)] {
        let (calls, products) = counted(text);
        let most = (1.0 + 2.0 * rows) * calls;
        assert!(
            3.0 * calls <= products && products <= most,
            "{text}: {products}"
        );
    }
}

/// Invalid combinations are refused by name, with the remedy.
#[test]
fn impossible_combinations_are_refused_with_the_remedy() {
    for (text, part) in [
        ("&d=0&guidance=sda&gamma=0", "singular"),
        ("&model=custom&T=1.2&Q=1&O=1&R=1", "spectral radius"),
        ("&model=custom&T=0.5&Q=-1&O=1&R=1", "negative eigenvalue"),
        ("&model=custom&T=0.5&Q=1&O=1&R=0", "positive definite"),
        ("&guidance=replace&operator=window", "replace"),
    ] {
        let error = compiled(text)
            .err()
            .unwrap_or_else(|| panic!("{text} is taken"))
            .to_string();
        assert!(error.contains(part), "{text}: {error}");
    }
    for (text, part) in [
        ("&a=1", "-0.999 to 0.999"),
        ("&length=2&score=blanket", "3 at least"),
        ("&score=blanket&k=17", "1 to 16"),
        ("&length=9&score=blanket&k=5", "1 to 4"),
        ("&observed=", "no value"),
        ("&observed=3,3", "increasing"),
        ("&observed=40", "from 0 to 32"),
        ("&observed=1,2&y=1", "2 numbers"),
        ("&observed=1&every=2", "without the key observed"),
        ("&model=custom&T=1,0;0,1", "needs the key “Q”"),
        ("&model=custom&T=0.5,0;0,0.5&Q=1&O=1,0&R=1", "2 rows"),
        ("&view=phase", "two numbers a state"),
        ("&score=empirical", "not one of the choices"),
        ("&c=0", "any number but 0"),
        ("&observed=3&y=1,2", "1 number from"),
    ] {
        let error = link::decode(&format!("lab=lgssm{text}"), Mode::Strict)
            .err()
            .unwrap_or_else(|| panic!("{text} reads"));
        assert!(error.to_string().contains(part), "{text}: {error}");
    }
    // A failure in the middle of a run: dense noiseless observations with the indefinite covariance of a blanket.
    let mut run = Run::new(lab("&score=blanket&k=1&d=0&every=1"));
    let mut failed = None;
    while failed.is_none() && !run.advance(1000) {
        failed = run.check().err();
    }
    let error = failed
        .expect("the blanket's covariance is taken")
        .to_string();
    assert!(error.contains("score=full"), "{error}");
}

/// With or without observations, the time of a run with a thousand states stays linear in its length.
#[test]
fn a_thousand_states_run() {
    let run = finished("&length=1000&n=4&steps=8&guidance=sda&gamma=0.1");
    assert_eq!(run.samples().unwrap().len(), 4000);
    assert!(run.final_metrics().unwrap().rows[0].value.is_some());
    for tail in [
        "",
        "&score=blanket&k=4&every=8",
        "&method=ar",
        "&score=net&guidance=pigdm",
        "&method=exact",
    ] {
        let run = finished(&format!("&length=1000&n=2&steps=4{tail}"));
        assert!(
            run.samples().unwrap().iter().all(|x| x.abs() < 10.0),
            "{tail}"
        );
    }
}

fn edited(link: &link::Link, key: &str, value: &str) -> link::Link {
    let edited = lgssm::edit(link, Side::A, key, value);
    let edited = edited.unwrap_or_else(|e| panic!("{key}={value}: {}", e.message));
    assert!(
        edited
            .dropped
            .iter()
            .all(|n| ["a", "b", "c", "d"].contains(&&n.key[..])),
        "{:?}",
        edited.dropped
    );
    edited.link
}

/// The matrices of the chain stay the same to the last bit, and its exact law up to rounding.
#[test]
fn matrices_of_ones_own_begin_as_those_of_the_model_that_was_there() {
    for model in [
        "",
        "&model=damped-spring",
        "&model=rotation&d=0.1",
        "&a=-0.5&b=2&c=3",
    ] {
        let text = format!("lab=lgssm{model}&length=9&y=1,0,-1");
        let before = link::decode(&text, Mode::Strict).unwrap().link;
        let after = edited(&before, "model", "custom");
        assert_eq!(after.a.word("model"), Some("custom"));
        let again = link::decode(&link::encode(&after), Mode::Strict)
            .unwrap()
            .link;
        let [before, after] = [before, again].map(|l| ChainLab::new(&l.a).unwrap());
        assert_eq!(before.chain.transition(), after.chain.transition());
        let exact = before.reference.mean().iter().zip(after.reference.mean());
        for (a, b) in exact {
            assert!((a - b).abs() < 1e-9, "{model}: {a} {b}");
        }
    }
}

#[test]
fn a_matrix_of_another_size_brings_the_others_along() {
    let start = "lab=lgssm&model=custom&T=0.5&Q=2&O=3&R=4&length=9";
    let start = link::decode(start, Mode::Strict).unwrap().link;
    let wider = edited(&start, "T", "0.9,0.2;-0.2,0.9");
    assert_eq!(
        link::encode(&wider),
        "v=1&lab=lgssm&model=custom&T=0.9,0.2;-0.2,0.9&Q=2,0;0,1&O=3,0&R=4&length=9&seed=0"
    );
    let seen = edited(&wider, "O", "1,0;0,1");
    assert_eq!(seen.a.matrix("R").unwrap(), [[4.0, 0.0], [0.0, 1.0]]);
    ChainLab::new(&seen.a).unwrap();
    let back = edited(&edited(&seen, "O", "0,1"), "T", "0.5");
    assert_eq!(
        (back.a.matrix("O"), back.a.matrix("Q")),
        (Some(vec![vec![1.0]]), Some(vec![vec![2.0]]))
    );
    let spaced = edited(&start, "T", "0.9 0.2; −0.2 0.9");
    assert_eq!(spaced, wider, "spaces separate as commas do");
    // An invalid matrix is refused as before, and nothing is lost.
    for (key, value) in [
        ("T", "1;"),
        ("T", "0.1,0.2"),
        ("T", "x"),
        ("O", "1,2,3"),
        ("R", "1,0;0,1"),
    ] {
        assert!(
            lgssm::edit(&wider, Side::A, key, value).is_err(),
            "{key}={value}"
        );
    }
}

/// The nearest valid link of matrices that do not fit keeps the lab.
#[test]
fn matrices_that_cannot_be_repaired_keep_the_lab() {
    for text in [
        "model=custom&T=0.9,0.1;0,0.8&Q=0.1&O=1,0&R=0.1",
        "model=custom&T=1;",
        "model=custom",
        "b.model=custom&b.T=0.5",
        "c=0",
    ] {
        let nearest = link::nearest(&format!("lab=lgssm&{text}"));
        assert_eq!(nearest.a.word("lab"), Some("lgssm"), "{text}");
        ChainLab::new(&nearest.a).unwrap();
    }
}
