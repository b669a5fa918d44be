//! The maps of a chain, x̂ = K·x_t + k at each level, which the host makes in pieces.

use crate::denoise::Denoiser;
use crate::level::Level;
use crate::tensor::Map;

/// Particles whose x̂ is evaluated together for a map, at most.
const PROBED: usize = 64;
/// The work of preparing a denoiser of a chain for a level, in evaluations: a way along the chain and back, and a factor.
const PREPARED: usize = 4;

/// A map that the host makes, as far as it is: x̂ of the first of its particles ([`Map::probes`]). One that takes long is made in
/// several pieces of work. The last one that was completed is kept, for the next chunk may begin with another stage of its level.
///
/// Held by `src/gpu/maps.rs`: `a_map_is_made_in_pieces_of_the_work_that_is_left`,
/// `the_next_chunk_takes_the_map_of_the_level_that_the_last_one_ended_with`.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Probing {
    level: Option<Level>,
    x_hat: Vec<f64>,
    last: Option<(Level, Map)>,
}

impl Probing {
    /// Goes on with the map of `denoiser` at a level for about `left` units of work ([`Denoiser::price`]), at least one particle,
    /// and takes from `left` what that was: of each particle an evaluation and its products. Returns the map where it is complete.
    pub(super) fn go_on(
        &mut self,
        denoiser: &dyn Denoiser,
        level: &Level,
        dim: usize,
        left: &mut usize,
    ) -> Option<&Map> {
        if self.last.as_ref().is_none_or(|(of, _)| of != level) {
            let map = self.make(denoiser, level, dim, left)?;
            self.last = Some((*level, map));
        }
        self.last.as_ref().map(|(_, map)| map)
    }

    /// A map that is not the last one: see [`Probing::go_on`].
    fn make(
        &mut self,
        denoiser: &dyn Denoiser,
        level: &Level,
        dim: usize,
        left: &mut usize,
    ) -> Option<Map> {
        if self.level != Some(*level) {
            (self.level, self.x_hat) = (Some(*level), vec![]);
        }
        let price = denoiser.price();
        let taken = || denoiser.products().unwrap_or(0);
        let at = denoiser.at(level);
        *left = left.saturating_sub(PREPARED * price);
        // What a particle takes is known after the first.
        let mut some = 1;
        loop {
            let done = self.x_hat.len() / dim;
            let count = some.min(dim + 1 - done);
            let (probes, before) = (Map::probes(done..done + count, dim), taken());
            self.x_hat.resize((done + count) * dim, 0.0);
            at.x_hat(&probes, &mut self.x_hat[done * dim..]);
            let cost = (count + (taken() - before) as usize) * price;
            *left = left.saturating_sub(cost);
            if done + count == dim + 1 {
                self.level = None;
                return Some(Map::from_x_hat(std::mem::take(&mut self.x_hat), dim));
            }
            some = (*left / cost.div_ceil(count).max(1)).min(PROBED);
            if some == 0 {
                return None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::table::{Fused, MARKS, Table};
    use super::*;
    use crate::denoise::DenoiseAt;
    use std::cell::Cell;

    /// x̂_i = (i + 1)·x_i + α on five numbers, with seven products a particle.
    #[derive(Default)]
    struct Costly {
        evaluated: Cell<u64>,
        prepared: Cell<u64>,
    }

    const DIM: usize = 5;
    const PRICE: usize = 10;
    const PRODUCTS: u64 = 7;

    impl Denoiser for Costly {
        fn at(&self, level: &Level) -> Box<dyn DenoiseAt + '_> {
            self.prepared.set(self.prepared.get() + 1);
            Box::new(CostlyAt(self, level.alpha))
        }

        fn price(&self) -> usize {
            PRICE
        }

        fn products(&self) -> Option<u64> {
            Some(PRODUCTS * self.evaluated.get())
        }
    }

    struct CostlyAt<'a>(&'a Costly, f64);

    impl DenoiseAt for CostlyAt<'_> {
        fn x_hat(&self, x_t: &[f64], out: &mut [f64]) {
            let count = self.0.evaluated.get() + (x_t.len() / DIM) as u64;
            self.0.evaluated.set(count);
            for (i, (out, x)) in out.iter_mut().zip(x_t).enumerate() {
                *out = ((i % DIM + 1) as f64) * x + self.1;
            }
        }
    }

