//! What is measured, as a table.

/// A measurement: one program, run with either package.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) language: Language,
    /// Below `tests/bench`.
    pub(crate) program: &'static str,
    /// The arguments after package and base URL.
    pub(crate) arguments: &'static [&'static str],
    /// The same for `--quick`.
    pub(crate) quick: &'static [&'static str],
    /// The options of the mock server.
    pub(crate) server: &'static [&'static str],
    pub(crate) figure: Figure,
}

/// Which interpreter runs the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    Python,
    Node,
}

/// What the program prints.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Figure {
    /// CPU and wall time, in microseconds a unit; the goal, if there is one, is for the ratio of one of them.
    Time {
        unit: &'static str,
        goal: Option<(Clock, f64)>,
    },
    /// Memory in bytes, under this key.
    Memory {
        key: &'static str,
        unit: &'static str,
    },
}

/// Which time a goal is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clock {
    Cpu,
    Wall,
}

/// Chunks as fast as the socket takes them: what is measured is the client, not the wait for a model.
const LONG: &[&str] = &["--chunks", "2000", "--chunk-bytes", "330"];
/// Shorter where there are fifty of them.
const SHORT: &[&str] = &["--chunks", "500", "--chunk-bytes", "330"];
/// A chunk each 20 ms, as models write.
const PACED: &[&str] = &[
    "--chunks",
    "100",
    "--chunk-bytes",
    "330",
    "--interval-ms",
    "20",
];
/// Streams that stay open.
const SLOW: &[&str] = &[
    "--chunks",
    "600",
    "--chunk-bytes",
    "330",
    "--interval-ms",
    "1000",
];
/// 33 MB of stream, more than all buffers of the two sockets hold.
const HUGE: &[&str] = &["--chunks", "100000", "--chunk-bytes", "330"];

const fn chunk(goal: Option<f64>) -> Figure {
    let goal = match goal {
        Some(times) => Some((Clock::Cpu, times)),
        None => None,
    };
    Figure::Time {
        unit: "chunk",
        goal,
    }
}

const CALL: &str = "call";
const OPEN: Figure = Figure::Memory {
    key: "bytes_each",
    unit: "open stream",
};
const STALLED: Figure = Figure::Memory {
    key: "grown_bytes",
    unit: "stalled stream",
};

const fn python(
    name: &'static str,
    program: &'static str,
    server: &'static [&'static str],
    figure: Figure,
) -> Row {
    Row {
        name,
        language: Language::Python,
        program,
        arguments: &[],
        quick: &[],
        server,
        figure,
    }
}

const fn node(
    name: &'static str,
    program: &'static str,
    server: &'static [&'static str],
    figure: Figure,
) -> Row {
    Row {
        name,
        language: Language::Node,
        program,
        arguments: &[],
        quick: &[],
        server,
        figure,
    }
}

impl Row {
    const fn with(
        mut self,
        arguments: &'static [&'static str],
        quick: &'static [&'static str],
    ) -> Row {
        self.arguments = arguments;
        self.quick = quick;
        self
    }
}

/// All of it. The goals are those of the first release.
pub(crate) const ROWS: &[Row] = &[
    python(
        "Python sync, one stream",
        "stream_sync.py",
        LONG,
        chunk(Some(30.0)),
    )
    .with(&["20"], &["4"]),
    python(
        "Python asyncio, 50 streams",
        "stream_async.py",
        SHORT,
        chunk(Some(28.0)),
    )
    .with(&["50", "asyncio"], &["50", "asyncio"]),
    python(
        "Python uvloop, 50 streams",
        "stream_async.py",
        SHORT,
        chunk(Some(28.0)),
    )
    .with(&["50", "uvloop"], &["50", "uvloop"]),
    python(
        "Python asyncio, 100 streams, a chunk each 20 ms",
        "stream_async.py",
        PACED,
        chunk(None),
    )
    .with(&["100", "asyncio"], &["100", "asyncio"]),
    node("Node, one stream", "stream.mjs", LONG, chunk(Some(4.0))).with(&["1", "20"], &["1", "4"]),
    node("Node, 50 streams", "stream.mjs", SHORT, chunk(Some(4.0)))
        .with(&["50", "4"], &["50", "1"]),
    node(
        "Node, 100 streams, a chunk each 20 ms",
        "stream.mjs",
        PACED,
        chunk(None),
    )
    .with(&["100", "1"], &["100", "1"]),
    python(
        "Python call, not streamed",
        "call_sync.py",
        &[],
        Figure::Time {
            unit: CALL,
            goal: Some((Clock::Cpu, 10.0)),
        },
    )
    .with(&["2000"], &["1000"]),
    node(
        "Node call, not streamed",
        "call.mjs",
        &[],
        Figure::Time {
            unit: CALL,
            goal: None,
        },
    )
    .with(&["2000"], &["1000"]),
    python(
        "Python import and client",
        "import_client.py",
        &[],
        Figure::Time {
            unit: "process",
            goal: Some((Clock::Wall, 20.0)),
        },
    )
    .with(&["client"], &["client"]),
    python(
        "Python import, client and first answer",
        "import_client.py",
        &[],
        Figure::Time {
            unit: "process",
            goal: Some((Clock::Wall, 5.0)),
        },
    )
    .with(&["answer"], &["answer"]),
    python(
        "Python memory, 1,000 open streams",
        "memory_open.py",
        SLOW,
        OPEN,
    )
    .with(&["1000"], &["1000"]),
    node(
        "Node memory, 1,000 open streams",
        "memory_open.mjs",
        SLOW,
        OPEN,
    )
    .with(&["1000"], &["1000"]),
    python(
        "Python memory, a consumer that stops",
        "memory_stalled.py",
        HUGE,
        STALLED,
    )
    .with(&["3"], &["1"]),
    node(
        "Node memory, a consumer that stops",
        "memory_stalled.mjs",
        HUGE,
        STALLED,
    )
    .with(&["3"], &["1"]),
];
