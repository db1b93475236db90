//! What was read and what it cost, as one line of JSON, as every program of the benchmark prints it.

use std::time::Instant;

/// What was read.
#[derive(Debug)]
pub(crate) struct Counts {
    /// Chunks, events or calls.
    pub(crate) units: u64,
    /// The letters of all texts, or the numbers of all vectors: the same for every client that does the same work.
    check: u64,
    /// Nanoseconds between the write of a text and now.
    delays: Vec<u64>,
    is_stamped: bool,
    is_utf16: bool,
}

impl Counts {
    pub(crate) fn new(is_stamped: bool, is_utf16: bool) -> Counts {
        Counts {
            units: 0,
            check: 0,
            delays: Vec::new(),
            is_stamped,
            is_utf16,
        }
    }

    /// Counts a text.
    pub(crate) fn read(&mut self, text: &str) {
        let letters = match self.is_utf16 {
            true => text.encode_utf16().count(),
            false => text.chars().count(),
        };
        self.check += letters as u64;
        if self.is_stamped
            && let Some(stamp) = text.get(..19).and_then(|stamp| stamp.parse::<u64>().ok())
        {
            self.delays.push(clocks::monotonic().saturating_sub(stamp));
        }
    }

    /// Counts the vectors of a reply: how many numbers, and the first of them.
    pub(crate) fn decoded(&mut self, vectors: &[Vec<f32>]) {
        let numbers: usize = vectors.iter().map(Vec::len).sum();
        let first = vectors.first().and_then(|vector| vector.first());
        let first = first.map_or(0.0, |first| f64::from(*first).abs() * 1e6);
        self.check += numbers as u64 + first as u64;
    }

    /// Adds those of another connection.
    pub(crate) fn add(&mut self, other: Counts) {
        self.units += other.units;
        self.check += other.check;
        self.delays.extend(other.delays);
    }
}

/// The time since a moment.
#[derive(Debug)]
pub(crate) struct Region {
    wall: Instant,
    cpu: u64,
}

impl Region {
    pub(crate) fn start() -> Region {
        Region {
            wall: Instant::now(),
            cpu: clocks::cpu(),
        }
    }

    /// The figures.
    pub(crate) fn line(&self, mut counts: Counts) -> String {
        let units = counts.units.max(1) as f64;
        let cpu = (clocks::cpu() - self.cpu) as f64 / 1e3 / units;
        let wall = self.wall.elapsed().as_secs_f64() * 1e6 / units;
        let mut line = format!(
            "{{\"cpu_us\": {cpu}, \"wall_us\": {wall}, \"units\": {}, \"check\": {}, \"peak_bytes\": {}",
            counts.units,
            counts.check,
            peak_bytes()
        );
        counts.delays.sort_unstable();
        if let Some(delay) = counts.delays.get(counts.delays.len() * 99 / 100) {
            line.push_str(&format!(", \"p99_us\": {}", *delay as f64 / 1e3));
        }
        line.push('}');
        line
    }
}

/// The most memory that this process has held, in bytes. Only Linux says.
fn peak_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kibibytes.unwrap_or_default() * 1024
}

/// Nanoseconds of two clocks.
#[cfg(unix)]
mod clocks {
    use rustix::time::{ClockId, clock_gettime};

    /// User and system time of this process.
    pub(crate) fn cpu() -> u64 {
        nanoseconds(ClockId::ProcessCPUTime)
    }

    /// The clock that the server stamps with.
    pub(crate) fn monotonic() -> u64 {
        nanoseconds(ClockId::Monotonic)
    }

    fn nanoseconds(clock: ClockId) -> u64 {
        let now = clock_gettime(clock);
        let [seconds, rest] = [now.tv_sec, now.tv_nsec].map(u64::try_from);
        seconds.unwrap_or_default() * 1_000_000_000 + rest.unwrap_or_default()
    }
}

/// The standard library has neither clock.
#[cfg(not(unix))]
mod clocks {
    pub(crate) fn cpu() -> u64 {
        0
    }

    pub(crate) fn monotonic() -> u64 {
        0
    }
}
