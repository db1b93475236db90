//! The vectors of an answer as one block of 32-bit floats.

use napi::{
    Result,
    bindgen_prelude::{Either, Uint8Array},
};
use napi_derive::napi;
use tailrace_core::vectors::{self, Names};

use crate::guard::guard;

/// All vectors of one answer.
#[napi]
pub struct Vectors(vectors::Vectors);

#[napi]
impl Vectors {
    /// The floats in the byte order of this machine, row after row. Once; empty afterwards.
    #[napi]
    pub fn bytes(&mut self) -> Result<Uint8Array> {
        guard(|| Ok(Uint8Array::new(std::mem::take(&mut self.0.bytes))))
    }

    /// How many vectors there are.
    #[napi]
    pub fn rows(&self) -> Result<f64> {
        guard(|| Ok(number(self.0.rows)))
    }

    /// How many numbers each of them has.
    #[napi]
    pub fn dimensions(&self) -> Result<f64> {
        guard(|| Ok(number(self.0.dimensions)))
    }

    /// JSON text of the answer with its list empty.
    #[napi]
    pub fn rest(&self) -> Result<String> {
        guard(|| Ok(String::from_utf8_lossy(&self.0.rest).into_owned()))
    }
}

/// The vectors of a body, or one sentence that says why there are none. `list`, `vector` and `index` are the names of the list
/// and of the members of its objects.
#[napi]
#[allow(
    unreachable_pub,
    reason = "what is exported to JavaScript must be public"
)]
#[cfg_attr(
    test,
    allow(dead_code, reason = "a build for tests exports nothing to JavaScript")
)]
pub fn vectors(
    body: Uint8Array,
    list: String,
    vector: String,
    index: String,
) -> Result<Either<Vectors, String>> {
    guard(|| Ok(read(&body, &list, &vector, &index)))
}

/// The same for bytes that are here.
pub(crate) fn read(body: &[u8], list: &str, vector: &str, index: &str) -> Either<Vectors, String> {
    let names = Names {
        list,
        vector,
        index,
    };
    match vectors::read(body, &names) {
        Ok(vectors) => Either::A(Vectors(vectors)),
        Err(fault) => Either::B(fault.to_string()),
    }
}

/// Exact: no block of memory has 2^53 rows.
#[allow(clippy::cast_precision_loss, reason = "see above")]
fn number(count: usize) -> f64 {
    count as f64
}
