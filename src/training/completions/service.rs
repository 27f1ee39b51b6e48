//! Use cases of completions.

use entity::value::{CompletionId, PartnerId};
use sea_orm::DatabaseTransaction;

use super::{
    model::{Completion, CourseChoice, Facts, NewCompletion, Outcome, Person, Record, Row},
    rules, store,
};
use crate::{
    kernel::event::DomainEvent,
    people::users,
    platform::{audit, auth::policy::Action, call::Call, error::AppResult, events},
    training::courses,
};

/// Records a bulk of completions. Each row is answered by itself, in the order of the input: one that is not
/// accepted does not hold up the others, and a repeated one changes nothing.
///
/// # Errors
/// Who you are; those of the database.
pub async fn record(call: Call, command: Record) -> AppResult<Vec<Outcome>> {
    call.may(Action::WriteTraining)?;
    call.once(async |txn| {
        let facts = gather(txn, &call, &command.rows).await?;
        let now = call.now();
        let mut outcomes: Vec<(usize, Outcome)> = Vec::new();
        let mut decided: Vec<(usize, NewCompletion)> = Vec::new();
        for (index, row) in command.rows.into_iter().enumerate() {
            match row.and_then(|row| rules::decide(&command.source, row, &facts, now)) {
                Ok(new) => decided.push((index, new)),
                Err(problem) => outcomes.push((index, Outcome::Refused(problem))),
            }
        }
        // One order in every transaction: two bulks at once then wait for each other, and not in a circle.
        decided.sort_by(|(_, one), (_, other)| one.external_id.cmp(&other.external_id));
        let mut recorded: Vec<(Completion, bool)> = Vec::new();
        for (index, new) in decided {
            let outcome = match store::insert(txn, &call, &new).await? {
                Some(completion) => {
                    recorded.push((completion.clone(), new.is_foundation));
                    Outcome::Recorded(completion)
                }
                None => rules::repeat(store::find_recorded(txn, &new.source, &new.external_id).await?, &new),
            };
            outcomes.push((index, outcome));
        }
        recorded.sort_by_key(|(completion, _)| (completion.partner_id, completion.id));
        for (completion, is_foundation) in &recorded {
            publish(txn, &call, completion, *is_foundation).await?;
        }
        outcomes.sort_by_key(|(index, _)| *index);
        Ok(outcomes.into_iter().map(|(_, outcome)| outcome).collect())
    })
    .await
}

async fn gather(txn: &DatabaseTransaction, call: &Call, rows: &[Result<Row, impl Sized>]) -> AppResult<Facts> {
    let (mut ids, mut keys, mut course_ids, mut codes) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for row in rows.iter().flatten() {
        match &row.person {
            Person::Id(id) => ids.push(*id),
            Person::EmailKey(key) => keys.push(key.clone()),
        }
        match &row.course {
            CourseChoice::Id(id) => course_ids.push(*id),
            CourseChoice::Code(code) => codes.push(code.clone()),
        }
    }
    let mut facts = Facts::default();
    for (key, user) in users::find_by_ids_or_addresses(txn, call, &ids, &keys).await? {
        facts.addresses.insert(key, user.id);
        facts.people.insert(user.id, user);
    }
    // Earlier editions come first, so that the latest stays.
    for course in courses::find_by_ids_or_codes(txn, &course_ids, &codes).await? {
        facts.codes.insert(course.code.clone(), course.id);
        facts.courses.insert(course.id, course);
    }
    Ok(facts)
}

async fn publish(
    txn: &DatabaseTransaction,
    call: &Call,
    completion: &Completion,
    is_foundation: bool,
) -> AppResult<()> {
    let change = audit::Change {
        action: Action::WriteTraining,
        object_id: completion.id.to_string(),
        partner_id: Some(completion.partner_id),
        before: None::<&Completion>,
        after: Some(completion),
    };
    audit::record(txn, call, change).await?;
    if !completion.is_passed {
        return Ok(());
    }
    let event = DomainEvent::TrainingCompleted {
        partner_id: completion.partner_id,
        user_id: completion.user_id,
        course_id: completion.course_id,
        completion_id: completion.id,
        is_foundation,
        completed_at: completion.completed_at,
    };
    events::publish(txn, call, event).await
}

/// The completions of these ids that exist for the caller.
///
/// # Errors
/// Those of the database.
pub async fn find_many(call: &Call, ids: &[CompletionId]) -> AppResult<Vec<Completion>> {
    if call.may(Action::ReadCourses).is_err() {
        return Ok(Vec::new());
    }
    store::find_many(&call.reader(), call.scope(), ids).await
}

/// The latest completions of each of these partners, as far as they exist for the caller; latest first.
///
/// # Errors
/// Those of the database.
pub async fn latest_of(call: &Call, partners: &[PartnerId], most: i64) -> AppResult<Vec<Completion>> {
    let partners: Vec<PartnerId> = partners.iter().copied().filter(|id| call.scope().includes(*id)).collect();
    if partners.is_empty() || call.may(Action::ReadCourses).is_err() {
        return Ok(Vec::new());
    }
    store::latest_of(&call.reader(), &partners, most).await
}
