//! The labs toy2d and torus: the pictures show what the formulas say.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

use proptest::prelude::*;
use scorefield::denoise::Denoiser;
use scorefield::labs::link::{self, Mode, points};
use scorefield::labs::space::{self, Run, SpaceLab, Window, density, follow, velocity};
use scorefield::labs::{Lab, csv};
use scorefield::law::PlaneLaw;
use scorefield::law::space::Space;
use scorefield::level::Level;
use scorefield::rng::{Noise, Stream};
use scorefield::sample::{HostRun, Sampler};
use scorefield::schedule::{Grid, Process};
use scorefield::word::Words;

fn lab(text: &str) -> SpaceLab {
    let link = link::decode(text, Mode::Strict).unwrap_or_else(|e| panic!("{text}: {e}"));
    SpaceLab::new(&link.link.a).unwrap()
}

fn finished(text: &str) -> Run {
    let lab = lab(text);
    let window = Window::holding(&[&lab]);
    let mut run = Run::new(lab, window);
    while !run.advance(1 << 20) {}
    run
}

fn value(run: &Run, key: &str) -> (f64, f64) {
    let metrics = run.final_metrics().unwrap();
    let row = metrics.rows.iter().find(|r| r.key == key).unwrap();
    (row.value.unwrap(), row.reference)
}

/// The laws of the plane that are whole without points.
fn plane() -> impl Iterator<Item = &'static str> {
    let whole = PlaneLaw::ALL.iter().filter(|l| **l != PlaneLaw::Drawn);
    whole.map(|l| l.word())
}

/// With the exact score the samples cannot be distinguished from a fresh sample of the same size: the energy distance
/// of n = 4000 is within a small multiple of its mean (its distribution has a heavy upper tail).
#[test]
fn exact_scores_reach_the_energy_distance_of_a_fresh_sample() {
    for target in plane() {
        let run = finished(&format!("lab=toy2d&target={target}&n=4000&seed=5"));
        let (energy, iid) = value(&run, "energy_distance");
        assert!(energy < 4.0 * iid, "{target}: {energy} {iid}");
        let (sliced, fresh) = value(&run, "sliced_w2");
        assert!(sliced < 3.0 * fresh, "{target}: {sliced} {fresh}");
    }
    let run = finished("lab=torus&n=4000&seed=5");
    let (energy, iid) = value(&run, "energy_distance");
    assert!(energy < 4.0 * iid, "torus: {energy} {iid}");
}

/// With the exact score the samples lie on the surface; the bound of the network is 0.05 minor radii at N = 40.
#[test]
fn the_torus_is_reached() {
    let run = finished("lab=torus&n=1000&seed=1");
    assert!(value(&run, "surface_rms").0 < 1e-3);
    for p in run.samples().unwrap().chunks(3) {
        let q = (p[0] * p[0] + p[1] * p[1]).sqrt() - 1.0;
        assert!(((q * q + p[2] * p[2]).sqrt() - 0.4).abs() < 0.02);
    }
}

/// On N(0, sd²·I) a plan acts on each coordinate as on the line, so the closed recursion holds in the plane.
#[test]
fn on_a_normal_law_the_variance_in_the_plane_is_the_closed_recursion() {
    let law = Space::gaussian(0.5);
    let n = 20_000;
    for (process, sampler) in [
        (Process::Vp, Sampler::Ddim),
        (Process::Edm, Sampler::Ancestral),
        (Process::Fm, Sampler::Euler),
    ] {
        let plan = sampler.plan(process, Grid::Default, 12);
        let expected = plan.moments_on_gaussian(0.0, 0.5).variance;
        let x = HostRun::in_space(&plan, &law, n, 2, 4).finish();
        for axis in 0..2 {
            let square = x.iter().skip(axis).step_by(2).map(|x| x * x).sum::<f64>();
            let ratio = square / n as f64 / expected;
            // Five standard errors √(2/n) of a variance.
            assert!(
                (ratio - 1.0).abs() < 5.0 * (2.0 / n as f64).sqrt(),
                "{process:?}: {ratio}"
            );
        }
    }
}

