//! Descriptors: socket pairs, messages that carry descriptors, memory files, moving descriptors to given numbers.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

use libc::c_int;

use super::check;

/// The largest number of descriptors one message may carry (the kernel's limit is 253).
pub(crate) const MESSAGE_FDS_MAX: usize = 64;

/// A connected pair that keeps message boundaries; both ends are close-on-exec.
pub(crate) fn message_pair() -> io::Result<(OwnedFd, OwnedFd)> {
    let mut fds = [-1; 2];
    // SAFETY: `fds` has room for two descriptors.
    let ret = unsafe {
        libc::socketpair(libc::AF_UNIX, libc::SOCK_SEQPACKET | libc::SOCK_CLOEXEC, 0, fds.as_mut_ptr())
    };
    check(ret.into())?;
    // SAFETY: both were just made and belong to nobody else.
    Ok(unsafe { (OwnedFd::from_raw_fd(fds[0]), OwnedFd::from_raw_fd(fds[1])) })
}

/// A pipe, close-on-exec: (read end, write end).
pub(crate) fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    let mut fds = [-1; 2];
    // SAFETY: `fds` has room for two descriptors.
    check(unsafe { libc::pipe2(fds.as_mut_ptr(), libc::O_CLOEXEC) }.into())?;
    // SAFETY: both were just made and belong to nobody else.
    Ok(unsafe { (OwnedFd::from_raw_fd(fds[0]), OwnedFd::from_raw_fd(fds[1])) })
}

/// Gives up on a receive after `seconds`.
pub(crate) fn set_receive_timeout(socket: BorrowedFd<'_>, seconds: i64) -> io::Result<()> {
    let time = libc::timeval { tv_sec: seconds, tv_usec: 0 };
    // SAFETY: the pointer and length describe `time`.
    let ret = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_RCVTIMEO,
            (&raw const time).cast(),
            size_of::<libc::timeval>() as libc::socklen_t,
        )
    };
    check(ret.into()).map(drop)
}

/// An anonymous file in memory that holds `content`.
pub(crate) fn memory_file(content: &[u8]) -> io::Result<OwnedFd> {
    // SAFETY: the name is a static NUL-terminated string.
    let fd = check(unsafe { libc::memfd_create(c"sandbox-plan".as_ptr(), libc::MFD_CLOEXEC) }.into())?;
    // SAFETY: the descriptor was just made and belongs to nobody else.
    let mut file = unsafe { File::from_raw_fd(fd as RawFd) };
    file.write_all(content)?;
    Ok(file.into())
}

const CONTROL_WORDS: usize = 64; // 512 bytes, aligned for cmsghdr: room for MESSAGE_FDS_MAX descriptors

/// Sends one message with descriptors. A closed peer is `EPIPE`, never a signal.
pub(crate) fn send(socket: BorrowedFd<'_>, bytes: &[u8], fds: &[RawFd]) -> io::Result<()> {
    if fds.len() > MESSAGE_FDS_MAX {
        return Err(io::Error::from_raw_os_error(libc::E2BIG));
    }
    let mut control = [0u64; CONTROL_WORDS];
    let mut part = libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast(), iov_len: bytes.len() };
    // SAFETY: an all-zero msghdr is valid.
    let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
    message.msg_iov = &raw mut part;
    message.msg_iovlen = 1;
    if !fds.is_empty() {
        let length = size_of_val(fds) as u32;
        message.msg_control = control.as_mut_ptr().cast();
        // SAFETY: pure arithmetic.
        message.msg_controllen = unsafe { libc::CMSG_SPACE(length) } as _;
        // SAFETY: the control buffer is aligned and holds CMSG_SPACE(length) <= 512 bytes, so the first header and
        // its data lie inside it.
        unsafe {
            let header = libc::CMSG_FIRSTHDR(&raw const message);
            (*header).cmsg_level = libc::SOL_SOCKET;
            (*header).cmsg_type = libc::SCM_RIGHTS;
            (*header).cmsg_len = libc::CMSG_LEN(length) as _;
            std::ptr::copy_nonoverlapping(
                fds.as_ptr().cast::<u8>(),
                libc::CMSG_DATA(header),
                length as usize,
            );
        }
    }
    loop {
        // SAFETY: `message` points at `part`, `bytes` and `control`, which all outlive the call.
        match check(unsafe { libc::sendmsg(socket.as_raw_fd(), &raw const message, libc::MSG_NOSIGNAL) } as _)
        {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            other => return other.map(drop),
        }
    }
}

