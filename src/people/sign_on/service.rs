//! Use cases of single sign-on.

use entity::value::{Roles, SignOnAttemptId, TypedId, UserState};
use sea_orm::DatabaseTransaction;

use super::{
    model::{Attempt, Begun, CODE_SECONDS, NotSignedOn, RETURN_SECONDS, Returned},
    rules, store,
};
use crate::{
    kernel::code::Code,
    people::{
        second_factors, sessions,
        users::{self, model::NewUser, model::User},
    },
    platform::{
        audit,
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult},
        graphql::parse,
        openid::{AttemptSecrets, Identity, SignOn},
    },
};

/// How many attempts are begun from one address in a minute: each keeps a row for a day. Many people may share one.
const BEGUN_PER_MINUTE: i64 = 60;

fn address_key(address: std::net::IpAddr) -> uuid::Uuid {
    let wide = match address {
        std::net::IpAddr::V4(address) => address.to_ipv6_mapped(),
        // A household or machine has a /64 of its own.
        std::net::IpAddr::V6(address) => std::net::Ipv6Addr::from(u128::from(address) & (u128::MAX << 64)),
    };
    uuid::Uuid::from_u128(u128::from(wide))
}

fn configured(call: &Call) -> AppResult<&SignOn> {
    call.services.sign_on.as_ref().ok_or_else(|| AppError::not_found(""))
}

fn secret(call: &Call, purpose: &str, id: SignOnAttemptId) -> String {
    call.services.tokens.secret_for(purpose, id.uuid(), 0)
}

fn secrets(call: &Call, id: SignOnAttemptId) -> AttemptSecrets {
    AttemptSecrets {
        state: secret(call, "sign_on_state", id),
        nonce: secret(call, "sign_on_nonce", id),
        verifier: secret(call, "sign_on_verifier", id),
    }
}

/// Begins an attempt; by one that is fresh the provider asks even a person whom it knows.
///
/// # Errors
/// `NOT_FOUND` where single sign-on is not configured; `NOT_ALLOWED` for a place that nobody is sent back to; a fault
/// when the provider does not answer.
pub async fn begin(call: &Call, return_to: Option<&str>, fresh: bool) -> AppResult<Begun> {
    let sign_on = configured(call)?;
    if let Some(address) = call.origin.address {
        call.services.rates.take(address_key(address), BEGUN_PER_MINUTE)?;
    }
    let return_to = rules::return_address(return_to, &sign_on.portal_url, &sign_on.return_origins)
        .ok_or_else(|| AppError::invalid("returnTo", Code::NotAllowed, "People are sent back to the portal only."))?;
    let id = call.new_id();
    let secrets = secrets(call, id);
    let address = sign_on.openid.sign_in_address(&secrets, fresh, call.now()).await?;
    let code = secret(call, "sign_on_code", id);
    call.in_transaction(async |txn| store::insert(txn, call, id, (&secrets.state, &code), return_to).await).await?;
    Ok(Begun { address, browser: secret(call, "sign_on_browser", id) })
}

/// Takes a browser back from the provider: where it goes now, and with which code, or why without one. None when the
/// attempt is unknown, over, or another browser's.
///
/// # Errors
/// Those of the database.
pub async fn take_back(call: &Call, returned: Returned) -> AppResult<Option<(String, Result<String, NotSignedOn>)>> {
    let sign_on = configured(call)?;
    let Some(attempt) = store::find_by_state(&call.reader(), &returned.state).await? else { return Ok(None) };
    let in_time = call.now().since(attempt.created_at).num_seconds() < RETURN_SECONDS;
    // Compared by hash: how long it takes tells nothing of how much is right.
    let same_browser = crate::platform::auth::tokens::hash_of(&returned.browser)
        == crate::platform::auth::tokens::hash_of(&secret(call, "sign_on_browser", attempt.id));
    if !in_time || !same_browser {
        return Ok(None);
    }
    if !call.in_transaction(async |txn| store::mark_returned(txn, attempt.id, call.now()).await).await? {
        return Ok(None);
    }
    let landing = attempt.return_to.clone();
    let Some(code) = returned.code else { return Ok(Some((landing, Err(NotSignedOn::ProviderRefused)))) };
    let identity = match sign_on.openid.exchange(code, &secrets(call, attempt.id), call.now()).await {
        Ok(identity) => identity,
        Err(AppError::Unauthenticated) => return Ok(Some((landing, Err(NotSignedOn::NotValid)))),
        Err(AppError::Internal(fault)) => {
            tracing::error!(
                cause = fault.cause,
                request_id = call.origin.request_id,
                "single sign-on: the provider failed"
            );
            return Ok(Some((landing, Err(NotSignedOn::ProviderUnavailable))));
        }
        Err(other) => return Err(other),
    };
    let outcome = identify(call, sign_on, &attempt, &identity).await?;
    if let Err(reason) = outcome {
        tracing::warn!(reason = reason.word(), request_id = call.origin.request_id, "nobody was signed on");
    }
    Ok(Some((landing, outcome.map(|()| secret(call, "sign_on_code", attempt.id)))))
}

