//! Contracts: for each trait one list of implementations, and the laws that hold for all of them.
//!
//! | trait | list | laws |
//! |---|---|---|
//! | `Denoiser` | `models::denoisers` | `denoiser` |
//! | `Differentiable` | `models::differentiables` | `differentiable` |
//! | `Operator` | `operator::kinds` | `operator` |
//! | `Rule` | `rule::known` | `rule` |
//! | runs of any lab, on the host | `run::links` | `run` |
//!
//! A new implementation is one line in a list. Where an enum names the implementations, the list is a match over it:
//! what is missing does not compile.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

mod denoiser;
mod differentiable;
mod models;
mod operator;
mod rule;
mod run;

use scorefield::level::Level;
use scorefield::rng::{Noise, Stream};

fn level(alpha: f64, sigma: f64) -> Level {
    Level {
        t: 0.5,
        alpha,
        sigma,
    }
}

fn normals(seed: u64, n: usize) -> Vec<f64> {
    let mut out = vec![0.0; n];
    Noise::new(seed).normals(Stream::Forward, 0, 0, &mut out);
    out
}

/// α·x₀ + σ·z.
fn noisy(level: &Level, x_0: &[f64], seed: u64) -> Vec<f64> {
    let z = normals(seed, x_0.len());
    let pairs = x_0.iter().zip(&z);
    pairs
        .map(|(x, z)| level.alpha * x + level.sigma * z)
        .collect()
}

fn bits(x: &[f64]) -> Vec<u64> {
    x.iter().map(|x| x.to_bits()).collect()
}

fn largest(x: &[f64]) -> f64 {
    x.iter().fold(0.0, |m, x| m.max(x.abs()))
}

/// The largest gap; infinite where one of the two holds no number.
fn distance(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    let gaps = a.iter().zip(b).map(|(a, b)| (a - b).abs());
    gaps.fold(0.0, |m, gap| {
        if gap.is_nan() {
            f64::INFINITY
        } else {
            m.max(gap)
        }
    })
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Ways to part `n` particles: one by one, in the blocks that loops are written in, and unevenly.
fn partings(n: usize) -> Vec<Vec<usize>> {
    let even = |size: usize| -> Vec<usize> {
        let whole = (0..n / size).map(|_| size);
        let rest = n % size;
        whole.chain((rest > 0).then_some(rest)).collect()
    };
    let uneven = [3, 1, 7, 2, 29, 5].into_iter().cycle();
    let mut left = n;
    let uneven = uneven.map_while(|size: usize| {
        let size = size.min(left);
        left -= size;
        (size > 0).then_some(size)
    });
    vec![even(1), even(4), even(64), uneven.collect()]
}

/// What `f` makes of `inputs` of particles of `width` numbers each, in one call after the other; the outputs have
/// `out` numbers a particle and come in filled with `dirt`.
fn in_parts(
    parts: &[usize],
    inputs: &[(&[f64], usize)],
    out: usize,
    dirt: f64,
    mut f: impl FnMut(&[&[f64]], &mut [f64]),
) -> Vec<f64> {
    let (mut all, mut first) = (vec![], 0);
    for count in parts {
        let part: Vec<&[f64]> = inputs
            .iter()
            .map(|(x, width)| &x[first * width..(first + count) * width])
            .collect();
        let mut own = vec![dirt; count * out];
        f(&part, &mut own);
        all.extend(own);
        first += count;
    }
    all
}

/// That pieces of any size give the bits of the whole, whatever stood in the output before.
fn pieces_are_the_whole(
    what: &str,
    inputs: &[(&[f64], usize)],
    out: usize,
    mut f: impl FnMut(&[&[f64]], &mut [f64]),
) {
    let n = inputs[0].0.len() / inputs[0].1;
    let whole = in_parts(&[n], inputs, out, 0.0, &mut f);
    for dirt in [f64::NAN, 1e300] {
        let dirty = in_parts(&[n], inputs, out, dirt, &mut f);
        assert_eq!(bits(&dirty), bits(&whole), "{what}: the output held {dirt}");
    }
    for parts in partings(n) {
        let own = in_parts(&parts, inputs, out, f64::NAN, &mut f);
        assert_eq!(bits(&own), bits(&whole), "{what}: in parts of {parts:?}");
    }
}

/// ∫₀¹ f(τ)dτ, each coordinate, by Gauss–Legendre nodes on panels: what a slope must add up to.
fn integral(n: usize, f: impl Fn(f64) -> Vec<f64>) -> Vec<f64> {
    const NODES: [(f64, f64); 5] = [
        (0.0, 0.568_888_888_888_888_9),
        (0.538_469_310_105_683, 0.478_628_670_499_366_47),
        (-0.538_469_310_105_683, 0.478_628_670_499_366_47),
        (0.906_179_845_938_664, 0.236_926_885_056_189_08),
        (-0.906_179_845_938_664, 0.236_926_885_056_189_08),
    ];
    const PANELS: usize = 16;
    let mut out = vec![0.0; n];
    for panel in 0..PANELS {
        for (node, weight) in NODES {
            let tau = (panel as f64 + 0.5 * (1.0 + node)) / PANELS as f64;
            for (out, f) in out.iter_mut().zip(f(tau)) {
                *out += 0.5 * weight / PANELS as f64 * f;
            }
        }
    }
    out
}
