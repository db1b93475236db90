//! What is measured, as a table.

use super::row::{Clock, Figure, Floor, Goal, Language, Row};

/// Chunks as fast as the socket takes them, many in a write: what is measured is the client, not the wait for a model.
const LONG: &[&str] = &["--chunks", "2000", "--chunk-bytes", "330"];
/// Shorter where there are fifty of them.
const SHORT: &[&str] = &["--chunks", "500", "--chunk-bytes", "330"];
/// A chunk each 20 ms, as models write, with the time of its write in it.
const PACED: &[&str] = &[
    "--chunks",
    "100",
    "--chunk-bytes",
    "330",
    "--interval-ms",
    "20",
    "--stamp",
];
/// Shorter where there are hundreds of them.
const PACED_SHORT: &[&str] = &[
    "--chunks",
    "50",
    "--chunk-bytes",
    "330",
    "--interval-ms",
    "20",
    "--stamp",
];
/// Streams of responses in which a word comes with two other events.
const ALL_EVENTS: &[&str] = &["--chunks", "600", "--all-events"];
/// Answers of 40 words.
const CALLS: &[&str] = &["--chunks", "40"];
/// Rendered vectors are kept.
const VECTORS: &[&str] = &["--chunks", "1"];
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

const CHUNK: &str = "chunk";
const CALL: &str = "call";
const EVENT: &str = "event";
const PROCESS: &str = "process";
const OPEN: Figure = Figure::Memory {
    key: "bytes_each",
    unit: "open stream",
};
const IDLE: Figure = Figure::Memory {
    key: "bytes_each",
    unit: "idle connection",
};
const STALLED: Figure = Figure::Memory {
    key: "grown_bytes",
    unit: "stalled stream",
};

