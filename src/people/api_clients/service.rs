//! Use cases of API clients.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use entity::value::{ApiClientId, ApiClientSecretId, PartnerId, Timestamp, TypedId};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde::Serialize;

use super::{
    model::{
        ApiClient, ClientChange, ClientFilter, ClientSecret, NewClient, NewSecret, REQUESTS_PER_MINUTE, Revocation,
        State, WithSecret,
    },
    rules, secret, store,
};
use crate::{
    kernel::code::Code,
    platform::{
        audit,
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult},
        graphql::page::{Page, Rows},
    },
};

/// Makes a client with its first secret.
///
/// # Errors
/// `NOT_FOUND` for the partner; `PARTNER_NOT_ACTIVE`; `REQUIRED` or `NOT_ALLOWED` for the scopes; `OUT_OF_RANGE`.
pub async fn create(call: Call, new: NewClient) -> AppResult<WithSecret> {
    call.may(Action::ManageClients)?;
    let maker = call.responsible().ok_or(AppError::Forbidden)?;
    let made = call
        .once(async |txn| {
            let now = call.now();
            let by_staff = call.scope().is_everything();
            let NewClient { partner_id, name, scopes, address_ranges, expires_at, requests_per_minute } = new;
            let partner_id = partner_of(txn, &call, partner_id).await?;
            rules::check_scopes(&scopes, partner_id.is_some())?;
            rules::check_expiry(expires_at, now)?;
            rules::check_rate(requests_per_minute, by_staff)?;
            let client = ApiClient {
                id: call.new_id(),
                partner_id,
                name,
                scopes,
                address_ranges,
                requests_per_minute: requests_per_minute.unwrap_or(REQUESTS_PER_MINUTE),
                created_by: maker,
                responsible_id: maker,
                created_at: now,
                expires_at,
                revoked_at: None,
                last_used_at: None,
                version: 1,
            };
            store::insert(txn, &client).await?;
            let kept = give(txn, &call, client.id, 1, None).await?;
            record(txn, &call, Action::ManageClients, &client, None::<&ApiClient>, &client).await?;
            record(txn, &call, Action::ManageClients, &client, None::<&ClientSecret>, &kept).await?;
            Ok(WithSecret { client, secret_id: kept.id, secret: String::new() })
        })
        .await?;
    shown(&call, made)
}

/// The partner that a new client acts for: a partner's people make clients of their own company only.
async fn partner_of(txn: &DatabaseTransaction, call: &Call, asked: Option<PartnerId>) -> AppResult<Option<PartnerId>> {
    let Some(id) = asked.or(call.partner_id()) else { return Ok(None) };
    let state = store::partner_state(txn, call.scope(), id).await?;
    rules::check_partner(state.ok_or_else(|| AppError::not_found("partnerId"))?)?;
    Ok(Some(id))
}

/// Gives a client another secret, so that the one in use can be replaced without a gap.
///
/// # Errors
/// `NOT_FOUND`, `WRONG_STATE`, `TOO_MANY_SECRETS`, `OUT_OF_RANGE`.
pub async fn add_secret(call: Call, new: NewSecret) -> AppResult<WithSecret> {
    call.may(Action::ManageClients)?;
    let made = call
        .once(async |txn| {
            let client = hold(txn, &call, new.client_id).await?;
            let now = call.now();
            rules::check_expiry(new.expires_at, now)?;
            let kept = store::find_secrets(txn, &[client.id]).await?;
            let (slot, ended) = rules::place(&kept, now)?;
            if let Some(ended) = ended {
                store::revoke_secret(txn, ended.id, now).await?;
            }
            let kept = give(txn, &call, client.id, slot, new.expires_at).await?;
            record(txn, &call, Action::ManageClients, &client, ended, &kept).await?;
            Ok(WithSecret { client, secret_id: kept.id, secret: String::new() })
        })
        .await?;
    shown(&call, made)
}

async fn give(
    txn: &DatabaseTransaction,
    call: &Call,
    client_id: ApiClientId,
    slot: i64,
    expires_at: Option<Timestamp>,
) -> AppResult<ClientSecret> {
    let id = call.new_id();
    let secret = secret_of(call, id)?;
    let kept = ClientSecret {
        id,
        client_id,
        slot,
        hint: secret::hint(&secret),
        created_at: call.now(),
        expires_at,
        revoked_at: None,
        last_used_at: None,
    };
    store::insert_secret(txn, &kept, &secret).await?;
    Ok(kept)
}

