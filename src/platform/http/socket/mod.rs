//! GraphQL over WebSocket: the protocol `graphql-transport-ws`, and no other.
//!
//! [`open`] decides whether there is a connection at all, [`protocol`] has its messages and the codes that it closes
//! with, [`connection`] is its life, [`operations`] is what is asked on it, and asked again; [`seats`] counts connections
//! and ends them all when the server stops. Each operation goes through the same checks and limits as over HTTP
//! ([`super::operation`]).

mod connection;
mod operations;
mod protocol;

use std::time::Duration;

use actix_web::{
    HttpMessage as _, HttpRequest, HttpResponse,
    http::{StatusCode, header},
    rt, web,
};

pub use super::seats;
use super::{
    answer::{self, Refused},
    body, budget,
    endpoint::{origin_of, text_of},
    negotiation::Form,
    observe::RequestId,
    server::App,
};
use crate::platform::auth::Caller;

/// The only protocol that is spoken.
pub const PROTOCOL: &str = "graphql-transport-ws";

/// How connections are limited.
#[derive(Clone, Copy, Debug)]
pub struct SocketSettings {
    /// How long the first message may take, which says who calls.
    pub init: Duration,
    /// How often it is asked whether the session still stands.
    pub recheck: Duration,
    /// After how much silence the caller is asked for a sign of life; after three times as much it is gone.
    pub ping: Duration,
    /// How long the caller may take to read what is sent.
    pub send: Duration,
    /// Operations at once on one connection.
    pub operations: usize,
    /// Connections of one caller.
    pub per_caller: usize,
    /// Connections of one address that have not yet said who they are.
    pub per_address: usize,
    /// Bytes of one message.
    pub message_bytes: usize,
    /// For how long news is gathered before a subscription is asked again; by chance up to three times as long, so that
    /// not everybody asks at one instant.
    pub gather: Duration,
    /// After how long without news it is asked again in any case.
    pub reread: Duration,
}

impl Default for SocketSettings {
    fn default() -> Self {
        Self {
            init: Duration::from_secs(10),
            recheck: Duration::from_secs(1),
            ping: Duration::from_secs(15),
            send: Duration::from_secs(10),
            operations: 20,
            per_caller: 10,
            per_address: 50,
            message_bytes: 64 * 1024,
            gather: Duration::from_millis(100),
            reread: Duration::from_secs(30),
        }
    }
}

/// Opens a connection, or says why not.
pub async fn open(app: web::Data<App>, http: HttpRequest, payload: web::Payload) -> HttpResponse {
    let request_id = http.extensions().get::<RequestId>().map_or_else(String::new, |id| id.0.clone());
    let origin = origin_of(&app, &http);
    let seat = match may_open(&app, &http) {
        Ok(()) => {
            let address = budget::key_of(&Caller::Anonymous, &origin);
            app.sockets.take(format!("waiting {address}"), app.settings.socket.per_address).ok_or_else(too_many)
        }
        Err(refused) => Err(refused),
    };
    let seat = match seat {
        Ok(seat) => seat,
        Err(refused) => {
            body::abandon(payload);
            return answer::refused(refused.closing(), Form::Json, &request_id);
        }
    };
    let Ok((response, session, messages)) = actix_ws::handle_with_protocols(&http, payload, &[PROTOCOL]) else {
        let refused = Refused::new(StatusCode::BAD_REQUEST, "This is no handshake of a WebSocket.");
        return answer::refused(refused.closing(), Form::Json, &request_id);
    };
    let agreed = response.headers().contains_key(header::SEC_WEBSOCKET_PROTOCOL);
    rt::spawn(connection::live(app, session, messages, origin, seat, agreed));
    response
}

fn may_open(app: &App, http: &HttpRequest) -> Result<(), Refused> {
    let upgrade = text_of(http, header::UPGRADE).is_some_and(|wanted| wanted.eq_ignore_ascii_case("websocket"));
    if !upgrade {
        let message = "Open a WebSocket here, with the protocol `graphql-transport-ws`. Plain requests go to /graphql.";
        return Err(Refused::new(StatusCode::UPGRADE_REQUIRED, message));
    }
    // A browser always says which page opens the connection; other programs say nothing.
    if let Some(origin) = http.headers().get(header::ORIGIN)
        && !app.settings.cors_origins.iter().chain(&app.settings.own_origin).any(|allowed| origin == allowed.as_str())
    {
        return Err(Refused::new(StatusCode::FORBIDDEN, "Pages of this origin may not connect."));
    }
    if app.sockets.are_closing() {
        let stopping = Refused::new(StatusCode::SERVICE_UNAVAILABLE, "The server is stopping. Connect again.");
        return Err(Refused { retry_after: Some(1), ..stopping });
    }
    Ok(())
}

fn too_many() -> Refused {
    let message = "Too many connections of this address have not said who they are.";
    Refused { retry_after: Some(10), ..Refused::new(StatusCode::TOO_MANY_REQUESTS, message) }
}
