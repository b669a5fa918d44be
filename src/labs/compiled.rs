//! One side of a link, compiled, with what both sides share of the picture.

use super::chain::ChainLab;
use super::space::{SpaceLab, Window};
use super::toy1d::{Axis, Toy1d};
use crate::error::Error;
use crate::link::{Link, Side, Values};

/// One side of a link.
pub enum Compiled {
    /// The lab toy1d.
    Line(Toy1d, Axis),
    /// The labs toy2d and torus.
    Space(SpaceLab, Window),
    /// The lab lgssm, and half the height of a picture that holds both sides.
    Chain(Box<ChainLab>, f64),
}

/// Compiles one side of a link; side a where there is no b.
///
/// # Errors
/// If a model cannot be made, or its guidance.
pub fn compile(link: &Link, side: Side) -> Result<Compiled, Error> {
    let which = usize::from(side == Side::B && link.b.is_some());
    let sides = [Some(&link.a), link.b.as_ref()].into_iter().flatten();
    if link.a.word("lab") == "lgssm" {
        let labs: Result<Vec<ChainLab>, Error> =
            sides.map(ChainLab::new as fn(&Values) -> _).collect();
        let mut labs = labs?;
        let reach = labs.iter().map(super::chain::reach).fold(0.0, f64::max);
        return Ok(Compiled::Chain(Box::new(labs.swap_remove(which)), reach));
    }
    Ok(if link.a.word("lab") == "toy1d" {
        let mut labs: Vec<Toy1d> = sides.map(Toy1d::new).collect();
        let axis = Axis::holding(&labs.iter().collect::<Vec<_>>());
        Compiled::Line(labs.swap_remove(which), axis)
    } else {
        let mut labs: Vec<SpaceLab> = sides.map(SpaceLab::new).collect();
        let window = Window::holding(&labs.iter().collect::<Vec<_>>());
        Compiled::Space(labs.swap_remove(which), window)
    })
}
