//! Use cases of notifications.

use std::{collections::HashSet, sync::Arc};

use entity::value::{MailKind, NotificationId, NotificationKind, PartnerId, Role, Timestamp, TypedId as _, UserId};
use sea_orm::{DatabaseTransaction, Iterable as _};
use serde_json::json;

use super::{
    model::{Mark, Marked, Notification, Operations, Place, Preference, Slot, Told},
    rules, store,
};
use crate::{
    deals::registrations::{self, rules::policy::DealPolicy},
    kernel::event::DomainEvent,
    onboarding::partners,
    people::users::{self, model::User},
    platform::{
        audit,
        auth::{SignedIn, policy::Action},
        call::{Call, Services},
        db::Db,
        error::{AppError, AppResult},
        graphql::{
            mutation::again,
            page::{Page, Rows},
        },
        mail, policies,
    },
};

/// How many registrations one transaction of the clock tells of.
const AT_ONCE: u64 = 25;

/// How long notifications are kept.
const KEPT_DAYS: i64 = 400;

/// Tells the people concerned, in the transaction of the event.
///
/// # Errors
/// Those of the database.
pub async fn react(txn: &DatabaseTransaction, call: &Call, event: &DomainEvent) -> AppResult<()> {
    let told = match event {
        DomainEvent::RegistrationChanged(change) => rules::of_change(change),
        DomainEvent::RegistrationOutgrown { partner_id, registration_id, currency, doubled } => {
            Some(rules::of_outgrown(*partner_id, *registration_id, *currency, *doubled))
        }
        _ => None,
    };
    match told {
        Some(told) => tell(txn, call, &told).await.map(drop),
        None => Ok(()),
    }
}

/// Tells everybody concerned but the one who did it: in the portal, and by mail unless they wish none. Whether there
/// was somebody who had not been told of it.
async fn tell(txn: &DatabaseTransaction, call: &Call, told: &Told) -> AppResult<bool> {
    let mut people = concerned(txn, told.kind, told.partner_id).await?;
    people.retain(|person| call.user_id() != Some(person.id));
    let ids = store::insert(txn, call, told, &people).await?;
    if ids.is_empty() {
        return Ok(false);
    }
    let people = ids.iter().map(|(person, _)| *person);
    let without: HashSet<UserId> = store::without_mail(txn, told.kind, people).await?.into_iter().collect();
    let mails = ids.iter().filter(|(person, _)| !without.contains(person)).map(|(_, id)| id.uuid());
    mail::queue_all(txn, call, MailKind::Notification, mails).await?;
    Ok(true)
}

/// The people whom a kind concerns, each once.
async fn concerned(txn: &DatabaseTransaction, kind: NotificationKind, partner_id: PartnerId) -> AppResult<Vec<User>> {
    let audience = rules::audience(kind);
    let mut people = Vec::new();
    if audience.partner {
        let all = users::active_of_partner(txn, partner_id).await?;
        let sells = |person: &User| person.roles.has(Role::PartnerAdmin) || person.roles.has(Role::Seller);
        people.extend(all.into_iter().filter(sells));
    }
    let mut staff = Vec::new();
    if audience.manager
        && let Some(manager) = partners::manager_of(txn, partner_id).await?
    {
        staff.extend(users::active_staff(txn, &[manager], None).await?);
    }
    let operations = match audience.operations {
        Operations::Never => false,
        Operations::InPlaceOfManager => staff.is_empty(),
        Operations::Always => true,
    };
    if operations {
        let known: HashSet<UserId> = staff.iter().map(|person| person.id).collect();
        let others = users::active_staff(txn, &[], Some(Role::ChannelOps)).await?;
        staff.extend(others.into_iter().filter(|person| !known.contains(&person.id)));
    }
    people.extend(staff);
    Ok(people)
}

/// Tells what the clock has brought since it was told last. Every server may do it at once: each thing is told by one of
/// them, and what a crash interrupts is told by the next. How many registrations somebody was told of.
///
/// # Errors
/// Those of the database.
pub async fn run_due(services: &Arc<Services>) -> AppResult<u64> {
    let call = Call::system(Arc::clone(services), "notifications");
    let mut done = 0_u64;
    let policy = policies::in_force::<DealPolicy>(&call.reader(), call.now()).await?.policy;
    for slot in Slot::all(policy.life.warning_days) {
        let mut read = None;
        loop {
            let work = |call: Call, (slot, read): (Slot, Option<Place>)| async move {
                call.in_transaction(async |txn| tell_next(txn, &call, slot, read).await).await
            };
            let step = again(&call, (slot, read), work).await?;
            done = done.saturating_add(step.told);
            read = step.more_behind;
            if read.is_none() {
                break;
            }
        }
    }
    Ok(done)
}

/// What one transaction of the clock did.
struct Step {
    /// How many registrations somebody was told of.
    told: u64,
    /// Behind which place there may be more; none when there is nothing.
    more_behind: Option<Place>,
}

