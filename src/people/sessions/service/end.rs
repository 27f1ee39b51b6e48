//! Ending sessions: one's own, and those of people who lose their access.

use std::collections::BTreeSet;

use entity::value::{PartnerId, SessionId, Timestamp, UserId};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde_json::json;

use super::record;
use crate::{
    people::{
        sessions::{
            model::{EndReason, Session, SignOut, SignOutEverywhere},
            store,
        },
        users::{self, model::User},
    },
    platform::{
        audit,
        auth::{Scope, SignedIn, policy::Action, remembered::Stale},
        call::Call,
        error::{AppError, AppResult},
        graphql::page::{Page, Rows},
    },
};

/// The caller's own sessions of these ids.
///
/// # Errors
/// Those of the database.
pub async fn find_many(call: &Call, ids: &[SessionId]) -> AppResult<Vec<Session>> {
    let Some(user_id) = call.user_id() else { return Ok(Vec::new()) };
    store::find_many(&call.reader(), user_id, ids, call.now()).await
}

/// A page of the caller's own sessions.
///
/// # Errors
/// `Unauthenticated`; those of the database.
pub async fn list(call: &Call, page: &Page) -> AppResult<Rows<Session>> {
    call.may(Action::ManageOwnAccess)?;
    store::list(&call.reader(), own(call)?.user_id, call.now(), page).await
}

/// Ends the caller's session, and the one that a refresh token belongs to. It ends by itself when it is called again,
/// so no key is needed to make a retry harmless.
///
/// # Errors
/// `Unauthenticated` for nobody.
pub async fn sign_out(call: Call, command: SignOut) -> AppResult<()> {
    call.may(Action::UseSession)?;
    let signed_in = call.caller.signed_in().map(|user| user.session_id);
    if signed_in.is_none() && command.refresh_token.is_none() {
        return Err(AppError::Unauthenticated);
    }
    call.in_transaction(async |txn| {
        let kept = match &command.refresh_token {
            Some(secret) => store::find_token(txn, secret).await?.map(|token| token.session_id),
            None => None,
        };
        // In the order of their ids, as everybody takes them.
        for id in signed_in.into_iter().chain(kept).collect::<BTreeSet<_>>() {
            if let Some(session) = store::find_for_update(txn, id).await? {
                end_one(txn, &call, Action::UseSession, &session, EndReason::SignedOut).await?;
            }
        }
        Ok(())
    })
    .await
}

/// Ends one of the caller's sessions.
///
/// # Errors
/// `NOT_FOUND` for one that is not theirs or has ended.
pub async fn end(call: Call, id: SessionId) -> AppResult<Session> {
    call.may(Action::ManageOwnAccess)?;
    let user_id = own(&call)?.user_id;
    call.once(async |txn| {
        let found = store::find_for_update(txn, id).await?;
        let found = found.filter(|session| session.user_id == user_id && session.is_live(call.now()));
        let session = found.ok_or_else(|| AppError::not_found("sessionId"))?;
        end_one(txn, &call, Action::ManageOwnAccess, &session, EndReason::EndedByPerson).await?;
        Ok(Session { ended_at: Some(call.now()), agent: None, address: None, ..session })
    })
    .await
}

/// Ends all sessions of the caller, or all but this one; how many.
///
/// # Errors
/// `Unauthenticated` for nobody.
pub async fn sign_out_everywhere(call: Call, command: SignOutEverywhere) -> AppResult<u64> {
    call.may(Action::ManageOwnAccess)?;
    let signed_in = own(&call)?.clone();
    call.once(async |txn| {
        let user = users::hold(txn, call.scope(), signed_in.user_id).await?.ok_or(AppError::Unauthenticated)?;
        let keep = command.keep_current.then_some(signed_in.session_id);
        end_all_of(txn, &call, Action::ManageOwnAccess, &user, keep, EndReason::EndedByPerson).await
    })
    .await
}

/// Ends all sessions of a person of the caller's company, or of anybody for the vendor's administrators; how many.
///
/// # Errors
/// `NOT_FOUND` for somebody whom the caller may not see.
pub async fn end_of_user(call: Call, id: UserId) -> AppResult<(User, u64)> {
    call.may(Action::ChangeUser)?;
    call.once(async |txn| {
        let user = users::hold(txn, call.scope(), id).await?.ok_or_else(|| AppError::not_found("userId"))?;
        let ended = end_all_of(txn, &call, Action::ChangeUser, &user, None, EndReason::EndedByAdministrator).await?;
        Ok((user, ended))
    })
    .await
}

/// Ends all sessions of a person but one, in the transaction of the use case that takes their access; how many. The
/// audit event says which use case it was.
///
/// # Errors
/// Those of the database.
pub async fn end_all_of(
    txn: &DatabaseTransaction,
    call: &Call,
    action: Action,
    user: &User,
    except: Option<SessionId>,
    reason: EndReason,
) -> AppResult<u64> {
    call.forget(Stale::User(user.id));
    let ended = store::end_all(txn, user.id, except, reason, call.now()).await?;
    if ended > 0 {
        let after = json!({ "sessionsEnded": ended, "kept": except, "reason": reason.word() });
        let change = audit::Change {
            action,
            object_id: user.id.to_string(),
            partner_id: user.partner_id,
            before: None::<&()>,
            after: Some(&after),
        };
        audit::record(txn, call, change).await?;
    }
    Ok(ended)
}

/// How many sessions of a partner's people are live.
///
/// # Errors
/// Those of the database.
pub async fn count_of_partner(db: &impl ConnectionTrait, partner_id: PartnerId, now: Timestamp) -> AppResult<u64> {
    store::count_live_of_partner(db, partner_id, now).await
}

/// Ends all sessions of a partner's people, in the transaction of the use case that takes their access; how many.
///
/// # Errors
/// Those of the database.
pub async fn end_all_of_partner(
    txn: &DatabaseTransaction,
    call: &Call,
    action: Action,
    partner_id: PartnerId,
    reason: EndReason,
) -> AppResult<u64> {
    call.forget(Stale::Partner(partner_id));
    let ended = store::end_all_of_partner(txn, partner_id, reason, call.now()).await?;
    if ended > 0 {
        let after = json!({ "sessionsEnded": ended, "reason": reason.word() });
        let change = audit::Change {
            action,
            object_id: partner_id.to_string(),
            partner_id: Some(partner_id),
            before: None::<&()>,
            after: Some(&after),
        };
        audit::record(txn, call, change).await?;
    }
    Ok(ended)
}

async fn end_one(
    txn: &DatabaseTransaction,
    call: &Call,
    action: Action,
    session: &Session,
    reason: EndReason,
) -> AppResult<()> {
    call.forget(Stale::Session(session.id));
    if store::end(txn, session.id, reason, call.now()).await? {
        // Whoever holds the session is its person: no scope.
        let user = users::find_in(txn, Scope::Everything, session.user_id).await?;
        let user = user.ok_or_else(|| AppError::internal("a session without its person"))?;
        record(txn, call, action, session.id, &user, reason.word()).await?;
    }
    Ok(())
}

fn own(call: &Call) -> AppResult<&SignedIn> {
    call.caller.signed_in().ok_or(AppError::Unauthenticated)
}
