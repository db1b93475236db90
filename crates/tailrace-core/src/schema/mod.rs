//! JSON schemas.

pub mod strict;
