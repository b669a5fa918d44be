//! The file of a network: a burnpack. Each layer has two tensors, `layers.I.weight` `[inputs, outputs]` and
//! `layers.I.bias` `[outputs]` (the names and the layout of burn's `Linear`). The metadata hold the recipe and a checksum
//! of recipe and weights. The checksum detects damage; it does not prove how the weights were made.

use super::burnpack::{MAGIC, Number, Pack, Part, Tensor, write};
use super::mlp::Layer;
use super::{CLAMP, Net, SIGMA_DATA, catalog, shape};
use crate::error::Error;

/// The format that this version writes.
const FORMAT: &str = "scorefield-edm-mlp-2";
/// The format without a checksum. The files in `nets/` have it; their hashes are known.
const BARE: &str = "scorefield-edm-mlp-1";
/// Largest number of coordinates of a particle: windows of 9 states with 4 coordinates.
const MOST_COORDINATES: usize = 36;
/// Largest width and depth that are read.
const MOST: (usize, usize) = (1024, 16);

impl Net {
    /// Whether bytes begin like a file of [`Net::to_bytes`].
    pub fn begins_file(bytes: &[u8]) -> bool {
        bytes.starts_with(MAGIC)
    }

    /// The file of this network.
    ///
    /// # Errors
    /// If a weight is not finite.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        self.finite()?;
        let metadata = [
            ("checksum", &self.checksum()[..]),
            ("format", FORMAT),
            ("recipe", &self.recipe),
        ];
        Ok(write(Number::F32, &self.parts(), &metadata))
    }

    /// Checks that every weight is a finite number.
    ///
    /// # Errors
    /// [`Error::Diverged`] if one is not.
    pub fn finite(&self) -> Result<(), Error> {
        match self.weights.iter().all(|w| w.is_finite()) {
            true => Ok(()),
            false => Err(Error::Diverged),
        }
    }

    /// The weights as tensors, in the order of a file.
    fn parts(&self) -> Vec<Part> {
        let mut all = Vec::new();
        for (i, layer) in self.shape.layers().iter().enumerate() {
            let rows = |from: usize, to: usize| -> Vec<u8> {
                let rows = self.weights[from..to].chunks(layer.stride);
                rows.flat_map(|row| &row[..layer.outputs])
                    .flat_map(|w| w.to_le_bytes())
                    .collect()
            };
            let name = |of: &str| format!("layers.{i}.{of}");
            let matrix = vec![layer.inputs, layer.outputs];
            all.push((name("weight"), matrix, rows(layer.start, layer.bias())));
            let bias = rows(layer.bias(), layer.end());
            all.push((name("bias"), vec![layer.outputs], bias));
        }
        all
    }

    /// SHA-256 of the recipe and of each tensor with its name and shape, in hexadecimal.
    fn checksum(&self) -> String {
        catalog::checksum(&self.recipe, self.parts())
    }

    /// Reads a file of [`Net::to_bytes`], or a file of `nets/`. `name` is the name of the file, for the error.
    ///
    /// # Errors
    /// If the file is not a complete burnpack of this format, if the network is not one for 1 to 36 coordinates, if a
    /// weight is not finite, or if the checksum is missing or wrong.
    pub fn from_bytes(name: &str, bytes: &[u8]) -> Result<Self, Error> {
        let no = |reason: &str| bad(name, reason);
        let pack = Pack::read(bytes).ok_or_else(|| no("is not a complete burnpack file"))?;
        let format = pack.said("format").unwrap_or_default();
        if format != FORMAT && format != BARE {
            return Err(no("is a burnpack file, but not a network of this page"));
        }
        if pack.tensors.iter().any(|t| t.number != Some(Number::F32)) {
            return Err(no("has weights that are not f32"));
        }
        let recipe = pack.said("recipe").unwrap_or_default().to_owned();
        let net = assemble(&pack.tensors, recipe)
            .ok_or_else(|| no("contains a network of another shape"))?;
        if net.finite().is_err() {
            return Err(no("has a weight that is not a finite number"));
        }
        if format == FORMAT {
            if pack.said("checksum") != Some(&net.checksum()) {
                return Err(no("is damaged: its checksum does not match its weights"));
            }
        } else if !catalog::holds(bytes) {
            return Err(Error::Unchecked {
                name: name.to_owned(),
                recipe: net.recipe,
            });
        }
        Ok(net)
    }
}

/// The network from the tensors of a file; `None` if they do not fit together.
fn assemble(tensors: &[Tensor], recipe: String) -> Option<Net> {
    let find = |name: String| tensors.iter().find(|t| t.name == name);
    let depth = (tensors.len() / 2).checked_sub(1)?;
    let &[inputs, width] = &find("layers.0.weight".to_owned())?.shape[..] else {
        return None;
    };
    let fits = (2..=MOST_COORDINATES + 1).contains(&inputs)
        && (1..=MOST.0).contains(&width)
        && (1..=MOST.1).contains(&depth);
    if !fits {
        return None;
    }
    let shape = shape(inputs - 1, width, depth);
    let layers = shape.layers();
    if tensors.len() != 2 * layers.len() {
        return None;
    }
    let mut weights = vec![0.0; shape.len()];
    for (i, layer) in layers.iter().enumerate() {
        let matrix = find(format!("layers.{i}.weight"))?;
        let bias = find(format!("layers.{i}.bias"))?;
        if matrix.shape != [layer.inputs, layer.outputs] || bias.shape != [layer.outputs] {
            return None;
        }
        fill(&mut weights, layer, matrix.bytes, bias.bytes);
    }
    Some(Net::of_weights(shape, weights, recipe))
}

fn fill(weights: &mut [f32], layer: &Layer, matrix: &[u8], bias: &[u8]) {
    let rows = weights[layer.start..layer.end()].chunks_mut(layer.stride);
    let given = matrix.chunks(4 * layer.outputs).chain([bias]);
    for (row, given) in rows.zip(given) {
        for (weight, bytes) in row.iter_mut().zip(given.chunks_exact(4)) {
            *weight = f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        }
    }
}

fn bad(name: &str, reason: &str) -> Error {
    Error::Network {
        name: name.to_owned(),
        reason: reason.to_owned(),
    }
}

/// The parameterisation of every network, for the model card.
pub fn describe() -> String {
    format!(
        "EDM preconditioning, σ_d = {SIGMA_DATA}, σ/α clamped to [{}, {}], SiLU",
        CLAMP.0, CLAMP.1
    )
}
