//! How far the members of a run are from the reference, cycle by cycle.

use super::reference::{at_hand, compared};
use super::setup::Setup;
use super::twin::Twin;
use crate::answer::Reals;
use crate::error::Error;
use crate::filter::Ensemble;
use crate::labs::task::{Stages, Task};
use crate::metrics::Energy;
use serde::Serialize;
use std::rc::Rc;

/// Energy distances between the members of a run and the reference.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct FilterEnergy {
    /// 2E|X − Y| − E|X − X′| − E|Y − Y′| at each cycle, X of the run, Y of the reference; up to the end of the shorter one.
    pub distance: Reals,
    /// What as many independent draws from the reference have on average.
    pub perfect: Reals,
    /// Members of the run that are compared.
    pub members: usize,
    /// Members of the reference that they are compared with.
    pub reference: usize,
}

/// The members of a run at each cycle, as many as fit.
#[derive(Debug, Clone, Default)]
pub(super) struct Clouds {
    /// Members of a cycle; 0 where there is nothing to compare them with.
    count: usize,
    all: Vec<f32>,
}

impl Clouds {
    pub fn new(setup: &Setup) -> Self {
        Self {
            count: match setup.has_reference() {
                true => compared(setup, setup.n),
                false => 0,
            },
            all: vec![],
        }
    }

    /// Numbers that it keeps in all.
    pub fn numbers(setup: &Setup) -> usize {
        Self::new(setup).count * setup.dim() * (setup.cycles + 1)
    }

    /// Keeps the members of the next cycle.
    pub fn push(&mut self, members: Option<&Ensemble>) {
        if let Some(members) = members.filter(|_| self.count > 0) {
            let drawn = members.drawn(self.count);
            self.all.extend(drawn.iter().map(|x| *x as f32));
        }
    }

    /// The distances to the reference; none while that is not computed, and of a method without members.
    pub fn task(&self, twin: &Rc<Twin>) -> Task {
        let (d, count) = (twin.dim(), self.count);
        let Some(reference) = at_hand(twin).filter(|_| count > 0) else {
            return Task::at_once(|| Ok(None::<FilterEnergy>));
        };
        let size = count * d;
        let cycles = self.all.len() / size;
        let all = self.all.clone();
        let m = reference.count;
        let told = FilterEnergy {
            members: count,
            reference: m,
            ..FilterEnergy::default()
        };
        // A pair is a twentieth of a unit.
        let cost = (count * m + (count * count + m * m) / 2) / 20;
        let part = move |told: &mut FilterEnergy, k: usize| -> Result<(), Error> {
            if let Some(cloud) = reference.cloud(k, d) {
                let wide = |x: &[f32]| x.iter().map(|x| f64::from(*x)).collect::<Vec<f64>>();
                let mut energy =
                    Energy::new(&wide(&all[k * size..(k + 1) * size]), &wide(cloud), d);
                let mut room = energy.room();
                (0..energy.rows()).for_each(|row| energy.add(row, energy.row(row, &mut room)));
                let (distance, perfect) = energy.distance();
                told.distance.0.push(distance);
                told.perfect.0.push(perfect);
            }
            Ok(())
        };
        Stages::on(told)
            .then(cycles, cost, part)
            .answer(|told| Ok(Some(told)))
    }
}
