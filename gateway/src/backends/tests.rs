//! Which connections are used again.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::TryStreamExt;
use kernel::clock::SystemClock;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

/// A backend that gives each connection these answers, one a request, and then closes it. Returns its URL and how many connections it had.
async fn backend(answers: &'static [&'static str]) -> (Uri, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}/path", listener.local_addr().unwrap()).parse().unwrap();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                let mut head = [0; 1024];
                for answer in answers {
                    if socket.read(&mut head).await.unwrap_or(0) == 0 {
                        return;
                    }
                    let _ = socket.write_all(answer.as_bytes()).await;
                }
            });
        }
    });
    (uri, count)
}

/// Bodies of so many requests in turn, and how many connections they took.
async fn check(answers: &'static [&'static str], requests: usize, expect: (&[&str], usize)) {
    let backends = Backends::new(SystemClock::new());
    let (uri, count) = backend(answers).await;
    let mut bodies = Vec::new();
    for _ in 0..requests {
        let request = Request::get(uri.clone()).header("host", "here").body(Full::default()).unwrap();
        let body = match backends.send(request).await {
            Ok(response) => response.into_body().map_ok(|part| part.to_vec()).try_concat().await.ok(),
            Err(_) => None,
        };
        bodies.push(body.map_or_else(|| "failed".to_owned(), |body| String::from_utf8(body).unwrap()));
        // Time for the backend's end of the connection to arrive.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(bodies, expect.0, "{answers:?}");
    assert_eq!(count.load(Ordering::SeqCst), expect.1, "{answers:?}");
}

const ONE: &str = "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\none";
const TWO: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\ntwo\r\n0\r\n\r\n";
const LAST: &str = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 4\r\n\r\nlast";
const SHORT: &str = "HTTP/1.1 200 OK\r\ncontent-length: 30\r\n\r\nshort";

#[tokio::test]
async fn good_connections_are_used_again() {
    check(&[ONE, TWO, ONE], 3, (&["one", "two", "one"], 1)).await;
}

#[tokio::test]
async fn closed_ones_are_not() {
    check(&[ONE], 3, (&["one", "one", "one"], 3)).await;
    check(&[LAST, ONE], 2, (&["last", "last"], 2)).await;
    check(&[SHORT], 2, (&["failed", "failed"], 2)).await;
}

#[tokio::test]
async fn what_is_not_read_to_its_end_is_not_kept() {
    let backends = Backends::new(SystemClock::new());
    let (uri, count) = backend(&[TWO, ONE]).await;
    for _ in 0..2 {
        let request = Request::get(uri.clone()).body(Full::default()).unwrap();
        drop(backends.send(request).await.unwrap());
    }
    assert_eq!(count.load(Ordering::SeqCst), 2);
}