#[test]
fn work_in_pieces_and_more_particles_change_no_particle() {
    for text in [
        "lab=toy2d&target=moons&steps=9",
        "lab=torus&steps=7&sampler=em",
    ] {
        let few = finished(&format!("{text}&n=700&seed=3"));
        let many = finished(&format!("{text}&n=1301&seed=3"));
        let x = few.samples().unwrap();
        assert_eq!(x, &many.samples().unwrap()[..x.len()]);
        let lab = lab(&format!("{text}&n=700&seed=3"));
        let window = Window::holding(&[&lab]);
        let mut run = Run::new(lab, window);
        let mut pieces = 0;
        while !run.advance(600) {
            pieces += 1;
        }
        assert!(pieces > 5);
        assert_eq!(run.samples().unwrap(), x, "{text}");
        assert_eq!(run.evaluations(), run.total());
    }
}

#[test]
fn frames_hold_the_particles_and_count_all_of_them() {
    let mut run = finished("lab=toy2d&n=40000&steps=30&seed=2");
    let frames = run.recorder().take().unwrap();
    assert_eq!((frames.from, frames.to), (0, 31));
    let shown = space::scene(&run.lab, Window::holding(&[&run.lab])).shown;
    assert_eq!(shown, 40_000);
    let end = &frames.array("points")[30 * 2 * shown..];
    assert_eq!(end.len(), 80_000);
    for (p, x) in end.iter().zip(run.samples().unwrap()) {
        assert_eq!(*p, *x as f32);
    }
    let cells = 128 * 128;
    for frame in frames.array("counts").chunks(cells) {
        let inside: f32 = frame.iter().sum();
        // The window contains 2.5 standard deviations of the noise in each coordinate: 97.5 % of it.
        assert!((38_600.0..=40_000.0).contains(&inside), "{inside}");
    }
    let few = finished("lab=toy2d&n=50&steps=3&seed=2")
        .recorder()
        .take()
        .unwrap();
    assert!(few.array("counts").is_empty());
    assert_eq!(few.array("points").len(), 4 * 50 * 2);
}

/// 24 million numbers in all frames together.
#[test]
fn of_more_particles_than_the_frames_have_room_for_the_first_are_recorded() {
    for (text, shown) in [
        ("lab=toy2d&n=1000000&steps=10", 1_000_000),
        ("lab=toy2d&n=1000000&steps=40", 292_682),
        ("lab=toy2d&n=100000&steps=2000", 59_701),
        ("lab=torus&n=1000000&steps=40", 195_121),
        ("lab=torus&n=10000&steps=2000", 10_000),
    ] {
        let lab = lab(&format!("{text}&seed=2"));
        let scene = space::scene(&lab, Window::holding(&[&lab]));
        assert_eq!(scene.shown, shown, "{text}");
        let size = scene
            .timeline
            .record
            .0
            .iter()
            .find(|(name, _)| *name == "points");
        assert_eq!(size, Some(&("points", shown * scene.dim)), "{text}");
    }
}

#[test]
fn the_angles_on_the_torus_are_densities_that_become_the_exact_ones() {
    let mut run = finished("lab=torus&n=20000&steps=30&seed=2");
    let lab = run.lab.clone();
    let scene = space::scene(&lab, Window::holding(&[&lab]));
    let frames = run.recorder().take().unwrap();
    let bins = scene.theta.len();
    let width = std::f64::consts::TAU / bins as f64;
    for (name, exact) in [("theta", &scene.theta), ("phi", &scene.phi)] {
        let all = frames.array(name);
        for frame in all.chunks(bins) {
            let mass: f64 = frame.iter().map(|p| f64::from(*p) * width).sum();
            assert!((mass - 1.0).abs() < 1e-3, "{name}: {mass}");
        }
        // χ² of the last frame: mean bins − 1, standard deviation √(2·bins).
        let chi: f64 = all[all.len() - bins..]
            .iter()
            .zip(exact)
            .map(|(p, q)| {
                let (seen, expected) = (f64::from(*p), f64::from(*q));
                2e4 * width * (seen - expected).powi(2) / expected
            })
            .sum();
        assert!(
            (chi - bins as f64).abs() < 6.0 * (2.0 * bins as f64).sqrt(),
            "{name}: {chi}"
        );
    }
}

