//! Parsing a document into the values of jiter, the fastest parser of the workspace; texts without escapes are borrowed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiter::JsonValue;

use crate::measure::Counts;

/// A chunk of a streamed chat completion.
pub(crate) fn chunk(data: &[u8], counts: &mut Counts) -> Result<(), String> {
    choices(&parsed(data)?, "delta", counts);
    Ok(())
}

/// A chat completion.
pub(crate) fn call(data: &[u8], counts: &mut Counts) -> Result<(), String> {
    choices(&parsed(data)?, "message", counts);
    Ok(())
}

/// An event of a response. The text of the answer is counted, not that of tools.
pub(crate) fn event(data: &[u8], counts: &mut Counts) -> Result<(), String> {
    let event = parsed(data)?;
    counts.units += 1;
    if text(member(&event, "type")) == Some("response.output_text.delta") {
        counts.read(text(member(&event, "delta")).unwrap_or_default());
    }
    Ok(())
}

/// A reply of vectors, which are decoded.
pub(crate) fn embeddings(data: &[u8], counts: &mut Counts) -> Result<(), String> {
    let reply = parsed(data)?;
    counts.units += 1;
    let vectors: Vec<Vec<f32>> = items(member(&reply, "data"))
        .iter()
        .filter_map(|item| text(member(item, "embedding")))
        .map(decode)
        .collect();
    counts.decoded(&vectors);
    Ok(())
}

fn choices(reply: &JsonValue<'_>, field: &str, counts: &mut Counts) {
    counts.units += 1;
    for choice in items(member(reply, "choices")) {
        let message = member(choice, field);
        if let Some(content) = text(message.and_then(|message| member(message, "content"))) {
            counts.read(content);
        }
    }
}

fn decode(text: &str) -> Vec<f32> {
    let bytes = STANDARD.decode(text).unwrap_or_default();
    let (numbers, _) = bytes.as_chunks::<4>();
    numbers
        .iter()
        .map(|bytes| f32::from_le_bytes(*bytes))
        .collect()
}

fn parsed(data: &[u8]) -> Result<JsonValue<'_>, String> {
    JsonValue::parse(data, false).map_err(|error| format!("the server sent broken JSON: {error}"))
}

fn member<'v, 'j>(value: &'v JsonValue<'j>, name: &str) -> Option<&'v JsonValue<'j>> {
    let JsonValue::Object(members) = value else {
        return None;
    };
    let found = members.iter().find(|(key, _)| key == name);
    found.map(|(_, value)| value)
}

fn items<'v, 'j>(value: Option<&'v JsonValue<'j>>) -> &'v [JsonValue<'j>] {
    match value {
        Some(JsonValue::Array(items)) => items,
        _ => &[],
    }
}

fn text<'v>(value: Option<&'v JsonValue<'_>>) -> Option<&'v str> {
    match value {
        Some(JsonValue::Str(text)) => Some(text),
        _ => None,
    }
}
