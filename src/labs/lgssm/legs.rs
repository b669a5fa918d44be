//! The walks of a run of chains through the plan, which its price is made of.

use super::ChainLab;
use super::method::{Method, Segment};
use crate::labs::leg::Leg;
use std::rc::Rc;

/// The walks of a run. The first segment, the last one and those between have different lengths and contexts.
pub(super) fn legs(lab: &ChainLab) -> Vec<Leg> {
    let series = match &lab.method {
        Method::Exact => return vec![],
        Method::AllAtOnce => {
            return vec![Leg {
                times: 1,
                dim: lab.chain.dim(),
                denoiser: Some(Rc::new(lab.guided.fresh())),
            }];
        }
        Method::Autoregressive(series) => series,
    };
    let all = series.segments();
    let between = (all.len() > 2).then(|| (&all[1], all.len() - 2));
    let ends = [all.first(), all.last().filter(|_| all.len() > 1)];
    let ends = ends.into_iter().flatten().map(|segment| (segment, 1));
    let p = lab.chain.states();
    let leg = |(segment, times): (&Segment, usize)| {
        let prior = series.prior(segment).ok()?;
        let context = vec![0.0; (segment.new - segment.start) * p];
        let guided = series.guided(segment, &prior, &context).ok()?;
        Some(Leg {
            times,
            dim: segment.length() * p,
            denoiser: Some(Rc::new(guided)),
        })
    };
    ends.chain(between).filter_map(leg).collect()
}
