//! What the model says to a prompt.

use serde_json::{Value, json};

use super::prompt::{Choice, Format, Prompt, Tool};
use super::sample::sample;
use super::text;
use crate::stamp;

/// The words of the model, or its calls.
#[derive(Debug)]
pub(crate) struct Reply {
    /// The pieces of the text, as they are streamed. Empty when there are calls.
    pub(crate) words: Vec<String>,
    pub(crate) calls: Vec<Call>,
    pub(crate) finish_reason: &'static str,
}

/// A call of a function.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) arguments: String,
}

impl Reply {
    /// A plausible reply.
    pub(crate) fn to(prompt: &Prompt) -> Reply {
        if let Some(tool) = called_tool(prompt) {
            let arguments = sample(&tool.parameters, &prompt.question);
            let arguments = if arguments.is_object() {
                arguments
            } else {
                json!({})
            };
            let call = Call {
                id: text::id("call_", prompt.seed, 24),
                name: tool.name.clone(),
                arguments: arguments.to_string(),
            };
            // The API says `stop` when the caller named the function, so that one cannot tell by this field alone.
            let finish_reason = if matches!(prompt.choice, Choice::Named(_)) {
                "stop"
            } else {
                "tool_calls"
            };
            return Reply {
                words: Vec::new(),
                calls: vec![call],
                finish_reason,
            };
        }
        let words = match (&prompt.format, &prompt.tool_output) {
            (Format::Schema(schema), _) => sample(schema, &prompt.question).to_string(),
            (Format::JsonObject, _) => {
                json!({ "answer": text::about(&prompt.question, prompt.seed) }).to_string()
            }
            (Format::Text, Some(output)) => format!("The tool says: {output}"),
            (Format::Text, None) => text::about(&prompt.question, prompt.seed),
        };
        Reply {
            words: text::words(&words),
            calls: Vec::new(),
            finish_reason: "stop",
        }
    }

    /// A reply of exactly so many pieces, for a load: the same for every client that asks the same question.
    pub(crate) fn of_words(prompt: &Prompt, count: usize) -> Reply {
        let words = text::words(&text::about(&prompt.question, 0));
        let words = words.iter().cycle().take(count).cloned().collect();
        Reply {
            words,
            calls: Vec::new(),
            finish_reason: "stop",
        }
    }

    /// Lets each piece of the text begin with the time of its write.
    pub(crate) fn mark(&mut self) {
        for word in &mut self.words {
            word.insert_str(0, stamp::PLACE);
        }
    }

    /// The whole text.
    pub(crate) fn text(&self) -> String {
        self.words.concat()
    }

    /// About the tokens of the reply.
    pub(crate) fn tokens(&self) -> usize {
        let calls: usize = self
            .calls
            .iter()
            .map(|call| text::tokens(call.name.len() + call.arguments.len()))
            .sum();
        self.words.len() + calls
    }
}

/// Pieces of the arguments, as they are streamed.
pub(crate) fn argument_pieces(arguments: &str) -> Vec<String> {
    let letters: Vec<char> = arguments.chars().collect();
    letters
        .chunks(5)
        .map(|piece| piece.iter().collect())
        .collect()
}

fn called_tool(prompt: &Prompt) -> Option<&Tool> {
    match &prompt.choice {
        Choice::Never => None,
        Choice::Named(name) => prompt.tools.iter().find(|tool| tool.name == *name),
        Choice::Required => prompt.tools.first(),
        Choice::Auto if prompt.tool_output.is_some() => None,
        Choice::Auto => prompt
            .tools
            .iter()
            .find(|tool| asks_for(&prompt.question, tool)),
    }
}

/// A question asks for a tool when it shares a word with the tool's name, or says that one should be used.
fn asks_for(question: &str, tool: &Tool) -> bool {
    let question = question.to_lowercase();
    let asked: Vec<&str> = question
        .split(|letter: char| !letter.is_alphanumeric())
        .collect();
    let name = tool.name.to_lowercase();
    let mut words = name
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| word.len() > 3);
    words.any(|word| asked.contains(&word))
        || ["call", "tool", "function"]
            .iter()
            .any(|word| asked.contains(word))
}

/// Usage in the shape of chat completions.
pub(crate) fn usage(prompt: &Prompt, reply: &Reply, names: [&str; 2]) -> Value {
    let [input, output] = names;
    let (read, written) = (prompt.input_tokens, reply.tokens() * prompt.count);
    json!({ input: read, output: written, "total_tokens": read + written })
}
