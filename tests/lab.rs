//! The lab toy1d: the pictures show what the formulas say.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

use scorefield::labs::link::{self, Link, Mode};
use scorefield::labs::toy1d::{Axis, AxisKind, COLUMNS, PATHS, Run, Sweep, Toy1d, flow, scene};
use scorefield::labs::{self, Args, Cell, Engine, plan_table};
use scorefield::link::Side;
use scorefield::metrics;
use scorefield::sample::Sampler;
use scorefield::schedule::Process;
use scorefield::word::Words;
use std::collections::BTreeMap;

fn open(text: &str) -> Link {
    link::decode(&format!("lab=toy1d&{text}"), Mode::Strict)
        .unwrap_or_else(|e| panic!("{text}: {e}"))
        .link
}

fn lab(text: &str) -> Toy1d {
    Toy1d::new(&open(text).a).unwrap()
}

fn finished(text: &str) -> Run {
    let lab = lab(text);
    let axis = Axis::holding(&[&lab]);
    let mut run = Run::new(lab, axis);
    while !run.advance(1 << 20) {}
    run
}

fn value(run: &Run, key: &str) -> f64 {
    let metrics = run.final_metrics().unwrap();
    metrics
        .rows
        .iter()
        .find(|r| r.key == key)
        .unwrap()
        .value
        .unwrap()
}

/// The bounds are stated: an independent sample of 10,000 has W₁ 0.0031 (95 %: 0.0056).
#[test]
fn fine_runs_reach_the_floor_of_an_independent_sample() {
    for text in [
        "process=edm&sampler=heun&steps=100",
        "process=vp&sampler=dpmpp2m&grid=log-snr&steps=100",
        "process=fm&sampler=heun&steps=200",
        "process=edm&sampler=em&steps=1000",
        "process=edm&sampler=ancestral&steps=400",
    ] {
        let run = finished(text);
        let w1 = value(&run, "w1");
        assert!(w1 < 0.0085, "{text}: {w1}");
    }
}

/// Same seed, same noise: doubling n keeps the first half of the particles, bit for bit.
#[test]
fn particles_do_not_depend_on_how_many_there_are() {
    let (few, many) = (finished("n=501&steps=12"), finished("n=1002&steps=12"));
    assert_eq!(few.samples().unwrap(), &many.samples().unwrap()[..501]);
}

#[test]
fn frames_hold_the_state_of_their_level() {
    let text = "n=4000&steps=30&process=vp&sampler=em";
    let mut run = finished(text);
    let shown = scene(&run.lab.clone(), Axis::holding(&[&run.lab]));
    let frames = run.recorder().take().unwrap();
    assert_eq!((frames.from, frames.to), (0, 31));
    let bins = shown.edges.len() - 1;
    for f in 0..31 {
        let hist = &frames.array("hist")[f * bins..(f + 1) * bins];
        let mass: f64 = hist
            .iter()
            .zip(shown.edges.windows(2))
            .map(|(h, e)| f64::from(*h) * (e[1] - e[0]))
            .sum();
        assert!((0.99..=1.0 + 1e-5).contains(&mass), "frame {f}: {mass}");
        let metrics = run.metrics(f).unwrap();
        assert_eq!(metrics.t, Some(shown.levels.t[f]));
        let (mean, var) = (
            metrics.rows[2].value.unwrap(),
            metrics.rows[3].value.unwrap(),
        );
        // Euler–Maruyama with 30 steps is biased: by a tenth of the standard deviation, a fifth of the variance.
        assert!(
            (mean - shown.mean[f]).abs() < 0.1 * shown.sd[f],
            "frame {f}"
        );
        assert!(
            (var / (shown.sd[f] * shown.sd[f]) - 1.0).abs() < 0.35 || f > 24,
            "frame {f}: {var}"
        );
    }
    let end = run.samples().unwrap();
    for (p, x) in frames.array("paths")[30 * PATHS..].iter().zip(end) {
        assert_eq!(*p, *x as f32);
    }
    assert!(run.recorder().take().is_none());
}

/// Quantile starts are sorted, so the traced particles are spread over all of them, not taken from the lowest.
#[test]
fn traced_particles_are_spread_over_the_quantiles() {
    let mut run = finished("n=480&steps=4&process=vp&sampler=ddim&init=quantile");
    let frames = run.recorder().take().unwrap();
    let end = &frames.array("paths")[4 * PATHS..];
    let want: Vec<f32> = (0..PATHS)
        .map(|i| run.samples().unwrap()[10 * i + 5] as f32)
        .collect();
    assert_eq!(end, want);
}