    fn level(alpha: f64) -> Level {
        Level {
            t: 0.5,
            alpha,
            sigma: 1.0,
        }
    }

    /// A particle takes 10·(1 + 7) units and the preparation 40: of 250 units two particles and what is left of 90 for one more.
    #[test]
    fn a_map_is_made_in_pieces_of_the_work_that_is_left() {
        let costly = Costly::default();
        let each = PRICE * (1 + PRODUCTS as usize);
        for (work, pieces) in [(1, 6), (PREPARED * PRICE + 2 * each, 3), (10_000, 1)] {
            let mut probing = Probing::default();
            for piece in 1.. {
                let (before, mut left) = (costly.evaluated.get(), work);
                let map = probing.go_on(&costly, &level(0.3), DIM, &mut left);
                let spent = PREPARED * PRICE + (costly.evaluated.get() - before) as usize * each;
                assert_eq!(left, work.saturating_sub(spent), "of {work}");
                assert!(
                    spent <= work.max(PREPARED * PRICE + each),
                    "of {work}: {spent}"
                );
                if let Some(map) = map {
                    assert_eq!(*map, Map::of(&costly, &level(0.3), [DIM, 0]), "of {work}");
                    assert_eq!(piece, pieces, "of {work}");
                    break;
                }
            }
        }
    }

    #[test]
    fn the_next_chunk_takes_the_map_of_the_level_that_the_last_one_ended_with() {
        let (costly, mut probing, mut left) = (Costly::default(), Probing::default(), usize::MAX);
        let mut map = |alpha| {
            let map = probing.go_on(&costly, &level(alpha), DIM, &mut left);
            map.cloned()
        };
        let first = map(0.3).unwrap();
        assert_eq!((costly.prepared.get(), costly.evaluated.get()), (1, 6));
        assert_eq!(map(0.3), Some(first));
        assert_eq!((costly.prepared.get(), costly.evaluated.get()), (1, 6));
        assert_eq!(map(0.7), Some(Map::of(&costly, &level(0.7), [DIM, 0])));
        assert_eq!(costly.prepared.get(), 3);
    }

    #[test]
    fn a_level_of_a_chunk_has_one_map_and_another_one_begins_anew() {
        let (costly, law) = (Costly::default(), Fused::chain(DIM));
        let (mut table, mut probing) = (Table::default(), Probing::default());
        let plan = crate::sample::Sampler::Euler.plan(
            crate::schedule::Process::Vp,
            crate::schedule::Grid::Default,
            2,
        );
        let first = plan.stages[0];
        let mut left = 1;
        assert!(!law.prepare(&first, &costly, (&mut table, &mut probing), &mut left));
        let mut second = first;
        second.level = Some(level(0.7));
        left = usize::MAX;
        for stage in [&second, &first, &second, &first] {
            assert!(law.prepare(stage, &costly, (&mut table, &mut probing), &mut left));
            law.add(stage, 0, &mut table);
        }
        assert_eq!(table.nodes.len(), 2 * (DIM + 1) * DIM);
        let starts: Vec<u32> = table.marks.chunks(MARKS).map(|mark| mark[2]).collect();
        assert_eq!(starts, [0, 30, 0, 30]);
        let offset = |start: usize| table.nodes[start + DIM * DIM];
        assert_eq!(offset(0), 0.7);
        assert_eq!(
            f64::from(offset(30)),
            f64::from(first.level.unwrap().alpha as f32)
        );
    }
}
