//! The layers of the network on tensors, and its forward pass.

use crate::net::unet::Shape;
use crate::net::unet::Slot;
use burn::tensor::Tensor;
use burn::tensor::activation::sigmoid;
use burn::tensor::module::conv_transpose2d;
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::ops::ConvTransposeOptions;

/// 1 + g and b of every block in the order of the forward pass, `[n or 1, channels, 1, 1]`.
pub(super) type Films = Vec<[Tensor<4>; 2]>;

/// A convolution; the second one of a block has no bias.
#[derive(Debug, Clone)]
struct Kernel {
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
}

/// An affine layer: the matrix `[inputs, outputs]` and the bias.
#[derive(Debug, Clone)]
struct Affine(Tensor<2>, Tensor<1>);

#[derive(Debug, Clone)]
struct Block {
    first: Kernel,
    film: Affine,
    second: Kernel,
}

/// The layers of a network.
#[derive(Debug, Clone)]
pub(super) struct Layers {
    embed: [Affine; 2],
    enter: Kernel,
    /// The blocks of each level on the way down, and the step to the next level.
    down: Vec<(Vec<Block>, Option<Kernel>)>,
    /// The step from the level below and the blocks of each level on the way up, from the smallest map on.
    up: Vec<(Kernel, Vec<Block>)>,
    leave: Kernel,
}

/// Channels `[n, channels, y, x]`, and perhaps their change along a direction.
#[derive(Clone)]
pub(super) struct Maps {
    pub value: Tensor<4>,
    pub change: Option<Tensor<4>>,
}

/// Flat tensors that are given their dimensions one after the other.
struct Leaves<'t, I>(I, std::slice::Iter<'t, Slot>);

impl<I: Iterator<Item = Tensor<1>>> Leaves<'_, I> {
    /// The next tensor. A list has as many tensors as slots, and each slot has the dimensions that are asked for.
    fn next<const D: usize>(&mut self) -> Option<Tensor<D>> {
        let slot = self.1.next()?;
        let dims: [usize; D] = slot.dims.clone().try_into().ok()?;
        Some(self.0.next()?.reshape(dims))
    }

    fn affine(&mut self) -> Option<Affine> {
        Some(Affine(self.next()?, self.next()?))
    }

    fn kernel(&mut self) -> Option<Kernel> {
        Some(Kernel {
            weight: self.next()?,
            bias: Some(self.next()?),
        })
    }

    fn blocks(&mut self, count: usize) -> Option<Vec<Block>> {
        let block = |_| {
            Some(Block {
                first: self.kernel()?,
                film: self.affine()?,
                second: Kernel {
                    weight: self.next()?,
                    bias: None,
                },
            })
        };
        (0..count).map(block).collect()
    }

    fn layers(&mut self, shape: &Shape) -> Option<Layers> {
        let embed = [self.affine()?, self.affine()?];
        let enter = self.kernel()?;
        let mut down = vec![];
        for (level, count) in shape.down.iter().enumerate() {
            let blocks = self.blocks(*count)?;
            let step = match level < shape.up.len() {
                true => Some(self.kernel()?),
                false => None,
            };
            down.push((blocks, step));
        }
        let mut up = vec![];
        for count in shape.up.iter().rev() {
            up.push((self.kernel()?, self.blocks(*count)?));
        }
        Some(Layers {
            embed,
            enter,
            down,
            up,
            leave: self.kernel()?,
        })
    }
}

impl Layers {
    /// The layers from one flat tensor for each slot of `shape`.
    ///
    /// # Panics
    /// If there are fewer tensors than slots.
    pub fn new(shape: &Shape, leaves: impl Iterator<Item = Tensor<1>>) -> Self {
        let slots = shape.slots();
        let layers = Leaves(leaves, slots.iter()).layers(shape);
        layers.expect("a tensor for each slot")
    }

    /// 1 + g and b of every block for embeddings `[n, 16]` ([`crate::net::unet::embedding`]).
    pub fn films(&self, embedding: Tensor<2>) -> Films {
        let mut e = embedding;
        for layer in &self.embed {
            let x = layer.of(e);
            e = x.clone() * sigmoid(x);
        }
        let down = self.down.iter().flat_map(|(blocks, _)| blocks);
        let up = self.up.iter().flat_map(|(_, blocks)| blocks);
        let film = |block: &Block| {
            let both = block.film.of(e.clone());
            let [n, both_width] = both.dims();
            let width = both_width / 2;
            let part = |i| {
                both.clone()
                    .narrow(1, i * width, width)
                    .reshape([n, width, 1, 1])
            };
            [part(0).add_scalar(1.0), part(1)]
        };
        down.chain(up).map(film).collect()
    }