/// Tells what comes next behind what this run has read. The run keeps count of that itself: the place that everybody
/// goes by stays behind what may be committed still, and a run that went by it would read the same ones for ever.
async fn tell_next(txn: &DatabaseTransaction, call: &Call, slot: Slot, read: Option<Place>) -> AppResult<Step> {
    let now = call.now();
    let resumed = slot.resumed(now, store::hold_position(txn, slot, slot.beginning(now)).await?);
    let place = read.map_or(resumed, |read| read.max(resumed));
    let (_, until) = slot.window(now);
    let due = registrations::due_between(txn, slot.deadline(), place, until, AT_ONCE).await?;
    let mut told = 0_u64;
    for due in &due {
        if tell(txn, call, &rules::of_clock(slot, *due)).await? {
            told = told.saturating_add(1);
        }
    }
    let last = due.last().map(|last| (last.at, last.id));
    if let Some(last) = last {
        store::move_position(txn, slot, slot.kept(now, last)).await?;
    }
    let full = u64::try_from(due.len()).is_ok_and(|read| read >= AT_ONCE);
    Ok(Step { told, more_behind: last.filter(|_| full) })
}

/// Forgets notifications that were told long ago, some at a time; how many.
///
/// # Errors
/// Those of the database.
pub async fn purge(db: &Db, now: Timestamp) -> AppResult<u64> {
    store::purge(db, now.plus_days(-KEPT_DAYS)).await
}

fn own(call: &Call) -> AppResult<&SignedIn> {
    call.may(Action::ManageOwnAccess)?;
    call.caller.signed_in().ok_or(AppError::Unauthenticated)
}

/// A page of the caller's own notifications.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`; those of the database.
pub async fn list(call: &Call, unread_only: bool, page: &Page) -> AppResult<Rows<Notification>> {
    store::list(&call.reader(), own(call)?.user_id, unread_only, page).await
}

/// The caller's own notifications of these ids.
///
/// # Errors
/// Those of the database.
pub async fn find_many(call: &Call, ids: &[NotificationId]) -> AppResult<Vec<Notification>> {
    let Some(user_id) = call.user_id() else { return Ok(Vec::new()) };
    store::find_many(&call.reader(), user_id, ids).await
}

/// How many the caller has not read.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`; those of the database.
pub async fn count_unread(call: &Call) -> AppResult<u64> {
    store::count_unread(&call.reader(), own(call)?.user_id).await
}

/// Marks notifications of the caller as read. What was read before stays read as it was.
///
/// # Errors
/// `NOT_FOUND` for one that is not theirs.
pub async fn mark_read(call: Call, mark: Mark) -> AppResult<Marked> {
    let user_id = own(&call)?.user_id;
    call.once(async |txn| {
        let ids = match &mark {
            Mark::All => None,
            Mark::These(ids) => {
                let found = store::find_many(txn, user_id, ids).await?;
                let known: HashSet<NotificationId> = found.into_iter().map(|it| it.id).collect();
                if let Some(index) = ids.iter().position(|id| !known.contains(id)) {
                    return Err(AppError::not_found(&format!("ids.{index}")));
                }
                Some(ids.as_slice())
            }
        };
        let marked = store::mark_read(txn, user_id, ids, call.now()).await?;
        record(txn, &call, user_id, None::<&()>, &json!({ "notificationsRead": marked })).await?;
        Ok(Marked { marked, unread: store::count_unread(txn, user_id).await? })
    })
    .await
}

/// For each kind, whether the caller wants mails about it.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`; those of the database.
pub async fn preferences(call: &Call) -> AppResult<Vec<Preference>> {
    let wished = store::preferences(&call.reader(), own(call)?.user_id).await?;
    Ok(complete(&wished))
}

/// Without another wish everybody wants every mail.
fn complete(wished: &[Preference]) -> Vec<Preference> {
    let wish = |kind| wished.iter().find(|wish| wish.kind == kind).copied();
    NotificationKind::iter().map(|kind| wish(kind).unwrap_or(Preference { kind, email: true })).collect()
}

/// Keeps about which kinds the caller wants mails. Kinds that are not named stay as they were.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`; those of the database.
pub async fn prefer(call: Call, wishes: Vec<Preference>) -> AppResult<Vec<Preference>> {
    let user_id = own(&call)?.user_id;
    call.once(async |txn| {
        let before = complete(&store::preferences(txn, user_id).await?);
        store::prefer(txn, user_id, &wishes).await?;
        let after = complete(&store::preferences(txn, user_id).await?);
        record(txn, &call, user_id, Some(&before), &after).await?;
        Ok(after)
    })
    .await
}

async fn record<B: serde::Serialize, A: serde::Serialize>(
    txn: &DatabaseTransaction,
    call: &Call,
    user_id: UserId,
    before: Option<&B>,
    after: &A,
) -> AppResult<()> {
    let change = audit::Change {
        action: Action::ManageOwnAccess,
        object_id: user_id.to_string(),
        partner_id: call.partner_id(),
        before,
        after: Some(after),
    };
    audit::record(txn, call, change).await
}

/// What the mail about a notification needs: itself and its person, who wants it still. None when there is nobody to
/// write to any more.
///
/// # Errors
/// Those of the database.
pub async fn to_write(call: &Call, id: NotificationId) -> AppResult<Option<(Notification, User)>> {
    let db = call.db().pool();
    let Some(notification) = store::find(db, id).await? else { return Ok(None) };
    let Some(person) = users::find(call, notification.user_id).await? else { return Ok(None) };
    let active = person.state == entity::value::UserState::Active && person.erased_at.is_none();
    let without = store::without_mail(db, notification.kind, std::iter::once(person.id)).await?;
    Ok((active && without.is_empty()).then_some((notification, person)))
}
