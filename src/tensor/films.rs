//! The network on windows of a flow ([`crate::net::unet`]) on a device: its forward pass, and products with the transpose
//! of its Jacobian.
//!
//! A map is a matrix `[n·side², channels]` of n windows, padded as on the host, and a layer a product of matrices: the pixels of
//! its sums are gathered before it, and those of a rise are put in their places after it. The matrices are those of
//! [`FieldLoops`], also the transposed ones, so a pass takes a few kinds of kernel only. Wiener's part and all else around F
//! stay on the host, in f64.
//!
//! Held by `tests/tensor_films.rs`: `x_hat_on_tensors_is_that_of_plain_loops`,
//! `the_product_on_tensors_is_that_of_finite_differences_of_plain_loops`.

use super::lost::lost;
use super::upload::Place;
use crate::error::Error;
use crate::level::Level;
use crate::net::unet::Around;
use crate::net::unet::FRAMES;
use crate::net::unet::FieldLoops;
use crate::net::unet::FieldNet;
use crate::net::unet::Linear;
use crate::net::unet::Matrix;
use crate::net::unet::Reach;
use crate::net::unet::SEEN;
use crate::net::unet::SIDE;
use crate::net::unet::Skip;
use crate::net::unet::Step;
use crate::net::unet::WINDOW;
use crate::net::unet::channels;
use crate::net::unet::map;
use burn::tensor::activation::sigmoid;
use burn::tensor::{Int, Tensor};
use std::sync::Arc;

/// Windows that go through the layers together: what the largest layer gathers takes 0.4 MB for each.
const TOGETHER: usize = 16;

/// A product with a matrix on the device.
struct Product {
    reach: Reach,
    matrix: Tensor<2>,
    /// Pixels and channels of the map that `places` chooses pixels of.
    pixels: usize,
    channels: usize,
    places: Tensor<1, Int>,
}

/// A layer: forth, back, and its bias where it has one.
struct Layer {
    forth: Product,
    back: Product,
    bias: Option<Tensor<2>>,
}

/// A [`Step`] on the device.
enum Operation {
    Linear(Layer),
    Silu,
    Film(usize),
    Keep,
    Add,
}

/// 1 + g and b of every block.
type Films = Vec<[Tensor<2>; 2]>;

/// The slopes of SiLU, in the order of the forward pass.
type Slopes = Vec<Tensor<2>>;

/// The forward pass of some windows, which waits for a product with its transpose.
struct Kept {
    level: Level,
    x_t: Vec<f64>,
    groups: Vec<Slopes>,
}

/// The denoiser of windows `[frame][y][x]` of a network, with F on a device. Reading a device takes time, so it is no
/// [`crate::denoise::Denoiser`].
pub struct FilmNetwork {
    loops: FieldLoops,
    operations: Vec<Operation>,
    skip: Arc<dyn Skip>,
    place: Place,
    /// Of the last noise ratio.
    films: Option<(f64, Films)>,
    kept: Option<Kept>,
}

impl Product {
    fn new(matrix: &Matrix, place: &Place) -> Self {
        let Matrix { reach, side, .. } = *matrix;
        let (pixels, channels) = match reach {
            Reach::Around | Reach::Fall => (side * side, matrix.inputs),
            Reach::Rise => (4 * side * side, matrix.columns / 4),
        };
        let rows = matrix.numbers.len() / matrix.columns;
        Self {
            reach,
            matrix: place.matrix(matrix.numbers.clone(), [rows, matrix.columns]),
            pixels,
            channels,
            places: place.columns(reach.places(side)),
        }
    }

    /// The chosen pixels of a map, as rows of `width` numbers.
    fn chosen(&self, map: Tensor<2>, width: usize) -> Tensor<2> {
        let n = map.shape().num_elements() / (self.pixels * self.channels);
        let map = map.reshape([n, self.pixels, self.channels]);
        let [taken] = self.places.dims();
        let rows = n * taken * self.channels / width;
        map.select(1, self.places.clone()).reshape([rows, width])
    }

    fn of(&self, map: Tensor<2>, bias: Option<&Tensor<2>>) -> Tensor<2> {
        let rows = match self.reach {
            Reach::Around | Reach::Fall => self.chosen(map, self.matrix.dims()[0]),
            Reach::Rise => map,
        };
        let mut out = rows.matmul(self.matrix.clone());
        if let Some(bias) = bias {
            out = out + bias.clone();
        }
        match self.reach {
            Reach::Around | Reach::Fall => out,
            Reach::Rise => self.chosen(out, self.channels),
        }
    }
}

impl Layer {
    fn new(linear: &Linear, place: &Place) -> Self {
        let has_bias = linear.bias.iter().any(|b| *b != 0.0);
        Self {
            forth: Product::new(&linear.forth, place),
            back: Product::new(&linear.back, place),
            bias: has_bias.then(|| row(&linear.bias, place)),
        }
    }
}

/// A row `[1, columns]`.
fn row(values: &[f32], place: &Place) -> Tensor<2> {
    place.matrix(values.to_vec(), [1, values.len()])
}

impl FilmNetwork {
    /// Puts the layers of a network that corrects `skip` on a device.
    pub fn new(net: &FieldNet, skip: Arc<dyn Skip>, place: &Place) -> Self {
        let loops = FieldLoops::new(net);
        let operation = |step: &Step| match step {
            Step::Linear(linear) => Operation::Linear(Layer::new(linear, place)),
            Step::Silu => Operation::Silu,
            Step::Film(which) => Operation::Film(*which),
            Step::Keep => Operation::Keep,
            Step::Add => Operation::Add,
        };
        Self {
            operations: loops.steps().iter().map(operation).collect(),
            loops,
            skip,
            place: place.clone(),
            films: None,
            kept: None,
        }
    }

