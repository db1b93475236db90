//! Byte streams and what the standard makes of them: the ideas of the web platform's own tests, in inputs of ours, and the
//! inputs on which the official packages depart from the standard.
//!
//! The unit tests read them in every split, `tests/sse` compares them with another decoder, and the fuzz target begins
//! with them.

/// Bytes and the events that they are.
pub(crate) struct Case {
    /// What the bytes show.
    pub(crate) name: &'static str,
    /// What the server sends.
    pub(crate) input: &'static [u8],
    /// Name, data, and the last identifier at that time, of each event.
    pub(crate) events: &'static [[&'static str; 3]],
    /// The delay that the stream asked for, in milliseconds.
    pub(crate) retry_ms: Option<u64>,
}

const fn case(
    name: &'static str,
    input: &'static [u8],
    events: &'static [[&'static str; 3]],
) -> Case {
    Case {
        name,
        input,
        events,
        retry_ms: None,
    }
}

const fn delay(
    name: &'static str,
    input: &'static [u8],
    events: &'static [[&'static str; 3]],
    retry_ms: Option<u64>,
) -> Case {
    Case {
        name,
        input,
        events,
        retry_ms,
    }
}

/// 2,048 bytes of comment between two lines of data.
const LONG_COMMENT: &[u8] = {
    const HEAD: &[u8] = b"data: a\n:";
    const TAIL: &[u8] = b"\r:\ndata: b\n\n";
    const TEXT: [u8; HEAD.len() + 2048 + TAIL.len()] = {
        let mut text = [b'-'; HEAD.len() + 2048 + TAIL.len()];
        let (head, rest) = text.split_at_mut(HEAD.len());
        head.copy_from_slice(HEAD);
        let (_, tail) = rest.split_at_mut(2048);
        tail.copy_from_slice(TAIL);
        text
    };
    &TEXT
};

