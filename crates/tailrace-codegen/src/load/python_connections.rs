//! Facts of the WebSocket connections of the Python package.

use serde::Deserialize;

use super::ordered::{Ordered, ordered};
use super::python::PythonParameter;
use super::text::text;

/// The connections of a resource: what opens them, what they are, and their parts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PythonConnections {
    /// Parent of the parts of a blocking connection.
    pub base: String,
    /// The same of an awaitable one.
    pub async_base: String,
    /// The blocking connection.
    pub connection: String,
    /// The awaitable one.
    pub async_connection: String,
    /// What opens a blocking connection.
    pub manager: String,
    /// What opens an awaitable one.
    pub async_manager: String,
    /// The type of what the server sends.
    #[serde(deserialize_with = "text")]
    pub receives: String,
    /// The type of what is sent to it.
    #[serde(deserialize_with = "text")]
    pub sends: String,
    /// It is not made again, and has no handlers.
    #[serde(default)]
    pub plain: bool,
    /// Attribute to the class of a part.
    #[serde(deserialize_with = "ordered")]
    pub children: Ordered<String>,
    /// The parts in official order.
    pub parts: Vec<PythonConnectionPart>,
}

/// A part of a connection, in both forms.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PythonConnectionPart {
    /// The blocking class.
    pub sync: String,
    /// The awaitable class.
    #[serde(rename = "async")]
    pub asynchronous: String,
    /// Attribute to the class of a part below it.
    #[serde(deserialize_with = "ordered")]
    pub children: Ordered<String>,
    /// Methods, each of which sends an event.
    #[serde(deserialize_with = "ordered")]
    pub methods: Ordered<PythonEventMethod>,
}

/// A method that sends an event.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PythonEventMethod {
    /// The type of the event.
    pub event: String,
    /// Its members in the order in which they are sent; each is a parameter.
    pub members: Vec<String>,
    /// Parameters in order.
    pub parameters: Vec<PythonParameter>,
}

impl PythonConnections {
    /// All classes.
    pub fn classes(&self) -> impl Iterator<Item = &String> {
        let pairs = [
            &self.base,
            &self.async_base,
            &self.connection,
            &self.async_connection,
            &self.manager,
            &self.async_manager,
        ];
        let parts = self
            .parts
            .iter()
            .flat_map(|part| [&part.sync, &part.asynchronous]);
        pairs.into_iter().chain(parts)
    }

    /// All annotations.
    pub fn texts(&self) -> impl Iterator<Item = &String> {
        let methods = self.parts.iter().flat_map(|part| &part.methods);
        let parameters = methods.flat_map(|(_, method)| &method.parameters);
        let annotations = parameters.map(|parameter| &parameter.annotation);
        [&self.receives, &self.sends].into_iter().chain(annotations)
    }
}
