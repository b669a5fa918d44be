//! The file of a network: a burnpack. Each layer has two tensors, `layers.I.weight` `[inputs, outputs]` and
//! `layers.I.bias` `[outputs]` (the names and the layout of burn's `Linear`). The metadata hold the recipe and a checksum
//! of recipe and weights. The checksum detects damage; it does not prove how the weights were made.

use super::mlp::Layer;
use super::{CLAMP, Net, SIGMA_DATA, catalog, shape};
use crate::error::Error;
use burn_pack::{Bytes, DType, Reader, Tensor, Writer};

/// The format that this version writes.
const FORMAT: &str = "scorefield-edm-mlp-2";
/// The format without a checksum. The files in `nets/` have it; their hashes are known.
const BARE: &str = "scorefield-edm-mlp-1";
/// Largest number of coordinates of a particle: windows of 9 states with 4 coordinates.
const MOST_COORDINATES: usize = 36;
/// Largest width and depth that are read.
const MOST: (usize, usize) = (1024, 16);

/// A tensor of a file: its name, its shape, and its numbers as little-endian f32.
type Part = (String, Vec<usize>, Vec<u8>);
/// The first bytes of a burnpack, the number 0x4255524E in little-endian order.
const MAGIC: &[u8] = b"NRUB";

impl Net {
    /// Whether bytes begin like a file of [`Net::to_bytes`].
    pub fn begins_file(bytes: &[u8]) -> bool {
        bytes.starts_with(MAGIC)
    }

    /// The file of this network.
    ///
    /// # Errors
    /// If a weight is not finite, or the container cannot be written.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        self.finite()?;
        let tensors = self.parts().into_iter().map(|(name, shape, bytes)| {
            Tensor::new(name, DType::F32, shape, None, Bytes::from_bytes_vec(bytes))
        });
        let bytes = Writer::new(tensors.collect())
            .with_metadata("format", FORMAT)
            .with_metadata("recipe", &self.recipe)
            .with_metadata("checksum", &self.checksum())
            .into_bytes();
        match bytes {
            Ok(bytes) => Ok(bytes.to_vec()),
            Err(e) => Err(bad("The network", &format!("cannot be written ({e})"))),
        }
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
        let mut all = format!("{} {}", self.recipe.len(), self.recipe).into_bytes();
        for (name, shape, bytes) in self.parts() {
            all.extend(format!("{name} {shape:?} ").bytes());
            all.extend(bytes);
        }
        catalog::hash(&all)
    }

    /// Reads a file of [`Net::to_bytes`], or a file of `nets/`. `name` is the name of the file, for the error.
    ///
    /// # Errors
    /// If the file is not a complete burnpack of this format, if the network is not one for 1 to 36 coordinates, if a
    /// weight is not finite, or if the checksum is missing or wrong.
    pub fn from_bytes(name: &str, bytes: &[u8]) -> Result<Self, Error> {
        let no = |reason: &str| bad(name, reason);
        let reader = Reader::from_bytes(Bytes::from_bytes_vec(bytes.to_vec()))
            .map_err(|_| no("is not a complete burnpack file"))?;
        let said = |key: &str| reader.metadata().get(key).cloned();
        let (format, checksum) = (said("format").unwrap_or_default(), said("checksum"));
        let recipe = said("recipe").unwrap_or_default();
        if format != FORMAT && format != BARE {
            return Err(no("is a burnpack file, but not a network of this page"));
        }
        let mut tensors: Vec<(String, Vec<usize>, Vec<f32>)> = Vec::new();
        for tensor in reader.into_tensors().map_err(|_| no("is cut short"))? {
            let (name, dtype, shape, _, bytes) =
                tensor.into_parts().map_err(|_| no("is cut short"))?;
            if dtype != DType::F32 {
                return Err(no("has weights that are not f32"));
            }
            let value = |b: &[u8]| f32::from_le_bytes([b[0], b[1], b[2], b[3]]);
            let values = bytes.chunks_exact(4).map(value).collect();
            tensors.push((name, shape.to_vec(), values));
        }
        let net =
            assemble(&tensors, recipe).ok_or_else(|| no("contains a network of another shape"))?;
        if net.finite().is_err() {
            return Err(no("has a weight that is not a finite number"));
        }
        if format == FORMAT {
            if checksum.as_ref() != Some(&net.checksum()) {
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
fn assemble(tensors: &[(String, Vec<usize>, Vec<f32>)], recipe: String) -> Option<Net> {
    let find = |name: String| tensors.iter().find(|t| t.0 == name);
    let depth = (tensors.len() / 2).checked_sub(1)?;
    let &[inputs, width] = &find("layers.0.weight".to_owned())?.1[..] else {
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
        let whole = matrix.2.len() == layer.inputs * layer.outputs && bias.2.len() == layer.outputs;
        if matrix.1 != [layer.inputs, layer.outputs] || bias.1 != [layer.outputs] || !whole {
            return None;
        }
        fill(&mut weights, layer, &matrix.2, &bias.2);
    }
    Some(Net {
        shape,
        weights,
        recipe,
    })
}

fn fill(weights: &mut [f32], layer: &Layer, matrix: &[f32], bias: &[f32]) {
    let rows = weights[layer.start..layer.end()].chunks_mut(layer.stride);
    let given = matrix.chunks(layer.outputs).chain([bias]);
    for (row, given) in rows.zip(given) {
        row[..layer.outputs].copy_from_slice(given);
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