    /// F of what it sees, `[n, 44, 16, 16]`: `[n, 20, 16, 16]`.
    pub fn forward(&self, seen: Maps, films: &Films) -> Maps {
        let mut films = films.iter();
        let mut x = self.enter.around(seen);
        let mut kept = vec![];
        for (blocks, step) in &self.down {
            x = pass(blocks, x, &mut films);
            if let Some(step) = step {
                kept.push(x.clone());
                x = step.down(x);
            }
        }
        for (step, blocks) in &self.up {
            x = step.up(x);
            if let Some(kept) = kept.pop() {
                x = x.plus(kept);
            }
            x = pass(blocks, x, &mut films);
        }
        self.leave.around(x.silu())
    }
}

/// x + conv₂ SiLU((1 + g)·conv₁ SiLU(x) + b), for each block.
fn pass(blocks: &[Block], x: Maps, films: &mut std::slice::Iter<[Tensor<4>; 2]>) -> Maps {
    blocks.iter().zip(films).fold(x, |x, (block, [g, b])| {
        let first = block.first.around(x.clone().silu());
        let bent = Maps {
            value: first.value * g.clone() + b.clone(),
            change: first.change.map(|dx| dx * g.clone()),
        };
        block.second.around(bent.silu()).plus(x)
    })
}

impl Affine {
    fn of(&self, x: Tensor<2>) -> Tensor<2> {
        x.matmul(self.0.clone()) + self.1.clone().unsqueeze()
    }
}

impl Maps {
    fn silu(self) -> Self {
        let s = sigmoid(self.value.clone());
        let value = self.value * s.clone();
        // d/dx x·s = s + x·s·(1 − s).
        let slope = |value: Tensor<4>| s.clone() + value * s.clone().neg().add_scalar(1.0);
        let change = self.change.map(|dx| dx * slope(value.clone()));
        Self { value, change }
    }

    fn plus(self, other: Self) -> Self {
        let change = self.change.zip(other.change).map(|(a, b)| a + b);
        Self {
            value: self.value + other.value,
            change,
        }
    }
}

impl Kernel {
    /// A linear map with this kernel of the channels and of their change; the bias is added to the channels only.
    fn apply(
        &self,
        x: Maps,
        map: impl Fn(Tensor<4>, Tensor<4>, Option<Tensor<1>>) -> Tensor<4>,
    ) -> Maps {
        let kernel = || self.weight.clone();
        Maps {
            value: map(x.value, kernel(), self.bias.clone()),
            change: x.change.map(|dx| map(dx, kernel(), None)),
        }
    }

    /// A circular 3×3 convolution.
    fn around(&self, x: Maps) -> Maps {
        let options = || ConvOptions::new([1, 1], [0, 0], [1, 1], 1);
        self.apply(x, |x, kernel, bias| {
            conv2d(wrapped(wrapped(x, 3), 2), kernel, bias, options())
        })
    }

    /// A 2×2 convolution of stride 2.
    fn down(&self, x: Maps) -> Maps {
        let options = || ConvOptions::new([2, 2], [0, 0], [1, 1], 1);
        self.apply(x, |x, kernel, bias| conv2d(x, kernel, bias, options()))
    }

    /// The transpose of such a convolution.
    fn up(&self, x: Maps) -> Maps {
        let options = || ConvTransposeOptions::new([2, 2], [0, 0], [0, 0], [1, 1], 1);
        self.apply(x, |x, kernel, bias| {
            conv_transpose2d(x, kernel, bias, options())
        })
    }
}

/// The last row before the first and the first after the last, along `dim`.
fn wrapped(x: Tensor<4>, dim: usize) -> Tensor<4> {
    let last = x.dims()[dim] - 1;
    let row = |i| x.clone().narrow(dim, i, 1);
    let (before, after) = (row(last), row(0));
    Tensor::cat(vec![before, x, after], dim)
}
