//! Use cases of what is held of people.

use serde_json::json;

use super::{
    model::{Erase, Export, Exported},
    store,
};
use crate::{
    people::{
        sessions::{self, model::EndReason},
        users::{self, model::User},
    },
    platform::{
        audit,
        auth::policy::Action,
        call::Call,
        error::{AppError, AppResult},
    },
};

/// Everything that is held of a person: for their administrators, and for themselves. It is written down that it was
/// asked for, and nothing is kept of the answer: a retry is answered with what is held by then.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn export(call: Call, command: Export) -> AppResult<Exported> {
    let is_self = call.user_id() == Some(command.id);
    call.may(if is_self { Action::ManageOwnAccess } else { Action::ExportPerson })?;
    let user = users::find(&call, command.id).await?.ok_or_else(|| AppError::not_found("userId"))?;
    call.in_transaction(async |txn| {
        let at = call.now();
        let held = store::export(txn, call.scope(), &user).await?;
        let counted: Vec<_> =
            held.iter().map(|(name, rows)| (name.clone(), rows.as_array().map_or(0, Vec::len))).collect();
        let after = json!({ "exported": counted.into_iter().collect::<std::collections::BTreeMap<_, _>>() });
        let change = audit::Change {
            action: Action::ExportPerson,
            object_id: user.id.to_string(),
            partner_id: user.partner_id,
            before: None::<&()>,
            after: Some(&after),
        };
        audit::record(txn, &call, change).await?;
        let document = json!({ "exportedAt": at.to_string(), "userId": user.id.to_string(), "held": held });
        Ok(Exported { at, document: serde_json::to_string_pretty(&document)? })
    })
    .await
}

/// Erases a person: their profile becomes a pseudonym, their sessions, invitations and every name and address of theirs
/// go, and what the audit holds of those can never be told again. What they did in business stays, done by the
/// pseudonym; the address may be used anew.
///
/// # Errors
/// `NOT_FOUND`, `VERSION_CONFLICT`, `WRONG_STATE`, `LAST_ADMIN`.
pub async fn erase(call: Call, command: Erase) -> AppResult<User> {
    call.may(Action::ErasePerson)?;
    call.once(async |txn| {
        let Erase { id, reason, expected_version } = command;
        let (before, after) = users::erase(txn, &call, id, expected_version, reason).await?;
        sessions::end_all_of(txn, &call, Action::ErasePerson, &after, None, EndReason::UserErased).await?;
        store::erase(txn, call.scope(), &before, &after, call.now()).await?;
        Ok(after)
    })
    .await
}
