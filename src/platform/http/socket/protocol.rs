//! The messages of `graphql-transport-ws`, and the codes that a connection is closed with.

use actix_ws::{CloseCode, CloseReason};
use async_graphql::ServerError;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::platform::http::{answer::Body, request::Asked};

/// The longest id of an operation.
const LONGEST_ID: usize = 128;

/// What a caller sends.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Received {
    /// The first message: who calls.
    ConnectionInit {
        /// `authorization` has the access token.
        #[serde(default)]
        payload: Option<Map<String, Value>>,
    },
    /// A sign of life is wanted.
    Ping {
        /// Sent back.
        #[serde(default)]
        payload: Option<Map<String, Value>>,
    },
    /// A sign of life.
    Pong {},
    /// An operation is to be executed.
    Subscribe {
        /// Under which name its answer is wanted.
        id: String,
        /// The operation.
        payload: Asked,
    },
    /// An operation is not wanted any more.
    Complete {
        /// Its name.
        id: String,
    },
}

impl Received {
    /// Reads a message.
    ///
    /// # Errors
    /// How the connection ends when it is none.
    pub fn read(text: &str) -> Result<Self, Close> {
        let read: Self = serde_json::from_str(text).map_err(|_| Close::BadMessage)?;
        match &read {
            Self::Subscribe { id, .. } | Self::Complete { id } if id.is_empty() || id.len() > LONGEST_ID => {
                Err(Close::BadMessage)
            }
            _ => Ok(read),
        }
    }
}

/// What the server sends.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Sent<'a> {
    /// The caller is known; operations may begin.
    ConnectionAck,
    /// The answer to a ping.
    Pong {
        /// What the ping had.
        #[serde(skip_serializing_if = "Option::is_none")]
        payload: Option<Map<String, Value>>,
    },
    /// The answer of an operation.
    Next {
        /// The operation's name.
        id: &'a str,
        /// The answer.
        payload: Body<'a>,
    },
    /// An operation was not executed, and is over.
    Error {
        /// The operation's name.
        id: &'a str,
        /// Why.
        payload: &'a [ServerError],
    },
    /// An operation is over.
    Complete {
        /// Its name.
        id: &'a str,
    },
}

/// Why the server closes a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Close {
    /// The caller has gone, or says good-bye.
    Answered,
    /// The server stops.
    Stopping,
    /// Nothing was heard for long.
    Silent,
    /// A message is too long.
    TooLong,
    /// A message is none of the protocol.
    BadMessage,
    /// Nobody has said who calls.
    Unauthorized,
    /// The token is not, or no longer, valid.
    Forbidden,
    /// The caller speaks none of our protocols.
    NoProtocol,
    /// The first message did not come in time.
    InitTimeout,
    /// An operation of this name is running.
    Exists(String),
    /// The first message came twice.
    InitTwice,
    /// The caller has too many connections.
    TooManyConnections,
}

impl Close {
    /// The code and the words.
    pub fn reason(self) -> CloseReason {
        let (code, words) = match self {
            Self::Answered => (1000, String::new()),
            Self::Stopping => (1001, "The server is stopping".to_owned()),
            Self::Silent => (1001, "Nothing was heard for long".to_owned()),
            Self::TooLong => (1009, "The message is too long".to_owned()),
            Self::BadMessage => (4400, "Invalid message received".to_owned()),
            Self::Unauthorized => (4401, "Unauthorized".to_owned()),
            Self::Forbidden => (4403, "Forbidden".to_owned()),
            Self::NoProtocol => (4406, "Subprotocol not acceptable".to_owned()),
            Self::InitTimeout => (4408, "Connection initialisation timeout".to_owned()),
            Self::Exists(id) => {
                let id: String = id.chars().filter(|c| !c.is_control()).take(24).collect();
                (4409, format!("Subscriber for {id} already exists"))
            }
            Self::InitTwice => (4429, "Too many initialisation requests".to_owned()),
            Self::TooManyConnections => (4429, "Too many connections".to_owned()),
        };
        CloseReason { code: CloseCode::from(code), description: Some(words).filter(|words| !words.is_empty()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_messages_of_the_protocol_are_read() {
        for taken in [
            r#"{"type":"connection_init"}"#,
            r#"{"type":"connection_init","payload":{"authorization":"Bearer x"}}"#,
            r#"{"type":"ping"}"#,
            r#"{"type":"pong","payload":{}}"#,
            r#"{"id":"1","type":"subscribe","payload":{"query":"{ a }","variables":{"a":[1]}}}"#,
            r#"{"id":"1","type":"complete"}"#,
        ] {
            assert!(Received::read(taken).is_ok(), "{taken}");
        }
        let long = format!(r#"{{"id":"{}","type":"complete"}}"#, "x".repeat(129));
        for refused in [
            "",
            "nonsense",
            "[]",
            "3",
            "{}",
            r#"{"type":"start","id":"1","payload":{"query":"{ a }"}}"#,
            r#"{"type":"connection_terminate"}"#,
            r#"{"type":"next","id":"1"}"#,
            r#"{"type":"subscribe","payload":{"query":"{ a }"}}"#,
            r#"{"type":"subscribe","id":1,"payload":{"query":"{ a }"}}"#,
            r#"{"type":"subscribe","id":"","payload":{"query":"{ a }"}}"#,
            r#"{"type":"subscribe","id":"1"}"#,
            r#"{"type":"subscribe","id":"1","payload":[{"query":"{ a }"}]}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":1}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":"{ a }","variables":{"a":1,"a":2}}}"#,
            r#"{"type":"connection_init","payload":"token"}"#,
            long.as_str(),
        ] {
            assert_eq!(Received::read(refused).err(), Some(Close::BadMessage), "{refused}");
        }
    }
}
