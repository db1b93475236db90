//! A body that nobody has decided about.

use tailrace_core::{
    error::{Code, Error},
    request::Request,
    response::Head,
    sse,
};

use crate::{
    flow::{Flow, Form},
    fork,
    pending::{Content, Pending, Reply},
    runtime::Shared,
    stream::EventStream,
};

/// The body of an accepted response, left in the socket until it is read in one of three ways. Dropping it closes the
/// socket.
#[derive(Debug)]
pub struct Unread {
    /// Empty once a way was chosen.
    held: Option<Box<Flow>>,
    generation: usize,
}

impl Unread {
    pub(crate) fn new(flow: Flow) -> Self {
        Unread {
            held: Some(Box::new(flow)),
            generation: fork::generation(),
        }
    }

    /// Reads the body as an event stream.
    pub fn events(self, options: sse::Options) -> Result<EventStream, Error> {
        self.open(Form::Events(options))
    }

    /// Reads the body in pieces: each is the data of a nameless event. It is never tried again.
    pub fn chunks(mut self) -> Result<EventStream, Error> {
        if let Some(flow) = &mut self.held {
            flow.again = None;
        }
        self.open(Form::Chunks)
    }

    /// Reads the whole body. The call that it gives settles to a reply with this head, this request and the body.
    pub fn read(self, head: Head, request: Request, retries: u32) -> Pending {
        let (shared, flow) = match self.take() {
            Ok(taken) => taken,
            Err(error) => return Pending::failed(error, Some(request)),
        };
        let Flow {
            body,
            place,
            limits,
            started,
            ..
        } = flow;
        let (pending, mut settle) = Pending::new();
        settle.started = started;
        let task = shared.handle().spawn(async move {
            let read = body.read(&mut limits.watch_stream()).await;
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
                Err(error) => {
                    let error = error.at(settle.started.elapsed());
                    settle.fail(error, Some(request));
                }
            }
        });
        pending.cancels(task.abort_handle());
        pending
    }

    fn open(self, form: Form) -> Result<EventStream, Error> {
        let (shared, flow) = self.take()?;
        let _context = shared.handle().enter();
        Ok(EventStream::open(flow, form))
    }

    fn take(mut self) -> Result<(&'static Shared, Flow), Error> {
        if self.generation != fork::generation() {
            return Err(Error::new(
                Code::Forked,
                "the process forked while this response was unread and its socket belongs to the parent; start the call again in the child",
            ));
        }
        let shared = Shared::get()?;
        match self.held.take() {
            Some(held) => Ok((shared, *held)),
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
