//! What is merged, and why it sometimes cannot be.

/// A value that is merged. `V` is a scalar of the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delta<V> {
    /// What says that there is nothing yet.
    Null(V),
    /// Text as bytes, which the host can have as no UTF-8.
    Text(Vec<u8>),
    /// A number, or what the host adds like one.
    Number(V),
    /// Any other scalar.
    Scalar(V),
    /// A list.
    List(Vec<Delta<V>>),
    /// An object, its members in order.
    Object(Vec<(String, Delta<V>)>),
}

/// The keys with a meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// The member of an object in a list that says which element it belongs to.
    pub index: String,
    /// Members that a later delta replaces.
    pub replaced: Vec<String>,
}

/// What the host knows of its numbers.
pub trait Numbers<V> {
    /// The sum.
    fn add(&mut self, known: &V, delta: &V) -> V;

    /// The number as a place in a list, counted from the end when it is negative; none when it is no integer.
    fn place(&mut self, number: &V) -> Option<i64>;
}

/// Why a list could not be merged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault<V> {
    /// An element is no object.
    NoObject(Delta<V>),
    /// An element has no index.
    NoIndex(Delta<V>),
    /// The index of an element is no integer.
    Index(Delta<V>),
    /// The element that the index names is no object.
    Mixed,
}
