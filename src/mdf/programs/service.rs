//! Use cases of programs.

use entity::value::MdfProgramId;
use sea_orm::DatabaseTransaction;

use super::{
    model::{NewProgram, Program},
    rules, store,
};
use crate::{
    mdf::{calendar, decided, ledger},
    people::second_factors,
    platform::{
        audit,
        auth::policy::Action,
        call::Call,
        error::AppResult,
        graphql::page::{Page, Rows},
        receipts,
    },
};

/// Creates a program with its budget.
///
/// # Errors
/// A refusal of [`rules::decide_creation`].
pub async fn create(call: Call, new: NewProgram) -> AppResult<Program> {
    call.may(Action::ManageMdfPrograms)?;
    call.once(async |txn| {
        second_factors::expect_second_factor(txn, &call).await?;
        let today = calendar::day_of(call.now());
        let decision = rules::decide_creation(&rules::Inputs { program: &new, today });
        let receipt = decided::granted(decision, rules::field_of)?;
        let program = store::insert(txn, &call, new.clone()).await?;
        ledger::open_program(txn, &call, program.id, program.budget).await?;
        receipts::save(txn, &call, program.id.to_string(), None, &receipt).await?;
        let change = audit::Change {
            action: Action::ManageMdfPrograms,
            object_id: program.id.to_string(),
            partner_id: None,
            before: None::<&Program>,
            after: Some(&program),
        };
        audit::record(txn, &call, change).await?;
        Ok(program)
    })
    .await
}

/// A program, as the transaction sees it.
///
/// # Errors
/// Those of the database.
pub async fn find(txn: &DatabaseTransaction, id: MdfProgramId) -> AppResult<Option<Program>> {
    Ok(store::find_many(txn, &[id]).await?.pop())
}

/// A program, held until the transaction ends.
///
/// # Errors
/// Those of the database.
pub async fn find_for_update(txn: &DatabaseTransaction, id: MdfProgramId) -> AppResult<Option<Program>> {
    store::find_for_update(txn, id).await
}

/// The programs of these ids: partners may read all of them.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`; those of the database.
pub async fn find_many(call: &Call, ids: &[MdfProgramId]) -> AppResult<Vec<Program>> {
    call.may(Action::ReadMdf)?;
    store::find_many(&call.reader(), ids).await
}

/// A page of the programs: partners may read all of them.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`; those of the database.
pub async fn list(call: &Call, page: &Page) -> AppResult<Rows<Program>> {
    call.may(Action::ReadMdf)?;
    store::list(&call.reader(), page).await
}
