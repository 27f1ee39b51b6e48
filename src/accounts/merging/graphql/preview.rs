//! What a merge would do.

use async_graphql::{Context, Object};
use entity::value::{RegistrationId, Timestamp};

use super::{AccountMoves, moves};
use crate::{
    accounts::{accounts::graphql::Account, merging::model, product_lines::graphql::ProductLine},
    deals::registrations::graphql::DealRegistration,
    kernel::merging::{Clash, ClashKind},
    platform::error::AppResult,
};

/// Something of which one account may have only one, and the two would have two.
pub struct AccountMergeConflict(Clash);

/// Something of which one account may have only one, and the two would have two.
#[Object]
impl AccountMergeConflict {
    /// What it is.
    async fn kind(&self) -> ClashKind {
        self.0.kind
    }

    /// The product line that it is about; null when it is about none, or the whole account.
    async fn product_line(&self, gql: &Context<'_>) -> Option<AppResult<ProductLine>> {
        ProductLine::load(gql, self.0.product_line_id?).await.transpose()
    }

    /// The registrations that it is between: one on each account, first the one on the account that stays.
    async fn registrations(&self, gql: &Context<'_>) -> AppResult<Vec<DealRegistration>> {
        let found = self.0.registration_ids.iter().map(|id: &RegistrationId| DealRegistration::load(gql, *id));
        let found = futures::future::try_join_all(found).await?;
        Ok(found.into_iter().flatten().collect())
    }

    /// What to do about it, in a sentence.
    async fn message(&self) -> &str {
        &self.0.sentence
    }
}

/// What a merge would do, made now. Nothing was changed.
pub struct AccountMergePreview(pub model::Preview);

/// What a merge would do, made now. Nothing was changed.
#[Object]
impl AccountMergePreview {
    /// The account that would stay.
    async fn survivor(&self) -> Account {
        Account(self.0.survivor.clone())
    }

    /// The account that would be merged into it.
    async fn merged(&self) -> Account {
        Account(self.0.merged.clone())
    }

    /// What would move to the account that stays. Kinds of which there is nothing are left out.
    async fn moves(&self) -> Vec<AccountMoves> {
        moves(self.0.moves.clone())
    }

    /// How many of the registrations that would move are open.
    async fn open_registrations(&self) -> i64 {
        self.0.open_registrations
    }

    /// How many of them are protected.
    async fn protected_registrations(&self) -> i64 {
        self.0.protected_registrations
    }

    /// How many of them were won.
    async fn won_deals(&self) -> i64 {
        self.0.won_deals
    }

    /// What stands against it: the merge is refused until it is resolved. Empty when nothing does.
    async fn conflicts(&self) -> Vec<AccountMergeConflict> {
        self.0.clashes.iter().cloned().map(AccountMergeConflict).collect()
    }

    /// Until when it could be undone.
    async fn undo_until(&self) -> Timestamp {
        self.0.undo_until
    }
}
