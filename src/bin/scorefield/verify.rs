//! `scorefield verify FILE.bpk`: trains the recipe in the file of a network again and compares the weights. The errors of a
//! network on windows of a flow are measured again and compared with its card.

use super::failure::{Failure, bad_call, failed};
use super::input;
use super::say::print;
use super::team;
use super::threads::cores;
use scorefield::labs;
use scorefield::labs::link::{self, Mode};
use scorefield::net::{Net, Trainer, recipe, unet};
use serde_json::json;
use std::path::Path;

/// Prints whether the recipe gives the weights of the file; fails if it does not.
pub fn verify(file: &Path) -> Result<(), Failure> {
    let path = &file.display().to_string();
    let bytes = input::read(file).map_err(|e| bad_call(format!("{path} cannot be read: {e}.")))?;
    if unet::FieldNet::is_file(&bytes) {
        #[cfg(feature = "unet")]
        return super::windows::verify(file, &bytes);
        #[cfg(not(feature = "unet"))]
        return Err(super::files::without_windows(path));
    }
    let net = Net::from_bytes(path, &bytes)?;
    let written = recipe::read(&format!("The recipe in {path}"), net.recipe())?;
    let values = link::decode(&written.law, Mode::Strict)
        .map_err(|e| bad_call(format!("The law in {path}: {e}")))?
        .link
        .a;
    let law = labs::law(&values)?;
    let steps = written.stopped.unwrap_or(written.recipe.steps);
    let mut trainer = Trainer::new(written.recipe, law.dim());
    let wanted = (steps, "the recipe of the file");
    let (done, _) = team::finish(&mut trainer, law.target(), &values, cores(), wanted)?;
    let seconds = done.seconds;
    let same = trainer.network(String::new()).has_weights_of(&net);
    print(&json!({"file": path, "same": same, "steps": steps, "seconds": seconds}))?;
    match same {
        true => Ok(()),
        false => Err(failed(format!(
            "The weights in {path} are not those that its recipe gives, so it is not the network of that recipe. Train it again."
        ))),
    }
}
