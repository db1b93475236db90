//! JSON schemas (2020-12 and draft 7): of a whole document and of any beginning of one.
//!
//! [`Schema::compile`] makes two things of a schema. One is a validator of the `jsonschema` crate, which decides about whole
//! documents. The other is a *plan* (`node`), which is followed while a text arrives ([`Prefix`]): it refuses a beginning only
//! if no text that begins so is valid. What a plan cannot decide (`not`, `contains`, a pattern that looks around ...) waits for
//! the end, where the validator is asked.
//!
//! Reading order: `compile` makes the plan, with `pattern`, `choice`, `number`, `reference` and `reach`; `engine` follows it, and
//! `fault` says what it refuses; `prefix` and `whole` are the two ways to judge a text; [`strict`] rewrites schemas.
//!
//! Invariants:
//!
//! * No false refusal: where the plan is not sure, it does not refuse.
//! * Of members with one name each is judged as it comes in a beginning, and the last one in a whole document.
//! * Nothing is fetched: a reference that leads out of the schema is refused when it is compiled.
//! * Time and memory are bounded for any schema (`whole`) and any text (`engine`).

mod choice;
mod compile;
mod document;
mod engine;
mod fault;
mod kind;
mod nesting;
mod node;
mod number;
mod pattern;
mod prefix;
mod reach;
mod reference;
pub mod strict;
mod violation;
mod whole;

pub use prefix::{Prefix, State};
pub use violation::{SchemaError, Violation};
pub use whole::{MAX_DEPTH, Schema};
