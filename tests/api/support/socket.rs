//! A caller of GraphQL over WebSocket, who speaks the protocol by hand.

use std::time::Duration;

use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest as _, http::HeaderValue},
};

use super::{Person, TestApp};

/// The protocol that is spoken.
pub const PROTOCOL: &str = "graphql-transport-ws";

/// A caller's end of a connection.
pub struct Socket(pub WebSocketStream<MaybeTlsStream<TcpStream>>);

/// What came.
#[derive(Debug)]
pub enum Heard {
    Message(Value),
    Closed(u16, String),
    Gone,
}

impl Heard {
    pub fn code(&self) -> Option<u16> {
        match self {
            Self::Closed(code, _) => Some(*code),
            _ => None,
        }
    }
}

impl Socket {
    /// A connection that speaks a protocol, from a page of an origin; the status that refused it.
    pub async fn open(app: &TestApp, protocol: Option<&str>, origin: Option<&str>) -> Result<Self, u16> {
        let url = format!("{}/graphql/ws", app.address.replace("http://", "ws://"));
        let mut request = url.into_client_request().unwrap();
        for (name, value) in [("sec-websocket-protocol", protocol), ("origin", origin)] {
            if let Some(value) = value {
                request.headers_mut().insert(name, HeaderValue::from_str(value).unwrap());
            }
        }
        match connect_async(request).await {
            Ok((stream, _)) => Ok(Self(stream)),
            Err(Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(other) => panic!("{other}"),
        }
    }

    /// A connection that has said nothing yet.
    pub async fn silent(app: &TestApp) -> Self {
        Self::open(app, Some(PROTOCOL), None).await.unwrap()
    }

    /// A connection that asks for acknowledgement; and what came.
    pub async fn greeting(person: &Person<'_>) -> (Self, Heard) {
        let mut socket = Self::silent(person.app).await;
        socket.init(person).await;
        let heard = socket.hear().await;
        (socket, heard)
    }

    /// A connection of somebody, ready for operations.
    pub async fn ready(person: &Person<'_>) -> Self {
        let (socket, heard) = Self::greeting(person).await;
        assert!(matches!(&heard, Heard::Message(ack) if *ack == json!({ "type": "connection_ack" })), "{heard:?}");
        socket
    }

    pub async fn init(&mut self, person: &Person<'_>) {
        let authorization = format!("Bearer {}", person.token.as_deref().unwrap_or_default());
        self.say(json!({ "type": "connection_init", "payload": { "authorization": authorization } })).await;
    }

    pub async fn say(&mut self, message: Value) {
        self.say_text(message.to_string()).await;
    }

    pub async fn say_text(&mut self, text: String) {
        // The other end may have closed already: what it said is heard next.
        let _ = self.0.send(Message::text(text)).await;
    }

    pub async fn subscribe(&mut self, id: &str, document: &str, variables: Value) {
        let payload = json!({ "query": document, "variables": variables });
        self.say(json!({ "id": id, "type": "subscribe", "payload": payload })).await;
    }

    /// What comes next, pings left out.
    pub async fn hear(&mut self) -> Heard {
        loop {
            let next = tokio::time::timeout(Duration::from_secs(8), self.0.next()).await.expect("an answer in time");
            return match next {
                Some(Ok(Message::Text(text))) => Heard::Message(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(Some(frame)))) => Heard::Closed(frame.code.into(), frame.reason.to_string()),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                Some(Ok(other)) => panic!("{other:?}"),
                Some(Err(_)) | None => Heard::Gone,
            };
        }
    }

    /// The answer of an operation, which is over then.
    pub async fn answer(&mut self, id: &str) -> Value {
        let heard = self.hear().await;
        let Heard::Message(next) = heard else { panic!("{heard:?}") };
        assert_eq!((&next["id"], &next["type"]), (&json!(id), &json!("next")), "{next}");
        let heard = self.hear().await;
        assert!(matches!(&heard, Heard::Message(end) if *end == json!({ "id": id, "type": "complete" })), "{heard:?}");
        next["payload"].clone()
    }

    /// The error that an operation was refused with.
    pub async fn refusal(&mut self, id: &str) -> Value {
        let heard = self.hear().await;
        let Heard::Message(error) = heard else { panic!("{heard:?}") };
        assert_eq!((&error["id"], &error["type"]), (&json!(id), &json!("error")), "{error}");
        assert!(error["payload"][0]["extensions"]["requestId"].is_string(), "{error}");
        error["payload"][0]["extensions"]["code"].clone()
    }
}
