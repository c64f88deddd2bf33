//! One port for HTTP/1.1, HTTP/2 and TLS, told apart by the first byte.
//!
//! A connection that sends nothing, stops in the middle of a head or a body, or sends too much, is closed and harms no other. When the
//! server is to stop, no connection is accepted any more and those under way are served to their end, within [`limits::DRAIN_TIME`].

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::head_tap::Tapped;
use crate::{Edge, limits};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Serves `edge` on `listener` until `stop` ends, then drains.
pub async fn serve(
    edge: Arc<Edge>,
    listener: TcpListener,
    tls: Option<Arc<rustls::ServerConfig>>,
    stop: impl Future<Output = ()>,
) {
    let places = Arc::new(Semaphore::new(limits::CONNECTIONS_MAX));
    let graceful = GracefulShutdown::new();
    let (stopping, stopped) = watch::channel(false);
    let acceptor = tls.map(TlsAcceptor::from);
    let mut stop = std::pin::pin!(stop);
    loop {
        let accept = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (listener.accept().await, place)
        };
        let (accepted, place) = tokio::select! {
            accepted = accept => accepted,
            () = &mut stop => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, most likely: give others time to end.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let (edge, acceptor, watcher) = (Arc::clone(&edge), acceptor.clone(), graceful.watcher());
        let mut stopped = stopped.clone();
        tokio::spawn(async move {
            let _place = place;
            // A connection that has not shown yet what it wants does not hold the end up.
            let opened = tokio::select! {
                opened = open(stream, acceptor) => opened,
                _ = stopped.wait_for(|stopping| *stopping) => return,
            };
            let served = match opened {
                Ok(Opened::Plain(stream)) => requests(edge, stream, peer, false, watcher).await,
                Ok(Opened::Tls(stream)) => requests(edge, stream, peer, true, watcher).await,
                Ok(Opened::Nothing) => Ok(()),
                Err(error) => Err(error),
            };
            if let Err(error) = served {
                tracing::debug!(%peer, %error, "a connection ended early");
            }
        });
    }
    drop(listener);
    stopping.send_replace(true);
    if tokio::time::timeout(limits::DRAIN_TIME, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests were still under way when the server stopped");
    }
}

/// A connection that has shown its first byte.
enum Opened {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
    /// The client went away without a word.
    Nothing,
}

async fn open(stream: TcpStream, acceptor: Option<TlsAcceptor>) -> Result<Opened, BoxError> {
    /// The content type of a TLS handshake record, which begins no HTTP request.
    const TLS_HANDSHAKE: u8 = 0x16;
    stream.set_nodelay(true)?;
    let mut first = [0];
    let peeked = tokio::time::timeout(limits::HANDSHAKE_TIME, stream.peek(&mut first)).await??;
    Ok(match acceptor {
        _ if peeked == 0 => Opened::Nothing,
        Some(acceptor) if first[0] == TLS_HANDSHAKE => Opened::Tls(Box::new(
            tokio::time::timeout(limits::HANDSHAKE_TIME, acceptor.accept(stream)).await??,
        )),
        _ => Opened::Plain(stream),
    })
}

async fn requests<T>(
    edge: Arc<Edge>,
    stream: T,
    peer: SocketAddr,
    is_tls: bool,
    watcher: Watcher,
) -> Result<(), BoxError>
where
    T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (stream, heads) = Tapped::new(stream);
    let service = service_fn(move |request| {
        let (edge, head) = (Arc::clone(&edge), heads.next());
        async move { Ok::<_, std::convert::Infallible>(edge.answer(request, head, peer.ip(), is_tls).await) }
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits::HEAD_TIME)
        .max_headers(limits::HEADERS_MAX)
        .max_buf_size(limits::HEAD_BYTES_MAX)
        .half_close(true);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits::STREAMS_MAX)
        .max_header_list_size(limits::HEAD_BYTES_MAX as u32)
        .keep_alive_interval(Duration::from_secs(60));
    let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
    watcher.watch(connection).await
}
