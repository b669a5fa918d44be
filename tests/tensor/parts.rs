//! Parts of a series: particles with separate contexts, in pieces.

use super::{block_on, flex};
use scorefield::guide::{Guidance, Guided};
use scorefield::observe::{Band, Observation, Operator, States};
use scorefield::process::Chain;
use scorefield::sample::{Executor, Sampler};
use scorefield::schedule::{Grid, Process};
use scorefield::tensor::{self, DType, Map, Model, Part, Prior, TensorState};
use std::rc::Rc;

/// A chain of six states given its first two states, which differ between particles, and a saturating or linear
/// observation of the fourth.
fn guided(saturates: bool, guidance: Guidance, contexts: &[f64]) -> Guided {
    let chain = Chain::ar1(0.9, 0.4, 1.0, 0.5, 6).unwrap();
    let states = States { length: 6, dim: 1 };
    let view = match saturates {
        true => Operator::saturating(states, &[1.0], &[3]),
        false => Operator::linear(states, &[1.0], &[3]),
    };
    let known = Operator::slice(6, &[0, 1]).unwrap();
    let operator = Operator::stacked(&[&known, &view.unwrap()]).unwrap();
    let y = contexts.chunks(2).flat_map(|c| [c[0], c[1], 0.4]);
    let noise = Band::diagonal(&[0.0, 0.0, 0.25]);
    let observation = Observation::for_each(operator, &noise, y.collect()).unwrap();
    Guided::new(Rc::new(chain), observation, guidance).unwrap()
}

#[test]
fn contexts_stay_with_their_piece() {
    let plan = Sampler::Ddim.plan(Process::Vp, Grid::Default, 6);
    let levels: Vec<_> = plan.stages.iter().filter_map(|s| s.level).collect();
    let place = flex(DType::F64);
    for (saturates, guidance) in [
        (false, Guidance::Pigdm),
        (true, Guidance::Pigdm),
        (true, Guidance::Exact),
        (false, Guidance::Dps { zeta: 1.0 }),
    ] {
        let host = guided(saturates, guidance, &Map::contexts(6, 2));
        let affine = !saturates && guidance == Guidance::Pigdm;
        let model = if affine {
            Model::affine(&host, [6, 2], &levels, &place)
        } else {
            let prior = Prior::matrices(host.prior(), 6, &levels, &place);
            let guided = tensor::Guided::new(prior, &host, 2, &levels, &place).unwrap();
            Model::Guided(Box::new(guided))
        };
        // In one piece, and in pieces of four: the contexts are two columns of a run with the same pieces.
        let [whole, cut] = [1, 1 << 20].map(|width| {
            let part = |number, context| Part {
                number,
                context,
                width,
            };
            let none = Model::affine(host.prior(), [6, 0], &levels, &place);
            let size = (10, 6);
            let mut first = TensorState::part(&plan, size, 3, part(0, None), none, &place);
            while !first.is_over(&plan) {
                first.advance(&plan);
            }
            let context = part(1, Some(first.pieces(3..5, 10)));
            let mut state = TensorState::part(&plan, size, 3, context, model.clone(), &place);
            let mut pieces = 0;
            while !state.is_over(&plan) {
                state.advance(&plan);
                pieces += 1;
            }
            block_on(state.read()).unwrap();
            let stages = plan.stages.len();
            assert_eq!(pieces, if width == 1 { stages } else { 3 * stages });
            state.x().to_vec()
        });
        for (a, b) in whole.iter().zip(&cut) {
            assert!((a - b).abs() < 1e-12, "{guidance:?}: {a} {b}");
        }
    }
}
