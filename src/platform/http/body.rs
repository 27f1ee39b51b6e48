//! Reading a body: so long and no longer, so much and no more.

use std::time::Duration;

use actix_web::{
    HttpRequest,
    http::{StatusCode, header},
    rt,
    web::{Bytes, BytesMut, Payload},
};
use futures::StreamExt;

use super::{answer::Refused, settings::Settings};

/// How long an unread body is held after an early answer. While it is held the connection is closed after the answer;
/// a body let go would be read to its end first, however slowly that comes.
const HELD: Duration = Duration::from_secs(2);

/// Reads the body.
///
/// # Errors
/// 413 when it is too long, 408 when it takes too long, 400 when it breaks off. The connection ends with these.
pub async fn read(http: &HttpRequest, mut payload: Payload, settings: &Settings) -> Result<Bytes, Refused> {
    let most = settings.body_bytes;
    let announced = http.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let reading = async {
        if announced.is_some_and(|length: u64| length > u64::try_from(most).unwrap_or(u64::MAX)) {
            return Err(too_large(most));
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_| Refused::new(StatusCode::BAD_REQUEST, "The body broke off."))?;
            if body.len().saturating_add(chunk.len()) > most {
                return Err(too_large(most));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    };
    let read = match tokio::time::timeout(settings.body_time, reading).await {
        Ok(read) => read,
        Err(_) => Err(Refused::new(StatusCode::REQUEST_TIMEOUT, "The body took too long to arrive.")),
    };
    read.map_err(|refused| {
        abandon(payload);
        refused.closing()
    })
}

/// Gives up a body that will not be read.
pub fn abandon(payload: Payload) {
    rt::spawn(async move {
        tokio::time::sleep(HELD).await;
        drop(payload);
    });
}

fn too_large(most: usize) -> Refused {
    Refused::new(StatusCode::PAYLOAD_TOO_LARGE, format!("A body has at most {most} bytes."))
}
