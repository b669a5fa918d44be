//! The shape of a network: its tensors in the order in which the forward pass uses them.

use super::FRAMES;
use super::SEEN;
use super::SIDE;

/// Sines and cosines of the embedding.
const WAVES: usize = 16;
/// Width of the embedding.
const EMBEDDED: usize = 64;
/// Smaller starts of the second convolution of a block and of the last one.
const SECOND: f64 = 0.2;
const LAST: f64 = 0.1;

/// Widths and residual blocks of a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Channels at 16×16, 8×8 and 4×4 pixels.
    pub widths: [usize; 3],
    /// Blocks on the way down, at 16×16, 8×8 and 4×4.
    pub down: [usize; 3],
    /// Blocks on the way up, at 16×16 and 8×8.
    pub up: [usize; 2],
}

/// The small network: 217 k weights.
pub const SMALL: Shape = Shape {
    widths: [24, 48, 48],
    down: [1, 1, 1],
    up: [1, 1],
};
/// The large network: 529 k weights.
pub const LARGE: Shape = Shape {
    widths: [32, 64, 64],
    down: [1, 2, 1],
    up: [1, 2],
};

/// What a tensor of weights is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// The matrix `[inputs, outputs]` of an affine layer.
    Matrix,
    /// The matrix and, next, the bias of the g and b of a block: `[64, 2·channels]`, g first.
    Film,
    /// A convolution, `[outputs, inputs, height, width]`; a transposed one has `[inputs, outputs, 2, 2]`.
    Kernel,
    /// A bias.
    Bias,
}

/// A tensor in the flat weights.
#[derive(Debug, Clone, PartialEq)]
pub struct Slot {
    /// Its name in the file.
    pub name: String,
    /// What it is for.
    pub of: Use,
    /// Its dimensions.
    pub dims: Vec<usize>,
    /// Position of its first weight.
    pub start: usize,
    /// Its weights start uniform in ± this.
    pub bound: f64,
}

impl Slot {
    /// Its place in the flat weights.
    pub fn range(&self) -> std::ops::Range<usize> {
        self.start..self.start + self.dims.iter().product::<usize>()
    }
}

/// The sines and then the cosines of 2ʲ·⅛ ln s, j = 0…7.
///
/// Held by `src/net/unet/tests.rs`: `the_embedding_turns_by_the_logarithm`.
pub fn embedding(s: f64) -> [f64; WAVES] {
    let mut all = [0.0; WAVES];
    let (sines, cosines) = all.split_at_mut(WAVES / 2);
    let mut phase = 0.125 * libm::log(s);
    for (sine, cosine) in sines.iter_mut().zip(cosines) {
        (*sine, *cosine) = libm::sincos(phase);
        phase *= 2.0;
    }
    all
}

/// A list of tensors that grows.
#[derive(Default)]
struct List {
    all: Vec<Slot>,
    end: usize,
}

impl List {
    fn push(&mut self, name: String, of: Use, dims: &[usize], bound: f64) {
        let slot = Slot {
            name,
            of,
            dims: dims.to_vec(),
            start: self.end,
            bound,
        };
        self.end = slot.range().end;
        self.all.push(slot);
    }

    fn affine(&mut self, name: &str, of: Use, [inputs, outputs]: [usize; 2], start: f64) {
        let bound = start / (inputs as f64).sqrt();
        self.push(format!("{name}.weight"), of, &[inputs, outputs], bound);
        self.push(format!("{name}.bias"), Use::Bias, &[outputs], 0.0);
    }

    /// A convolution from `dims[1]` to `dims[0]` channels.
    fn kernel(&mut self, name: &str, dims: [usize; 4], start: f64) {
        let inputs: usize = dims[1..].iter().product();
        let bound = start / (inputs as f64).sqrt();
        self.push(format!("{name}.weight"), Use::Kernel, &dims, bound);
    }

    fn bias(&mut self, name: &str, outputs: usize) {
        self.push(format!("{name}.bias"), Use::Bias, &[outputs], 0.0);
    }

    fn block(&mut self, name: &str, width: usize) {
        self.kernel(&format!("{name}.first"), [width, width, 3, 3], 1.0);
        self.bias(&format!("{name}.first"), width);
        let film = [EMBEDDED, 2 * width];
        self.affine(&format!("{name}.film"), Use::Film, film, 0.0);
        self.kernel(&format!("{name}.second"), [width, width, 3, 3], SECOND);
    }
}

impl Shape {
    /// Its tensors, in the order of the forward pass.
    pub fn slots(&self) -> Vec<Slot> {
        let mut list = List::default();
        let width = self.widths;
        list.affine("embed.0", Use::Matrix, [WAVES, EMBEDDED], 1.0);
        list.affine("embed.1", Use::Matrix, [EMBEDDED, EMBEDDED], 1.0);
        list.kernel("enter", [width[0], 4 * SEEN, 3, 3], 1.0);
        list.bias("enter", width[0]);
        for level in 0..3 {
            for block in 0..self.down[level] {
                list.block(&format!("down.{level}.{block}"), width[level]);
            }
            if level < 2 {
                let name = format!("fall.{level}");
                list.kernel(&name, [width[level + 1], width[level], 2, 2], 1.0);
                list.bias(&name, width[level + 1]);
            }
        }
        for level in [1, 0] {
            let name = format!("rise.{level}");
            list.kernel(&name, [width[level + 1], width[level], 2, 2], 1.0);
            list.bias(&name, width[level]);
            for block in 0..self.up[level] {
                list.block(&format!("up.{level}.{block}"), width[level]);
            }
        }
        list.kernel("leave", [4 * FRAMES, width[0], 3, 3], LAST);
        list.bias("leave", 4 * FRAMES);
        list.all
    }

    /// Number of its weights.
    pub fn len(&self) -> usize {
        self.slots().last().map_or(0, |slot| slot.range().end)
    }

    /// False: a network always has weights.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Multiplications of a forward pass on one window.
    pub fn products(&self) -> usize {
        let mut side = SIDE;
        let mut sum = 0;
        for slot in self.slots().iter().filter(|s| s.of == Use::Kernel) {
            let one: usize = slot.dims.iter().product();
            if slot.name.starts_with("fall") {
                side /= 2;
            }
            sum += one * side * side;
            if slot.name.starts_with("rise") {
                side *= 2;
            }
        }
        sum
    }
}