#[test]
fn long_grids_are_thinned_to_evenly_shown_frames() {
    let lab = lab("steps=2000&process=vp&n=10");
    let shown = lab.setup.shown_levels();
    assert_eq!((shown.len(), shown[0], shown[200]), (201, 0, 2000));
    assert!(shown.windows(2).all(|w| w[1] - w[0] == 10));
}

/// The exact densities of the scene integrate to 1 on its axis, at every frame, for every process.
#[test]
fn exact_densities_have_mass_one() {
    for process in Process::ALL.iter().map(|p| p.word()) {
        for target in ["target=gaussian", "target=mixture", "target=uniform"] {
            let lab = lab(&format!("process={process}&steps=16&{target}"));
            let s = scene(&lab, Axis::holding(&[&lab]));
            let points = s.xs.len();
            for f in 0..s.levels.t.len() {
                let p = &s.density[f * points..(f + 1) * points];
                let trapezoid =
                    |i: usize| 0.5 * f64::from(p[i] + p[i + 1]) * (s.xs[i + 1] - s.xs[i]);
                let mass: f64 = (0..points - 1).map(trapezoid).sum();
                // A jump of the density causes an error of at most one cell of the axis.
                assert!(
                    (mass - 1.0).abs() < 0.04,
                    "{process} {target} frame {f}: {mass}"
                );
            }
        }
    }
}

/// The density map agrees with the densities of the frames, and has mass one between them.
#[test]
fn the_density_map_does_not_depend_on_the_number_of_steps() {
    for process in ["vp", "edm", "ddpm", "fm"] {
        let lab = lab(&format!("process={process}&steps=8&target=gaussian"));
        let s = scene(&lab, Axis::holding(&[&lab]));
        let points = s.xs.len();
        for f in 0..=8 {
            let column = f * 25;
            for j in 0..points {
                let (map, own) = (s.map[column * points + j], s.density[f * points + j]);
                assert!(
                    (map - own).abs() <= 1e-5 * own.max(1e-3),
                    "{process} frame {f}: {map} {own}"
                );
            }
        }
        for column in 0..COLUMNS {
            let p = &s.map[column * points..(column + 1) * points];
            let trapezoid = |i: usize| 0.5 * f64::from(p[i] + p[i + 1]) * (s.xs[i + 1] - s.xs[i]);
            let mass: f64 = (0..points - 1).map(trapezoid).sum();
            assert!(
                (mass - 1.0).abs() < 0.02,
                "{process} column {column}: {mass}"
            );
        }
    }
}

/// The noising paths have the exact marginals: mean and standard deviation of x_t over many seeds.
#[test]
fn forward_paths_have_the_exact_marginals() {
    for process in ["vp", "edm", "fm"] {
        let mut sums: Vec<(f64, f64)> = Vec::new();
        let seeds = 200;
        let mut truth = None;
        for seed in 0..seeds {
            let lab = lab(&format!("process={process}&steps=6&seed={seed}"));
            let s = scene(&lab, Axis::holding(&[&lab]));
            sums.resize(s.levels.t.len(), (0.0, 0.0));
            for (f, sum) in sums.iter_mut().enumerate() {
                for &x in &s.forward[f * PATHS..(f + 1) * PATHS] {
                    sum.0 += f64::from(x);
                    sum.1 += f64::from(x) * f64::from(x);
                }
            }
            truth = Some(s);
        }
        let (n, s) = ((seeds as usize * PATHS) as f64, truth.unwrap());
        for (f, (sum, square)) in sums.iter().enumerate() {
            let (mean, var) = (sum / n, square / n - (sum / n) * (sum / n));
            let exact = s.sd[f] * s.sd[f];
            assert!(
                (mean - s.mean[f]).abs() < 5.0 * s.sd[f] / n.sqrt(),
                "{process} frame {f}"
            );
            assert!(
                (var / exact - 1.0).abs() < 5.0 * (2.0 / n).sqrt(),
                "{process} frame {f}: {var} {exact}"
            );
        }
    }
}

