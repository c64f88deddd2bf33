//! Where invocations lie until a bootstrap takes them: a socket of whole messages, one frame each.
//!
//! What always holds: a message goes to the bootstrap or comes back here, never both; what comes back has not begun. So an invocation can
//! be sent to a process that still works on the one before, which then goes on without falling asleep, and nothing is lost when it
//! turns out to be slow.

use std::io::{self, IoSlice};
use std::os::fd::OwnedFd;

use runtimes::frame::{HEADER_LEN, NUMBER_AT, on_stream};
use rustix::net::{
    AddressFamily, RecvFlags, SendAncillaryBuffer, SendFlags, SocketFlags, SocketType, recv, sendmsg,
    socketpair,
};

/// The fleet's side of a bootstrap's mailbox.
pub struct Mailbox {
    ours: OwnedFd,
    /// The same end that the process has, to take messages back.
    theirs: OwnedFd,
}

impl Mailbox {
    /// An empty mailbox, and the end that the process gets.
    pub fn open() -> io::Result<(Mailbox, OwnedFd)> {
        let (ours, theirs) =
            socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?;
        let given = theirs.try_clone()?;
        Ok((Mailbox { ours, theirs }, given))
    }

    /// Leaves a frame of at most `MESSAGE_LEN_MAX` bytes, whole or not at all. Never waits.
    pub fn put(&self, parts: &[IoSlice<'_>]) -> io::Result<()> {
        let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
        sendmsg(&self.ours, parts, &mut SendAncillaryBuffer::default(), flags)?;
        Ok(())
    }

    /// Says that the next frame is on the stream.
    pub fn point_to_stream(&self, number: u16) -> io::Result<()> {
        self.put(&[IoSlice::new(&on_stream(number))])
    }

    /// The number of the message that the process takes next.
    pub fn first(&self) -> Option<u16> {
        self.look(RecvFlags::DONTWAIT | RecvFlags::PEEK)
    }

    /// Takes back the message that the process would take next; its number.
    pub fn take_back(&self) -> Option<u16> {
        self.look(RecvFlags::DONTWAIT)
    }

    fn look(&self, flags: RecvFlags) -> Option<u16> {
        let mut header = [0; HEADER_LEN];
        let (length, _) = recv(&self.theirs, &mut header[..], flags).ok()?;
        let [low, high] = header[NUMBER_AT] else { return None };
        (length > 0).then_some(u16::from_le_bytes([low, high]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(mailbox: &Mailbox, number: u8) {
        mailbox.put(&[IoSlice::new(&[40, 0, 0, 0, 2, 0]), IoSlice::new(&[number, 0, 9, 9])]).unwrap();
    }

    #[test]
    fn a_message_is_taken_once() {
        let (mailbox, given) = Mailbox::open().unwrap();
        for number in 1..=3 {
            put(&mailbox, number);
        }
        assert_eq!(mailbox.first(), Some(1));
        let mut frame = [0; 64];
        let (length, _) = recv(&given, &mut frame[..], RecvFlags::DONTWAIT).unwrap();
        assert_eq!((length, frame[6]), (10, 1));
        assert_eq!(mailbox.take_back(), Some(2));
        mailbox.point_to_stream(0x1234).unwrap();
        assert_eq!(mailbox.take_back(), Some(3));
        assert_eq!(mailbox.take_back(), Some(0x1234));
        assert_eq!(mailbox.take_back(), None);
        drop(mailbox);
        let (length, _) = recv(&given, &mut frame[..], RecvFlags::DONTWAIT).unwrap();
        assert_eq!(length, 0, "the process sees the end of the server");
    }
}
