//! A body that nobody has decided about.

use std::time::{Duration, Instant};

use tailrace_core::{
    error::{Code, Error},
    request::Request,
    response::Head,
    sse::{self, Items},
};
use tokio::sync::OwnedSemaphorePermit;

use crate::{
    fork,
    pending::{Content, Pending, Reply},
    pump::Reader,
    runtime::Shared,
    stream::EventStream,
    transport::Body,
};

/// The body of an accepted response, left in the socket until it is read in one of three ways. Dropping it closes the
/// socket.
#[derive(Debug)]
pub struct Unread {
    /// Empty once a way was chosen.
    held: Option<(Body, Option<OwnedSemaphorePermit>)>,
    frame: Option<Duration>,
    started: Instant,
    generation: usize,
}

impl Unread {
    pub(crate) fn new(
        body: Body,
        place: Option<OwnedSemaphorePermit>,
        frame: Option<Duration>,
        started: Instant,
    ) -> Self {
        Unread {
            held: Some((body, place)),
            frame,
            started,
            generation: fork::generation(),
        }
    }

    /// Reads the body as an event stream.
    pub fn events(self, options: sse::Options) -> Result<EventStream, Error> {
        self.open(Reader::Events(Box::new(Items::new(options))))
    }

    /// Reads the body in pieces: each is the data of a nameless event.
    pub fn chunks(self) -> Result<EventStream, Error> {
        self.open(Reader::Chunks)
    }

    /// Reads the whole body. The call that it gives settles to a reply with this head, this request and the body.
    pub fn read(self, head: Head, request: Request, retries: u32) -> Pending {
        let started = self.started;
        let frame = self.frame;
        let (shared, (body, place)) = match self.take() {
            Ok(taken) => taken,
            Err(error) => return Pending::failed(error, Some(request)),
        };
        let (pending, mut settle) = Pending::new();
        settle.started = started;
        let task = shared.handle().spawn(async move {
            let read = body.read(frame).await;
            drop(place);
            match read {
                Ok(body) => {
                    let elapsed = settle.started.elapsed();
                    settle.succeed(Reply {
                        head,
                        request,
                        elapsed,
                        retries,
                        content: Content::Whole(body),
                    });
                }
                Err(error) => settle.fail(error, Some(request)),
            }
        });
        pending.cancels(task.abort_handle());
        pending
    }

    fn open(self, reader: Reader) -> Result<EventStream, Error> {
        let frame = self.frame;
        let (shared, (body, place)) = self.take()?;
        let _context = shared.handle().enter();
        Ok(EventStream::open(body, place, reader, frame))
    }

    #[allow(clippy::type_complexity, reason = "the two parts of what is held")]
    fn take(mut self) -> Result<(&'static Shared, (Body, Option<OwnedSemaphorePermit>)), Error> {
        if self.generation != fork::generation() {
            return Err(Error::new(
                Code::Forked,
                "the process forked while this response was unread and its socket belongs to the parent; start the call again in the child",
            ));
        }
        let shared = Shared::get()?;
        match self.held.take() {
            Some(held) => Ok((shared, held)),
            None => Err(Error::new(
                Code::Internal,
                "a body was read twice; please report this to the tailrace project",
            )),
        }
    }
}

impl Drop for Unread {
    fn drop(&mut self) {
        if self.generation != fork::generation() {
            // Closing it would touch locks of the parent's thread.
            std::mem::forget(self.held.take());
        }
    }
}