/// All of it. The goals are what the design promises, as ratios in one run.
pub(crate) const ROWS: &[Row] = &[
    python("Python sync, one stream", "stream_sync.py", LONG)
        .with(&["20"], &["5"])
        .floor("chat", "1", ["20", "5"])
        .cpu(CHUNK, 40.0, Some(3.0)),
    // No floor: bare sockets speak no TLS.
    python("Python sync, one stream over TLS", "stream_tls.py", LONG)
        .with(&["20", "1"], &["5", "1"]),
    python(
        "Python sync, one stream over HTTP/2 and TLS",
        "stream_tls.py",
        LONG,
    )
    .with(&["20", "2"], &["5", "2"]),
    python("Python asyncio, one stream", "stream_async.py", LONG)
        .with(&["1", "15", "asyncio"], &["1", "5", "asyncio"])
        .floor("chat", "1", ["15", "5"])
        .cpu(CHUNK, 35.0, Some(4.0)),
    python("Python uvloop, one stream", "stream_async.py", LONG)
        .with(&["1", "15", "uvloop"], &["1", "5", "uvloop"])
        .floor("chat", "1", ["15", "5"])
        .cpu(CHUNK, 35.0, Some(4.0)),
    python("Python asyncio, 50 streams", "stream_async.py", SHORT)
        .with(&["50", "1", "asyncio"], &["50", "1", "asyncio"])
        .floor("chat", "50", ["1", "1"])
        .cpu(CHUNK, 35.0, Some(4.0)),
    python("Python uvloop, 50 streams", "stream_async.py", SHORT)
        .with(&["50", "1", "uvloop"], &["50", "1", "uvloop"])
        .floor("chat", "50", ["1", "1"])
        .cpu(CHUNK, 35.0, Some(4.0)),
    python(
        "Python asyncio, 100 streams, a chunk each 20 ms",
        "stream_paced.py",
        PACED,
    )
    .with(&["100", "asyncio"], &["100", "asyncio"])
    .floor("chat", "100", ["1", "1"])
    .cpu(CHUNK, 12.0, Some(1.7)),
    python(
        "Python asyncio, 1,000 streams, a chunk each 20 ms",
        "stream_paced.py",
        PACED_SHORT,
    )
    .with(&["1000", "asyncio"], &["1000", "asyncio"])
    .floor("chat", "1000", ["1", "1"])
    .cpu(CHUNK, 12.0, Some(1.7)),
    python(
        "Python responses, events of every type",
        "responses_events.py",
        ALL_EVENTS,
    )
    .with(&["10"], &["3"])
    .floor("responses", "1", ["10", "3"])
    .cpu(EVENT, 25.0, None),
    python("Python call, sync", "call_sync.py", CALLS)
        .with(&["2000"], &["500"])
        .floor("call", "1", ["2000", "500"])
        .cpu(CALL, 15.0, None),
    python("Python call, asyncio, 20 in flight", "call_async.py", CALLS)
        .with(&["20", "100"], &["20", "25"])
        .floor("call", "20", ["100", "25"])
        .cpu(CALL, 15.0, None),
    python(
        "Python embeddings, 2,048 x 1,536, as lists",
        "embeddings.py",
        VECTORS,
    )
    .with(&["5", "vectors"], &["2", "vectors"])
    .floor("embeddings", "1", ["5", "2"])
    .cpu(CALL, 7.0, None),
    python(
        "Python embeddings, 2,048 x 1,536, as one numpy array",
        "embeddings.py",
        VECTORS,
    )
    .with(&["5", "array"], &["2", "array"])
    .floor("embeddings", "1", ["5", "2"])
    .cpu(CALL, 40.0, None),
    node("Node, one stream", "stream.mjs", LONG)
        .with(&["1", "20"], &["1", "5"])
        .floor("chat", "1", ["20", "5"])
        .cpu(CHUNK, 5.0, Some(2.5)),
    // No floor, as in Python. The official package speaks HTTP/2 by an agent that is told to.
    node("Node, one stream over TLS", "stream_tls.mjs", LONG).with(&["20", "1"], &["5", "1"]),
    node(
        "Node, one stream over HTTP/2 and TLS",
        "stream_tls.mjs",
        LONG,
    )
    .with(&["20", "2"], &["5", "2"]),
    node("Node, 50 streams", "stream.mjs", SHORT)
        .with(&["50", "4"], &["50", "2"])
        .floor("chat", "50", ["4", "2"])
        .cpu(CHUNK, 5.0, Some(2.5)),
    node(
        "Node, 100 streams, a chunk each 20 ms",
        "stream_paced.mjs",
        PACED,
    )
    .with(&["100"], &["100"])
    .floor("chat", "100", ["1", "1"])
    .cpu(CHUNK, 3.0, Some(1.7)),
    node(
        "Node, 400 streams, a chunk each 20 ms",
        "stream_paced.mjs",
        PACED,
    )
    .with(&["400"], &["400"])
    .floor("chat", "400", ["1", "1"])
    .cpu(CHUNK, 3.0, Some(1.7)),
    node("Node call", "call.mjs", CALLS)
        .with(&["1", "2000"], &["1", "500"])
        .floor("call", "1", ["2000", "500"])
        .cpu(CALL, 5.0, None),
    node("Node call, 20 in flight", "call.mjs", CALLS)
        .with(&["20", "100"], &["20", "25"])
        .floor("call", "20", ["100", "25"])
        .cpu(CALL, 5.0, None),
    node(
        "Node embeddings, 2,048 x 1,536, as arrays",
        "embeddings.mjs",
        VECTORS,
    )
    .with(&["5", "vectors"], &["2", "vectors"])
    .floor("embeddings", "1", ["5", "2"])
    .cpu(CALL, 3.0, None),
    node(
        "Node embeddings, 2,048 x 1,536, as one Float32Array",
        "embeddings.mjs",
        VECTORS,
    )
    .with(&["5", "array"], &["2", "array"])
    .floor("embeddings", "1", ["5", "2"])
    .cpu(CALL, 15.0, None),
    python("Python realtime audio, sync", "realtime.py", &[])
        .with(&["1", "20000", "0", "sync"], &["1", "4000", "0", "sync"])
        .cpu(EVENT, 8.0, None),
    python("Python realtime audio, asyncio", "realtime.py", &[])
        .with(
            &["1", "20000", "0", "asyncio"],
            &["1", "4000", "0", "asyncio"],
        )
        .cpu(EVENT, 8.0, None),
    python(
        "Python realtime audio, asyncio, 200 sockets, an event each 20 ms",
        "realtime.py",
        &[],
    )
    .with(
        &["200", "100", "20", "asyncio"],
        &["200", "60", "20", "asyncio"],
    )
    .cpu(EVENT, 8.0, None),
    python(
        "Python realtime audio, sync, 200 sockets, an event each 20 ms",
        "realtime.py",
        &[],
    )
    .with(&["200", "100", "20", "sync"], &["200", "60", "20", "sync"])
    .cpu(EVENT, 8.0, None),
    node("Node realtime audio", "realtime.mjs", &[])
        .with(&["1", "20000", "0"], &["1", "4000", "0"])
        .cpu(EVENT, 2.0, None),
    node(
        "Node realtime audio, 200 sockets, an event each 20 ms",
        "realtime.mjs",
        &[],
    )
    .with(&["200", "100", "20"], &["200", "60", "20"])
    .cpu(EVENT, 2.0, None),
    // Both packages over the same client: no more than the official package costs there.
    python("Python call over httpx2, sync", "own_client.py", CALLS)
        .with(
            &["httpx2.Client", "call", "1", "1000"],
            &["httpx2.Client", "call", "1", "300"],
        )
        .cpu(CALL, 1.0, None),
    python("Python call over httpx2, asyncio", "own_client.py", CALLS)
        .with(
            &["httpx2.AsyncClient", "call", "20", "50"],
            &["httpx2.AsyncClient", "call", "20", "15"],
        )
        .cpu(CALL, 1.0, None),
    python("Python stream over httpx2, sync", "own_client.py", SHORT)
        .with(
            &["httpx2.Client", "stream", "1", "10"],
            &["httpx2.Client", "stream", "1", "4"],
        )
        .cpu(CHUNK, 1.0, None),
    python("Python stream over httpx2, asyncio", "own_client.py", SHORT)
        .with(
            &["httpx2.AsyncClient", "stream", "10", "2"],
            &["httpx2.AsyncClient", "stream", "4", "1"],
        )
        .cpu(CHUNK, 1.0, None),
    node("Node call over a `fetch`", "own_fetch.mjs", CALLS)
        .with(
            &["platform", "call", "1", "1000"],
            &["platform", "call", "1", "300"],
        )
        .cpu(CALL, 1.0, None),
    node(
        "Node call over a `fetch`, 20 in flight",
        "own_fetch.mjs",
        CALLS,
    )
    .with(
        &["platform", "call", "20", "100"],
        &["platform", "call", "20", "25"],
    )
    .cpu(CALL, 1.0, None),
    node("Node stream over a `fetch`", "own_fetch.mjs", SHORT)
        .with(
            &["platform", "stream", "1", "20"],
            &["platform", "stream", "1", "5"],
        )
        .cpu(CHUNK, 1.0, None),
    python(
        "Python structured answer, 100 kB in deltas of 4 bytes",
        "structured.py",
        &[],
    )
    .with(&["100000", "events"], &["100000", "events"])
    .cpu("delta", 50.0, None),
    python(
        "Python structured answer, each snapshot and value read",
        "structured.py",
        &[],
    )
    .with(&["100000", "all"], &["100000", "all"])
    .cpu("delta", 50.0, None),
    node(
        "Node structured answer, 100 kB, each value read",
        "structured.mjs",
        &[],
    )
    .with(&["100000"], &["100000"])
    .cpu("delta", 50.0, None),
    python("Python import and client", "import_client.py", &[])
        .with(&["client"], &["client"])
        .wall(PROCESS, 20.0),
    python(
        "Python import, client and first answer",
        "import_client.py",
        &[],
    )
    .with(&["answer"], &["answer"])
    .wall(PROCESS, 5.0),
    python("Python memory, 1,000 open streams", "memory_open.py", SLOW)
        .with(&["1000"], &["1000"])
        .memory(OPEN),
    node("Node memory, 1,000 open streams", "memory_open.mjs", SLOW)
        .with(&["1000"], &["1000"])
        .memory(OPEN),
    python(
        "Python memory, 500 idle WebSockets",
        "memory_realtime.py",
        &[],
    )
    .with(&["500"], &["500"])
    .memory(IDLE),
    node(
        "Node memory, 500 idle WebSockets",
        "memory_realtime.mjs",
        &[],
    )
    .with(&["500"], &["500"])
    .memory(IDLE),
    python(
        "Python memory, a consumer that stops",
        "memory_stalled.py",
        HUGE,
    )
    .with(&["3"], &["1"])
    .memory(STALLED),
    node(
        "Node memory, a consumer that stops",
        "memory_stalled.mjs",
        HUGE,
    )
    .with(&["3"], &["1"])
    .memory(STALLED),
];

