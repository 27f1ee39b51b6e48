//! How an object store is asked: HTTP/1.1, like every other server that we call.

use std::time::Duration;

use futures::{StreamExt as _, stream};
use http_body_util::{BodyExt as _, StreamBody};
use object_store::client::{
    ClientOptions, HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpResponseBody,
    HttpService,
};
use tokio::time::{error::Elapsed, timeout};

/// How long a store is waited for. Nothing bounds an answer as a whole: how fast it is read is up to who reads it.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For a sign of life: the connection, the head of an answer, each further piece of it.
    pub sign: Duration,
    /// For the head of the answer to a question with a body, which has to arrive there first.
    pub taking: Duration,
}

/// Makes clients that give up after a while.
#[derive(Debug)]
pub struct Connector {
    /// How long is a while.
    pub patience: Patience,
}

/// One client.
#[derive(Debug)]
struct Client {
    http: reqwest::Client,
    patience: Patience,
}

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        // No time-outs of its own beside this one: its `timeout` counts until the body is read, and its `read_timeout`
        // counts the sending of a body and the pauses of who reads.
        let builder = reqwest::Client::builder().connect_timeout(self.patience.sign);
        let http = builder.redirect(reqwest::redirect::Policy::none()).build();
        let http = http.map_err(|error| object_store::Error::Generic { store: "S3", source: Box::new(error) })?;
        Ok(HttpClient::new(Client { http, patience: self.patience }))
    }
}

#[async_trait::async_trait]
impl HttpService for Client {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (parts, body) = request.into_parts();
        let url = url::Url::parse(&parts.uri.to_string());
        let url = url.map_err(|error| HttpError::new(HttpErrorKind::Request, error))?;
        let mut asked = reqwest::Request::new(parts.method, url);
        *asked.headers_mut() = parts.headers;
        let body = body.collect().await?.to_bytes();
        let time = if body.is_empty() { self.patience.sign } else { self.patience.taking };
        *asked.body_mut() = Some(body.into());
        let answer = timeout(time, self.http.execute(asked)).await.map_err(silent)?.map_err(failed)?;
        let (parts, body) = http::Response::<reqwest::Body>::from(answer).into_parts();
        Ok(HttpResponse::from_parts(parts, watched(body, self.patience.sign)))
    }
}

/// A body of which each piece comes in time, counted from when it is asked for.
fn watched(body: reqwest::Body, time: Duration) -> HttpResponseBody {
    let pieces = stream::unfold(Some(body), move |body| async move {
        let mut body = body?;
        let piece = match timeout(time, body.frame()).await {
            Ok(piece) => piece?.map_err(failed),
            Err(late) => Err(silent(late)),
        };
        // Nothing comes after a failure.
        let rest = piece.is_ok().then_some(body);
        Some((piece, rest))
    });
    HttpResponseBody::new(StreamBody::new(pieces.fuse()))
}

fn silent(late: Elapsed) -> HttpError {
    HttpError::new(HttpErrorKind::Timeout, late)
}

fn failed(error: reqwest::Error) -> HttpError {
    let kind = if error.is_timeout() {
        HttpErrorKind::Timeout
    } else if error.is_connect() {
        HttpErrorKind::Connect
    } else {
        HttpErrorKind::Unknown
    };
    HttpError::new(kind, error)
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read as _, Write as _},
        net::TcpListener,
        thread,
    };

    use object_store::client::HttpRequestBody;

    use super::*;

    const PATIENCE: Patience = Patience { sign: Duration::from_secs(1), taking: Duration::from_secs(20) };

    const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n";

    /// A store that answers one question in pieces, each after so many milliseconds, and is silent then.
    fn store(pieces: &'static [(u64, &'static str)]) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = [0_u8; 4096];
            let _read = stream.read(&mut asked).unwrap();
            for (pause, piece) in pieces {
                thread::sleep(Duration::from_millis(*pause));
                // Who has given up does not read any more.
                let _sent = stream.write_all(piece.as_bytes());
            }
            thread::sleep(Duration::from_secs(5));
        });
        address
    }

    async fn ask(method: &str, address: &str, body: &str) -> Result<HttpResponse, HttpError> {
        let client = Connector { patience: PATIENCE }.connect(&ClientOptions::new()).unwrap();
        let body = HttpRequestBody::from(body.to_owned());
        client.execute(http::Request::builder().method(method).uri(address).body(body).unwrap()).await
    }

    #[tokio::test]
    async fn an_answer_may_take_as_long_as_it_goes_on() {
        let slow = store(&[(0, HEAD), (400, "a"), (400, "b"), (400, "c")]);
        let answer = ask("GET", &slow, "").await.unwrap();
        assert_eq!(&answer.into_body().bytes().await.unwrap()[..], b"abc");

        let stuck = store(&[(0, HEAD), (0, "a")]);
        let answer = ask("GET", &stuck, "").await.unwrap();
        assert_eq!(answer.into_body().bytes().await.unwrap_err().kind(), HttpErrorKind::Timeout);
    }

    #[tokio::test]
    async fn who_reads_slowly_gets_everything() {
        let address = store(&[(0, HEAD), (0, "a"), (200, "bc")]);
        let mut body = ask("GET", &address, "").await.unwrap().into_body().bytes_stream();
        let mut read = body.next().await.unwrap().unwrap().to_vec();
        tokio::time::sleep(PATIENCE.sign + Duration::from_millis(500)).await;
        while let Some(piece) = body.next().await {
            read.extend_from_slice(&piece.unwrap());
        }
        assert_eq!(read, b"abc");
    }

    #[tokio::test]
    async fn what_is_sent_may_take_longer_to_arrive_than_a_question() {
        const LATE: &[(u64, &str)] = &[(1_500, HEAD), (0, "abc")];
        assert_eq!(ask("GET", &store(LATE), "").await.unwrap_err().kind(), HttpErrorKind::Timeout);
        assert!(ask("PUT", &store(LATE), "a file").await.is_ok());
    }
}
