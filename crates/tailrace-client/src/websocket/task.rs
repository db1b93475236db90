//! The task that owns the socket of an open connection.

use std::{
    collections::VecDeque,
    future::Future,
    mem::MaybeUninit,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures_util::Sink;
use tailrace_core::error::{Error, Limit, Passed, Phase};
use tokio::{
    io::{AsyncRead, ReadBuf},
    time::{Instant, Sleep},
};
use tokio_tungstenite::tungstenite;

use super::{
    close::{Close, Closed, broke_off},
    codec::{Burst, Codec, End, Next},
    deflate::Agreed,
    queues::{Message, Queues},
};
use crate::transport::Socket;

/// How long the server may take to end the connection after both close frames.
const LINGER: Duration = Duration::from_secs(1);

/// One connection: its codec, and what it is doing.
struct Task {
    codec: Codec,
    queues: Arc<Queues>,
    stage: Stage,
    /// Given to the codec and not yet to the system.
    flying: VecDeque<Message>,
    /// What the codec is making a frame of.
    midway: Option<Message>,
    needs_flush: bool,
    /// The server's last ping, which has no answer yet.
    ping: Option<Bytes>,
    /// Why nothing more can be written.
    broken: Option<Error>,
    /// The close frame that went out.
    sent: Option<Close>,
    /// When the host, which wants to close, waits no longer for what is to be sent before.
    closing_by: Option<Instant>,
    timer: Pin<Box<Sleep>>,
    timer_at: Option<Instant>,
    /// When a message last came, or the host let the task read on.
    heard: Instant,
    pinged: Option<Instant>,
    next_ping: Option<Instant>,
    pings: u64,
}

enum Stage {
    Open,
    /// The host's close frame went out, or nothing more can; the server has until then to say its last.
    Closing(Instant),
    /// It is known how the connection ends; what is left is written, at most until then.
    Ending(Box<Closed>, Instant),
    /// The host was told; the server ends the connection, at most until then.
    Lingering(Instant),
}

/// Starts the task, which reads `rest` before the socket. Must be called on the runtime.
pub(super) fn start(queues: &Arc<Queues>, socket: Socket, rest: &[u8], deflate: Option<Agreed>) {
    let limits = queues.limits;
    let queues_of_task = Arc::clone(queues);
    let now = Instant::now();
    // Not the buffer that the handshake was read into.
    let rest = Bytes::copy_from_slice(rest);
    let task = tokio::spawn(async move {
        let codec = Codec::open(socket, rest, limits.message_bytes, deflate).await;
        Task {
            codec,
            queues: queues_of_task,
            stage: Stage::Open,
            flying: VecDeque::new(),
            midway: None,
            needs_flush: false,
            ping: None,
            broken: None,
            sent: None,
            closing_by: None,
            timer: Box::pin(tokio::time::sleep(Duration::ZERO)),
            timer_at: None,
            heard: now,
            pinged: None,
            next_ping: limits.ping.and_then(|every| now.checked_add(every)),
            pings: 0,
        }
        .await;
    });
    let mut state = queues.lock();
    if state.closed.is_none() {
        state.task = Some(task.abort_handle());
    }
}

impl Future for Task {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let task = &mut *self;
        // Before the queues are looked at, so that no change is missed.
        task.queues.lock().wakes(cx);
        loop {
            if let Stage::Lingering(_) = task.stage {
                return task.linger(cx);
            }
            task.write(cx);
            if let Stage::Ending(..) = task.stage {
                if task.needs_flush && !task.is_overdue(cx) {
                    return Poll::Pending;
                }
                task.publish();
                continue;
            }
            let goes_on = task.read(cx);
            if matches!(task.stage, Stage::Ending(..)) {
                continue;
            }
            if task.is_overdue(cx) {
                task.on_time();
                continue;
            }
            if goes_on {
                continue;
            }
            if task.needs_flush {
                // What was read wants an answer.
                task.write(cx);
            }
            if !matches!(task.stage, Stage::Ending(..)) {
                return Poll::Pending;
            }
        }
    }
}

impl Task {
    /// Hands what waits to the codec and the codec's bytes to the system.
    fn write(&mut self, cx: &mut Context<'_>) {
        loop {
            if matches!(self.stage, Stage::Open) && (self.answer(cx) || self.fill(cx)) {
                return;
            }
            if !self.needs_flush {
                return;
            }
            match Pin::new(&mut self.codec.writer).poll_flush(cx) {
                Poll::Pending => return,
                Poll::Ready(Ok(())) => self.on_flushed(),
                Poll::Ready(Err(error)) => return self.on_write_fault(&error),
            }
        }
    }

    /// Answers the server's last ping once there is room for it, unless a later one has come; true when the connection is ending.
    fn answer(&mut self, cx: &mut Context<'_>) -> bool {
        if self.ping.is_none() {
            return false;
        }
        let answered = match Pin::new(&mut self.codec.writer).poll_ready(cx) {
            Poll::Ready(ready) => ready.and_then(|()| self.pong()),
            Poll::Pending => return false,
        };
        if let Err(error) = &answered {
            self.on_write_fault(error);
        }
        answered.is_err()
    }

