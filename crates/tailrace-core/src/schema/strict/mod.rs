//! The strict form of a JSON schema, which the API asks for: every object closed, every property required.
//!
//! The official packages differ in how they get there, so the way is an argument ([`Form`]). A schema goes in as text and
//! comes out as text: numbers keep their digits, members their order.

mod admits;
mod fault;
mod inlined;
mod keywords;
mod merge;
mod moved;
mod required;
mod root;
#[cfg(test)]
mod tests;
mod tree;

pub use fault::Fault;
use tree::Tree;

/// The ways to a strict form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// References that have keywords beside them are inlined, one schema alone in an `allOf` is merged, defaults that are
    /// null are dropped, and properties that were optional become required.
    Inlined,
    /// Nothing is said that the schema did not say: a property that was optional must admit null, an `allOf` of objects is
    /// merged where that means the same, and keywords without a place in strict schemas are refused.
    Required,
}

/// Rewrites the JSON schema `text` to a strict form. Work and memory are bounded, whatever the schema.
///
/// # Errors
/// A [`Fault`] that says where the schema has no strict form, and why.
pub fn rewrite(text: &str, form: Form) -> Result<String, Fault> {
    let (mut tree, root) = Tree::read(text)?;
    match form {
        Form::Inlined => inlined::rewrite(&mut tree, root)?,
        Form::Required => required::rewrite(&mut tree, root)?,
    }
    tree.write(root)
}
