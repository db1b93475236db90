//! JSON objects whose order means something.

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error};
use serde_json::Value;

/// Names in the order in which the facts list them.
pub type Ordered<T> = Vec<(String, T)>;

/// Reads an object member by member.
pub(super) fn ordered<'de, D, T>(deserializer: D) -> Result<Ordered<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let map = serde_json::Map::<String, Value>::deserialize(deserializer)?;
    map.into_iter()
        .map(|(name, value)| {
            Ok((
                name,
                serde_json::from_value(value).map_err(D::Error::custom)?,
            ))
        })
        .collect()
}