/// The secret of an id: derived, so that a retry can show it again although only its hash is kept.
fn secret_of(call: &Call, id: ApiClientSecretId) -> AppResult<String> {
    let derived = call.services.tokens.secret_for("api client", id.uuid(), 0);
    let bits = URL_SAFE_NO_PAD.decode(derived).map_err(|error| AppError::internal(error.to_string()))?;
    Ok(secret::format(&bits))
}

fn shown(call: &Call, made: WithSecret) -> AppResult<WithSecret> {
    Ok(WithSecret { secret: secret_of(call, made.secret_id)?, ..made })
}

/// Takes one secret of a client back; what was made with it stops working too.
///
/// # Errors
/// `NOT_FOUND`; `WRONG_STATE` when it was taken back before.
pub async fn revoke_secret(call: Call, id: ApiClientSecretId) -> AppResult<ApiClient> {
    call.may(Action::RevokeClients)?;
    call.once(async |txn| {
        let unknown = || AppError::not_found("secretId");
        let found = store::find_secret(txn, call.scope(), id).await?.ok_or_else(unknown)?;
        let client = store::find_for_update(txn, call.scope(), found.client_id).await?.ok_or_else(unknown)?;
        let now = call.now();
        if !store::revoke_secret(txn, id, now).await? {
            let message = "This secret was revoked before.";
            return Err(AppError::invalid("secretId", Code::WrongState, message));
        }
        // Read behind the client's lock: its last use may have been noted in between.
        let before = ClientSecret { revoked_at: None, ..found };
        let after = ClientSecret { revoked_at: Some(now), ..before.clone() };
        record(txn, &call, Action::RevokeClients, &client, Some(&before), &after).await?;
        Ok(client)
    })
    .await
}

/// Changes a client.
///
/// # Errors
/// `NOT_FOUND`, `WRONG_STATE`, `VERSION_CONFLICT`, and as [`create`].
pub async fn update(call: Call, change: ClientChange) -> AppResult<ApiClient> {
    call.may(Action::ManageClients)?;
    let caller = call.responsible().ok_or(AppError::Forbidden)?;
    call.once(async |txn| {
        let before = hold(txn, &call, change.id).await?;
        expect_version(change.expected_version, &before)?;
        let ClientChange {
            id: _,
            expected_version: _,
            name,
            scopes,
            address_ranges,
            expires_at,
            requests_per_minute,
            take_over,
        } = change;
        if let Some(scopes) = &scopes {
            rules::check_scopes(scopes, before.partner_id.is_some())?;
        }
        rules::check_expiry(expires_at.flatten(), call.now())?;
        rules::check_rate(requests_per_minute, call.scope().is_everything())?;
        let after = ApiClient {
            name: name.unwrap_or_else(|| before.name.clone()),
            scopes: scopes.unwrap_or_else(|| before.scopes.clone()),
            address_ranges: address_ranges.unwrap_or_else(|| before.address_ranges.clone()),
            expires_at: expires_at.unwrap_or(before.expires_at),
            requests_per_minute: requests_per_minute.unwrap_or(before.requests_per_minute),
            responsible_id: if take_over { caller } else { before.responsible_id },
            version: before.version.saturating_add(1),
            ..before.clone()
        };
        store::update(txn, before.version, &after).await?;
        record(txn, &call, Action::ManageClients, &after, Some(&before), &after).await?;
        Ok(after)
    })
    .await
}

/// Revokes a client for good, with its secrets and what was made with them.
///
/// # Errors
/// `NOT_FOUND`, `WRONG_STATE`, `VERSION_CONFLICT`.
pub async fn revoke(call: Call, command: Revocation) -> AppResult<ApiClient> {
    call.may(Action::RevokeClients)?;
    call.once(async |txn| {
        let before = hold(txn, &call, command.id).await?;
        expect_version(command.expected_version, &before)?;
        let now = call.now();
        let version = before.version.saturating_add(1);
        let after = ApiClient { revoked_at: Some(now), version, ..before.clone() };
        store::revoke_secrets(txn, after.id, now).await?;
        store::update(txn, before.version, &after).await?;
        record(txn, &call, Action::RevokeClients, &after, Some(&before), &after).await?;
        Ok(after)
    })
    .await
}

