//! An attempt over a transport of the caller's.
//!
//! The call decides as ever when to try, what an answer means and what becomes of the body; only the exchange itself is
//! handed to the caller, who sends the request in its own way and pushes what comes back.

use std::{
    io,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use tailrace_core::{
    error::{Code, Error},
    request::{Body, Request, Segment},
    response::Head,
};
use tokio::sync::oneshot;

use crate::{
    driven::Driven,
    notify::Notify,
    push::{Push, Pushed, Sink},
    source::{FileRange, Source},
};

/// The most bytes of a request body that are handed out at a time.
const BLOCK_BYTES: usize = 64 * 1024;

/// One request for the caller to send, and where its answer goes. Dropping it before its end breaks the exchange off.
#[derive(Debug)]
pub struct Exchange {
    request: Request,
    sources: Arc<[Source]>,
    head: Mutex<Option<oneshot::Sender<Result<Head, Error>>>>,
    sink: Sink,
    room: Arc<Room>,
    /// The call, which goes on with what is given here.
    driven: Option<Arc<Driven>>,
}

/// The call's end of an exchange. Dropping it tells the caller that nobody wants more.
#[derive(Debug)]
pub(crate) struct Answer {
    head: oneshot::Receiver<Result<Head, Error>>,
    body: Arc<Pushed>,
}

/// Tells whoever waits that there may be room.
#[derive(Default)]
struct Room {
    waiting: Mutex<Option<Arc<dyn Notify>>>,
    /// Told each time.
    watcher: Mutex<Option<Arc<dyn Notify>>>,
    changed: Condvar,
}

/// Makes both ends of an exchange.
pub(crate) fn open(request: &Request, sources: &Arc<[Source]>) -> (Exchange, Answer) {
    let room = Arc::new(Room::default());
    let sink = Sink::new(false, Arc::clone(&room) as Arc<dyn Notify>);
    let (sender, receiver) = oneshot::channel();
    let body = sink.pushed();
    let exchange = Exchange {
        request: request.with_length(),
        sources: Arc::clone(sources),
        head: Mutex::new(Some(sender)),
        sink,
        room,
        driven: None,
    };
    let answer = Answer {
        head: receiver,
        body,
    };
    (exchange, answer)
}

impl Answer {
    /// The head of the answer, and where its body comes from.
    pub(crate) async fn head(self) -> Result<(Head, Arc<Pushed>), Error> {
        let head = self.head.await.unwrap_or_else(|_| Err(broken_off()))?;
        Ok((head, self.body))
    }
}

impl Exchange {
    /// What to send, with the length of its body where it is known.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// The body of the request, from its beginning.
    pub fn parts(&self) -> Parts {
        let segments = match self.request.body() {
            None => Vec::new(),
            Some(Body::Whole(bytes)) => vec![Segment::Bytes(bytes.clone())],
            Some(Body::Segments(segments)) => segments.to_vec(),
        };
        Parts {
            segments: segments.into_iter(),
            sources: Arc::clone(&self.sources),
            bytes: Bytes::new(),
            file: None,
            pushed: None,
        }
    }

    /// The same, with a call that goes on as its caller gives something.
    pub(crate) fn taken_on_by(mut self, driven: Arc<Driven>) -> Self {
        self.driven = Some(driven);
        self
    }

    /// Gives the head of the answer. False when nobody waits for it, or when it was given before.
    pub fn head(&self, head: Head) -> bool {
        self.go_on(|| {
            let sender = self.lock().take();
            sender.is_some_and(|sender| sender.send(Ok(head)).is_ok())
        })
    }

    /// Gives the whole answer at once. False when nobody waits for it, or when its head was given before.
    pub fn whole(&self, head: Head, body: Bytes) -> bool {
        self.go_on(|| {
            self.sink.push(body);
            self.sink.end();
            self.head(head)
        })
    }

    /// True once the head of the answer was given.
    pub fn has_head(&self) -> bool {
        self.lock().is_none()
    }

    /// Adds bytes to the body of the answer. False when nobody wants more.
    pub fn push(&self, bytes: Bytes) -> bool {
        self.go_on(|| self.sink.push(bytes) != Push::Over)
    }

    /// Says that the body of the answer is whole.
    pub fn end(&self) {
        self.go_on(|| match self.lock().take() {
            // An answer without a head is none.
            Some(sender) => drop(sender.send(Err(broken_off()))),
            None => drop(self.sink.end()),
        });
    }

    /// Says that the exchange broke off. Before the head the attempt has failed, afterwards the body has.
    pub fn fail(&self, error: Error) {
        self.go_on(|| match self.lock().take() {
            Some(sender) => drop(sender.send(Err(error))),
            None => self.sink.fail(error),
        });
    }

    /// False while the caller should wait before it pushes more.
    pub fn has_room(&self) -> bool {
        self.sink.room() != Push::Full
    }

    /// True when nobody wants more.
    pub fn is_over(&self) -> bool {
        self.sink.room() == Push::Over
    }

    /// Blocks while there is no room for more, at most `limit`; true if there is, or if nobody wants more.
    pub fn wait_room(&self, limit: Duration) -> bool {
        let waiting = self.room.lock();
        let waited = self
            .room
            .changed
            .wait_timeout_while(waiting, limit, |_| self.sink.room() == Push::Full);
        drop(waited);
        self.has_room()
    }

    /// Tells `notify` once, when there next is room or nobody wants more: at once if that is so already.
    pub fn notify_room(&self, notify: Arc<dyn Notify>) {
        *self.room.lock() = Some(notify);
        if self.has_room() {
            self.room.notify();
        }
    }

    /// Tells `watcher` from now on each time when there is room again, and when nobody wants more.
    pub fn watch(&self, watcher: Arc<dyn Notify>) {
        *self
            .room
            .watcher
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(watcher);
    }

    fn go_on<T>(&self, gives: impl FnOnce() -> T) -> T {
        match &self.driven {
            Some(driven) => driven.after(gives),
            None => gives(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<oneshot::Sender<Result<Head, Error>>>> {
        self.head.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.fail(broken_off());
    }
}

fn broken_off() -> Error {
    Error::new(
        Code::Interrupted,
        "the caller's own transport gave the exchange up before its end",
    )
}

impl Room {
    fn lock(&self) -> MutexGuard<'_, Option<Arc<dyn Notify>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Notify for Room {
    fn notify(&self) {
        // Taken under the lock that a waiter checks under, so that none is missed.
        let waiting = self.lock().take();
        self.changed.notify_all();
        if let Some(waiting) = waiting {
            waiting.notify();
        }
        let watcher = self.watcher.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(watcher) = watcher.as_ref() {
            watcher.notify();
        }
    }
}

impl std::fmt::Debug for Room {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Room")
    }
}

/// The body of a request, block by block. Files are read on the thread that asks.
#[derive(Debug)]
pub struct Parts {
    segments: std::vec::IntoIter<Segment>,
    sources: Arc<[Source]>,
    bytes: Bytes,
    /// The file that is being read, and how far.
    file: Option<(FileRange, u64)>,
    /// What the caller pushes at this place, and what is left of its length where that is known.
    pushed: Option<(Arc<Pushed>, Option<u64>)>,
}

/// What is next of a body.
enum Next {
    Block(Bytes),
    Pushed(Arc<Pushed>, Option<u64>),
    End,
}

impl Parts {
    /// The next block, `None` at the end. Blocks while a file is read.
    ///
    /// # Errors
    /// A file that cannot be read or became shorter, or a body that is pushed, which only [`Parts::poll_block`] reads.
    pub fn next_block(&mut self) -> io::Result<Option<Bytes>> {
        match self.next()? {
            Next::Block(block) => Ok(Some(block)),
            Next::End => Ok(None),
            Next::Pushed(..) => Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "a body that is pushed cannot be sent by another transport",
            )),
        }
    }

    /// The next block of a body that may be pushed, `None` at the end.
    pub fn poll_block(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, Error>> {
        loop {
            if self.bytes.is_empty()
                && let Some((pushed, left)) = &mut self.pushed
            {
                match ready!(pushed.poll_within(left, cx))? {
                    Some(bytes) => self.bytes = bytes,
                    None => self.pushed = None,
                }
                continue;
            }
            match self.next().map_err(unreadable)? {
                Next::Block(block) => return Poll::Ready(Ok(Some(block))),
                Next::End => return Poll::Ready(Ok(None)),
                Next::Pushed(pushed, left) => {
                    pushed.open();
                    self.pushed = Some((pushed, left));
                }
            }
        }
    }

    fn next(&mut self) -> io::Result<Next> {
        loop {
            if !self.bytes.is_empty() {
                let most = self.bytes.len().min(BLOCK_BYTES);
                return Ok(Next::Block(self.bytes.split_to(most)));
            }
            if let Some((range, at)) = &mut self.file
                && *at < range.len()
            {
                let block = range.read(*at, BLOCK_BYTES)?;
                if block.is_empty() {
                    return Err(io::Error::new(
                        io::ErrorKind::UnexpectedEof,
                        format!(
                            "a file became shorter while it was being sent: {} bytes were to be sent and it ends after {at}; send it again when nothing writes to it",
                            range.len()
                        ),
                    ));
                }
                *at = at.saturating_add(u64::try_from(block.len()).unwrap_or(u64::MAX));
                return Ok(Next::Block(block));
            }
            self.file = None;
            match self.segments.next() {
                None => return Ok(Next::End),
                Some(Segment::Bytes(bytes)) => self.bytes = bytes,
                Some(Segment::Source { index, length }) => match self.sources.get(index) {
                    Some(Source::File(range)) => self.file = Some((range.clone(), 0)),
                    Some(Source::Pushed(pushed)) => {
                        return Ok(Next::Pushed(Arc::clone(pushed), length));
                    }
                    None => {
                        return Err(io::Error::other(
                            "a part of the body is missing; please report this to the tailrace project",
                        ));
                    }
                },
            }
        }
    }
}

fn unreadable(error: io::Error) -> Error {
    Error::new(Code::UnreadableBody, error.to_string())
}
