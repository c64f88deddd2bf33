//! Invocations that are sent to a process while it still works on another.
//!
//! What always holds: they lie in its mailbox in order; one that has not been taken can be had back, and has not begun; one that was
//! taken has, and ends with the process if that ends.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use runtimes::frame::MESSAGE_LEN_MAX;
use tokio::sync::oneshot;

use super::{Environment, Link};
use crate::pool::Waiter;

impl Environment {
    /// How many invocations lie in the mailbox behind the one under way.
    pub fn ahead(&self) -> usize {
        self.ahead.len()
    }

    /// Can invocations be sent ahead to it?
    pub fn takes_ahead(&self) -> bool {
        !self.has_piped && !self.is_broken && matches!(self.parts.link, Link::Frames { .. })
    }

    /// Sends an invocation behind the one under way. It comes back if that is not possible.
    pub fn send_ahead(&mut self, mut waiter: Waiter, now_ms: i64) -> Result<(), Waiter> {
        let Link::Frames { mailbox, .. } = &self.parts.link else { return Err(waiter) };
        if !self.has_begun || waiter.request.len() > MESSAGE_LEN_MAX {
            return Err(waiter);
        }
        // It begins within some milliseconds, or is taken back.
        waiter.request.set_deadline(u64::try_from(now_ms).unwrap_or(0) + self.parts.version.timeout_ms);
        let number = self.last_number.wrapping_add(1);
        waiter.request.set_number(number);
        match mailbox.put(&waiter.request.rest(0)) {
            Ok(()) => {
                self.last_number = number;
                self.ahead.push_back((number, waiter));
                Ok(())
            }
            Err(_) => Err(waiter),
        }
    }

    /// The invocation under way is over, and the first behind it has begun; gives who is to be told.
    pub fn begin_ahead(&mut self, now: Duration, now_ms: i64) -> Option<oneshot::Sender<Box<Environment>>> {
        let (number, Waiter { request, sender, .. }) = self.ahead.pop_front()?;
        self.number = number;
        let invocation = Arc::clone(&request.invocation);
        self.sent = request.len();
        self.request = Some(request);
        self.start(&invocation, now, now_ms);
        Some(sender)
    }

    /// Takes back what lies behind the invocation under way, in order. What the process has taken meanwhile stays.
    pub fn recall(&mut self) -> Vec<Waiter> {
        let Link::Frames { mailbox, .. } = &self.parts.link else { return Vec::new() };
        if self.ahead.is_empty() {
            return Vec::new();
        }
        // The process has not even got to the one under way. To take that away would bring them out of order.
        if mailbox.first() == Some(self.number) {
            return Vec::new();
        }
        let taken: Vec<u16> = std::iter::from_fn(|| mailbox.take_back()).take(self.ahead.len()).collect();
        let (back, kept) =
            std::mem::take(&mut self.ahead).into_iter().partition(|(number, _)| taken.contains(number));
        self.ahead = kept;
        let back: VecDeque<(u16, Waiter)> = back;
        back.into_iter().map(|(_, waiter)| waiter).collect()
    }

    /// Ends the process, after which nothing is taken from its mailbox; what was not, comes back.
    pub fn end(&mut self) -> Vec<Waiter> {
        self.kill();
        self.is_broken = true;
        if let Link::Frames { mailbox, .. } = &self.parts.link
            && mailbox.first() == Some(self.number)
        {
            mailbox.take_back();
        }
        self.recall()
    }
}
