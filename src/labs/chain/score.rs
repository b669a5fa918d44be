//! Where the score of a chain comes from.

use crate::denoise::Differentiable;
use crate::error::Error;
use crate::labs::setup::Missing;
use crate::net::CLAMP;
use crate::net::Net;
use crate::process::Chain;
use crate::process::lgssm::{Blanket, Windows};
use std::rc::Rc;
use std::sync::Arc;

/// Where the score of a chain comes from.
#[derive(Debug, Clone)]
pub enum Score {
    /// The exact one of the whole chain.
    Full,
    /// The exact ones of windows of half-window k, folded.
    Blanket(usize),
    /// Those of a network for such windows, where it is at hand.
    Net(usize, Option<Arc<Net>>),
}

impl Score {
    /// Half-window k; none of the full score.
    pub fn half_window(&self) -> Option<usize> {
        match self {
            Score::Full => None,
            Score::Blanket(k) | Score::Net(k, _) => Some(*k),
        }
    }

    /// As a denoiser of a chain.
    ///
    /// # Errors
    /// If a window is longer than the chain.
    pub fn of(&self, chain: &Chain) -> Result<Rc<dyn Differentiable>, Error> {
        Ok(match self {
            Score::Full => Rc::new(chain.clone()),
            Score::Blanket(k) => Rc::new(Blanket::new(chain, *k)?),
            Score::Net(k, net) => Rc::new(windows(chain, *k, net)?),
        })
    }

    /// The relative error of the score over σ/α; none of the full score, or of a network that is not at hand. A
    /// network's stands where it was trained: a smaller σ/α it takes for the least that it knows.
    ///
    /// # Errors
    /// If a window is longer than the chain.
    pub fn curve(&self, chain: &Chain) -> Result<Option<Curve>, Error> {
        Ok(match self {
            Score::Full | Score::Net(_, None) => None,
            Score::Blanket(k) => Some(Curve {
                ratios: Blanket::ratios().collect(),
                of: Of::Blanket(Box::new(Blanket::new(chain, *k)?)),
            }),
            Score::Net(k, net) => {
                let known = |s: &f64| (CLAMP.0..=CLAMP.1).contains(s);
                Some(Curve {
                    ratios: Blanket::ratios().filter(known).collect(),
                    of: Of::Windows(Box::new(windows(chain, *k, net)?)),
                })
            }
        })
    }
}

/// A curve of score errors, point by point.
pub struct Curve {
    /// The values of σ/α.
    pub ratios: Vec<f64>,
    of: Of,
}

enum Of {
    Blanket(Box<Blanket>),
    Windows(Box<Windows>),
}

impl Curve {
    /// The error at one of the ratios.
    ///
    /// # Errors
    /// As [`Score::curve`].
    pub fn at(&self, ratio: f64) -> Result<f64, Error> {
        match &self.of {
            Of::Blanket(blanket) => Ok(blanket.score_error_at(ratio)),
            Of::Windows(windows) => Ok(windows.score_errors(&[ratio])?[0]),
        }
    }
}

fn windows(chain: &Chain, k: usize, net: &Option<Arc<Net>>) -> Result<Windows, Error> {
    match net {
        Some(net) => Windows::new(chain, k, Rc::new(Net::clone(net))),
        None => Windows::new(chain, k, Rc::new(Missing)),
    }
}
