//! The network on windows of a flow ([`crate::net::unet`]) on a device: its forward pass, and products with the transpose
//! of its Jacobian.
//!
//! A map is a matrix `[n·side², channels]` of n windows, with the channels next to each other and padded as on the host. The
//! layers are those of [`FieldLoops`], also the transposed ones, and all are convolutions: of a map with its other side around
//! it, of four pixels, or of one pixel whose sums are then put in their places. burn has one plain kernel for these, where it
//! has a large one for each of several sizes of matrices, which takes a browser seconds to compile. Wiener's part and all
//! else around F stay on the host, in f64.
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
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Int, Tensor};
use std::sync::Arc;

/// Windows that go through the layers together: the slopes of one take 0.7 MB.
const TOGETHER: usize = 16;

/// Which pixels a sum takes, with those that are chosen before it or after it.
enum Taken {
    /// Before: the map and what is around it.
    Around(Tensor<1, Int>),
    Fall,
    /// After: the pixels in their order.
    Rise(Tensor<1, Int>),
}

/// A layer without its bias, or the transpose of one.
struct Product {
    taken: Taken,
    /// Pixels along a side of what it takes.
    side: usize,
    /// `[outputs, inputs, height, width]`, with the inputs next to each other in memory.
    kernel: Tensor<4>,
}

/// A layer: forth, back, and its bias where it has one.
struct Layer {
    forth: Product,
    back: Product,
    bias: Option<Tensor<2>>,
}

/// A [`Step`] on the device.
enum Operation {
    Linear(Box<Layer>),
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

/// The pixels at `places` of each window, whose map has so many `pixels`.
fn chosen(map: Tensor<2>, pixels: usize, places: &Tensor<1, Int>) -> Tensor<2> {
    let ([rows, channels], [taken]) = (map.dims(), places.dims());
    let n = rows / pixels;
    let map = map.reshape([n, pixels, channels]);
    map.select(1, places.clone()).reshape([n * taken, channels])
}

impl Product {
    fn new(matrix: &Matrix, place: &Place) -> Self {
        let Matrix {
            reach,
            side,
            inputs,
            columns,
            ..
        } = *matrix;
        let (width, taken) = match reach {
            Reach::Around => (3, Taken::Around(place.columns(Reach::wrapped(side)))),
            Reach::Fall => (2, Taken::Fall),
            Reach::Rise => (1, Taken::Rise(place.columns(Reach::split(side)))),
        };
        let rows = width * width * inputs;
        let turned = |k: usize| matrix.numbers[k % rows * columns + k / rows];
        let kernel = place.matrix((0..rows * columns).map(turned).collect(), [columns, rows]);
        let kernel = kernel.reshape([columns, width, width, inputs]);
        Self {
            taken,
            side,
            kernel: kernel.permute([0, 3, 1, 2]),
        }
    }

    /// The sums of the pixels of each row of windows of `side` pixels along a side.
    fn sums(&self, map: Tensor<2>, side: usize, stride: usize) -> Tensor<2> {
        let ([rows, channels], [columns, ..]) = (map.dims(), self.kernel.dims());
        let map = map.reshape([rows / (side * side), side, side, channels]);
        let options = ConvOptions::new([stride; 2], [0; 2], [1; 2], 1);
        let out = conv2d(
            map.permute([0, 3, 1, 2]),
            self.kernel.clone(),
            None,
            options,
        );
        let out = out.permute([0, 2, 3, 1]);
        let pixels = out.shape().num_elements() / columns;
        out.reshape([pixels, columns])
    }

    fn of(&self, map: Tensor<2>, bias: Option<&Tensor<2>>) -> Tensor<2> {
        let side = self.side;
        let out = match &self.taken {
            Taken::Around(places) => {
                let wrapped = chosen(map, side * side, places);
                self.sums(wrapped, side + 2, 1)
            }
            Taken::Fall => self.sums(map, side, 2),
            Taken::Rise(_) => self.sums(map, side, 1),
        };
        let out = match bias {
            Some(bias) => out + bias.clone(),
            None => out,
        };
        match &self.taken {
            Taken::Around(_) | Taken::Fall => out,
            Taken::Rise(places) => {
                let [rows, columns] = out.dims();
                let four = out.reshape([4 * rows, columns / 4]);
                chosen(four, 4 * side * side, places)
            }
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
            Step::Linear(linear) => Operation::Linear(Box::new(Layer::new(linear, place))),
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
