//! The kind of a visitor's file, by its content.

use crate::error::Error;
use crate::link::columns::{self, Table};
use crate::net::Net;

/// The content of a file.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// A burnpack file, which should be a network.
    Network,
    /// A table of points.
    Points(Table),
}

/// Finds the kind of a file. The name is used only to say what an unreadable file was meant to be.
///
/// # Errors
/// If the file is neither. The error says what is wrong with it as a table.
pub fn recognise(name: &str, bytes: &[u8]) -> Result<Content, Error> {
    if Net::begins_file(bytes) {
        return Ok(Content::Network);
    }
    match columns::read(bytes) {
        Ok(table) => Ok(Content::Points(table)),
        Err(_) if name.to_ascii_lowercase().ends_with(".bpk") => Ok(Content::Network),
        Err(Error::Points { reason }) => Err(Error::File {
            name: name.to_owned(),
            reason,
        }),
        Err(other) => Err(other),
    }
}