/// By the standard, the same in both languages unless [`DEPARTURES`] says otherwise.
pub(crate) const CASES: &[Case] = &[
    // Lines and what ends them.
    case(
        "every-line-end",
        b"data: a\n\ndata: b\r\n\r\ndata: c\r\rdata: d\r\n\ndata: e\n\rdata: f\r\r\n",
        &[["", "a", ""], ["", "b", ""], ["", "c", ""], ["", "d", ""], ["", "e", ""], ["", "f", ""]],
    ),
    case("line-ends-within-an-event", b"data:a\r\ndata\rdata:b\n\r\n", &[["", "a\n\nb", ""]]),
    case("cr-lf-at-the-very-end", b"data:a\r\n\r", &[["", "a", ""]]),
    case("only-line-ends", b"\n\r\n\r\r\n\n", &[]),
    case("separators-that-end-no-line", "data:a\u{b}b\u{c}c\u{85}d\u{2028}e\n\n".as_bytes(), &[["", "a\u{b}b\u{c}c\u{85}d\u{2028}e", ""]]),
    // The byte order mark.
    case("bom-at-the-start", b"\xEF\xBB\xBFdata:a\n\n\xEF\xBB\xBFdata:b\n\ndata:c\n\n", &[["", "a", ""], ["", "c", ""]]),
    case("two-boms", b"\xEF\xBB\xBF\xEF\xBB\xBFdata:a\n\ndata:b\n\n", &[["", "b", ""]]),
    case("part-of-a-bom", b"\xEF\xBBdata:a\n\ndata:b\n\n", &[["", "b", ""]]),
    case("bom-before-a-blank-line", b"\xEF\xBB\xBF\ndata:a\n\n", &[["", "a", ""]]),
    case("bom-in-the-data", b"data:\xEF\xBB\xBFa\n\n", &[["", "\u{FEFF}a", ""]]),
    case("only-a-bom", b"\xEF\xBB\xBF", &[]),
    // Data.
    case("data-without-a-value", b"data:\n\ndata\n\ndata\ndata\n\ndata:a\n\n", &[["", "", ""], ["", "", ""], ["", "\n", ""], ["", "a", ""]]),
    case("one-space-is-lost", b"data: a\n\ndata:  b\n\ndata:\tc\n\ndata: \n\ndata:d \n\n", &[["", "a", ""], ["", " b", ""], ["", "\tc", ""], ["", "", ""], ["", "d ", ""]]),
    case("spaces-before-lines-that-are-joined", b"data:\ta\rdata: \ndata:b\n\n", &[["", "\ta\n\nb", ""]]),
    case("a-colon-in-the-value", b"data:a:b: c\n\ndata::\n\n", &[["", "a:b: c", ""], ["", ":", ""]]),
    case("nul-in-the-data", b"data:\0\n\ndata: a\0b\n\n", &[["", "\0", ""], ["", "a\0b", ""]]),
    case("no-blank-line-at-the-end", b"data: a\n\ndata: b\n", &[["", "a", ""]]),
    case("no-line-end-at-the-end", b"data: a\n\ndata: b", &[["", "a", ""]]),
    case("cr-at-the-end", b"data:a\r", &[]),
    case("nothing", b"", &[]),
    // Comments and fields that nobody knows.
    case("comments", b":\n: a\n:data: b\ndata: 1\n:\0\n::\n\n:end\n\n", &[["", "1", ""]]),
    case("long-comments", LONG_COMMENT, &[["", "a\nb", ""]]),
    case(
        "names-that-are-not-quite-fields",
        b"data:1\nData:2\ndata\0:3\n\0data:4\nda-ta:5\ndata_6\n data:7\ndata :8\ndatax\nDATA\ndata:9\n\n",
        &[["", "1\n9", ""]],
    ),
    case("unknown-fields", b"data:a\nfoobar:x\njust some text\n data\ndata\ndata:b\n\n", &[["", "a\n\nb", ""]]),
    case("keep-alives", b": ping\n\n: ping\r\n\r\n\n\ndata: a\n\n: ping\n\n:\r\r", &[["", "a", ""]]),
    // Names.
    case("a-name-is-of-one-event", b"event:a\ndata:1\n\ndata:2\n\n", &[["a", "1", ""], ["", "2", ""]]),
    case("an-empty-name-is-none", b"event: a\nevent: \ndata:1\n\nevent\ndata:2\n\n", &[["", "1", ""], ["", "2", ""]]),
    case("the-last-name-counts", b"event: a\nevent: b\ndata:1\n\n", &[["b", "1", ""]]),
    case("a-name-without-data", b"event: a\n\ndata:1\n\n", &[["", "1", ""]]),
    case("a-name-after-the-data", b"data:1\nevent:a\n\n", &[["a", "1", ""]]),
    case("a-name-with-odd-characters", "event: é\0 \t\ndata:1\n\n".as_bytes(), &[["é\0 \t", "1", ""]]),
    // Identifiers.
    case("an-id-stays", b"id: 1\ndata:a\n\ndata:b\n\nid: 2\ndata:c\n\n", &[["", "a", "1"], ["", "b", "1"], ["", "c", "2"]]),
    case("an-id-is-taken-back", b"id: 1\ndata:a\n\nid:\ndata:b\n\nid: 2\ndata:c\n\nid\ndata:d\n\n", &[["", "a", "1"], ["", "b", ""], ["", "c", "2"], ["", "d", ""]]),
    case("an-id-without-data", b"id: 1\n\ndata:a\n\n", &[["", "a", "1"]]),
    case("a-comment-after-an-id", b"id: 1\ndata:a\n\n: ping\n\ndata:b\n\n", &[["", "a", "1"], ["", "b", "1"]]),
    case(
        "ids-with-nul",
        b"id: 1\nid: \0\ndata:a\n\nid:\0\0\ndata:b\n\nid: x\0\ndata:c\n\nid: \0x\ndata:d\n\nid: x\0x\ndata:e\n\nid: \xE2\x80\xA6\0\ndata:f\n\n",
        &[["", "a", "1"], ["", "b", "1"], ["", "c", "1"], ["", "d", "1"], ["", "e", "1"], ["", "f", "1"]],
    ),
    case("ids-with-odd-characters", "id: …\t é \ndata:a\n\n".as_bytes(), &[["", "a", "…\t é "]]),
    // Delays.
    delay("a-delay-with-zeroes", b"retry:03000\ndata:a\n\n", &[["", "a", ""]], Some(3000)),
    delay("a-delay-that-is-no-number", b"retry: 3000\nretry:1000x\nretry:x\nretry:-1\nretry:1.5\nretry:\ndata:a\n\n", &[["", "a", ""]], Some(3000)),
    delay("an-empty-delay", b"retry\nretry:\nretry: \ndata:a\n\n", &[["", "a", ""]], None),
    delay("only-a-delay", b"retry: 5\n\n", &[], Some(5)),
    delay("a-delay-in-other-digits", "retry: ٣\ndata:a\n\n".as_bytes(), &[["", "a", ""]], None),
    // Text.
    case("characters-of-every-length", "data: aé€😀\u{10FFFF}\n\n".as_bytes(), &[["", "aé€😀\u{10FFFF}", ""]]),
    case("a-byte-that-is-no-utf8", b"data: \xFFa\n\n", &[["", "\u{FFFD}a", ""]]),
    case("half-a-character-before-a-line-end", b"data: \xE2\x82\ndata: \xAC\n\n", &[["", "\u{FFFD}\n\u{FFFD}", ""]]),
    case("a-surrogate-and-a-long-form", b"data: \xED\xA0\x80\xC0\xAF\n\n", &[["", "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}", ""]]),
    case("no-utf8-in-a-name-and-an-id", b"event: \xFF\nid: \x80\ndata:a\n\n", &[["\u{FFFD}", "a", "\u{FFFD}"]]),
    case("no-utf8-in-the-name-of-a-field", b"dat\xFFa: a\n\ndata: b\n\n", &[["", "b", ""]]),
    case("latin1-is-no-utf8", b"data: caf\xE9\n\n", &[["", "caf\u{FFFD}", ""]]),
];

