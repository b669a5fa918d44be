//! V⁻¹ of the rules with V = keep·R + scale·A'A'ᵀ, on tensors.
//!
//! Held by `tests/tensor_chains.rs`: `every_rule_on_tensors_is_that_of_the_host`.

use super::upload::Place;
use crate::observe::Observation;
use burn::tensor::{Int, Tensor};

/// V⁻¹ at one level.
#[derive(Debug, Clone)]
pub(super) enum Near {
    /// For a linear operator: a matrix `[rows, rows]`.
    Inverse(Box<Tensor<2>>),
    /// For a saturating operator, where V depends on the slopes of each particle: keep and scale.
    Blocks(f64, f64),
}

/// For a saturating operator, V = keep·R + scale·D·BBᵀ·D is block-diagonal with small blocks, the blocks of R and BBᵀ.
/// The elimination handles the same position in all blocks together.
#[derive(Debug, Clone)]
pub(super) struct Blocks {
    /// For each position in a block, the row of each block at that position; and the way back. `None` if every block is
    /// a single row.
    places: Option<(Vec<Tensor<1, Int>>, Tensor<1, Int>)>,
    /// R and BBᵀ at (i, j ≤ i) of each block, `[1, blocks]`.
    noise: Vec<Vec<Tensor<2>>>,
    gram: Vec<Vec<Tensor<2>>>,
    /// 1 for each block that has no row at position i.
    missing: Vec<Option<Tensor<2>>>,
}

impl Blocks {
    /// The blocks of an observation.
    pub fn new(observation: &Observation, place: &Place) -> Self {
        let mut gram = observation.covariance();
        observation.spread(0.0, 1.0, None, &mut gram);
        let noise = observation.noise();
        let rows = noise.size();
        // A row begins a block if no later row has an entry before it.
        let reach = |r: usize| (r..rows).map(|s| gram.first(s)).min().unwrap_or(r);
        let starts: Vec<usize> = (0..rows).filter(|&r| reach(r) == r).collect();
        let end = |b: usize| starts.get(b + 1).copied().unwrap_or(rows);
        let size = (0..starts.len()).map(|b| end(b) - starts[b]).max();
        let size = size.unwrap_or(1);
        let row = |b: usize, i: usize| Some(starts[b] + i).filter(|r| *r < end(b));
        let each = |f: &dyn Fn(usize) -> f64| place.row((0..starts.len()).map(f).collect());
        let of = |band: &crate::observe::Band| -> Vec<Vec<Tensor<2>>> {
            let entry = |i: usize, j: usize| {
                each(&|b| match (row(b, i), row(b, j)) {
                    (Some(r), Some(s)) => band.get(r, s),
                    _ => 0.0,
                })
            };
            let line = |i: usize| (0..=i).map(|j| entry(i, j)).collect();
            (0..size).map(line).collect()
        };
        let missing = |i: usize| {
            let lacks = |b: usize| row(b, i).is_none();
            let any = (0..starts.len()).any(lacks);
            any.then(|| each(&|b| f64::from(u8::from(lacks(b)))))
        };
        let places = (size > 1).then(|| {
            let at = |i: usize| place.columns((0..starts.len()).map(|b| row(b, i).unwrap_or(0)));
            let block = |r: usize| starts.iter().rposition(|s| *s <= r).unwrap_or(0);
            let back = (0..rows).map(|r| (r - starts[block(r)]) * starts.len() + block(r));
            ((0..size).map(at).collect(), place.columns(back))
        });
        Self {
            noise: of(noise),
            gram: of(&gram),
            missing: (0..size).map(missing).collect(),
            places,
        }
    }

    /// The entries of x `[n, rows]` at each position, `[n, blocks]`.
    fn by_position(&self, x: Tensor<2>) -> Vec<Tensor<2>> {
        match &self.places {
            None => vec![x],
            Some((places, _)) => {
                let at = |p: &Tensor<1, Int>| x.clone().select(1, p.clone());
                places.iter().map(at).collect()
            }
        }
    }

    /// The factors of V = LΔLᵀ for the slopes D of every particle `[n, rows]`: Δ⁻¹, and L below the diagonal. Each of
    /// their entries is `[n, blocks]`.
    pub fn factor(&self, keep: f64, scale: f64, slopes: &Tensor<2>) -> Factor<'_> {
        let d = self.by_position(slopes.clone());
        let size = self.gram.len();
        let mut inverse: Vec<Tensor<2>> = vec![];
        // L·Δ and L, row by row.
        let (mut whole, mut lower): (Vec<Vec<Tensor<2>>>, Vec<Vec<Tensor<2>>>) = (vec![], vec![]);
        for i in 0..size {
            let (mut row, mut unit) = (vec![], vec![]);
            for j in 0..=i {
                let gram = self.gram[i][j].clone().mul_scalar(scale);
                let mut v = d[i].clone() * d[j].clone() * gram;
                if keep != 0.0 {
                    v = v + self.noise[i][j].clone().mul_scalar(keep);
                }
                if let (Some(missing), true) = (&self.missing[i], i == j) {
                    v = v + missing.clone();
                }
                let before = if i == j { &row } else { &whole[j] };
                for (l, w) in unit.iter().zip(before) {
                    let l: &Tensor<2> = l;
                    let w: &Tensor<2> = w;
                    v = v - l.clone() * w.clone();
                }
                if i == j {
                    inverse.push(v.recip());
                } else {
                    unit.push(v.clone() * inverse[j].clone());
                    row.push(v);
                }
            }
            whole.push(row);
            lower.push(unit);
        }
        Factor {
            blocks: self,
            inverse,
            lower,
        }
    }
}

/// The factor of V of every particle.
pub(super) struct Factor<'b> {
    blocks: &'b Blocks,
    inverse: Vec<Tensor<2>>,
    lower: Vec<Vec<Tensor<2>>>,
}

impl Factor<'_> {
    /// V⁻¹·b of every particle, `[n, rows]`.
    pub fn solve(&self, b: Tensor<2>) -> Tensor<2> {
        let mut x = self.blocks.by_position(b);
        let size = x.len();
        for i in 0..size {
            for j in 0..i {
                x[i] = x[i].clone() - self.lower[i][j].clone() * x[j].clone();
            }
        }
        for i in (0..size).rev() {
            x[i] = x[i].clone() * self.inverse[i].clone();
            for k in i + 1..size {
                x[i] = x[i].clone() - self.lower[k][i].clone() * x[k].clone();
            }
        }
        match &self.blocks.places {
            None => x.swap_remove(0),
            Some((_, back)) => Tensor::cat(x, 1).select(1, back.clone()),
        }
    }
}
