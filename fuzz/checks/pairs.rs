//! The pairs of a query, found by serde: the names with their brackets, the values as texts.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

pub(crate) enum Value {
    Text(String),
    /// A number, whatever its digits.
    Number(f64),
}

pub(crate) type Pairs = Vec<(String, Value)>;

/// `None` when serde finds no object.
pub(crate) fn of(json: &str, keeps_nulls: bool) -> Option<Pairs> {
    if json.is_empty() {
        return Some(Vec::new());
    }
    let mut pairs = Vec::new();
    let mut reader = serde_json::Deserializer::from_str(json);
    let root = Member {
        name: None,
        keeps_nulls,
        pairs: &mut pairs,
    };
    root.deserialize(&mut reader).ok()?;
    reader.end().ok()?;
    Some(pairs)
}

pub(crate) fn agree(pairs: &Pairs, found: &[(String, String)]) -> bool {
    pairs.len() == found.len()
        && pairs
            .iter()
            .zip(found)
            .all(|((name, value), (found_name, found))| {
                name == found_name
                    && match value {
                        Value::Text(text) => text == found,
                        Value::Number(number) => found.parse() == Ok(*number),
                    }
            })
}

struct Member<'p> {
    name: Option<String>,
    keeps_nulls: bool,
    pairs: &'p mut Pairs,
}

impl Member<'_> {
    fn put<E: Error>(self, value: Value) -> Result<(), E> {
        let name = self.name.ok_or_else(|| E::custom("no object"))?;
        self.pairs.push((name, value));
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Member<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Member<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<(), E> {
        self.put(Value::Text(flag.to_string()))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<(), E> {
        self.put(Value::Number(number as f64))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        self.put(Value::Number(number as f64))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<(), E> {
        self.put(Value::Number(number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.put(Value::Text(text.to_owned()))
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        match self.keeps_nulls {
            true => self.put(Value::Text(String::new())),
            false => self.name.map(drop).ok_or_else(|| E::custom("no object")),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        let name = self.name.ok_or_else(|| A::Error::custom("no object"))?;
        loop {
            let element = Member {
                name: Some(format!("{name}[]")),
                keeps_nulls: self.keeps_nulls,
                pairs: &mut *self.pairs,
            };
            if elements.next_element_seed(element)?.is_none() {
                return Ok(());
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(key) = members.next_key::<String>()? {
            let name = match &self.name {
                None => key,
                Some(name) => format!("{name}[{key}]"),
            };
            members.next_value_seed(Member {
                name: Some(name),
                keeps_nulls: self.keeps_nulls,
                pairs: &mut *self.pairs,
            })?;
        }
        Ok(())
    }
}
