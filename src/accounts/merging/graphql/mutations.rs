//! Mutations of merges.

use async_graphql::{Context, ID, InputObject, Object};

use super::{AccountMerge, union};
use crate::{
    accounts::merging::{
        model::{self, MergeAccounts, Undo},
        service,
    },
    payload,
    platform::{
        error::AppResult,
        graphql::{
            mutation::{MutationInput, mutate},
            parse,
        },
    },
};

/// Merges one account into another.
#[derive(Clone, InputObject)]
pub struct MergeAccountsInput {
    /// The account that stays, and goes on to say of itself what it says.
    survivor_id: ID,
    /// The account that is merged into it. Its id leads to the other one from then on.
    merged_id: ID,
    /// Why they are the same customer, at most 500 characters. Staff read it.
    reason: String,
    /// The version of the account that stays that you have read; refused when there is a newer one.
    survivor_version: Option<i64>,
    /// The version of the other account that you have read; refused when there is a newer one.
    merged_version: Option<i64>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for MergeAccountsInput {
    type Command = MergeAccounts;
    const OPERATION: &'static str = "mergeAccounts";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<MergeAccounts> {
        Ok(MergeAccounts {
            union: union(&self.survivor_id, &self.merged_id)?,
            reason: parse::line(&self.reason, "reason", 500)?,
            survivor_version: self.survivor_version,
            merged_version: self.merged_version,
        })
    }
}

payload! {
    /// The accounts, merged.
    MergeAccountsPayload from model::Merge as merge {
        /// The merge, which can be undone for some time.
        account_merge: AccountMerge = AccountMerge(Box::new(merge))
    }
}

/// Undoes a merge.
#[derive(Clone, InputObject)]
pub struct UndoAccountMergeInput {
    /// Which merge.
    id: ID,
    /// Why they are different customers after all, at most 500 characters. Staff read it.
    reason: String,
    /// The version that you have read; refused when there is a newer one.
    expected_version: Option<i64>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for UndoAccountMergeInput {
    type Command = Undo;
    const OPERATION: &'static str = "undoAccountMerge";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<Undo> {
        Ok(Undo {
            id: parse::id(&self.id, "id")?,
            reason: parse::line(&self.reason, "reason", 500)?,
            expected_version: self.expected_version,
        })
    }
}

payload! {
    /// The merge, undone.
    UndoAccountMergePayload from model::Merge as merge {
        /// The merge.
        account_merge: AccountMerge = AccountMerge(Box::new(merge))
    }
}

/// Mutations of merges.
#[derive(Default)]
pub struct MergingMutation;

#[Object]
impl MergingMutation {
    /// Merges one account into another: its names, domains, registry ids, references, subsidiaries, reservations,
    /// incumbents and deal registrations become the other's. Refused while both have something of which one account may
    /// have only one, such as a protection of the same product line: `previewAccountMerge` names it. For staff who merge
    /// accounts.
    async fn merge_accounts(&self, gql: &Context<'_>, input: MergeAccountsInput) -> AppResult<MergeAccountsPayload> {
        mutate(gql, input, service::merge).await
    }

    /// Undoes a merge, as long as there is time: what it moved goes back, as far as it is still there; what came later
    /// stays. Whether the two are the same customer is open again. For staff who merge accounts.
    async fn undo_account_merge(
        &self,
        gql: &Context<'_>,
        input: UndoAccountMergeInput,
    ) -> AppResult<UndoAccountMergePayload> {
        mutate(gql, input, service::undo).await
    }
}
