//! One HTTP request, built from a client's settings and a call's options.

mod body;
mod build;
mod headers;
mod multipart;
mod query;
mod signature;
mod url;

pub use self::url::shown;
pub use body::{Body, Segment};
pub use build::{Content, Options, Request};
pub use headers::HeaderText;
pub use multipart::{Field, Multipart, Quoting};
pub use query::{NullQuery, QueryStyle, Space};
pub use signature::Signer;

use crate::error::{Code, Error};

fn invalid(message: String) -> Error {
    Error::new(Code::InvalidRequest, message)
}
