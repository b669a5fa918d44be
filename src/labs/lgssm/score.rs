//! The sources of the score of a chain.

use crate::denoise::Differentiable;
use crate::error::Error;
use crate::labs::setup::Missing;
use crate::net::CLAMP;
use crate::net::Net;
use crate::process::Chain;
use crate::process::lgssm::{Blanket, Windows};
use std::rc::Rc;
use std::sync::Arc;

/// The source of the score of a chain.
#[derive(Debug, Clone)]
pub enum Score {
    /// The exact score of the whole chain.
    Full,
    /// The exact scores of windows of half-window k, folded.
    Blanket(usize),
    /// The scores of a network for such windows, if it is available.
    Net(usize, Option<Arc<Net>>),
}

impl Score {
    /// Half-window k; `None` for the full score.
    pub fn half_window(&self) -> Option<usize> {
        match self {
            Score::Full => None,
            Score::Blanket(k) | Score::Net(k, _) => Some(*k),
        }
    }

    /// The denoiser of a chain.
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

    /// The relative error of the score over σ/α; `None` for the full score, or for a network that is not available.
    /// The curve of a network covers the range of its training, because it clamps a smaller σ/α.
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
    /// The work of a point in units ([`crate::denoise::Denoiser::price`]), about.
    pub fn price(&self) -> usize {
        match &self.of {
            Of::Blanket(blanket) => blanket.error_price(),
            Of::Windows(windows) => windows.error_price(),
        }
    }

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
