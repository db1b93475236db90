//! How a host learns that something is ready.

/// Told when a call settles or a stream that was empty has something.
///
/// Called outside any lock of this crate, on the background thread or, in a call over the caller's own transport, on that of
/// the caller; must return quickly and must not block.
pub trait Notify: Send + Sync {
    /// Something is ready now.
    fn notify(&self);
}

impl<F: Fn() + Send + Sync> Notify for F {
    fn notify(&self) {
        self();
    }
}
