//! Views of a resource that return raw responses.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::imports::relative;
use super::layout;
use super::resources::{Form, Writer};
use crate::load::{Answer, Viewed};

/// The two kinds of views.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum View {
    Raw,
    Streaming,
}

impl View {
    pub(super) const BOTH: [View; 2] = [View::Raw, View::Streaming];

    /// The property of a resource that gives this view of it.
    pub(super) fn property(self) -> &'static str {
        match self {
            View::Raw => "with_raw_response",
            View::Streaming => "with_streaming_response",
        }
    }

    pub(super) fn suffix(self) -> &'static str {
        match self {
            View::Raw => "WithRawResponse",
            View::Streaming => "WithStreamingResponse",
        }
    }
}

impl Writer<'_> {
    /// The four view classes, in official order.
    pub(super) fn views(&self) -> String {
        View::BOTH
            .into_iter()
            .flat_map(|view| Form::BOTH.map(|form| self.view(form, view)))
            .collect()
    }

    fn view(&self, form: Form, view: View) -> String {
        let facts = &self.resource.facts;
        let class = form.of(&facts.sync, &facts.asynchronous);
        let suffix = view.suffix();
        // `client.things.parts` is `parts` here.
        let attribute = facts.resource.rsplit('.').next().unwrap_or_default();
        let when = match view {
            View::Raw => "with the body read",
            View::Streaming => "before the body is read",
        };
        let mut text = format!(
            "\n\nclass {class}{suffix}:\n    \"\"\"`client.{}` that returns raw responses, {when}.\"\"\"\n    def __init__(self, {attribute}: {class}) -> None:\n",
            facts.resource
        );
        let mut imported = BTreeSet::new();
        let mut module = "_response";
        let mut lines = String::new();
        for (name, method) in &facts.methods {
            let is_viewed = match method.viewed {
                Viewed::Both => true,
                Viewed::Raw => view == View::Raw,
                Viewed::Neither => false,
            };
            if !is_viewed {
                continue;
            }
            let note = if method.deprecated.is_some() {
                "  # pyright: ignore[reportDeprecated]"
            } else {
                ""
            };
            let call = if view == View::Streaming && self.is_binary(name) {
                let class = form.of(
                    "StreamedBinaryAPIResponse",
                    "AsyncStreamedBinaryAPIResponse",
                );
                let wrap = form.of(
                    "to_custom_streamed_response_wrapper",
                    "async_to_custom_streamed_response_wrapper",
                );
                imported.insert(class.to_owned());
                imported.insert(format!("{wrap} as wrap_binary"));
                format!("wrap_binary({attribute}.{name}, {class})")
            } else {
                let wrap = match view {
                    View::Raw => {
                        form.of("to_raw_response_wrapper", "async_to_raw_response_wrapper")
                    }
                    View::Streaming => form.of(
                        "to_streamed_response_wrapper",
                        "async_to_streamed_response_wrapper",
                    ),
                };
                if view == View::Raw {
                    module = "_legacy_response";
                }
                imported.insert(format!("{wrap} as wrap"));
                format!("wrap({attribute}.{name})")
            };
            let _ = writeln!(lines, "        self.{name} = {call}{note}");
        }
        if !imported.is_empty() {
            let names: Vec<_> = imported.into_iter().collect();
            text += &layout::import(8, &relative(&facts.module, module), &names);
        }
        let has_children = self.resource.children.iter().any(|child| child.is_viewed);
        if has_children || lines.is_empty() {
            let _ = writeln!(text, "        self._{attribute} = {attribute}");
        }
        text += &lines;
        for child in self
            .resource
            .children
            .iter()
            .filter(|child| child.is_viewed)
        {
            let class = format!("{}{suffix}", form.of(&child.sync, &child.asynchronous));
            self.checked
                .target(&class, &format!("{}:{class}", child.module));
            let _ = write!(
                text,
                "\n    @{}\n    def {name}(self) -> {class}:\n        return self._{attribute}.{name}.{property}\n",
                self.cached_property(),
                name = child.attribute,
                property = view.property(),
            );
        }
        text
    }

    fn is_binary(&self, name: &str) -> bool {
        let place = format!("{}.{name}", self.resource.facts.resource);
        let operation = self.api.operations.get(&place);
        operation.is_some_and(|operation| operation.response == Some(Answer::Binary))
    }
}
