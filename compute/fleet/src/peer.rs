//! Which user of this machine is at the other end of a loopback connection.

use std::fs;
use std::net::{IpAddr, SocketAddr};

/// The user id that owns the local socket `address`; `None` if it is not a socket of this machine. Blocking.
pub fn user_of(address: SocketAddr) -> Option<u32> {
    let wanted = written(address)?;
    ["/proc/net/tcp", "/proc/net/tcp6"].iter().find_map(|file| find(&fs::read_to_string(file).ok()?, &wanted))
}

/// The user id that `pid` runs under, as this machine counts users.
pub fn user_of_process(pid: i32) -> Option<u32> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("Uid:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// `0100007F:1F90` and its form as an IPv4 address mapped into IPv6, as the kernel's tables write them.
fn written(address: SocketAddr) -> Option<[String; 2]> {
    let IpAddr::V4(ip) = address.ip() else { return None };
    let number = u32::from_le_bytes(ip.octets());
    let port = address.port();
    Some([format!("{number:08X}:{port:04X}"), format!("0000000000000000FFFF0000{number:08X}:{port:04X}")])
}

fn find(table: &str, wanted: &[String; 2]) -> Option<u32> {
    table.lines().skip(1).find_map(|line| {
        let mut columns = line.split_whitespace();
        let local = columns.nth(1)?;
        // After the local address: remote address, state, queues, timer, retransmits, then the user.
        if !wanted.iter().any(|it| it == local) {
            return None;
        }
        columns.nth(5)?.parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{TcpListener, TcpStream};

    #[test]
    fn the_other_end_is_found() {
        let listener = TcpListener::bind("127.9.8.7:0").unwrap();
        let _client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (_, peer) = listener.accept().unwrap();
        let own = user_of_process(i32::try_from(std::process::id()).unwrap());
        assert!(own.is_some());
        assert_eq!(user_of(peer), own);
        assert_eq!(user_of("127.9.8.7:1".parse().unwrap()), None);
    }
}