/// The clients of a partner that were not revoked, read in the transaction of a decision about it. No scope: the partner
/// was found before.
///
/// # Errors
/// Those of the database.
pub async fn unrevoked_of_partner(db: &impl ConnectionTrait, partner_id: PartnerId) -> AppResult<Vec<ApiClient>> {
    store::find_unrevoked_of_partner(db, partner_id).await
}

/// Revokes clients for good, with their secrets, in the transaction of the use case that takes their access.
///
/// # Errors
/// Those of the database.
pub async fn revoke_all(
    txn: &DatabaseTransaction,
    call: &Call,
    action: Action,
    clients: &[ApiClient],
) -> AppResult<()> {
    let now = call.now();
    for before in clients {
        let version = before.version.saturating_add(1);
        let after = ApiClient { revoked_at: Some(now), version, ..before.clone() };
        store::revoke_secrets(txn, after.id, now).await?;
        store::update(txn, before.version, &after).await?;
        record(txn, call, action, &after, Some(before), &after).await?;
    }
    Ok(())
}

/// A client that was not revoked, held until the transaction ends.
async fn hold(txn: &DatabaseTransaction, call: &Call, id: ApiClientId) -> AppResult<ApiClient> {
    let found = store::find_for_update(txn, call.scope(), id).await?.ok_or_else(|| AppError::not_found("id"))?;
    if found.state(call.now()) == State::Revoked {
        let message = "This client was revoked for good. Create a new one.";
        return Err(AppError::invalid("id", Code::WrongState, message));
    }
    Ok(found)
}

fn expect_version(expected: Option<i64>, found: &ApiClient) -> AppResult<()> {
    match expected {
        Some(version) if version != found.version => Err(AppError::version_conflict(found.version)),
        _ => Ok(()),
    }
}

async fn record<T: Serialize>(
    txn: &DatabaseTransaction,
    call: &Call,
    action: Action,
    client: &ApiClient,
    before: Option<&T>,
    after: &T,
) -> AppResult<()> {
    let change = audit::Change {
        action,
        object_id: client.id.to_string(),
        partner_id: client.partner_id,
        before,
        after: Some(after),
    };
    audit::record(txn, call, change).await
}

/// The clients of these ids that exist for the caller.
///
/// # Errors
/// Those of the database.
pub async fn find_many(call: &Call, ids: &[ApiClientId]) -> AppResult<Vec<ApiClient>> {
    if call.may(Action::ReadClients).is_err() {
        return Ok(Vec::new());
    }
    store::find_many(&call.reader(), call.scope(), ids).await
}

/// The client that calls, which may look at itself whatever its scopes.
///
/// # Errors
/// Those of the database; `Unauthenticated` when it is gone.
pub async fn find_caller(call: &Call) -> AppResult<ApiClient> {
    let id = call.caller.client().map(|client| client.client_id).ok_or(AppError::Unauthenticated)?;
    let found = store::find_many(&call.reader(), call.scope(), &[id]).await?.pop();
    found.ok_or(AppError::Unauthenticated)
}

/// A page of the clients that exist for the caller.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`; those of the database.
pub async fn list(call: &Call, filter: &ClientFilter, page: &Page) -> AppResult<Rows<ApiClient>> {
    call.may(Action::ReadClients)?;
    store::list(&call.reader(), call.scope(), filter, call.now(), page).await
}

/// The secrets of these clients, which the caller was shown, that were not revoked.
///
/// # Errors
/// Those of the database.
pub async fn secrets_of(call: &Call, clients: &[ApiClientId]) -> AppResult<Vec<ClientSecret>> {
    store::find_secrets(&call.reader(), clients).await
}

/// Which of these clients, which the caller was shown, somebody else has to answer for: the one who does was
/// deactivated.
///
/// # Errors
/// Those of the database.
pub async fn left_behind(call: &Call, clients: &[ApiClientId]) -> AppResult<Vec<ApiClientId>> {
    store::find_left_behind(call.db().pool(), clients).await
}