/// A characteristic follows its arrows: dx/dt of the quantile curve is the velocity.
#[test]
fn characteristics_are_integral_curves_of_the_flow() {
    for text in [
        "process=vp&target=mixture",
        "process=edm&target=gaussian",
        "process=trig&target=comb",
        "process=vp&score=empirical&m=20",
    ] {
        let lab = lab(text);
        let f = flow(&lab, Axis::holding(&[&lab]));
        let (times, levels) = (f.curve_t.len(), &f.curve_t);
        for c in 0..f.quantiles.len() {
            // The ends are left out, where the edges of the data make the velocity steep.
            for k in 20..times / 2 {
                let at = |k: usize| f64::from(f.curves[c * times + k]);
                let slope = (at(k + 1) - at(k - 1)) / (levels[k + 1] - levels[k - 1]);
                let (level, rates) = (
                    lab.setup.process.level(levels[k]),
                    lab.setup.process.rates(levels[k]),
                );
                let v = level.velocity_from_x_hat(
                    rates.slopes(),
                    at(k),
                    lab.model.diffuse(&level).x_hat(at(k)),
                );
                assert!(
                    (slope - v).abs() < 0.02 * (1.0 + v.abs()),
                    "{text} curve {c} t={}: {slope} {v}",
                    levels[k]
                );
            }
        }
    }
}

/// A score that has memorised its points returns them: final samples lie on the points, up to the last noise level σ
/// = 0.002. (Two of these points are 3σ apart.)
#[test]
fn an_empirical_score_returns_its_data_points() {
    let run = finished("score=empirical&m=5&process=edm&sampler=heun&steps=60&n=300");
    let points: Vec<f64> = run.lab.model.parts().iter().map(|p| p.centre).collect();
    assert_eq!(points.len(), 5);
    for x in run.samples().unwrap() {
        let nearest = points
            .iter()
            .map(|p| (p - x).abs())
            .fold(f64::MAX, f64::min);
        assert!(nearest < 0.004, "{x}");
    }
    let other = lab("score=empirical&m=5&data-seed=1");
    assert_ne!(other.model, run.lab.model);
}

#[test]
fn exploding_processes_are_drawn_on_an_arcsinh_axis() {
    let axis = |text: &str| {
        let lab = lab(text);
        Axis::holding(&[&lab])
    };
    assert_eq!(axis("process=edm").kind, AxisKind::Asinh);
    assert_eq!(axis("process=vp").kind, AxisKind::Linear);
    for axis in [axis("process=edm"), axis("process=fm")] {
        for x in axis.points(50) {
            assert!((axis.at(axis.position(x)) - x).abs() < 1e-9 * (1.0 + x.abs()));
        }
    }
}

/// The ends of the uniform law and of the teeth of a comb lie on edges of the bins.
#[test]
fn no_bin_of_a_linear_axis_is_cut_by_an_edge_of_the_data() {
    let lab = lab("process=vp&target=comb&teeth=4&duty=0.5");
    let edges = Axis::holding(&[&lab]).edges();
    for j in 0..=8 {
        let end = f64::from(j) / 8.0;
        let gap = edges
            .iter()
            .map(|e| (e - end).abs())
            .fold(f64::MAX, f64::min);
        assert!(gap < 1e-12, "{end}: {gap}");
    }
}

/// The series of side b and the other series have the numbers of a direct run.
#[test]
fn the_sweep_repeats_single_runs() {
    let link = open("process=vp&sampler=euler&n=300&b.process=edm&b.sampler=heun");
    let mut sweep = Sweep::new(&link).unwrap();
    while !sweep.advance(1 << 22) {}
    let points = sweep.take();
    assert_eq!((points.len(), sweep.done()), (sweep.total(), sweep.total()));
    for (series, text) in [
        ("a:euler", "process=vp&sampler=euler"),
        ("b:heun", "process=edm&sampler=heun"),
        ("a:dpmpp2m", "process=vp&sampler=dpmpp2m"),
    ] {
        for steps in [1, 8, 64] {
            let point = points
                .iter()
                .find(|p| p.series == series && p.steps == steps)
                .unwrap();
            let run = finished(&format!("{text}&n=300&steps={steps}"));
            assert_eq!(
                (point.w1, point.ks),
                (value(&run, "w1"), value(&run, "ks")),
                "{series} N={steps}"
            );
            assert_eq!(point.nfe, run.lab.setup.plan.nfe());
        }
    }
    let law = lab("n=300").truth();
    assert_eq!(sweep.iid, metrics::expected_w1(&law, 300));
}