/// The raster of the density has mass 1 over the window, at each kind of level.
#[test]
fn the_density_raster_adds_up_to_one() {
    for target in plane() {
        let lab = lab(&format!("lab=toy2d&target={target}&steps=12&seed=0"));
        let window = Window::holding(&[&lab]);
        let cell = (2.0 * window.reach / window.cells as f64).powi(2);
        let last = lab.setup.frames().len() - 1;
        for frame in [0, 4, 8, last] {
            let mass: f64 = density(&lab, window, frame)
                .iter()
                .map(|p| f64::from(*p) * cell)
                .sum();
            // The window leaves out 2.5 % of the noise, and a curve is only a few cells thick.
            assert!(
                (mass - 0.985).abs() < 0.025,
                "{target} frame {frame}: {mass}"
            );
        }
    }
}

/// A trajectory is tangent to the velocity field: dy/dτ by central differences of `follow`.
#[test]
fn trajectories_follow_the_velocity_field() {
    for text in [
        "lab=toy2d&target=moons&process=fm&steps=200",
        "lab=toy2d&target=gaussians8&process=vp&steps=200",
        "lab=toy2d&process=edm&steps=200",
    ] {
        let lab = lab(&format!("{text}&seed=0"));
        let window = Window::holding(&[&lab]);
        let (count, frame) = (9, 100);
        let v = velocity(&lab, window, frame, count);
        let last = (lab.setup.frames().len() - 1) as f64;
        let centre = |i: usize| window.reach * ((2 * i + 1) as f64 / count as f64 - 1.0);
        for (k, v) in v.chunks(2).enumerate() {
            let y = [centre(k % count), centre(k / count)];
            let path = follow(&lab, frame, &y);
            for axis in 0..2 {
                let at = |f: usize| f64::from(path[2 * f + axis]);
                let slope = (at(frame + 1) - at(frame - 1)) * last / 2.0;
                let v = f64::from(v[axis]);
                assert!(
                    (slope - v).abs() < 0.02 * (1.0 + v.abs()),
                    "{text} {y:?}: {slope} {v}"
                );
            }
        }
    }
}

/// EDM goes from σ_min to 0 at t = 0, so the last interval has no length in t.
#[test]
fn the_flow_has_arrows_at_the_last_frame_too() {
    for process in ["edm", "vp", "ve", "fm", "trig"] {
        let lab = lab(&format!(
            "lab=toy2d&target=moons&process={process}&steps=200&seed=0"
        ));
        let window = Window::holding(&[&lab]);
        let levels = lab.setup.frames();
        let last = levels.len() - 1;
        let count = 9;
        let v = velocity(&lab, window, last, count);
        let centre = |i: usize| window.reach * ((2 * i + 1) as f64 / count as f64 - 1.0);
        // The path through the same point goes along the chord of its last step, but where it turns sharply between two
        // pieces of the curve.
        let mut far = 0;
        for (k, v) in v.chunks(2).enumerate() {
            let y = [centre(k % count), centre(k / count)];
            let path = follow(&lab, last, &y);
            for axis in 0..2 {
                let at = |f: usize| f64::from(path[2 * f + axis]);
                let slope = (at(last) - at(last - 1)) * last as f64;
                let v = f64::from(v[axis]);
                assert!(v.is_finite(), "{process} {y:?}: {v}");
                far += usize::from((slope - v).abs() > 0.1 * (1.0 + v.abs()));
            }
        }
        assert!(far <= 2 * count * count / 20, "{process}: {far} values");
    }
}

/// Through a point of a fine run, `follow` finds where that particle came from and where it goes.
#[test]
fn following_a_particle_both_ways_is_its_own_path() {
    for process in ["edm", "vp", "fm"] {
        let text = format!("lab=toy2d&target=moons&process={process}&steps=200&n=20&seed=3");
        let mut run = finished(&text);
        let frames = run.recorder().take().unwrap();
        let levels = run.lab.setup.frames();
        let place = |f: usize, i: usize, axis: usize| {
            let c = run.lab.scale(&levels[f]);
            f64::from(frames.array("points")[(f * 20 + i) * 2 + axis]) / c
        };
        for i in 0..20 {
            let path = follow(&run.lab, 120, &[place(120, i, 0), place(120, i, 1)]);
            for f in [60, 150, levels.len() - 1] {
                for axis in 0..2 {
                    let gap = (f64::from(path[2 * f + axis]) - place(f, i, axis)).abs();
                    assert!(gap < 0.02, "{process} particle {i} frame {f}: {gap}");
                }
            }
        }
    }
}

