//! One side of a link, compiled, with what both sides share of the picture.

use super::space::{SpaceLab, Window};
use super::toy1d::{Axis, Toy1d};
use crate::link::{Link, Side};

/// One side of a link.
pub enum Compiled {
    /// The lab toy1d.
    Line(Toy1d, Axis),
    /// The labs toy2d and torus.
    Space(SpaceLab, Window),
}

/// Compiles one side of a link; side a where there is no b.
pub fn compile(link: &Link, side: Side) -> Compiled {
    let which = usize::from(side == Side::B && link.b.is_some());
    let sides = [Some(&link.a), link.b.as_ref()].into_iter().flatten();
    if link.a.word("lab") == "toy1d" {
        let mut labs: Vec<Toy1d> = sides.map(Toy1d::new).collect();
        let axis = Axis::holding(&labs.iter().collect::<Vec<_>>());
        Compiled::Line(labs.swap_remove(which), axis)
    } else {
        let mut labs: Vec<SpaceLab> = sides.map(SpaceLab::new).collect();
        let window = Window::holding(&labs.iter().collect::<Vec<_>>());
        Compiled::Space(labs.swap_remove(which), window)
    }
}
