//! A secret for an access token.

use entity::value::{ClientScopes, Timestamp, TypedId};

use super::{Refusal, request::Asked};
use crate::{
    people::{
        api_clients::{
            door::tell_kept_out,
            model::USE_NOTED_EVERY_SECONDS,
            rules, secret,
            store::{self, Presented},
        },
        throttle::{self, Guess},
    },
    platform::{
        auth::tokens::{ACCESS_TOKEN_SECONDS, ClientToken},
        call::Call,
        error::AppResult,
    },
};

/// What a client gets for its secret.
#[derive(Debug)]
pub struct Granted {
    /// The access token.
    pub access_token: String,
    /// For how many seconds it works.
    pub expires_in: i64,
    /// What it is good for.
    pub scopes: ClientScopes,
}

/// Gives a client an access token: for all of its scopes, or for those that it asks for. It works for ten minutes, and
/// never longer than the client and the secret that it was made with.
pub async fn exchange(call: &Call, asked: Asked) -> Result<Granted, Refusal> {
    let found = if secret::is_well_formed(&asked.secret) {
        store::find_live(call.db().pool(), Presented::Secret(&asked.secret)).await?
    } else {
        None
    };
    let Some(live) = found.filter(|live| live.client_id == asked.client_id) else {
        wrong(call, &asked).await?;
        return Err(Refusal::InvalidClient);
    };
    let now = call.now();
    if let Err(why) = rules::enter(&live, now, call.origin.address) {
        tell_kept_out(&live, why, &call.origin);
        return Err(Refusal::InvalidClient);
    }
    call.services.rates.take(live.client_id.uuid(), live.requests_per_minute)?;
    let scopes = match asked.scopes.filter(|scopes| !scopes.is_empty()) {
        None => live.scopes,
        Some(asked) if asked.iter().all(|scope| live.scopes.has(scope)) => asked,
        Some(_) => return Err(Refusal::InvalidScope),
    };
    let ends = [live.client_expires_at, live.secret_expires_at];
    let left = ends.into_iter().flatten().map(|end| end.since(now).num_seconds()).min();
    let expires_in = left.map_or(ACCESS_TOKEN_SECONDS, |left| left.clamp(1, ACCESS_TOKEN_SECONDS));
    let token = ClientToken { client_id: live.client_id, secret_id: live.secret_id, scopes: scopes.clone() };
    let access_token = call.services.tokens.sign_client(&token, call.services.ids.new_uuid(), now, expires_in)?;
    if live.last_used_at.is_none_or(|at| is_long_ago(at, now)) {
        store::note_use(call.db().pool(), live.secret_id, live.client_id, now).await?;
    }
    Ok(Granted { access_token, expires_in, scopes })
}

fn is_long_ago(at: Timestamp, now: Timestamp) -> bool {
    now.since(at).num_seconds() >= USE_NOTED_EVERY_SECONDS
}

/// Counts a wrong secret. A right one is never held up by those who guess.
async fn wrong(call: &Call, asked: &Asked) -> AppResult<()> {
    throttle::attempt(call, Guess::ClientSecret, Some(&asked.client_id.to_string())).await?.failed(call).await
}