/// Finds or makes the person whom the provider vouches for.
async fn identify(
    call: &Call,
    sign_on: &SignOn,
    attempt: &Attempt,
    identity: &Identity,
) -> AppResult<Result<(), NotSignedOn>> {
    let roles = rules::roles_of(&identity.groups, &sign_on.roles);
    // Made before the transaction: hashing takes long.
    let ids = call.services.ids.as_ref();
    let unusable = call.services.passwords.hash(ids.new_secret(), ids).await?;
    let system = Call::system(std::sync::Arc::clone(&call.services), &call.origin.request_id);
    system
        .in_transaction(async |txn| {
            let user = match person(txn, &system, identity, &roles, unusable).await? {
                Ok(user) => user,
                Err(reason) => return Ok(Err(reason)),
            };
            store::identify(txn, attempt.id, user.id, (identity.several_factors, identity.authenticated_at)).await?;
            Ok(Ok(()))
        })
        .await
}

async fn person(
    txn: &DatabaseTransaction,
    call: &Call,
    identity: &Identity,
    roles: &Roles,
    password_hash: String,
) -> AppResult<Result<User, NotSignedOn>> {
    let now = call.now();
    if let Some(id) = store::find_user(txn, &identity.issuer, &identity.subject).await? {
        let Some(user) = users::find(call, id).await? else { return Ok(Err(NotSignedOn::Deactivated)) };
        if let Some(reason) = refusal(&user, roles) {
            return Ok(Err(reason));
        }
        store::touch(txn, &identity.issuer, &identity.subject, now).await?;
        let user = users::follow_directory(txn, call, user, roles).await?;
        return Ok(Ok(user));
    }
    let Some(address) = &identity.email else { return Ok(Err(NotSignedOn::AddressNotVerified)) };
    let Ok((email, email_key)) = parse::email(address, "email") else {
        return Ok(Err(NotSignedOn::AddressNotVerified));
    };
    let user = match users::find_by_address(txn, &email_key).await? {
        Some(found) => {
            if let Some(reason) = refusal(&found.user, roles) {
                return Ok(Err(reason));
            }
            users::follow_directory(txn, call, found.user, roles).await?
        }
        None if roles.is_empty() => return Ok(Err(NotSignedOn::NoRole)),
        None => {
            let name = identity.name.as_deref().and_then(|name| parse::line(name, "name", 200).ok());
            let name = name.unwrap_or_else(|| email.clone());
            let new = NewUser { partner_id: None, email, email_key, name, roles: roles.clone(), password_hash };
            users::create(txn, call, Action::UseSession, new).await?
        }
    };
    store::link(txn, (&identity.issuer, &identity.subject), user.id, now).await?;
    let after = serde_json::json!({ "issuer": identity.issuer, "linked": true });
    let change = audit::Change {
        action: Action::UseSession,
        object_id: user.id.to_string(),
        partner_id: None,
        before: None::<&()>,
        after: Some(&after),
    };
    audit::record(txn, call, change).await?;
    Ok(Ok(user))
}

fn refusal(user: &User, roles: &Roles) -> Option<NotSignedOn> {
    if user.partner_id.is_some() {
        Some(NotSignedOn::NotStaff)
    } else if user.state != UserState::Active {
        Some(NotSignedOn::Deactivated)
    } else if roles.is_empty() {
        Some(NotSignedOn::NoRole)
    } else {
        None
    }
}

/// Exchanges the code that a browser landed with for a session.
///
/// # Errors
/// `INVALID_TOKEN`, whatever is wrong with it.
pub async fn complete(call: Call, (code, device): (String, Option<String>)) -> AppResult<sessions::model::Opened> {
    let unknown = || {
        let message = "This code is unknown, used or expired. Sign on again.";
        AppError::invalid("code", Code::InvalidToken, message)
    };
    let opened = call
        .once(async |txn| {
            let now = call.now();
            let attempt = store::complete(txn, &code, now).await?.ok_or_else(unknown)?;
            let returned_at = attempt.returned_at.ok_or_else(unknown)?;
            if now.since(returned_at).num_seconds() >= CODE_SECONDS {
                return Err(unknown());
            }
            let system = Call::system(std::sync::Arc::clone(&call.services), &call.origin.request_id);
            let user = users::find(&system, attempt.user_id.ok_or_else(unknown)?).await?;
            let user = user.filter(|user| user.state == UserState::Active).ok_or_else(unknown)?;
            let opened = sessions::open(txn, &call, user, device).await?;
            // The provider may have let them through without asking: what counts is when it last did.
            let proven_at = attempt.authenticated_at.map_or(now, |at| at.min(now));
            second_factors::prove_at(txn, opened.session_id, proven_at, attempt.several_factors).await?;
            Ok(opened)
        })
        .await?;
    sessions::with_tokens(&call, opened)
}
