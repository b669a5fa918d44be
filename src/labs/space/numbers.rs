//! The numbers of a run in the plane or in space, each next to the value of a fresh exact sample.

use super::SpaceLab;
use crate::labs::Held;
use crate::labs::Metric;
use crate::labs::record::short;
use crate::labs::task::Stages;
use crate::law::space::Space;
use crate::metrics;
use crate::metrics::{DIRECTIONS, Energy};
use crate::rng::{Noise, Stream};
use std::rc::Rc;

/// Largest number of particles for the distances; one of them needs all pairs.
pub(super) const MEASURED: usize = 10_000;
/// Number of rows of the energy distance that are summed together, and of directions.
const ROWS: usize = 256;
const BESIDE: usize = 4;
/// Pairs of particles in a unit of work, about; and the units of a particle in one direction, which sorts two samples
/// for each of two distances.
const PAIRS: usize = 12;
const PROJECTED: usize = 8;

/// Numbers that are partly computed.
pub struct Numbers {
    /// The first final particles, if they are finite, and two fresh samples of the data.
    samples: Option<[Vec<f64>; 3]>,
    energy: Option<Energy>,
    /// Sums of the sliced W₂ to fresh draws: for the run, and for other fresh draws.
    sliced: [f64; 2],
}

impl Numbers {
    /// Starts to compute the numbers of `lab`. Before the end of a run there are none.
    pub(super) fn stages(lab: &SpaceLab, end: Option<Rc<Vec<f64>>>) -> Stages<Self> {
        let dim = lab.law.dim();
        let measured = end.map(|x| x[..x.len().min(MEASURED * dim)].to_vec());
        let measured = measured.filter(|x| x.iter().all(|x| x.is_finite()));
        let samples = measured.map(|x| [x, lab.fresh(0), lab.fresh(1)]);
        let energy = samples.as_ref().map(|[x, y, _]| Energy::new(x, y, dim));
        let rows = energy.as_ref().map_or(0, Energy::rows);
        let count = rows / 3;
        let groups = rows.div_ceil(ROWS);
        let some = move |group: usize| group * ROWS..rows.min((group + 1) * ROWS);
        let beside = move |part: usize| (part - groups) * BESIDE..(part - groups + 1) * BESIDE;
        let priced = energy.iter().flat_map(|energy| {
            let group = |i| some(i).map(|row| energy.pairs(row)).sum::<usize>();
            (0..groups).map(move |i| (group(i) / PAIRS, 2 * some(i).len()))
        });
        let directions = samples.iter().flat_map(|_| {
            let all = 0..DIRECTIONS / BESIDE;
            all.map(|_| (BESIDE * PROJECTED * count, 2 * BESIDE))
        });
        let parts = priced.chain(directions).collect();
        let numbers = Self {
            samples,
            energy,
            sliced: [0.0; 2],
        };
        let find = move |own: &Self, part: usize| {
            let (Some(energy), Some([x, y, other])) = (&own.energy, &own.samples) else {
                return vec![];
            };
            if part < groups {
                let mut room = energy.room();
                let found = some(part).flat_map(|row| energy.row(row, &mut room));
                return found.collect();
            }
            let sliced = |k| [x, other].map(|x| metrics::sliced_part(x, y, dim, k));
            beside(part).flat_map(sliced).collect()
        };
        let note = move |own: &mut Self, part: usize, found: &[f64]| {
            let (found, _) = found.as_chunks::<2>();
            if part >= groups {
                for [run, other] in found {
                    own.sliced[0] += run;
                    own.sliced[1] += other;
                }
            } else if let Some(energy) = &mut own.energy {
                some(part)
                    .zip(found)
                    .for_each(|(row, found)| energy.add(row, *found));
            }
        };
        Stages::on(numbers).independent(Self::given, parts, find, note)
    }

    /// The final particles that are measured.
    fn given(&self) -> &[f64] {
        self.samples.as_ref().map_or(&[], |[x, ..]| x)
    }

    /// All rows.
    pub(super) fn rows(self, lab: &SpaceLab) -> Vec<Metric> {
        let measured = self.samples.as_ref().map(|[x, ..]| x);
        let (energy, energy_iid) = match &self.energy {
            Some(energy) => {
                let (distance, iid) = energy.distance();
                (Some(distance), iid)
            }
            None => (None, f64::NAN),
        };
        let root = |sum: f64| (sum / DIRECTIONS as f64).sqrt();
        let sliced = measured.map(|_| root(self.sliced[0]));
        let sliced_iid = measured.map_or(f64::NAN, |_| root(self.sliced[1]));
        let mut rows = vec![
            Metric {
                key: "energy_distance",
                label: "energy distance",
                value: energy,
                reference: energy_iid,
                held: Held::Perfect,
                error: None,
                reference_label: format!("mean of exact draws: {}", short(energy_iid)),
                help: "2E‖X−Y‖ − E‖X−X′‖ − E‖Y−Y′‖ between the samples and fresh exact draws, of 10,000 of each at most; beside it the mean for a second fresh sample.",
            },
            Metric {
                key: "sliced_w2",
                label: "sliced W₂",
                value: sliced,
                reference: sliced_iid,
                held: Held::Draws,
                error: None,
                reference_label: format!("one set of exact draws: {}", short(sliced_iid)),
                help: "Root mean square over 64 directions of the W₂ distance between the projections of the samples and of fresh exact draws; beside it the value of a second fresh sample.",
            },
        ];
        if let Space::Torus(torus) = &lab.law {
            let surface = measured.map(|x| {
                let square = |p: &[f64]| {
                    let d = torus.surface_distance(p) / torus.minor;
                    d * d
                };
                let sum: f64 = x.chunks_exact(3).map(square).sum();
                (sum / (x.len() / 3) as f64).sqrt()
            });
            rows.push(Metric {
                key: "surface_rms",
                label: "off the surface",
                value: surface,
                reference: 0.0,
                held: Held::Exact,
                error: None,
                reference_label: "exact: 0".to_owned(),
                help: "Root mean square distance of the samples from the surface, in units of the minor radius; exact samples lie on it.",
            });
        }
        rows
    }
}

impl SpaceLab {
    /// Fresh draws of the data, as many as are measured; `which` distinguishes the samples.
    fn fresh(&self, which: u64) -> Vec<f64> {
        let count = self.setup.n.min(MEASURED);
        let mut y = vec![0.0; count * self.law.dim()];
        let noise = Noise::new(self.setup.seed);
        let first = which * MEASURED as u64;
        self.law.sample(&noise, Stream::Reference, first, &mut y);
        y
    }
}
