//! A guided denoiser of chains on a device, and the levels at which a plan asks it.

use super::score::Score;
use crate::error::Error;
use crate::guide;
use crate::guide::Guided;
use crate::level::Level;
use crate::sample::Plan;
use crate::tensor;
use crate::tensor::Model;
use crate::tensor::Place;
use crate::tensor::Prior;
use crate::tensor::Windows;

/// The levels at which a plan evaluates x̂, each once.
pub(super) fn levels(plan: &Plan) -> Vec<Level> {
    let mut all: Vec<Level> = vec![];
    for level in plan.stages.iter().filter_map(|s| s.level) {
        if !all.contains(&level) {
            all.push(level);
        }
    }
    all
}

/// A guided denoiser of `dim` coordinates on a device, its score, and whether it is affine, whose particles bring contexts of
/// `known` numbers, of which it sees those at `seen`: of particles with the contexts of [`tensor::Map::contexts`].
///
/// # Errors
/// If guidance fails.
pub(super) fn model(
    (guided, score, affine): (&Guided, &Score, bool),
    ([dim, known], seen): ([usize; 2], &[usize]),
    levels: &[Level],
    place: &Place,
) -> Result<Model, Error> {
    if affine {
        let model = Model::affine(guided, [dim, known], levels, place);
        guided.check()?;
        return Ok(model);
    }
    let asked: Vec<Level> = levels.iter().map(guide::asked_at).collect();
    let prior = match score {
        Score::Net(k, Some(net)) => {
            let length = dim * (2 * k + 1) / net.dim();
            Prior::Windows(Box::new(Windows::new(net, length, *k, place)))
        }
        Score::Full | Score::Blanket(_) | Score::Net(_, None) => {
            Prior::matrices(guided.prior(), dim, &asked, place)
        }
    };
    let guided = tensor::Guided::new(prior, guided, seen.len(), levels, place)?;
    let guided = guided.picking(known, seen, place);
    Ok(Model::Guided(Box::new(guided)))
}

/// The σ/α at which the next stage evaluates x̂, if it does.
pub(super) fn ratio(plan: &Plan, stage: usize) -> Option<f64> {
    let level = plan.stages.get(stage).and_then(|s| s.level);
    level.map(|level| guide::asked_at(&level).ratio())
}
