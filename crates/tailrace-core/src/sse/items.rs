//! The items of an API stream: events with data, up to `[DONE]`.

use bytes::Bytes;

use super::{Decoder, Event, TooLarge};

/// What marks the end of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// Data that starts with `[DONE]` (the official Python package).
    Prefix,
    /// Data that is exactly `[DONE]` (the official Node package).
    Exact,
}

/// What becomes of an event that the end of input leaves without its blank line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndOfInput {
    /// It is dropped, as the standard says (the official Python package).
    Discard,
    /// It is dispatched (the official Node package).
    Flush,
}

/// How a stream is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// What marks the end.
    pub done: Done,
    /// What becomes of an unfinished event.
    pub end_of_input: EndOfInput,
    /// The most bytes that one event may have.
    pub max_event_bytes: usize,
}

/// What a stream says next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// An event with data.
    Item(Event),
    /// More bytes are needed.
    NeedData,
    /// The end mark was read; whatever follows is not part of the stream.
    Done,
}

/// Reads the items of one stream.
#[derive(Debug)]
pub struct Items {
    decoder: Decoder,
    options: Options,
    done: bool,
}

impl Items {
    /// A reader at the start of a stream.
    pub fn new(options: Options) -> Self {
        Items {
            decoder: Decoder::new(options.max_event_bytes),
            options,
            done: false,
        }
    }

    /// Adds the next bytes of the body. Call [`Items::next_item`] until it needs data before feeding more.
    pub fn feed(&mut self, chunk: Bytes) {
        if !self.done {
            self.decoder.feed(chunk);
        }
    }

    /// The next item, or why there is none.
    pub fn next_item(&mut self) -> Result<Verdict, TooLarge> {
        while !self.done {
            match self.decoder.next_event()? {
                Some(event) => {
                    if let Some(item) = self.judge(event) {
                        return Ok(item);
                    }
                }
                None => return Ok(Verdict::NeedData),
            }
        }
        Ok(Verdict::Done)
    }

    /// The body ended. Returns the last item, if the end of input completes one.
    pub fn finish(&mut self) -> Option<Event> {
        if self.done || self.options.end_of_input == EndOfInput::Discard {
            return None;
        }
        let event = self.decoder.flush()?;
        match self.judge(event)? {
            Verdict::Item(event) => Some(event),
            Verdict::NeedData | Verdict::Done => None,
        }
    }

    fn judge(&mut self, event: Event) -> Option<Verdict> {
        let done = match self.options.done {
            Done::Prefix => event.data.starts_with(b"[DONE]"),
            Done::Exact => event.data.as_ref() == b"[DONE]",
        };
        if done {
            self.done = true;
            return Some(Verdict::Done);
        }
        // Keep-alives and events that carry only a name say nothing; the official packages crash on them. An error is
        // never passed over.
        let says_something = !is_blank(&event.data) || event.name.as_ref() == b"error";
        says_something.then_some(Verdict::Item(event))
    }
}

/// True for what JSON calls white space, and nothing else, which is no value. Most data is judged by its first byte.
fn is_blank(data: &[u8]) -> bool {
    data.iter()
        .all(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PYTHON: Options = Options {
        done: Done::Prefix,
        end_of_input: EndOfInput::Discard,
        max_event_bytes: 1 << 20,
    };
    const NODE: Options = Options {
        done: Done::Exact,
        end_of_input: EndOfInput::Flush,
        max_event_bytes: 1 << 20,
    };

    #[track_caller]
    fn check(options: Options, input: &str, expected: &[&str], done: bool) {
        let mut items = Items::new(options);
        items.feed(Bytes::copy_from_slice(input.as_bytes()));
        let mut found = Vec::new();
        let ended = loop {
            match items.next_item().unwrap() {
                Verdict::Item(event) => found.push(event.data),
                Verdict::NeedData => break false,
                Verdict::Done => break true,
            }
        };
        found.extend(items.finish().map(|event| event.data));
        assert_eq!(found, expected);
        assert_eq!(ended, done);
    }

    #[test]
    fn nothing_follows_the_end_mark() {
        check(
            PYTHON,
            "data: 1\n\ndata: [DONE]\n\ndata: 2\n\n",
            &["1"],
            true,
        );
        check(NODE, "data: 1\n\ndata: [DONE]\n\ndata: 2\n\n", &["1"], true);
    }

    #[test]
    fn the_end_mark_is_a_prefix_or_exact() {
        check(PYTHON, "data: [DONE] bye\n\n", &[], true);
        check(NODE, "data: [DONE] bye\n\n", &["[DONE] bye"], false);
    }

    #[test]
    fn an_unfinished_event_is_dropped_or_flushed() {
        check(PYTHON, "data: 1\n\ndata: 2\n", &["1"], false);
        check(NODE, "data: 1\n\ndata: 2\n", &["1", "2"], false);
        check(NODE, "data: 1\n\ndata: 2", &["1", "2"], false);
        check(NODE, "data: [DONE]", &[], false);
    }

    #[test]
    fn events_without_data_are_skipped() {
        check(
            PYTHON,
            ": ping\n\nevent: ping\n\nid: 1\n\n: x\n\nretry: 5\n\ndata:\n\ndata: 1\n\n",
            &["1"],
            false,
        );
        check(
            PYTHON,
            "event: ping\ndata:\n\ndata:   \n\ndata:\t\ndata:\n\n",
            &[],
            false,
        );
    }

    #[test]
    fn an_error_is_not_skipped_for_saying_nothing() {
        check(PYTHON, "event: error\ndata:\n\n", &[""], false);
        check(NODE, "event: error\ndata", &[""], false);
    }
}
