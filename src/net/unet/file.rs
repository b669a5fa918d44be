//! The file of a network on windows: a burnpack of f16, one tensor a [`Slot`], with the recipe and a checksum of both.

use super::FieldNet;
use super::Slot;
use super::half;
use super::recipe;
use crate::error::Error;
use crate::net::burnpack::Number;
use crate::net::burnpack::Pack;
use crate::net::burnpack::Part;
use crate::net::burnpack::write;
use crate::net::catalog;

/// The format.
const FORMAT: &str = "scorefield-unet-1";

impl FieldNet {
    /// Whether bytes are the file of a network on windows, whole and sound or not.
    pub fn is_file(bytes: &[u8]) -> bool {
        Pack::read(bytes).is_some_and(|pack| pack.said("format") == Some(FORMAT))
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
        Ok(write(Number::F16, &self.parts(), &metadata))
    }

    fn finite(&self) -> Result<(), Error> {
        match self.weights.iter().all(|w| w.is_finite()) {
            true => Ok(()),
            false => Err(Error::Diverged),
        }
    }

    fn parts(&self) -> Vec<Part> {
        let part = |slot: Slot| {
            let weights = &self.weights[slot.range()];
            let bytes = weights.iter().flat_map(|w| half::narrow(*w).to_le_bytes());
            (slot.name, slot.dims, bytes.collect())
        };
        self.shape.slots().into_iter().map(part).collect()
    }

    /// SHA-256 of the recipe and of each tensor with its name and shape, in hexadecimal.
    fn checksum(&self) -> String {
        catalog::checksum(&self.recipe, self.parts())
    }

    /// Reads a file of [`FieldNet::to_bytes`]. `name` is the name of the file, for the error.
    ///
    /// # Errors
    /// If the file is not a complete burnpack of this format, if its recipe cannot be read or does not fit its tensors, if
    /// a weight is not finite, or if the checksum is missing or wrong.
    pub fn from_bytes(name: &str, bytes: &[u8]) -> Result<Self, Error> {
        let no = |reason: &str| Error::Network {
            name: name.to_owned(),
            reason: reason.to_owned(),
        };
        let pack = Pack::read(bytes).ok_or_else(|| no("is not a complete burnpack file"))?;
        if pack.said("format") != Some(FORMAT) {
            return Err(no(
                "is a burnpack file, but not a network on windows of a flow",
            ));
        }
        let text = pack.said("recipe").unwrap_or_default();
        let shape = recipe::parse(&format!("the recipe in {name}"), text)
            .map_err(|why| no(&format!("has a recipe that cannot be read: {why}")))?
            .shape;
        let slots = shape.slots();
        let mut weights = vec![0.0; shape.len()];
        for slot in &slots {
            let own = pack.tensors.iter().find(|t| t.name == slot.name);
            let Some(own) = own.filter(|t| t.shape == slot.dims && t.number == Some(Number::F16))
            else {
                let dims = &slot.dims;
                return Err(no(&format!(
                    "has no tensor {} of f16 with the dimensions {dims:?}, which its recipe needs",
                    slot.name
                )));
            };
            let halves = own.bytes.chunks_exact(2);
            for (w, half) in weights[slot.range()].iter_mut().zip(halves) {
                *w = half::widen(u16::from_le_bytes([half[0], half[1]]));
            }
        }
        if pack.tensors.len() != slots.len() {
            return Err(no("has more tensors than its recipe needs"));
        }
        let net = Self {
            shape,
            weights,
            recipe: text.to_owned(),
        };
        if net.finite().is_err() {
            return Err(no("has a weight that is not a finite number"));
        }
        if pack.said("checksum") != Some(&net.checksum()) {
            return Err(no("is damaged: its checksum does not match its weights"));
        }
        Ok(net)
    }
}