/// Receives one message into `buffer`: its length (0 when the peer has closed) and its descriptors, close-on-exec.
pub(crate) fn receive(
    socket: BorrowedFd<'_>,
    buffer: &mut [u8],
    flags: c_int,
) -> io::Result<(usize, Vec<OwnedFd>)> {
    let mut control = [0u64; CONTROL_WORDS];
    let mut part = libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: buffer.len() };
    // SAFETY: an all-zero msghdr is valid.
    let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
    message.msg_iov = &raw mut part;
    message.msg_iovlen = 1;
    message.msg_control = control.as_mut_ptr().cast();
    message.msg_controllen = size_of_val(&control) as _;
    let length = loop {
        // SAFETY: `message` points at `part`, `buffer` and `control`, which all outlive the call.
        let ret =
            unsafe { libc::recvmsg(socket.as_raw_fd(), &raw mut message, flags | libc::MSG_CMSG_CLOEXEC) };
        match check(ret as _) {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            other => break other? as usize,
        }
    };
    let mut fds = Vec::new();
    // SAFETY: the kernel filled `control` and set msg_controllen; the CMSG functions stay inside it. Every descriptor
    // found there is new and belongs to nobody else.
    unsafe {
        let mut header = libc::CMSG_FIRSTHDR(&raw const message);
        while !header.is_null() {
            if (*header).cmsg_level == libc::SOL_SOCKET && (*header).cmsg_type == libc::SCM_RIGHTS {
                let bytes = (*header).cmsg_len as usize - libc::CMSG_LEN(0) as usize;
                for i in 0..bytes / size_of::<RawFd>() {
                    let fd = libc::CMSG_DATA(header).cast::<RawFd>().add(i).read_unaligned();
                    fds.push(OwnedFd::from_raw_fd(fd));
                }
            }
            header = libc::CMSG_NXTHDR(&raw const message, header);
        }
    }
    Ok((length, fds))
}

/// A copy of `fd` at number `lowest` or above, close-on-exec.
pub(crate) fn duplicate_above(fd: BorrowedFd<'_>, lowest: RawFd) -> io::Result<OwnedFd> {
    // SAFETY: no pointers.
    let new = check(unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_DUPFD_CLOEXEC, lowest) }.into())?;
    // SAFETY: the descriptor was just made and belongs to nobody else.
    Ok(unsafe { OwnedFd::from_raw_fd(new as RawFd) })
}

/// Makes number `target` a copy of `fd` that survives exec, whatever `target` was before.
pub(crate) fn place(fd: BorrowedFd<'_>, target: RawFd) -> io::Result<()> {
    // SAFETY: no pointers; the caller owns its whole descriptor table.
    check(unsafe { libc::dup2(fd.as_raw_fd(), target) }.into()).map(drop)
}

/// Closes (or, with `CLOSE_RANGE_CLOEXEC`, marks close-on-exec) every descriptor from `first` on.
pub(crate) fn close_from(first: RawFd, flags: u32) -> io::Result<()> {
    // SAFETY: no pointers; the callers own their whole descriptor table and are about to exec or to loop as init.
    let ret = unsafe { libc::syscall(libc::SYS_close_range, first as u32, u32::MAX, flags) };
    match check(ret) {
        Err(e) if e.raw_os_error() == Some(libc::ENOSYS) || e.raw_os_error() == Some(libc::EINVAL) => {
            close_each(first, flags) // before Linux 5.9 (5.11 for the flag)
        }
        other => other.map(drop),
    }
}

fn close_each(first: RawFd, flags: u32) -> io::Result<()> {
    for fd in first..65_536 {
        if flags == 0 {
            // SAFETY: as in `close_from`.
            unsafe { libc::close(fd) };
        } else {
            // SAFETY: no pointers.
            unsafe { libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC) };
        }
    }
    Ok(())
}