/// From a point of the last frame (σ = 0) back to noise and forth again.
#[test]
fn a_trajectory_from_data_to_noise_comes_back() {
    let lab = lab("lab=toy2d&target=moons&process=edm&steps=60&seed=0");
    let last = lab.setup.frames().len() - 1;
    let mut y = vec![0.0; 2];
    lab.law.sample(&Noise::new(1), Stream::Data, 0, &mut y);
    let out = follow(&lab, last, &y);
    let start = [f64::from(out[0]), f64::from(out[1])];
    let back = follow(&lab, 0, &start);
    for axis in 0..2 {
        assert!(
            (f64::from(back[2 * last + axis]) - y[axis]).abs() < 2e-3,
            "{y:?}"
        );
    }
}

#[test]
fn a_drawn_law_is_its_points_and_a_memorised_one_its_sample() {
    let xy = [-1.0, 0.5, 0.75, -0.25];
    let text = points::encode(&xy).unwrap();
    let run = finished(&format!(
        "lab=toy2d&target=drawn&points={text}&n=500&seed=1"
    ));
    let near = |p: &[f64], k: usize| (p[0] - xy[k]).hypot(p[1] - xy[k + 1]) < 6.0 * 0.05;
    let (mut first, mut second) = (0i32, 0i32);
    for p in run.samples().unwrap().chunks(2) {
        assert!(near(p, 0) || near(p, 2), "{p:?}");
        if near(p, 0) { first += 1 } else { second += 1 }
    }
    // 500 throws of a fair coin: five standard deviations of 11.
    assert!((first - second).abs() < 2 * 56, "{first} {second}");
    let run = finished("lab=toy2d&score=empirical&m=7&n=300&seed=1");
    let mut data = vec![0.0; 14];
    run.lab
        .law
        .sample(&Noise::new(0), Stream::Data, 0, &mut data);
    for p in run.samples().unwrap().chunks(2) {
        let nearest = data
            .chunks(2)
            .map(|d| (p[0] - d[0]).hypot(p[1] - d[1]))
            .fold(f64::MAX, f64::min);
        assert!(nearest < 1e-6, "{p:?}: {nearest}");
    }
}

#[test]
fn the_picture_keeps_the_variance_of_the_data_at_every_level() {
    for text in [
        "lab=toy2d&process=edm",
        "lab=toy2d&process=fm",
        "lab=torus&process=vp",
    ] {
        let lab = lab(&format!("{text}&seed=0"));
        for level in lab.setup.frames() {
            let Level { alpha, sigma, .. } = level;
            let variance = alpha * alpha * lab.law.variance() + sigma * sigma;
            let c = lab.scale(&level);
            assert!((variance / (c * c) / lab.law.variance() - 1.0).abs() < 1e-12);
        }
    }
}

/// The denoiser of the lab is that of the law, or of the points, and nothing else.
#[test]
fn the_sampler_uses_the_score_that_the_link_names() {
    let level = Level {
        t: 0.5,
        alpha: 0.8,
        sigma: 0.3,
    };
    let x = [0.3, -0.4];
    let x_hat = |d: &dyn Denoiser| {
        let mut out = [0.0; 2];
        d.at(&level).x_hat(&x, &mut out);
        out
    };
    let exact = lab("lab=toy2d&target=rings&seed=0");
    assert_eq!(x_hat(exact.denoiser()), x_hat(&exact.law));
    let memorised = lab("lab=toy2d&target=rings&score=empirical&m=3&seed=0");
    assert_ne!(x_hat(memorised.denoiser()), x_hat(&memorised.law));
}

proptest! {
    #[test]
    fn csv_reads_back(x in proptest::collection::vec(-1e9..1e9f64, 6)) {
        for dim in [1, 2, 3] {
            let text = csv(&x, dim);
            let back: Vec<f64> = text.lines().skip(1).flat_map(|l| l.split(',')).map(|c| c.parse().unwrap()).collect();
            prop_assert_eq!(&back, &x);
            prop_assert_eq!(text.lines().next().unwrap().split(',').count(), dim);
        }
    }
}
