//! The delay before a retry when the server names none.

use std::time::Duration;

const JITTER: f64 = 0.25;

/// Pauses that double from one retry to the next, up to a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// Before the first retry.
    pub initial: Duration,
    /// The longest.
    pub max: Duration,
}

impl Default for Backoff {
    /// Half a second, up to eight, as the official packages have it.
    fn default() -> Self {
        Backoff {
            initial: Duration::from_millis(500),
            max: Duration::from_secs(8),
        }
    }
}

impl Backoff {
    /// `min(initial * 2^retries, max) * (1 - 0.25 * jitter)`.
    ///
    /// `retries` counts the retries already made; `jitter` is a random number in `0.0..1.0`, clamped to it.
    pub fn pause(&self, retries: u32, jitter: f64) -> Duration {
        let jitter = if jitter.is_finite() {
            jitter.clamp(0.0, 1.0)
        } else {
            0.0
        };
        let factor = 1_u32.checked_shl(retries).unwrap_or(u32::MAX);
        let doubled = self.initial.saturating_mul(factor);
        let limited = doubled.min(self.max);
        // Fails only past the range of a duration, where nobody is left to see the difference.
        Duration::try_from_secs_f64(limited.as_secs_f64() * (1.0 - JITTER * jitter))
            .unwrap_or(limited)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(retries: u32, jitter: f64, milliseconds: u64) {
        assert_eq!(
            Backoff::default().pause(retries, jitter),
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

    #[test]
    fn other_limits_double_in_the_same_way() {
        let backoff = Backoff {
            initial: Duration::from_millis(10),
            max: Duration::from_millis(35),
        };
        let pauses = [0, 1, 2, 40].map(|retries| backoff.pause(retries, 0.0).as_millis());
        assert_eq!(pauses, [10, 20, 35, 35]);
        let longest = Backoff {
            initial: Duration::MAX,
            max: Duration::MAX,
        };
        assert_eq!(longest.pause(3, 0.0), Duration::MAX);
    }
}
