//! What a request asks for, whichever of the two operations it came through.

use serde_json::Value;

use super::refusal::Refusal;
use super::text;

/// A request for text.
#[derive(Debug)]
pub(crate) struct Prompt {
    pub(crate) model: String,
    pub(crate) stream: bool,
    pub(crate) include_usage: bool,
    /// The text of the last user message.
    pub(crate) question: String,
    /// The output of a tool, when that is what the request ends with.
    pub(crate) tool_output: Option<String>,
    pub(crate) tools: Vec<Tool>,
    pub(crate) choice: Choice,
    pub(crate) format: Format,
    /// The number of choices, 1 to 8.
    pub(crate) count: usize,
    /// How long the reply may be, in its pieces.
    pub(crate) most_tokens: usize,
    pub(crate) seed: u64,
    pub(crate) input_tokens: usize,
}

/// A function that the model may call.
#[derive(Debug, Clone)]
pub(crate) struct Tool {
    pub(crate) name: String,
    pub(crate) parameters: Value,
}

/// `tool_choice`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    Auto,
    Never,
    Required,
    Named(String),
}

/// `response_format` or `text.format`.
#[derive(Debug)]
pub(crate) enum Format {
    Text,
    JsonObject,
    Schema(Value),
}

impl Prompt {
    /// Reads a chat completions request.
    pub(crate) fn of_chat(body: &Value) -> Result<Prompt, Refusal> {
        let messages = match body.get("messages") {
            Some(Value::Array(messages)) => messages.as_slice(),
            Some(Value::Null) | None => return Err(Refusal::missing("messages")),
            Some(other) => {
                return Err(Refusal::wrong_type(
                    "messages",
                    "an array of objects",
                    other,
                ));
            }
        };
        let tools = body
            .get("tools")
            .and_then(Value::as_array)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let format = body.get("response_format").unwrap_or(&Value::Null);
        let schema = format.pointer("/json_schema/schema");
        let last = messages.last();
        let output = last
            .filter(|message| text_at(message, "role") == "tool")
            .map(content);
        Ok(Prompt {
            tools: tools
                .iter()
                .filter_map(|tool| function(tool.get("function")?))
                .collect(),
            choice: choice(body, "/function/name"),
            format: read_format(format, schema),
            question: last_question(messages),
            tool_output: output,
            include_usage: body.pointer("/stream_options/include_usage")
                == Some(&Value::Bool(true)),
            count: body
                .get("n")
                .and_then(Value::as_u64)
                .map_or(1, |n| n.clamp(1, 8) as usize),
            ..Prompt::common(body)
        })
    }

    /// Reads a responses request.
    pub(crate) fn of_responses(body: &Value) -> Result<Prompt, Refusal> {
        let tools = body
            .get("tools")
            .and_then(Value::as_array)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let format = body.pointer("/text/format").unwrap_or(&Value::Null);
        let (question, output) = match body.get("input") {
            Some(Value::String(text)) => (text.clone(), None),
            Some(Value::Array(items)) => {
                let output = items
                    .last()
                    .filter(|item| text_at(item, "type") == "function_call_output");
                (
                    last_question(items),
                    output.map(|item| text_at(item, "output").to_owned()),
                )
            }
            Some(Value::Null) | None => return Err(Refusal::missing("input")),
            Some(other) => return Err(Refusal::wrong_type("input", "a string or an array", other)),
        };
        Ok(Prompt {
            tools: tools.iter().filter_map(function).collect(),
            choice: choice(body, "/name"),
            format: read_format(format, format.get("schema")),
            question,
            tool_output: output,
            ..Prompt::common(body)
        })
    }

    fn common(body: &Value) -> Prompt {
        let mut body = body.clone();
        let stream = body.get("stream") == Some(&Value::Bool(true));
        // Streamed or not, the same question gets the same words.
        if let Some(fields) = body.as_object_mut() {
            fields.shift_remove("stream");
            fields.shift_remove("stream_options");
        }
        let written = body.to_string();
        Prompt {
            model: text_at(&body, "model").to_owned(),
            stream,
            include_usage: false,
            question: String::new(),
            tool_output: None,
            tools: Vec::new(),
            choice: Choice::Auto,
            format: Format::Text,
            count: 1,
            most_tokens: most_tokens(&body),
            seed: text::seed(written.as_bytes()),
            input_tokens: text::tokens(written.len()),
        }
    }
}

/// The limit of either operation, under any of its names.
fn most_tokens(body: &Value) -> usize {
    let names = ["max_completion_tokens", "max_tokens", "max_output_tokens"];
    let limit = names.iter().find_map(|name| body.get(name)?.as_u64());
    limit
        .and_then(|limit| usize::try_from(limit).ok())
        .unwrap_or(usize::MAX)
}

fn text_at<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The text of a message: a string, or the parts that have one.
fn content(message: &Value) -> String {
    match message.get("content") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => {
            let texts: Vec<&str> = parts
                .iter()
                .map(|part| text_at(part, "text"))
                .filter(|t| !t.is_empty())
                .collect();
            texts.join(" ")
        }
        _ => String::new(),
    }
}

fn last_question(messages: &[Value]) -> String {
    messages
        .iter()
        .rev()
        .find(|message| text_at(message, "role") == "user")
        .map(content)
        .unwrap_or_default()
}

fn function(tool: &Value) -> Option<Tool> {
    let name = tool.get("name")?.as_str()?.to_owned();
    Some(Tool {
        name,
        parameters: tool.get("parameters").cloned().unwrap_or_default(),
    })
}

fn choice(body: &Value, name: &str) -> Choice {
    match body.get("tool_choice") {
        Some(Value::String(word)) if word == "none" => Choice::Never,
        Some(Value::String(word)) if word == "required" => Choice::Required,
        Some(object) => match object.pointer(name).and_then(Value::as_str) {
            Some(name) => Choice::Named(name.to_owned()),
            None => Choice::Auto,
        },
        None => Choice::Auto,
    }
}

fn read_format(format: &Value, schema: Option<&Value>) -> Format {
    match (text_at(format, "type"), schema) {
        ("json_schema", Some(schema)) => Format::Schema(schema.clone()),
        ("json_object" | "json_schema", _) => Format::JsonObject,
        _ => Format::Text,
    }
}
