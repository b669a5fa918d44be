//! Training on tensors: the steps of [`crate::net::Trainer`] on a device.
//!
//! The draws, the network and the steps of Adam are those of the host. The device sums in its own order, so the weights
//! agree with the host up to the rounding of f32, not to the bit. The reverse pass of the perceptron is written out, so
//! the package needs no automatic differentiation.
//!
//! Held by `tests/tensor.rs`: `training_on_tensors_is_training_on_the_host`.

use crate::error::Error;
use crate::net::batch::Batch;
use crate::net::train::{AdamStep, BETA, EPSILON};
use crate::net::{Net, Recipe, Shape, Target, Trainer, shape};
use crate::rng::Noise;
use burn::tensor::{DType, Device, Tensor, TensorData, activation::sigmoid};

/// A matrix or a bias, with Adam's averages of it.
struct Weight {
    value: Tensor<2>,
    momentum: Tensor<2>,
    square: Tensor<2>,
    average: Tensor<2>,
}

impl Weight {
    fn new(value: Tensor<2>) -> Self {
        let zero = value.clone().mul_scalar(0.0);
        Self {
            momentum: zero.clone(),
            square: zero,
            average: value.clone(),
            value,
        }
    }

    fn adam(&mut self, gradient: Tensor<2>, at: &AdamStep) {
        let mix = |old: &Tensor<2>, new: Tensor<2>, keep: f32| {
            old.clone().mul_scalar(keep) + new.mul_scalar(1.0 - keep)
        };
        self.momentum = mix(&self.momentum, gradient.clone(), BETA.0);
        self.square = mix(&self.square, gradient.clone() * gradient, BETA.1);
        let root = self.square.clone().mul_scalar(at.root).sqrt();
        let step = self.momentum.clone() / root.add_scalar(EPSILON);
        self.value = self.value.clone() - step.mul_scalar(at.rate);
        self.average = mix(&self.average, self.value.clone(), at.keep);
    }
}

/// A training on a device.
pub struct TensorTrainer {
    recipe: Recipe,
    shape: Shape,
    dim: usize,
    step: u32,
    noise: Noise,
    /// Matrix `[inputs, outputs]` and bias `[1, outputs]` of each layer.
    layers: Vec<(Weight, Weight)>,
    device: Device,
    dtype: DType,
    /// The loss of the last step, on the device.
    loss: Option<Tensor<1>>,
}

impl TensorTrainer {
    /// A training from its start, for data with `dim` coordinates, with the initial weights of the host.
    pub fn new(recipe: Recipe, dim: usize, device: Device, dtype: DType) -> Self {
        let start = Trainer::new(recipe, dim).network(String::new());
        let shape = shape(dim, recipe.width, recipe.depth);
        let upload = |values: Vec<f32>, rows: usize| {
            let columns = values.len() / rows;
            let data = TensorData::new(values, [rows, columns]);
            Weight::new(Tensor::from_data(data, (&device, dtype)))
        };
        let layers = shape.layers();
        let layers = layers.iter().map(|l| {
            let rows = |from: usize, to: usize| -> Vec<f32> {
                let rows = start.weights()[from..to].chunks(l.stride);
                rows.flat_map(|row| row[..l.outputs].to_vec()).collect()
            };
            (
                upload(rows(l.start, l.bias()), l.inputs),
                upload(rows(l.bias(), l.end()), 1),
            )
        });
        Self {
            layers: layers.collect(),
            recipe,
            shape,
            dim,
            step: 0,
            noise: Noise::new(recipe.seed),
            device,
            dtype,
            loss: None,
        }
    }

    /// Number of completed steps.
    pub fn steps_done(&self) -> u32 {
        self.step
    }

    /// Whether all steps are done.
    pub fn is_done(&self) -> bool {
        self.step >= self.recipe.steps
    }

    /// Queues one step of Adam on fresh draws of `target`.
    pub fn step(&mut self, target: &dyn Target) {
        let rows = self.recipe.batch;
        let first = u64::from(self.step) * rows as u64;
        let batch = Batch::draw(target, &self.noise, self.recipe.ln_s, first, rows);
        let upload = |values: Vec<f32>| -> Tensor<2> {
            let columns = values.len() / rows;
            Tensor::from_data(
                TensorData::new(values, [rows, columns]),
                (&self.device, self.dtype),
            )
        };
        let (mut h, wanted) = (upload(batch.inputs), upload(batch.wanted));
        // For each layer, its inputs and its values before SiLU.
        let mut tape = Vec::with_capacity(self.layers.len());
        let last = self.layers.len() - 1;
        for (i, (matrix, bias)) in self.layers.iter().enumerate() {
            let pre = h.clone().matmul(matrix.value.clone()) + bias.value.clone();
            let next = match i < last {
                true => pre.clone() * sigmoid(pre.clone()),
                false => pre.clone(),
            };
            tape.push((h, pre));
            h = next;
        }
        let gap = h - wanted;
        let scale = 1.0 / (rows * self.dim) as f32;
        self.loss = Some((gap.clone() * gap.clone()).sum().mul_scalar(scale));
        let mut g = gap.mul_scalar(2.0 * scale);
        let at = AdamStep::of(&self.recipe, self.step);
        for (i, ((matrix, bias), (input, _))) in self.layers.iter_mut().zip(&tape).enumerate().rev()
        {
            let to_matrix = input.clone().transpose().matmul(g.clone());
            let to_bias = g.clone().sum_dim(0);
            if i > 0 {
                let x = tape[i - 1].1.clone();
                let s = sigmoid(x.clone());
                // d/dx x·s = s + x·s·(1 − s).
                let slope = s.clone() + x * s.clone() * s.neg().add_scalar(1.0);
                g = g.matmul(matrix.value.clone().transpose()) * slope;
            }
            matrix.adam(to_matrix, &at);
            bias.adam(to_bias, &at);
        }
        self.step += 1;
    }

    /// Reads the loss of the last step. This also keeps the queue of the device short.
    ///
    /// # Errors
    /// If the device was lost.
    pub async fn loss(&self) -> Result<Option<f64>, Error> {
        let Some(loss) = &self.loss else {
            return Ok(None);
        };
        let data = loss
            .to_data_async()
            .await
            .map_err(|_| super::lost::lost())?;
        let data = data.convert::<f64>();
        let read = data.as_slice::<f64>().map_err(|_| super::lost::lost())?;
        Ok(read.first().copied())
    }

    /// The network of the current averaged weights; `text` is the text of its recipe.
    ///
    /// # Errors
    /// If the device was lost.
    pub async fn network(&self, text: String) -> Result<Net, Error> {
        let mut weights = vec![0.0; self.shape.len()];
        for (layer, (matrix, bias)) in self.shape.layers().iter().zip(&self.layers) {
            for (from, tensor) in [(layer.start, matrix), (layer.bias(), bias)] {
                let data = tensor.average.to_data_async().await;
                let data = data.map_err(|_| super::lost::lost())?.convert::<f32>();
                let read = data.as_slice::<f32>().map_err(|_| super::lost::lost())?;
                let rows = weights[from..].chunks_mut(layer.stride);
                for (row, values) in rows.zip(read.chunks(layer.outputs)) {
                    row[..layer.outputs].copy_from_slice(values);
                }
            }
        }
        Ok(Net::of_weights(self.shape, weights, text))
    }
}
