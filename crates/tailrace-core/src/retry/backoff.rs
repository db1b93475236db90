//! The delay before a retry when the server names none.

use std::time::Duration;

const INITIAL_SECONDS: f64 = 0.5;
const MAX_SECONDS: f64 = 8.0;
const JITTER: f64 = 0.25;

/// `min(0.5 * 2^retries, 8) * (1 - 0.25 * jitter)` seconds.
///
/// `retries` counts the retries already made; `jitter` is a random number in `0.0..1.0`, clamped to it.
pub fn backoff(retries: u32, jitter: f64) -> Duration {
    // The exponent is capped because 2^5 already exceeds the limit.
    let doubled = INITIAL_SECONDS * f64::from(1_u32 << retries.min(5));
    let jitter = if jitter.is_finite() {
        jitter.clamp(0.0, 1.0)
    } else {
        0.0
    };
    Duration::from_secs_f64(doubled.min(MAX_SECONDS) * (1.0 - JITTER * jitter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(retries: u32, jitter: f64, milliseconds: u64) {
        assert_eq!(
            backoff(retries, jitter),
            Duration::from_millis(milliseconds)
        );
    }

    #[test]
    fn doubles_up_to_eight_seconds() {
        check(0, 0.0, 500);
        check(1, 0.0, 1000);
        check(2, 0.0, 2000);
        check(3, 0.0, 4000);
        check(4, 0.0, 8000);
        check(5, 0.0, 8000);
        check(u32::MAX, 0.0, 8000);
    }

    #[test]
    fn jitter_takes_off_up_to_a_quarter() {
        check(0, 1.0, 375);
        check(4, 0.5, 7000);
        check(0, f64::NAN, 500);
        check(0, 7.0, 375);
    }
}
