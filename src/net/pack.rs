//! The file of a network: a burnpack with a tensor `layers.I.weight` `[inputs, outputs]` and `layers.I.bias`
//! `[outputs]` a layer (the names and the layout of burn's `Linear`), and the recipe in its metadata.

use super::mlp::Layer;
use super::{CLAMP, Net, SIGMA_DATA, shape};
use crate::error::Error;
use burn_pack::{Bytes, DType, Reader, Tensor, Writer};

/// What this version reads and writes.
const FORMAT: &str = "scorefield-edm-mlp-1";
/// Coordinates of a particle, at most.
const MOST_COORDINATES: usize = 16;
/// Greatest width and depth that are read.
const MOST: (usize, usize) = (1024, 16);

/// The first bytes of a burnpack, the number 0x4255524E in little-endian order.
const MAGIC: &[u8] = b"NRUB";

impl Net {
    /// Whether bytes begin as a file of [`Net::to_bytes`] does.
    pub fn begins_file(bytes: &[u8]) -> bool {
        bytes.starts_with(MAGIC)
    }

    /// The file of this network.
    ///
    /// # Errors
    /// If the container cannot be written.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let mut tensors = Vec::new();
        for (i, layer) in self.shape.layers().iter().enumerate() {
            let rows = |from: usize, to: usize| -> Vec<u8> {
                let rows = self.weights[from..to].chunks(layer.stride);
                rows.flat_map(|row| &row[..layer.outputs])
                    .flat_map(|w| w.to_le_bytes())
                    .collect()
            };
            let tensor = |name: &str, shape: Vec<usize>, bytes: Vec<u8>| {
                let name = format!("layers.{i}.{name}");
                Tensor::new(name, DType::F32, shape, None, Bytes::from_bytes_vec(bytes))
            };
            let matrix = rows(layer.start, layer.bias());
            tensors.push(tensor("weight", vec![layer.inputs, layer.outputs], matrix));
            let bias = rows(layer.bias(), layer.end());
            tensors.push(tensor("bias", vec![layer.outputs], bias));
        }
        let bytes = Writer::new(tensors)
            .with_metadata("format", FORMAT)
            .with_metadata("recipe", &self.recipe)
            .into_bytes();
        match bytes {
            Ok(bytes) => Ok(bytes.to_vec()),
            Err(e) => Err(bad("the network", &format!("cannot be written ({e})"))),
        }
    }

    /// Reads a file of [`Net::to_bytes`]; `name` is the file's, for the error.
    ///
    /// # Errors
    /// If it is no burnpack, not whole, not of this format, of another shape than a network for one to sixteen
    /// coordinates, or if a weight is not finite.
    pub fn from_bytes(name: &str, bytes: &[u8]) -> Result<Self, Error> {
        let no = |reason: &str| bad(name, reason);
        let reader = Reader::from_bytes(Bytes::from_bytes_vec(bytes.to_vec()))
            .map_err(|_| no("is no whole burnpack file"))?;
        if reader.metadata().get("format").map(String::as_str) != Some(FORMAT) {
            return Err(no("is a burnpack file, but not of a network of this page"));
        }
        let recipe = reader.metadata().get("recipe").cloned().unwrap_or_default();
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
        let find = |name: String| tensors.iter().find(|t| t.0 == name);
        let depth = (tensors.len() / 2).saturating_sub(1);
        let other = || no("holds a network of another shape");
        let first = find("layers.0.weight".to_owned()).ok_or_else(other)?;
        let &[inputs, width] = &first.1[..] else {
            return Err(other());
        };
        let fits = (2..=MOST_COORDINATES + 1).contains(&inputs)
            && (1..=MOST.0).contains(&width)
            && (1..=MOST.1).contains(&depth);
        if !fits {
            return Err(other());
        }
        let shape = shape(inputs - 1, width, depth);
        let mut weights = vec![0.0; shape.len()];
        for (i, layer) in shape.layers().iter().enumerate() {
            let matrix = find(format!("layers.{i}.weight")).ok_or_else(other)?;
            let bias = find(format!("layers.{i}.bias")).ok_or_else(other)?;
            if matrix.1 != [layer.inputs, layer.outputs] || bias.1 != [layer.outputs] {
                return Err(other());
            }
            fill(&mut weights, layer, &matrix.2, &bias.2);
        }
        if weights.iter().any(|w| !w.is_finite()) {
            return Err(no("has a weight that is not a finite number"));
        }
        Ok(Net {
            shape,
            weights,
            recipe,
        })
    }
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

/// What the metadata promise, for the model card.
pub fn describe() -> String {
    format!(
        "EDM preconditioning, σ_d = {SIGMA_DATA}, σ/α clamped to [{}, {}], SiLU",
        CLAMP.0, CLAMP.1
    )
}