    fn pong(&mut self) -> tungstenite::Result<()> {
        let Some(data) = self.ping.take() else {
            return Ok(());
        };
        self.needs_flush = true;
        Pin::new(&mut self.codec.writer).start_send(tungstenite::Message::Pong(data))
    }

    /// See [`Task::answer`].
    fn fill(&mut self, cx: &mut Context<'_>) -> bool {
        while let Some(next) = self.next() {
            let frame = match Pin::new(&mut self.codec.writer).poll_ready(cx) {
                Poll::Ready(ready) => ready.and_then(|()| Ok(self.codec.frame(&next)?)),
                Poll::Pending => {
                    self.put_back(next);
                    return false;
                }
            };
            let frame = match frame {
                Ok(Some(frame)) => frame,
                Ok(None) => {
                    // Others of the thread have their turn first.
                    cx.waker().wake_by_ref();
                    self.put_back(next);
                    return false;
                }
                Err(error) => {
                    self.put_back(next);
                    self.on_write_fault(&error);
                    return true;
                }
            };
            self.needs_flush = true;
            let given = Pin::new(&mut self.codec.writer).start_send(frame);
            if let Next::Message(message) = next {
                // Counted as given in any case: the codec hands nothing back.
                self.flying.push_back(message);
            } else if let (Next::Close(close), Ok(())) = (next, &given) {
                self.sent = Some(close);
                self.stage = Stage::Closing(Instant::now() + self.queues.limits.close);
                return false;
            }
            if let Err(error) = given {
                self.on_write_fault(&error);
                return true;
            }
        }
        false
    }

    fn next(&mut self) -> Option<Next> {
        let mut state = self.queues.lock();
        if state.close.is_some() && self.closing_by.is_none() {
            self.closing_by = Instant::now().checked_add(self.queues.limits.close);
        }
        if let Some(ping) = state.pings.pop_front() {
            return Some(Next::Ping(ping));
        }
        match self.midway.take().or_else(|| state.waiting.pop_front()) {
            Some(message) => Some(Next::Message(message)),
            None => state.close.clone().map(Next::Close),
        }
    }

    fn put_back(&mut self, next: Next) {
        let mut state = self.queues.lock();
        match next {
            Next::Message(message) if self.codec.is_midway() => self.midway = Some(message),
            Next::Message(message) => state.waiting.push_front(message),
            Next::Ping(ping) => state.pings.push_front(ping),
            // It was not taken away.
            Next::Close(_) => {}
        }
    }

    fn on_flushed(&mut self) {
        self.needs_flush = false;
        if self.flying.is_empty() {
            return;
        }
        let (mut held, mut data) = (0, 0);
        for message in &self.flying {
            held += message.held_bytes();
            data += message.data.len() as u64;
        }
        self.queues.sent(self.flying.len() as u64, held, data);
        self.flying.clear();
    }

    /// Writing failed. What the server said before it closed may still be there to be read, and says more.
    fn on_write_fault(&mut self, error: &tungstenite::Error) {
        self.needs_flush = false;
        if matches!(self.stage, Stage::Ending(..) | Stage::Lingering(_)) {
            return;
        }
        self.broken = Some(broke_off(error));
        self.stage = Stage::Closing(Instant::now() + LINGER);
    }

