//! Answers without a sampler: the Gaussian posterior mean, and interpolation.

use super::shown::Shown;
use super::twin::Twin;
use super::way::Way;
use super::words::Way as Kind;
use crate::error::Error;
use std::rc::Rc;

/// An answer that comes in one step.
pub(super) struct Answer {
    twin: Rc<Twin>,
    begun: bool,
    film: Vec<f64>,
}

impl Answer {
    /// Before it is computed.
    pub fn new(twin: Rc<Twin>) -> Self {
        Self {
            twin,
            begun: false,
            film: vec![],
        }
    }
}

impl Way for Answer {
    fn advance(&mut self, work: &mut i64) -> Result<Option<usize>, Error> {
        if !self.begun {
            self.begun = true;
            return Ok(Some(0));
        }
        if self.is_done() {
            return Ok(None);
        }
        self.film = match self.twin.way {
            Kind::Interpolate => {
                *work -= self.twin.numbers() as i64;
                super::baseline::interpolated(&self.twin, &self.twin.past.borrow().y)?
            }
            Kind::Posterior | Kind::AllAtOnce | Kind::Autoregressive | Kind::Enkf | Kind::Free => {
                if !self.twin.solve(work)? {
                    return Ok(None);
                }
                self.twin.baseline.borrow().film().to_vec()
            }
        };
        Ok(Some(1))
    }

    fn is_done(&self) -> bool {
        !self.film.is_empty()
    }

    fn shown(&self) -> Shown {
        Shown {
            mean: self.film.clone(),
            ..Shown::default()
        }
    }

    fn samples(&self) -> Vec<f64> {
        self.film.clone()
    }
}
