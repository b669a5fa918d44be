//! From the file of a network to the link that uses it.

use super::registry::law;
use super::setup::order;
use crate::error::Error;
use crate::link::{self, Edited, Link, Mode, Side, Table, Values};
use crate::net::recipe::{self, Written};
use crate::net::trained::{self, Order};
use crate::net::{Net, Recipe};

/// A file that was read and added to the trained networks.
pub struct Loaded {
    /// The link that uses it, and the further changes that this needed.
    pub edited: Edited,
    /// The step at which its training was stopped, if it did not run to its end.
    pub stopped: Option<u32>,
}

/// The content of a file.
struct File {
    net: Net,
    stopped: Option<u32>,
    /// The law and the training of its recipe, as checked values.
    values: Values,
    order: Order,
}

/// Reads any file of a network and adds it to the trained networks. Returns the current link with the lab, the law
/// and the training of the file. Keys that are no longer valid are removed and reported.
///
/// # Errors
/// If the file is not a complete network of this program, or its recipe does not fit its weights or cannot be written
/// as a link. The networks stay as they were.
pub fn load(name: &str, bytes: &[u8], present: &Link) -> Result<Loaded, Error> {
    let table = table_of(&present.a)?;
    let file = File::read(table, name, bytes)?;
    let own = file.values.rows();
    let own = own.filter(|k| file.sets(k.name, &present.a));
    let texts: Vec<(&str, String)> = own
        .filter_map(|k| Some((k.name, file.values.get(k.name)?.to_string())))
        .collect();
    let changes: Vec<(&str, &str)> = texts.iter().map(|(k, v)| (*k, &v[..])).collect();
    let edited = link::edit_all(present, Side::A, &changes)?;
    trained::add(&file.order, file.net, file.stopped);
    Ok(Loaded {
        edited,
        stopped: file.stopped,
    })
}

/// Reads the file of the network that the values of a side need.
///
/// # Errors
/// As [`load`], and if the file is that of a different network.
pub fn add(values: &Values, bytes: &[u8]) -> Result<(), Error> {
    let name = "the network of this link";
    let file = File::read(table_of(values)?, name, bytes)?;
    if order(values).as_ref() != Some(&file.order) {
        return Err(bad(name, "is in another file".to_owned()));
    }
    trained::add(&file.order, file.net, file.stopped);
    Ok(())
}

/// The link of the law that a file says its network learned; `None` where it cannot be read.
pub fn learned(name: &str, bytes: &[u8]) -> Option<String> {
    let net = Net::from_bytes(name, bytes).ok()?;
    Some(recipe::read(name, net.recipe()).ok()?.law)
}

/// Whether a file sets this key. A file for windows does not set the length of the chain and its observations, unless
/// the current link has no chain that they fit.
fn table_of(values: &Values) -> Result<&'static Table, Error> {
    values.table().ok_or_else(|| {
        let reason = "cannot be looked up: the values were not read from a link".to_owned();
        bad("the network", reason)
    })
}

fn bad(name: &str, reason: String) -> Error {
    Error::Network {
        name: name.to_owned(),
        reason,
    }
}

impl File {
    /// Whether it says what a key is.
    fn sets(&self, key: &str, present: &Values) -> bool {
        let lab = self.values.lab();
        lab.is_some_and(|lab| (lab.of_file)(key, &self.values, present))
    }

    fn read(table: &'static Table, name: &str, bytes: &[u8]) -> Result<Self, Error> {
        let net = Net::from_bytes(name, bytes)?;
        let said = format!("the recipe in {name}");
        let Written {
            law: text,
            recipe,
            stopped,
        } = recipe::read(&said, net.recipe()).map_err(|error| {
            // Nobody wrote this text by hand, so the remedy is a different file.
            if let Error::Recipe { name, reason } = error {
                return Error::Network { name, reason };
            }
            error
        })?;
        let values = as_link(table, &text, &recipe).map_err(|why| {
            let reason = format!("says what no link can say: {}", why.trim_end_matches('.'));
            bad(&said, reason)
        })?;
        let (shape, dim) = (net.shape(), law(&values)?.dim());
        if net.dim() != dim {
            let reason = format!(
                "holds a network for {} coordinate{}, but its recipe names {text}, which has {dim}",
                net.dim(),
                if net.dim() == 1 { "" } else { "s" }
            );
            return Err(bad(name, reason));
        }
        if (shape.width, shape.depth) != (recipe.width, recipe.depth) {
            let reason = format!(
                "holds {} hidden layers of width {}, but its recipe says {} of width {}",
                shape.depth, shape.width, recipe.depth, recipe.width
            );
            return Err(bad(name, reason));
        }
        let order = order(&values).ok_or_else(|| bad(&said, "names no training".to_owned()))?;
        Ok(Self {
            net,
            stopped,
            values,
            order,
        })
    }
}

/// The checked values of the shortest link with this law and this training, or the reason why there are none.
fn as_link(table: &'static Table, law: &str, recipe: &Recipe) -> Result<Values, String> {
    let Recipe {
        width,
        depth,
        steps,
        batch,
        rate,
        seed,
        ln_s,
    } = recipe;
    let read = |text: &str| link::decode(table, text, Mode::Strict).map_err(|e| e.message);
    let own = read(law)?.link.a;
    let lab = own.lab().ok_or("no lab")?;
    if *ln_s != lab.ln_s {
        return Err("other noise levels than links train with".to_owned());
    }
    let rest = (lab.of_recipe)(&own)?;
    let text = format!(
        "{law}&score=trained{rest}&net-width={width}&net-depth={depth}&net-steps={steps}&net-batch={batch}&net-rate={rate}&net-seed={seed}"
    );
    let link = read(&text)?.link;
    match link.b {
        None => Ok(link.a),
        Some(_) => Err("its law is a comparison".to_owned()),
    }
}
