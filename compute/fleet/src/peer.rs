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

/// The state of a connection that has ended, as the kernel's tables write it.
const TIME_WAIT: &str = "06";

fn find(table: &str, wanted: &[String; 2]) -> Option<u32> {
    table.lines().skip(1).find_map(|line| {
        let mut columns = line.split_whitespace();
        let local = columns.nth(1)?;
        // After the local address: remote address, state, queues, timer, retransmits, then the user.
        if !wanted.iter().any(|it| it == local) {
            return None;
        }
        let state = columns.nth(1)?;
        // What is left of an earlier connection from the same port belongs to nobody any more.
        if state == TIME_WAIT {
            return None;
        }
        columns.nth(3)?.parse().ok()
    })
}

/// As [`user_of`], asking again for a while: the kernel's table is read piece by piece, and an entry may be passed over while others come
/// and go.
pub fn user_of_settled(peer: SocketAddr) -> Option<u32> {
    (0..LOOKS_MAX).find_map(|look| {
        if look > 0 {
            std::thread::sleep(LOOK_PAUSE);
        }
        user_of(peer)
    })
}

/// How often the table is read before a peer counts as unknown.
const LOOKS_MAX: u32 = 10;
/// Between two readings.
const LOOK_PAUSE: std::time::Duration = std::time::Duration::from_millis(2);

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

    #[test]
    fn what_is_left_of_an_earlier_connection_counts_for_nothing() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
            0: 0100007F:9C40 0708097F:1F90 06 00000000:00000000 03:00000A1B 00000000     0        0 0 3\n\
            1: 0100007F:9C40 0A0B0C7F:1F91 01 00000000:00000000 00:00000000 00000000 200007        0 777 1\n";
        let wanted = written("127.0.0.1:40000".parse().unwrap()).unwrap();
        assert_eq!(find(table, &wanted), Some(200_007));
        assert_eq!(find(&table[..table.len() / 2], &wanted), None);
    }
}
