//! The time of a write, inside the bytes that are written.
//!
//! A client on the same machine reads the same clock, so the difference is what the way to its consumer took.

use bytes::Bytes;

/// Holds the place of a stamp. No model says this.
pub(crate) const PLACE: &str = "@@@@@@@@@@@@@@@@@@@";

/// The offsets of the places in a rendered reply.
pub(crate) fn places(bytes: &[u8]) -> Box<[usize]> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(rest) = bytes.get(from..) {
        let mut windows = rest.windows(PLACE.len());
        let Some(at) = windows.position(|window| window == PLACE.as_bytes()) else {
            break;
        };
        found.push(from + at);
        from += at + PLACE.len();
    }
    found.into()
}

/// A copy of the bytes with the time in each place.
pub(crate) fn put(bytes: &Bytes, places: &[usize]) -> Vec<u8> {
    let now = format!("{:019}", now());
    let mut stamped = bytes.to_vec();
    for at in places {
        if let Some(place) = stamped.get_mut(*at..at + now.len()) {
            place.copy_from_slice(now.as_bytes());
        }
    }
    stamped
}

/// Nanoseconds of the machine's monotonic clock, `CLOCK_MONOTONIC`.
#[cfg(unix)]
fn now() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    let [seconds, nanoseconds] = [now.tv_sec, now.tv_nsec].map(u64::try_from);
    seconds.unwrap_or_default() * 1_000_000_000 + nanoseconds.unwrap_or_default()
}

/// There is no clock here that other programs read, too.
#[cfg(not(unix))]
fn now() -> u64 {
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_the_write_takes_the_places() {
        let text = format!("a{PLACE}b{PLACE}");
        let places = places(text.as_bytes());
        assert_eq!(*places, [1, 21]);
        let before = now();
        let stamped = String::from_utf8(put(&Bytes::from(text), &places)).unwrap();
        let stamp: u64 = stamped[1..20].parse().unwrap();
        assert!((before..=now()).contains(&stamp), "{stamped}");
        assert_eq!(stamped[1..20], stamped[21..40]);
    }
}
