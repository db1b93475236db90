//! The clock and the randomness that the core is given.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    time::{Duration, SystemTime},
};

use tokio::time::Instant;

/// The wall clock, for dates in `retry-after`.
pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}

/// A random number in `0.0..1.0`, good enough to spread retries.
pub(crate) fn jitter() -> f64 {
    // A fresh RandomState differs from call to call, which is all that jitter asks for.
    let bits = RandomState::new().build_hasher().finish() >> 11;
    bits as f64 / (1_u64 << 53) as f64
}

/// A text that stands between the fields of a form and in none of them: 32 random hexadecimal digits.
pub fn boundary() -> String {
    let half = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", half(), half())
}

/// Waits until `limit` has passed; for ever when there is none.
pub(crate) async fn limit(limit: Option<Duration>) {
    match limit {
        Some(limit) => tokio::time::sleep(limit).await,
        None => std::future::pending().await,
    }
}

/// Waits until `deadline`; for ever when there is none.
pub(crate) async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boundaries_differ() {
        let texts: std::collections::HashSet<_> = (0..1000).map(|_| boundary()).collect();
        assert_eq!(texts.len(), 1000);
        assert!(texts.iter().all(|text| text.len() == 32));
    }

    #[test]
    fn jitter_is_spread_over_its_range() {
        let draws: Vec<_> = (0..1000).map(|_| jitter()).collect();
        assert!(draws.iter().all(|draw| (0.0..1.0).contains(draw)));
        let mean = draws.iter().sum::<f64>() / 1000.0;
        assert!((0.4..0.6).contains(&mean), "{mean}");
    }
}
