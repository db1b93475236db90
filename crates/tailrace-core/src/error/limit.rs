//! The limits of a call, and what is known of one that passed.

use std::{fmt, time::Duration};

use super::{Code, Error};

/// A limit that a caller can set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Limit {
    /// Waiting for a free place among the client's connections.
    Pool,
    /// Name lookup, TCP and TLS.
    Connect,
    /// Waiting for the connection to take the next piece of the request.
    Write,
    /// From the request being sent on a connection to the head of the response.
    FirstByte,
    /// Between two events of a stream, or two pieces of any other body.
    Idle,
    /// Waiting for any bytes of the response.
    Read,
    /// One attempt to its very end, that of a stream included.
    Total,
    /// The whole call: its attempts, the pauses between them, and a stream to its end.
    Deadline,
    /// One attempt until its reply: the head of a stream, the whole body otherwise.
    Timeout,
}

impl Limit {
    /// Every limit.
    pub const ALL: [Limit; 9] = [
        Limit::Pool,
        Limit::Connect,
        Limit::Write,
        Limit::FirstByte,
        Limit::Idle,
        Limit::Read,
        Limit::Total,
        Limit::Deadline,
        Limit::Timeout,
    ];

    /// The name that crosses to a host, such as `first_byte`.
    pub fn as_str(self) -> &'static str {
        match self {
            Limit::Pool => "pool",
            Limit::Connect => "connect",
            Limit::Write => "write",
            Limit::FirstByte => "first_byte",
            Limit::Idle => "idle",
            Limit::Read => "read",
            Limit::Total => "total",
            Limit::Deadline => "deadline",
            Limit::Timeout => "timeout",
        }
    }

    /// As a sentence calls it in every language.
    fn words(self) -> &'static str {
        match self {
            Limit::Pool => "the pool limit",
            Limit::Connect => "the connect limit",
            Limit::Write => "the write limit",
            Limit::FirstByte => "the first-byte limit",
            Limit::Idle => "the idle limit",
            Limit::Read => "the read limit",
            Limit::Total => "the total limit",
            Limit::Deadline => "the deadline",
            Limit::Timeout => "the timeout",
        }
    }
}

/// What a call was doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Waiting for a free place among the client's connections.
    Pool,
    /// Name lookup, TCP and TLS.
    Connect,
    /// Sending the request and waiting for the response's head.
    Headers,
    /// Reading the response's body.
    Body,
    /// Preparing another attempt.
    Retry,
}

impl Phase {
    /// The name that crosses to a host, such as `headers`.
    pub fn as_str(self) -> &'static str {
        match self {
            Phase::Pool => "pool",
            Phase::Connect => "connect",
            Phase::Headers => "headers",
            Phase::Body => "body",
            Phase::Retry => "retry",
        }
    }
}

/// A limit that passed. `Display` is its sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passed {
    /// Which one.
    pub limit: Limit,
    /// What the call was doing.
    pub phase: Phase,
    /// How long it was; `None` where only a transport of the caller's knows.
    pub allowed: Option<Duration>,
    /// From the start of the call, its earlier attempts included, to this.
    pub elapsed: Option<Duration>,
    /// Events of the stream that came before, none for anything but a stream.
    pub events: u64,
}

impl Passed {
    /// A limit of `allowed`, before it is known how long the call had run.
    pub fn new(limit: Limit, phase: Phase, allowed: Duration) -> Self {
        Passed {
            limit,
            phase,
            allowed: Some(allowed),
            elapsed: None,
            events: 0,
        }
    }
}

impl fmt::Display for Passed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let waited_for = match (self.phase, self.limit) {
            (Phase::Pool, _) => "a free connection",
            (Phase::Connect, _) => "a connection",
            (Phase::Headers, Limit::Write) => "the connection to take more of the request",
            (Phase::Headers, _) => "the response's head",
            (Phase::Body, Limit::Idle) => "the next event or piece of the response",
            (Phase::Body, Limit::Read) => "the next bytes of the response",
            (Phase::Body, _) => "the rest of the response",
            (Phase::Retry, _) => "headers for the next attempt",
        };
        write!(
            f,
            "timed out waiting for {waited_for}: {}",
            self.limit.words()
        )?;
        if let Some(allowed) = self.allowed {
            write!(f, " of {} s", allowed.as_secs_f64())?;
        }
        f.write_str(" passed")?;
        if let Some(elapsed) = self.elapsed {
            write!(f, " {:.2} s after the call began", elapsed.as_secs_f64())?;
        }
        match self.events {
            0 => {}
            1 => f.write_str(" and after 1 event")?,
            events => write!(f, " and after {events} events")?,
        }
        f.write_str("; raise it if the server may take longer")
    }
}

impl Error {
    /// A limit passed; its sentence is the message.
    pub fn timed_out(passed: Passed) -> Self {
        let mut error = Error::new(Code::TimedOut, passed.to_string());
        error.0.passed = Some(passed);
        error
    }

    /// Says how long the call had run when a limit passed; without effect where that is known, and on other failures.
    #[must_use]
    pub fn at(mut self, elapsed: Duration) -> Self {
        if let Some(passed) = &mut self.0.passed
            && passed.elapsed.is_none()
        {
            passed.elapsed = Some(elapsed);
            self.0.message = passed.to_string();
        }
        self
    }

    /// Says that the call would have been tried again if its deadline were later.
    pub(crate) fn out_of_time(mut self, pause: Duration, deadline: Duration) -> Self {
        let why = format!(
            "not tried again, because the pause of {:.2} s would end after the deadline of {} s",
            pause.as_secs_f64(),
            deadline.as_secs_f64()
        );
        if self.0.response.is_some() {
            // Hosts write the message of a status themselves, as the official packages do.
            self.0.causes.push(why);
        } else {
            self.0.message = format!("{}; {why}", self.0.message);
        }
        self
    }

    /// The limit that passed, for [`Code::TimedOut`].
    pub fn passed(&self) -> Option<&Passed> {
        self.0.passed.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct() {
        let mut names = Limit::ALL.map(Limit::as_str);
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn the_sentence_names_the_limit_the_time_and_the_events() {
        let mut passed = Passed::new(Limit::Idle, Phase::Body, Duration::from_millis(1500));
        passed.elapsed = Some(Duration::from_millis(12_345));
        passed.events = 17;
        assert_eq!(
            passed.to_string(),
            "timed out waiting for the next event or piece of the response: the idle limit of 1.5 s passed 12.35 s \
             after the call began and after 17 events; raise it if the server may take longer"
        );
        passed = Passed::new(Limit::Connect, Phase::Connect, Duration::from_secs(5));
        assert_eq!(
            passed.to_string(),
            "timed out waiting for a connection: the connect limit of 5 s passed; raise it if the server may take longer"
        );
    }
}