    /// x̂ of windows at a level, `[n][frame][y][x]`. `keeps`: [`FilmNetwork::vjp`] follows at the same points.
    ///
    /// # Errors
    /// If the device is lost.
    pub async fn x_hat(
        &mut self,
        level: &Level,
        x_t: &[f64],
        keeps: bool,
    ) -> Result<Vec<f64>, Error> {
        self.kept = None;
        let skip = self.skip.clone();
        let around = Around::new(skip.as_ref(), level);
        self.tell(around.s());
        let (mut out, mut groups) = (vec![], vec![]);
        for x_t in x_t.chunks(TOGETHER * WINDOW) {
            let [seen, guess] = around.seen(x_t);
            let (f, slopes) = self.forward(self.upload(&seen, 4 * SEEN), keeps);
            groups.push(slopes);
            out.extend(around.corrected(&guess, &read(f, 4 * FRAMES).await?));
        }
        self.kept = keeps.then(|| Kept {
            level: *level,
            x_t: x_t.to_vec(),
            groups,
        });
        Ok(out)
    }

    /// Jᵀv of windows at a level, with J = ∂x̂/∂x_t.
    ///
    /// # Errors
    /// If the device is lost.
    pub async fn vjp(&mut self, level: &Level, x_t: &[f64], v: &[f64]) -> Result<Vec<f64>, Error> {
        let kept = self.kept.take();
        let kept = kept.filter(|kept| kept.level == *level && kept.x_t == x_t);
        let mut groups = kept.map_or(vec![], |kept| kept.groups).into_iter();
        let skip = self.skip.clone();
        let around = Around::new(skip.as_ref(), level);
        self.tell(around.s());
        let mut out = vec![];
        let some = TOGETHER * WINDOW;
        for (x_t, v) in x_t.chunks(some).zip(v.chunks(some)) {
            let slopes = groups.next().unwrap_or_else(|| {
                let [seen, _] = around.seen(x_t);
                self.forward(self.upload(&seen, 4 * SEEN), true).1
            });
            let seeds = self.upload(&around.seeds(v), 4 * FRAMES);
            let gradient = read(self.back(seeds, slopes), 4 * SEEN).await?;
            out.extend(around.pulled(v, &gradient));
        }
        Ok(out)
    }

    /// Prepares what depends on the noise ratio only.
    fn tell(&mut self, s: f64) {
        if self.films.as_ref().is_some_and(|own| own.0 == s) {
            return;
        }
        let films = self.loops.films(s).into_iter();
        let up = |both: [Vec<f32>; 2]| both.map(|own| row(&own, &self.place));
        self.films = Some((s, films.map(up).collect()));
    }

    /// 1 + g and b of a block.
    fn film(&self, which: usize) -> Option<&[Tensor<2>; 2]> {
        self.films.as_ref()?.1.get(which)
    }

    /// Channels `[n][width][16][16]` as a map.
    fn upload(&self, values: &[f64], width: usize) -> Tensor<2> {
        let rows = values.len() / width;
        let windows = values.chunks(width * SIDE * SIDE);
        let values: Vec<f32> = windows.flat_map(|own| map(own, width)).collect();
        let columns = values.len() / rows;
        self.place.matrix(values, [rows, columns])
    }

    /// F, and the slopes that a product with its transpose needs, where it `keeps` them.
    fn forward(&self, mut x: Tensor<2>, keeps: bool) -> (Tensor<2>, Slopes) {
        let (mut kept, mut slopes) = (vec![], vec![]);
        for operation in &self.operations {
            match operation {
                Operation::Linear(layer) => x = layer.forth.of(x, layer.bias.as_ref()),
                Operation::Silu => {
                    let s = sigmoid(x.clone());
                    x = x * s.clone();
                    if keeps {
                        // d/dx x·s = s + x·s·(1 − s).
                        let rest = s.clone().neg().add_scalar(1.0);
                        slopes.push(x.clone() * rest + s);
                    }
                }
                Operation::Film(which) => {
                    if let Some([g, b]) = self.film(*which) {
                        x = x * g.clone() + b.clone();
                    }
                }
                Operation::Keep => kept.push(x.clone()),
                Operation::Add => {
                    if let Some(other) = kept.pop() {
                        x = x + other;
                    }
                }
            }
        }
        (x, slopes)
    }

    /// The gradient of Σ F·seed with respect to what F sees.
    fn back(&self, mut g: Tensor<2>, mut slopes: Slopes) -> Tensor<2> {
        let mut kept: Vec<Tensor<2>> = vec![];
        for operation in self.operations.iter().rev() {
            match operation {
                Operation::Linear(layer) => g = layer.back.of(g, None),
                Operation::Silu => {
                    if let Some(slope) = slopes.pop() {
                        g = g * slope;
                    }
                }
                Operation::Film(which) => {
                    if let Some([factor, _]) = self.film(*which) {
                        g = g * factor.clone();
                    }
                }
                Operation::Keep => {
                    if let Some(other) = kept.pop() {
                        g = g + other;
                    }
                }
                Operation::Add => kept.push(g.clone()),
            }
        }
        g
    }
}

/// Reads a map as channels `[n][width][16][16]`.
async fn read(x: Tensor<2>, width: usize) -> Result<Vec<f64>, Error> {
    let [_, columns] = x.dims();
    let data = x.into_data_async().await.map_err(|_| lost())?;
    let values = data.convert::<f32>().try_to_vec::<f32>();
    let values = values.map_err(|_| lost())?;
    let maps = values.chunks(columns * SIDE * SIDE);
    Ok(maps.flat_map(|own| channels(own, width)).collect())
}
