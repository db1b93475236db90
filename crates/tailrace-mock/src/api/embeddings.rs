//! `POST /v1/embeddings`: a vector of length 1 for each text, always the same one.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::refusal::Refusal;
use super::text;

/// What `text-embedding-3-small` gives.
const USUAL_DIMENSIONS: usize = 1536;
/// The most that any model gives.
const MAX_DIMENSIONS: usize = 3072;
/// The most texts of one request, as the API documents it.
const MAX_INPUTS: usize = 2048;

/// What a request asks for.
#[derive(Debug)]
pub(crate) struct Texts {
    model: String,
    /// A number for each text, made of its bytes.
    seeds: Vec<u64>,
    dimensions: usize,
    is_base64: bool,
    tokens: usize,
}

impl Texts {
    /// Reads a request.
    pub(crate) fn of(body: &Value) -> Result<Texts, Refusal> {
        let texts: Vec<String> = match body.get("input") {
            Some(Value::String(text)) => vec![text.clone()],
            // Numbers are the tokens of one text; their spelling tells two texts apart as well.
            Some(Value::Array(tokens)) if tokens.first().is_some_and(Value::is_number) => {
                vec![json!(tokens).to_string()]
            }
            Some(Value::Array(texts)) => texts.iter().map(spelled).collect(),
            Some(Value::Null) | None => return Err(Refusal::missing("input")),
            Some(other) => return Err(Refusal::wrong_type("input", "a string or an array", other)),
        };
        let asked = body.get("dimensions").and_then(Value::as_u64);
        let dimensions = asked.and_then(|asked| usize::try_from(asked).ok());
        let words = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default();
        Ok(Texts {
            model: words("model").to_owned(),
            tokens: texts.iter().map(|text| text::tokens(text.len())).sum(),
            seeds: texts
                .iter()
                .take(MAX_INPUTS)
                .map(|text| text::seed(text.as_bytes()))
                .collect(),
            dimensions: dimensions.map_or(USUAL_DIMENSIONS, |asked| asked.clamp(1, MAX_DIMENSIONS)),
            is_base64: words("encoding_format") == "base64",
        })
    }

    /// The reply.
    pub(crate) fn render(&self) -> String {
        let mut reply = String::from("{\"object\":\"list\",\"data\":[");
        for (index, seed) in self.seeds.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            // Writing to a String cannot fail.
            let _ = write!(
                reply,
                "{comma}{{\"object\":\"embedding\",\"index\":{index},\"embedding\":"
            );
            let vector = vector(*seed, self.dimensions);
            match self.is_base64 {
                true => put_base64(&mut reply, &vector),
                false => put_numbers(&mut reply, &vector),
            }
            reply.push('}');
        }
        let model = json!(self.model);
        let usage = json!({ "prompt_tokens": self.tokens, "total_tokens": self.tokens });
        let _ = write!(reply, "],\"model\":{model},\"usage\":{usage}}}");
        reply
    }
}

fn spelled(text: &Value) -> String {
    text.as_str()
        .map_or_else(|| text.to_string(), str::to_owned)
}

fn vector(seed: u64, dimensions: usize) -> Vec<f32> {
    let mut state = seed;
    let mut number = || {
        // The upper 24 bits are as many as the fraction of a float holds.
        let number = u32::try_from(text::next(&mut state) >> 40).unwrap_or_default();
        f64::from(number) / f64::from(1 << 23) - 1.0
    };
    let numbers: Vec<f64> = (0..dimensions).map(|_| number()).collect();
    let length = numbers.iter().map(|number| number * number).sum::<f64>();
    let scale = length.sqrt().max(f64::MIN_POSITIVE);
    numbers
        .iter()
        .map(|number| (number / scale) as f32)
        .collect()
}

fn put_base64(reply: &mut String, vector: &[f32]) {
    let bytes: Vec<u8> = vector
        .iter()
        .flat_map(|number| number.to_le_bytes())
        .collect();
    reply.push('"');
    STANDARD.encode_string(bytes, reply);
    reply.push('"');
}

fn put_numbers(reply: &mut String, vector: &[f32]) {
    reply.push('[');
    for (index, number) in vector.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        let _ = write!(reply, "{comma}{number}");
    }
    reply.push(']');
}
