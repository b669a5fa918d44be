//! The state of an interrupted training as bytes: the recipe it belongs to, the step, four lists of f32, a checksum.
//!
//! A damaged state would give other weights, so everything is checked before a number is used.

use super::train::State;
use super::{Recipe, catalog, shape};
use crate::error::Error;

/// The first bytes. A different layout must have a different word.
const MAGIC: &[u8] = b"scorefield-training-1\n";
/// Hexadecimal digits of a hash.
const DIGITS: usize = 64;

/// Identifies the training of a state: a hash of the text of its recipe and of this version.
fn owner(recipe_text: &str) -> String {
    catalog::hash(format!("{recipe_text}{}", env!("CARGO_PKG_VERSION")).as_bytes())
}

/// The bytes of a state; `recipe_text` is the whole text of its recipe.
///
/// # Errors
/// If a number of the state is not finite.
pub fn write(recipe_text: &str, state: &State) -> Result<Vec<u8>, Error> {
    if !state.is_finite() {
        return Err(Error::Diverged);
    }
    let mut bytes = MAGIC.to_vec();
    bytes.extend(owner(recipe_text).bytes());
    bytes.extend(state.step.to_le_bytes());
    for list in state.lists() {
        list.iter().for_each(|x| bytes.extend(x.to_le_bytes()));
    }
    let sum = catalog::hash(&bytes);
    bytes.extend(sum.bytes());
    Ok(bytes)
}

/// Reads the bytes of [`write()`] for a recipe whose data have `dim` coordinates. `name` is the name of the file, for
/// the error.
///
/// # Errors
/// If the bytes are not a saved training, are damaged, belong to a different recipe, version or size, have a step
/// beyond the last step of the recipe, or contain a number that is not finite.
pub fn read(
    name: &str,
    bytes: &[u8],
    recipe_text: &str,
    (recipe, dim): (&Recipe, usize),
) -> Result<State, Error> {
    let count = shape(dim, recipe.width, recipe.depth).len();
    read_sized(name, bytes, recipe_text, (recipe.steps, count))
}

/// As [`read`], for a recipe of `steps` steps whose network has `count` weights.
///
/// # Errors
/// As [`read`].
pub fn read_sized(
    name: &str,
    bytes: &[u8],
    recipe_text: &str,
    (steps, count): (u32, usize),
) -> Result<State, Error> {
    let no = |reason: &str| Error::Saved {
        name: name.to_owned(),
        reason: reason.to_owned(),
    };
    let rest = bytes
        .strip_prefix(MAGIC)
        .ok_or_else(|| no("is not a saved training of this version"))?;
    let (_, sum) = bytes
        .split_last_chunk::<DIGITS>()
        .filter(|_| rest.len() > 2 * DIGITS)
        .ok_or_else(|| no("is cut short"))?;
    if catalog::hash(&bytes[..bytes.len() - DIGITS]).as_bytes() != sum {
        return Err(no("is damaged: its checksum does not match"));
    }
    let (own, rest) = rest[..rest.len() - DIGITS].split_at(DIGITS);
    if own != owner(recipe_text).as_bytes() {
        return Err(no(
            "belongs to a different recipe, or to a different version of this program",
        ));
    }
    let whole = rest.split_first_chunk::<4>();
    let (step, rest) = whole
        .filter(|(_, rest)| rest.len() == 16 * count)
        .ok_or_else(|| no("contains a network of a different size"))?;
    let step = u32::from_le_bytes(*step);
    if step > steps {
        let reason = format!("is at step {step}, but the recipe ends at {steps}");
        return Err(no(&reason));
    }
    let list = |i: usize| -> Vec<f32> {
        let own = &rest[4 * count * i..4 * count * (i + 1)];
        let number = |b: &[u8]| f32::from_le_bytes([b[0], b[1], b[2], b[3]]);
        own.chunks_exact(4).map(number).collect()
    };
    let state = State {
        step,
        weights: list(0),
        momentum: list(1),
        square: list(2),
        average: list(3),
    };
    match state.is_finite() {
        true => Ok(state),
        false => Err(no("contains a number that is not finite")),
    }
}
