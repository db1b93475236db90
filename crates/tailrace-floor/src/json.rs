//! The walk through a document: every value is visited, and only the text that is counted is looked at.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiter::{Jiter, JiterError, Peek};

use crate::measure::Counts;

type Walked<T> = Result<T, JiterError>;

/// A chunk of a streamed chat completion.
pub(crate) fn chunk(data: &[u8], counts: &mut Counts) -> Result<(), String> {
    counts.units += 1;
    walk(data, |json| choices(json, "delta", counts))
}

/// A chat completion.
pub(crate) fn call(data: &[u8], counts: &mut Counts) -> Result<(), String> {
    counts.units += 1;
    walk(data, |json| choices(json, "message", counts))
}

/// An event of a response. The text of the answer is counted, not that of tools.
pub(crate) fn event(data: &[u8], counts: &mut Counts) -> Result<(), String> {
    counts.units += 1;
    walk(data, |json| {
        let mut is_text = false;
        each(json, |json, key| match key {
            "type" => {
                is_text = json.next_str()? == "response.output_text.delta";
                Ok(())
            }
            "delta" if is_text => {
                counts.read(json.next_str()?);
                Ok(())
            }
            _ => json.next_skip(),
        })
    })
}

/// A reply of vectors, which are decoded.
pub(crate) fn embeddings(data: &[u8], counts: &mut Counts) -> Result<(), String> {
    counts.units += 1;
    let mut vectors: Vec<Vec<f32>> = Vec::new();
    walk(data, |json| {
        each(json, |json, key| match key {
            "data" => list(json, |json| {
                each(json, |json, key| match key {
                    "embedding" => {
                        vectors.push(decode(json.next_str()?));
                        Ok(())
                    }
                    _ => json.next_skip(),
                })
            }),
            _ => json.next_skip(),
        })
    })?;
    counts.decoded(&vectors);
    Ok(())
}

fn choices(json: &mut Jiter<'_>, field: &str, counts: &mut Counts) -> Walked<()> {
    each(json, |json, key| match key {
        "choices" => list(json, |json| {
            each(json, |json, key| match key == field {
                true => content(json, counts),
                false => json.next_skip(),
            })
        }),
        _ => json.next_skip(),
    })
}

fn content(json: &mut Jiter<'_>, counts: &mut Counts) -> Walked<()> {
    each(json, |json, key| match (key, json.peek()?) {
        ("content", Peek::String) => {
            counts.read(json.known_str()?);
            Ok(())
        }
        _ => json.next_skip(),
    })
}

fn decode(text: &str) -> Vec<f32> {
    let bytes = STANDARD.decode(text).unwrap_or_default();
    let (numbers, _) = bytes.as_chunks::<4>();
    numbers
        .iter()
        .map(|bytes| f32::from_le_bytes(*bytes))
        .collect()
}

fn walk(data: &[u8], visit: impl FnOnce(&mut Jiter<'_>) -> Walked<()>) -> Result<(), String> {
    let mut json = Jiter::new(data);
    let walked = visit(&mut json).and_then(|()| json.finish());
    walked.map_err(|error| format!("the server sent broken JSON: {error}"))
}

/// Visits the members of an object.
fn each(
    json: &mut Jiter<'_>,
    mut visit: impl FnMut(&mut Jiter<'_>, &str) -> Walked<()>,
) -> Walked<()> {
    let mut name = Name::default();
    let mut key = name.set(json.next_object()?);
    while key {
        visit(json, name.get())?;
        key = name.set(json.next_key()?);
    }
    Ok(())
}

/// Visits the members of a list.
fn list(json: &mut Jiter<'_>, mut visit: impl FnMut(&mut Jiter<'_>) -> Walked<()>) -> Walked<()> {
    let mut next = json.next_array()?;
    while next.is_some() {
        visit(json)?;
        next = json.array_step()?;
    }
    Ok(())
}

/// The name of a member, out of the way of the parser, without an allocation.
#[derive(Default)]
struct Name {
    letters: [u8; 16],
    length: usize,
}

impl Name {
    /// Keeps the name; false when there is none. A longer one than any that is looked for is kept as an empty one.
    fn set(&mut self, name: Option<&str>) -> bool {
        let bytes = name.unwrap_or_default().as_bytes();
        self.length = match self.letters.get_mut(..bytes.len()) {
            Some(place) => {
                place.copy_from_slice(bytes);
                bytes.len()
            }
            None => 0,
        };
        name.is_some()
    }

    fn get(&self) -> &str {
        let letters = self.letters.get(..self.length).unwrap_or_default();
        std::str::from_utf8(letters).unwrap_or_default()
    }
}