const fn python(name: &'static str, program: &'static str, server: &'static [&'static str]) -> Row {
    Row {
        name,
        language: Language::Python,
        program,
        arguments: &[],
        quick: &[],
        server,
        floor: None,
        figure: Figure::Time {
            unit: CHUNK,
            goal: None,
        },
    }
}

const fn node(name: &'static str, program: &'static str, server: &'static [&'static str]) -> Row {
    let mut row = python(name, program, server);
    row.language = Language::Node;
    row
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

    /// `each` is for a full run and a quick one.
    const fn floor(
        mut self,
        operation: &'static str,
        at_once: &'static str,
        each: [&'static str; 2],
    ) -> Row {
        let [each, quick] = each;
        self.floor = Some(Floor {
            operation,
            at_once,
            each,
            quick,
        });
        self
    }

    const fn cpu(self, unit: &'static str, official: f64, floor: Option<f64>) -> Row {
        self.time(unit, Clock::Cpu, official, floor)
    }

    const fn wall(self, unit: &'static str, official: f64) -> Row {
        self.time(unit, Clock::Wall, official, None)
    }

    const fn time(
        mut self,
        unit: &'static str,
        clock: Clock,
        official: f64,
        floor: Option<f64>,
    ) -> Row {
        let goal = Some(Goal {
            clock,
            official,
            floor,
        });
        self.figure = Figure::Time { unit, goal };
        self
    }

    const fn memory(mut self, figure: Figure) -> Row {
        self.figure = figure;
        self
    }
}