#[test]
fn the_plan_table_has_a_row_for_every_stage() {
    let lab = lab("process=edm&sampler=heun&churn=40&steps=10");
    let table = plan_table(&lab.setup);
    assert_eq!(table.rows.len(), lab.setup.plan.stages.len());
    assert_eq!(
        table.rows[0][2],
        Cell::Empty(""),
        "the first stage is churn: it evaluates nothing"
    );
    assert_eq!(table.rows.last().unwrap()[1], Cell::Number(10.0));
    // A coefficient is named by what it multiplies, and the note says what that is.
    let factors: Vec<_> = table
        .columns
        .iter()
        .filter_map(|c| c.strip_prefix("factor of "))
        .collect();
    assert_eq!(factors, ["x", "x̂", "x̂₋₁", "z"]);
    for symbol in &factors[..3] {
        assert!(table.note.contains(&format!("{symbol} ")), "{symbol}");
    }
}

/// Arrays of a step’s stage, by name.
fn reals(stage: &serde_json::Value, name: &str) -> Vec<f64> {
    let all = stage[name].as_array().unwrap();
    all.iter().map(|x| x.as_f64().unwrap()).collect()
}

/// Of every sampler, on the line and in the plane: the parts of each stage add up to its new state in the stated order,
/// and the state after the step is that of the run, to the last bit. Heun has two stages a step, a correction more.
#[test]
fn the_parts_of_a_step_add_up_to_the_frame_of_the_run() {
    let samplers: Vec<_> = Sampler::CHOICES.iter().map(|c| c.value).collect();
    let mut links: Vec<String> = samplers
        .iter()
        .map(|word| format!("lab=toy2d&n=30&steps=7&sampler={word}&seed=3"))
        .collect();
    for word in samplers {
        links.push(format!("lab=toy1d&n=30&steps=7&sampler={word}&seed=2"));
    }
    for text in [
        "lab=toy1d&n=30&steps=250&sampler=heun&process=edm",
        "lab=toy1d&n=30&steps=6&sampler=pc&process=vp&corrections=2",
        "lab=toy1d&n=30&steps=6&sampler=ddim&process=vp&init=quantile",
        "lab=toy1d&n=30&steps=6&sampler=heun&process=edm&churn=10",
    ] {
        links.push(text.to_owned());
    }
    let mut most = 0;
    for text in links {
        let link = link::decode(&text, Mode::Strict)
            .unwrap_or_else(|e| panic!("{text}: {e}"))
            .link;
        let own = labs::open(&link).unwrap();
        let mut run = own.run(Side::A, &Engine::Host).unwrap();
        let mut states = BTreeMap::new();
        while !run.advance_with(1 << 20, &mut |level, x| {
            states.insert(level, x.to_vec());
        }) {}
        let (dim, frames) = (run.dim(), run.frames());
        for frame in [0, 1, frames / 2, frames - 1] {
            for particle in [0, 7, 29] {
                let asked = [("frame", frame), ("particle", particle)];
                let args = Args(
                    asked
                        .map(|(name, x)| (name.to_owned(), vec![x as f64]))
                        .into(),
                );
                let step = own.ask(Side::A, "step", &args).unwrap();
                let step = step.finish().unwrap().json();
                let level = step["step"].as_u64().unwrap() as usize;
                let stages = step["stages"].as_array().unwrap();
                assert_eq!(stages.is_empty(), frame == 0, "{text}");
                most = most.max(stages.len());
                let of = |level: usize| &states[&level][particle * dim..(particle + 1) * dim];
                for (i, stage) in stages.iter().enumerate() {
                    let [kept, noise, pulled, recalled, after, base] =
                        ["kept", "noise", "pulled", "recalled", "after", "base"]
                            .map(|name| reals(stage, name));
                    for c in 0..dim {
                        let sum = ((kept[c] + noise[c]) + pulled[c]) + recalled[c];
                        assert_eq!(sum.to_bits(), after[c].to_bits(), "{text}: {stage}");
                    }
                    if i == 0 {
                        assert_eq!(base, of(level - 1), "{text}");
                    }
                    if i + 1 == stages.len() {
                        assert_eq!(after, of(level), "{text}");
                    }
                }
            }
        }
    }
    assert!(most > 1, "no step has several stages");
}
