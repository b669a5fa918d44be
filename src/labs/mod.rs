//! Labs: each turns the values of a link into laws, plans and pictures. No formula lives here.

pub mod toy1d;