/// An input on which the official packages differ from the standard or from each other, and what each language of ours
/// gives for it.
pub(crate) struct Departure {
    /// What the bytes show.
    pub(crate) name: &'static str,
    /// What the server sends.
    pub(crate) input: &'static [u8],
    /// The data of the items in Python.
    pub(crate) python: &'static [&'static str],
    /// The data of the items in Node.
    pub(crate) node: &'static [&'static str],
}

const fn departure(
    name: &'static str,
    input: &'static [u8],
    python: &'static [&'static str],
    node: &'static [&'static str],
) -> Departure {
    Departure {
        name,
        input,
        python,
        node,
    }
}

/// The table of what the official decoders do otherwise. Where a program could depend on it, we do as the official package
/// of the language does; where it crashes or loses an event, we follow the standard (`DIVERGENCES.md`).
pub(crate) const DEPARTURES: &[Departure] = &[
    departure(
        "a-bom-at-the-start-and-inside",
        b"\xEF\xBB\xBFdata:1\n\n\xEF\xBB\xBFdata:2\n\ndata:3\n\n",
        &["1", "3"],
        &["1", "3"],
    ),
    departure(
        "the-last-event-without-its-blank-line",
        b"data:1\n\ndata:2\n",
        &["1"],
        &["1", "2"],
    ),
    departure(
        "the-last-event-without-its-line-end",
        b"data:1\n\ndata:2",
        &["1"],
        &["1", "2"],
    ),
    departure("a-cr-and-the-end", b"data:1\r", &[], &["1"]),
    departure("a-cr-lf-and-the-end", b"data:1\r\n", &[], &["1"]),
    departure(
        "a-comment-after-an-id",
        b"id: 1\ndata:1\n\n: ping\n\ndata:2\n\n",
        &["1", "2"],
        &["1", "2"],
    ),
    departure("only-an-id", b"id: 1\n\ndata:1\n\n", &["1"], &["1"]),
    departure("only-a-delay", b"retry: 1\n\ndata:1\n\n", &["1"], &["1"]),
    departure("only-a-name", b"event: ping\n\ndata:1\n\n", &["1"], &["1"]),
    departure(
        "only-a-name-at-the-end",
        b"data:1\n\nevent: ping",
        &["1"],
        &["1"],
    ),
    departure(
        "empty-data",
        b"data\n\ndata:\n\ndata: \n\ndata:1\n\n",
        &["1"],
        &["1"],
    ),
    departure(
        "data-of-white-space",
        b"data:  \n\ndata:\t\n\ndata:\ndata:\n\ndata: \ndata:   \n\ndata:1\n\n",
        &["1"],
        &["1"],
    ),
    departure(
        "white-space-around-data",
        b"data:  1\n\ndata:\ndata:2\ndata:\n\n",
        &[" 1", "\n2\n"],
        &[" 1", "\n2\n"],
    ),
    departure(
        "a-byte-that-is-no-utf8",
        b"data:\"\xFF\"\n\n",
        &["\"\u{FFFD}\""],
        &["\"\u{FFFD}\""],
    ),
    departure(
        "done",
        b"data:1\n\ndata: [DONE]\n\ndata:2\n\n",
        &["1"],
        &["1"],
    ),
    departure(
        "done-without-its-blank-line",
        b"data:1\n\ndata: [DONE]",
        &["1"],
        &["1"],
    ),
    departure(
        "done-with-something-after-it",
        b"data: [DONE] 1\n\ndata:2\n\n",
        &[],
        &["[DONE] 1", "2"],
    ),
    departure(
        "done-with-white-space-before-it",
        b"data:  [DONE]\n\n",
        &[" [DONE]"],
        &[" [DONE]"],
    ),
];
