//! What a file is that a visitor brings, by its content.

use crate::error::Error;
use crate::link::columns::{self, Table};
use crate::net::Net;

/// What a file holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// A burnpack file, to be read as a network.
    Network,
    /// A table of points.
    Points(Table),
}

/// Tells what a file holds. Its name decides only what an unreadable file was meant to be.
///
/// # Errors
/// If it is neither, with what is wrong with it as a table.
pub fn recognise(name: &str, bytes: &[u8]) -> Result<Content, Error> {
    if Net::begins_file(bytes) {
        return Ok(Content::Network);
    }
    match columns::read(bytes) {
        Ok(table) => Ok(Content::Points(table)),
        Err(_) if name.to_lowercase().ends_with(".bpk") => Ok(Content::Network),
        Err(Error::Points { reason }) => Err(Error::File {
            name: name.to_owned(),
            reason,
        }),
        Err(other) => Err(other),
    }
}
