//! Writes `node/src/resources`.

use crate::error::Result;
use crate::output::Files;
use crate::resolve::Api;

/// All TypeScript files.
pub fn emit(_api: &Api) -> Result<Files> {
    Ok(Files::new())
}
