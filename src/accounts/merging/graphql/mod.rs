//! Merging in the API.

pub mod mutations;
mod preview;

use std::collections::HashMap;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject, dataloader::Loader};
use entity::value::{AccountId, AccountMergeId, AccountMoveKind, Country, Timestamp, TypedId};

use self::preview::AccountMergePreview;
use super::{model, service};
use crate::{
    accounts::accounts::{graphql::Account, model::Account as KnownAccount},
    kernel::merging::Union,
    people::users::graphql::User,
    platform::{
        call::Call,
        error::{AppError, AppResult},
        graphql::{
            GqlContext, loaders,
            page::{Listed, PageArgs, SortKey},
            parse,
        },
    },
};

/// A merge of two accounts. Only staff see it.
pub struct AccountMerge(pub Box<model::Merge>);

/// The account that was merged, as it was until then.
#[derive(SimpleObject)]
pub struct MergedAccount {
    /// Its id. It leads to the account that it was merged into, until the merge is undone.
    id: ID,
    /// The name that it went by.
    name: String,
    /// The registrable domain of its website; null when it was not known.
    domain: Option<String>,
    /// Where it is.
    country: Country,
}

impl From<&KnownAccount> for MergedAccount {
    fn from(it: &KnownAccount) -> Self {
        Self { id: it.id.to_string().into(), name: it.name.clone(), domain: it.domain.clone(), country: it.country }
    }
}

/// How many things of a kind a merge moves.
#[derive(SimpleObject)]
pub struct AccountMoves {
    /// What moves.
    kind: AccountMoveKind,
    /// How many.
    count: i64,
}

fn moves(counted: Vec<(AccountMoveKind, i64)>) -> Vec<AccountMoves> {
    counted.into_iter().map(|(kind, count)| AccountMoves { kind, count }).collect()
}

/// A merge of two accounts. Only staff see it.
#[Object]
impl AccountMerge {
    /// The global id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// The account that stayed; the one that it was merged into, if it was merged itself since.
    async fn survivor(&self, gql: &Context<'_>) -> Option<AppResult<Account>> {
        Account::load(gql, self.0.survivor_id).await.transpose()
    }

    /// The account that was merged, as it was until then.
    async fn merged(&self) -> MergedAccount {
        MergedAccount::from(&self.0.merged_before)
    }

    /// Why.
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// What it moved.
    async fn moves(&self, gql: &Context<'_>) -> AppResult<Vec<AccountMoves>> {
        Ok(moves(loaders::loader(gql, MoveLoader).load_one(self.0.id).await?.unwrap_or_default()))
    }

    /// When.
    async fn merged_at(&self) -> Timestamp {
        self.0.merged_at
    }

    /// By whom; null when the product itself did.
    async fn merged_by(&self, gql: &Context<'_>) -> Option<AppResult<User>> {
        User::load(gql, self.0.merged_by?).await.transpose()
    }

    /// The version of the policy of accounts that it was made under.
    async fn policy_version(&self) -> i32 {
        self.0.policy_version
    }

    /// At which instant it cannot be undone any more.
    async fn undo_until(&self) -> Timestamp {
        self.0.undo_until
    }

    /// Whether it can be undone now: it was not, and there is time left. Where the account that stayed was merged itself
    /// since, that merge is undone first.
    async fn can_be_undone(&self, gql: &Context<'_>) -> bool {
        self.0.can_be_undone(gql.call().now())
    }

    /// When it was undone; null while it is in force.
    async fn undone_at(&self) -> Option<Timestamp> {
        self.0.undone_at
    }

    /// Who undid it; null while it is in force.
    async fn undone_by(&self, gql: &Context<'_>) -> Option<AppResult<User>> {
        User::load(gql, self.0.undone_by?).await.transpose()
    }

    /// Why it was undone; null while it is in force.
    async fn undo_reason(&self) -> Option<&str> {
        self.0.undo_reason.as_deref()
    }

    /// Grows by one with each change.
    async fn version(&self) -> i64 {
        self.0.version
    }
}

/// Loads merges for the caller.
pub struct MergeLoader(Call);

impl Loader<AccountMergeId> for MergeLoader {
    type Value = model::Merge;
    type Error = AppError;

    async fn load(&self, ids: &[AccountMergeId]) -> AppResult<HashMap<AccountMergeId, model::Merge>> {
        Ok(service::find_many(&self.0, ids).await?.into_iter().map(|merge| (merge.id, merge)).collect())
    }
}

/// Counts what merges moved.
pub struct MoveLoader(Call);

impl Loader<AccountMergeId> for MoveLoader {
    type Value = Vec<(AccountMoveKind, i64)>;
    type Error = AppError;

    async fn load(&self, ids: &[AccountMergeId]) -> AppResult<HashMap<AccountMergeId, Vec<(AccountMoveKind, i64)>>> {
        service::counts(&self.0, ids).await
    }
}

impl AccountMerge {
    /// The merge of an id, loaded together with its siblings; none for those who may not read it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn load(gql: &Context<'_>, id: AccountMergeId) -> AppResult<Option<Self>> {
        Ok(loaders::loader(gql, MergeLoader).load_one(id).await?.map(|merge| Self(Box::new(merge))))
    }
}

fn union(survivor: &ID, merged: &ID) -> AppResult<Union> {
    Ok(Union {
        survivor_id: parse::id::<AccountId>(survivor, "survivorId")?,
        merged_id: parse::id::<AccountId>(merged, "mergedId")?,
    })
}

/// Which merges a list shows. What is absent excludes nothing.
#[derive(Clone, Default, InputObject)]
pub struct AccountMergeFilter {
    /// Of this account, on either side.
    account_id: Option<ID>,
    /// True for those that were undone, false for those in force.
    undone: Option<bool>,
}

/// Queries of merges.
#[derive(Default)]
pub struct MergingQuery;

#[Object]
impl MergingQuery {
    /// What merging one account into another would do, without doing it. For staff.
    async fn preview_account_merge(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "The account that would stay.")] survivor_id: ID,
        #[graphql(desc = "The account that would be merged into it.")] merged_id: ID,
    ) -> AppResult<AccountMergePreview> {
        let union = union(&survivor_id, &merged_id)?;
        Ok(AccountMergePreview(service::preview(gql.call(), union).await?))
    }

    /// The merges of accounts, newest first. For staff.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn account_merges(
        &self,
        gql: &Context<'_>,
        #[graphql(desc = "Which ones.")] filter: Option<AccountMergeFilter>,
        #[graphql(desc = "How many, from the beginning.")] first: Option<i32>,
        #[graphql(desc = "Only what lies after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end.")] last: Option<i32>,
        #[graphql(desc = "Only what lies before this cursor.")] before: Option<String>,
    ) -> AppResult<Listed<AccountMerge>> {
        let page = PageArgs { first, after, last, before }.parse(gql, "merged", true)?;
        let AccountMergeFilter { account_id, undone } = filter.unwrap_or_default();
        let account_id = account_id.map(|id| parse::id(&id, "filter.accountId")).transpose()?;
        let rows = service::list(gql.call(), &model::MergeFilter { account_id, undone }, &page).await?;
        Ok(rows.connection(&page, |merge| (SortKey::None, merge.id.uuid()), |merge| AccountMerge(Box::new(merge))))
    }
}
