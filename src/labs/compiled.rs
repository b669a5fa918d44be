//! One side of a link, compiled, with what both sides share of the picture.

use super::chain::ChainLab;
use super::space::{SpaceLab, Window};
use super::toy1d::{Axis, Toy1d};
use crate::error::Error;
use crate::link::{Lab, Link, Side, Values};

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
/// If a model cannot be made, or its guidance; if the values lack a key.
pub fn compile(link: &Link, side: Side) -> Result<Compiled, Error> {
    let which = usize::from(side == Side::B && link.b.is_some());
    let sides = [Some(&link.a), link.b.as_ref()].into_iter().flatten();
    Ok(match link.a.need_choice("lab")? {
        Lab::Lgssm => return chain(&sides.collect::<Vec<_>>(), which),
        Lab::Toy1d => {
            let mut labs = sides.map(Toy1d::new).collect::<Result<Vec<_>, _>>()?;
            let axis = Axis::holding(&labs.iter().collect::<Vec<_>>());
            Compiled::Line(labs.swap_remove(which), axis)
        }
        Lab::Toy2d | Lab::Torus => {
            let mut labs = sides.map(SpaceLab::new).collect::<Result<Vec<_>, _>>()?;
            let window = Window::holding(&labs.iter().collect::<Vec<_>>());
            Compiled::Space(labs.swap_remove(which), window)
        }
    })
}

/// The side number `which` of chains. A picture holds both; a side that cannot be made is its own error alone.
fn chain(sides: &[&Values], which: usize) -> Result<Compiled, Error> {
    let own = ChainLab::new(sides[which])?;
    let mut reach = super::chain::reach(&own);
    for (i, values) in sides.iter().enumerate() {
        if i != which
            && let Ok(other) = ChainLab::new(values)
        {
            reach = reach.max(super::chain::reach(&other));
        }
    }
    Ok(Compiled::Chain(Box::new(own), reach))
}
