//! An accepted stream from its first body to its end: it is tried again as long as nothing of it was handed over.

use std::{
    collections::VecDeque,
    future::poll_fn,
    sync::Arc,
    task::Poll,
    time::{Duration, Instant},
};

use tailrace_core::{
    call::Call,
    error::{Code, Error, Received},
    request::Request,
    sse::{self, Items, Verdict},
};
use tokio::sync::OwnedSemaphorePermit;

use crate::{
    driver::Attempts,
    limits::Limits,
    pending::Failure,
    pump::{Finish, Pump, Reader},
    stream::{Ended, Queue},
    transport::Body,
};

/// A body that is read as a stream, and what it takes to ask for it again.
#[derive(Debug)]
pub(crate) struct Flow {
    pub(crate) body: Body,
    /// The connection's place below the client's limit.
    pub(crate) place: Option<OwnedSemaphorePermit>,
    /// The limits of the attempt that it answers.
    pub(crate) limits: Limits,
    /// When the call began.
    pub(crate) started: Instant,
    /// Without it the request is not sent again, whatever happens.
    pub(crate) again: Option<Box<Again>>,
}

/// What sends the request of a call once more.
#[derive(Debug)]
pub(crate) struct Again {
    pub(crate) attempts: Attempts,
    pub(crate) call: Call,
}

/// What becomes of the bytes of a body.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Form {
    /// They are decoded as an event stream.
    Events(sse::Options),
    /// They are handed on as they come.
    Chunks,
}

/// What is held at most of a body whose first event is waited for.
const MOST_AHEAD_BYTES: usize = 8 << 20;

/// A flow that vanishes without ending its queue has panicked or was closed; the consumer must not wait for ever.
struct EndOnDrop(Arc<Queue>);

impl Drop for EndOnDrop {
    fn drop(&mut self) {
        self.0.fail(Failure {
            error: Error::new(
                Code::Internal,
                "tailrace failed inside a stream; please report this to the tailrace project",
            ),
            request: None,
            elapsed: Duration::ZERO,
        });
    }
}

impl Flow {
    /// Reads to the first event, or to the end, and puts back what was read.
    ///
    /// # Errors
    /// The body broke off before that. One that holds more than [`MOST_AHEAD_BYTES`] without an event is taken as it is.
    pub(crate) async fn look_ahead(&mut self, options: sse::Options) -> Result<(), Error> {
        let mut items = Items::new(options);
        let mut watch = self.limits.watch_stream();
        let (mut read, mut bytes) = (VecDeque::new(), 0);
        while bytes < MOST_AHEAD_BYTES {
            let chunk = poll_fn(|cx| match self.body.poll_chunk(cx) {
                Poll::Pending => watch.poll_overdue(cx).map(Err),
                chunk => chunk,
            });
            let Some(chunk) = chunk.await.map_err(|error| {
                let error = error.at(self.started.elapsed());
                error.with_received(Received::default())
            })?
            else {
                break;
            };
            watch.bytes();
            bytes += chunk.len();
            read.push_back(chunk.clone());
            items.feed(chunk);
            if !matches!(items.next_item(), Ok(Verdict::NeedData)) {
                break;
            }
        }
        self.body.put_back(read);
        Ok(())
    }

    /// Hands everything to `queue`, and ends it.
    ///
    /// A stream that breaks off before its first event was handed over has told its caller nothing, so it is a failed
    /// attempt like any other: it is tried again with the same limits and delays. After the first event it never is,
    /// because the caller would see events of two answers.
    pub(crate) async fn run(self, queue: Arc<Queue>, form: Form) {
        let end = EndOnDrop(Arc::clone(&queue));
        let Flow {
            mut body,
            mut place,
            mut limits,
            started,
            mut again,
        } = self;
        let mut received = Received::default();
        loop {
            let pump = Pump {
                body,
                queue: &queue,
                reader: form.reader(),
                watch: limits.watch_stream(),
                place,
            };
            let error = match pump.run(&mut received).await {
                Finish::Done => return end.0.end(Ended::Done, received),
                Finish::Input => return end.0.end(Ended::Input, received),
                Finish::Broken(error) => error,
            };
            let again = again.as_mut().filter(|_| received.events == 0);
            let (error, request) = match again {
                None => (error, None),
                Some(again) => match again.next(error).await {
                    Ok(next) => {
                        (body, place, limits) = next;
                        continue;
                    }
                    Err(error) => (error, Some(again.call.request().clone())),
                },
            };
            return end.0.fail(form.failure(error, received, request, started));
        }
    }
}

impl Again {
    /// The body of the next attempt that is accepted, after the one that ended with `error`.
    async fn next(
        &mut self,
        error: Error,
    ) -> Result<(Body, Option<OwnedSemaphorePermit>, Limits), Error> {
        self.call.on_failure(error, self.attempts.moment());
        let (_, held) = self.attempts.accept(&mut self.call, None).await?;
        Ok(held.into_parts())
    }
}

impl Form {
    fn reader(self) -> Reader {
        match self {
            Form::Events(options) => Reader::Events(Box::new(Items::new(options))),
            Form::Chunks => Reader::Chunks,
        }
    }

    fn failure(
        self,
        error: Error,
        received: Received,
        request: Option<Request>,
        started: Instant,
    ) -> Failure {
        let elapsed = started.elapsed();
        let error = error.at(elapsed);
        let error = match self {
            Form::Events(_) => error.with_received(received),
            Form::Chunks => error,
        };
        Failure {
            error,
            request,
            elapsed,
        }
    }
}