    /// Takes what the socket has; true when there may be more at once.
    fn read(&mut self, cx: &mut Context<'_>) -> bool {
        {
            let mut state = self.queues.lock();
            state.is_paused = self
                .queues
                .is_full(&state, matches!(self.stage, Stage::Open));
            if state.is_paused {
                self.heard = Instant::now();
                self.pinged = None;
                return false;
            }
        }
        let mut burst = Burst::new(&self.queues.limits);
        let (goes_on, end) = loop {
            match self.codec.poll_read(cx, &mut burst) {
                Poll::Pending => break (false, None),
                Poll::Ready(Ok(())) if burst.is_full() => break (true, None),
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(end)) => break (true, Some(end)),
            }
        };
        for pong in burst.pongs {
            self.on_pong(pong);
        }
        if let Some(ping) = burst.ping {
            self.ping = Some(ping);
            self.needs_flush = true;
        }
        if !burst.messages.is_empty() {
            self.heard = Instant::now();
            self.queues.arrive(&mut burst.messages);
        }
        match end {
            Some(End::Closed { close, is_inside }) => self.on_close(close, is_inside),
            Some(End::Failed(code, error)) => self.fail(code, "", error),
            None => {}
        }
        goes_on
    }

    fn on_close(&mut self, received: Close, is_inside: bool) {
        let received_first = self.sent.is_none();
        let answer = if is_inside {
            // The frame may stand there, but what it stands in is lost, and so it is no end in order.
            Close::new(1002, "")
        } else {
            received.clone()
        };
        if received_first {
            self.say_close(&answer);
        }
        // It counts as answered where the server is gone already.
        let sent = self.sent.clone().unwrap_or(answer);
        let closed = Closed {
            received: Some(received),
            sent: Some(sent),
            received_first: Some(received_first),
            error: None,
        };
        self.stage = Stage::Ending(Box::new(closed), Instant::now() + LINGER);
    }

    /// Gives a close frame to the codec; false if nothing can be said any more.
    fn say_close(&mut self, close: &Close) -> bool {
        let frame = tungstenite::Message::Close(close.frame());
        // What came before the reason to close is answered before.
        let said = self
            .pong()
            .and_then(|()| Pin::new(&mut self.codec.writer).start_send(frame));
        if said.is_err() {
            return false;
        }
        self.sent = Some(close.clone());
        self.needs_flush = true;
        true
    }

    fn on_pong(&mut self, data: Bytes) {
        if data[..] == self.pings.to_be_bytes()
            && let Some(at) = self.pinged.take()
        {
            self.queues.lock().counters.latency = Some(at.elapsed());
        } else {
            self.queues.pong(data);
        }
    }

    /// Ends the connection with an error, and with a close frame if the server can still be told.
    fn fail(&mut self, code: Option<u16>, reason: &str, error: Error) {
        let mut until = Instant::now();
        if let Some(code) = code
            && self.sent.is_none()
            && self.say_close(&Close::new(code, reason))
        {
            until += LINGER;
        }
        let closed = self.closed(Some(error));
        self.stage = Stage::Ending(Box::new(closed), until);
    }

    /// The end of a connection whose server sent no close frame.
    fn closed(&mut self, error: Option<Error>) -> Closed {
        Closed {
            received: None,
            sent: self.sent.clone(),
            received_first: None,
            error: self.broken.take().or(error),
        }
    }

    /// Tells the host.
    fn publish(&mut self) {
        let until = Instant::now() + LINGER;
        if let Stage::Ending(closed, _) =
            std::mem::replace(&mut self.stage, Stage::Lingering(until))
        {
            let mut unsent = std::mem::take(&mut self.flying);
            unsent.extend(self.midway.take());
            self.queues.end(*closed, unsent);
        }
    }

    /// Reads to the end of the connection, so that it is the server that ends it.
    fn linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            // Bytes that nobody reads would make the system reset the connection, and the close frame could be lost.
            let mut bytes = [MaybeUninit::uninit(); 4096];
            let mut buffer = ReadBuf::uninit(&mut bytes);
            match Pin::new(self.codec.socket()).poll_read(cx, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {}
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending if self.is_overdue(cx) => return Poll::Ready(()),
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    /// When something is due.
    fn due(&self) -> Option<Instant> {
        let limits = self.queues.limits;
        match &self.stage {
            Stage::Closing(at) | Stage::Ending(_, at) | Stage::Lingering(at) => Some(*at),
            Stage::Open => {
                let idle = limits.idle.and_then(|idle| self.heard.checked_add(idle));
                let pong = limits.pong.zip(self.pinged);
                let pong = pong.and_then(|(limit, at)| at.checked_add(limit));
                [idle, pong, self.next_ping, self.closing_by]
                    .into_iter()
                    .flatten()
                    .min()
            }
        }
    }

    /// True once it is; otherwise the task is woken when it will be.
    fn is_overdue(&mut self, cx: &mut Context<'_>) -> bool {
        loop {
            let Some(due) = self.due() else {
                return false;
            };
            if due <= Instant::now() {
                return true;
            }
            // The timer is moved when it fires, unless it would come too late.
            if self.timer_at.is_none_or(|at| due < at) {
                self.timer.as_mut().reset(due);
                self.timer_at = Some(due);
            }
            if self.timer.as_mut().poll(cx).is_pending() {
                return false;
            }
            self.timer_at = None;
        }
    }

    fn on_time(&mut self) {
        let (now, limits) = (Instant::now(), self.queues.limits);
        if matches!(self.stage, Stage::Closing(_)) || self.closing_by.is_some_and(|at| at <= now) {
            let closed = self.closed(None);
            self.stage = Stage::Ending(Box::new(closed), now);
            return;
        }
        if let Some(idle) = limits.idle
            && self.heard + idle <= now
        {
            let passed = Passed::new(Limit::Idle, Phase::Body, idle);
            return self.fail(Some(1001), "idle limit", Error::timed_out(passed));
        }
        if let Some((limit, at)) = limits.pong.zip(self.pinged)
            && at + limit <= now
        {
            let passed = Passed::new(Limit::Read, Phase::Body, limit);
            return self.fail(
                Some(1011),
                "keepalive ping timeout",
                Error::timed_out(passed),
            );
        }
        self.next_ping = limits.ping.and_then(|every| now.checked_add(every));
        if self.pinged.is_none() {
            self.pings += 1;
            let data = Bytes::copy_from_slice(&self.pings.to_be_bytes());
            let ping =
                Pin::new(&mut self.codec.writer).start_send(tungstenite::Message::Ping(data));
            if ping.is_ok() {
                self.pinged = Some(now);
                self.needs_flush = true;
            }
        }
    }
}
