//! The policy of accounts in the API.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::{
    model::{self, SetPolicy},
    service,
};
use crate::{
    payload,
    platform::{
        error::AppResult,
        graphql::{
            GqlContext,
            mutation::{MutationInput, mutate},
            parse,
        },
        policies::InForce,
    },
};

/// The figures that accounts are merged and arranged by.
#[derive(SimpleObject)]
pub struct AccountPolicy {
    /// Its version: every merge keeps the one that it was made under.
    version: i32,
    /// Within how many days a merge can be undone.
    merge_undo_days: i64,
    /// How many levels a hierarchy of accounts has at most, the topmost account's among them.
    hierarchy_levels: i64,
}

impl From<InForce<model::AccountPolicy>> for AccountPolicy {
    fn from(found: InForce<model::AccountPolicy>) -> Self {
        let InForce { version, policy: model::AccountPolicy { merge_undo_days, hierarchy_levels } } = found;
        Self { version, merge_undo_days, hierarchy_levels }
    }
}

/// Changes the policy of accounts, from now on. What is absent stays.
#[derive(Clone, InputObject)]
pub struct SetAccountPolicyInput {
    /// Within how many days a merge can be undone, from 0 to 365.
    merge_undo_days: Option<i64>,
    /// How many levels a hierarchy has at most, from 2 to 50. Hierarchies that are deeper stay as they are.
    hierarchy_levels: Option<i64>,
    /// The version that you have read; refused when there is a newer one.
    expected_version: Option<i32>,
    /// Makes a retry harmless: the same key and input is answered the same and does nothing twice.
    idempotency_key: Option<String>,
}

impl MutationInput for SetAccountPolicyInput {
    type Command = SetPolicy;
    const OPERATION: &'static str = "setAccountPolicy";

    fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }

    fn parse(self) -> AppResult<SetPolicy> {
        let Self { merge_undo_days, hierarchy_levels, expected_version, idempotency_key: _ } = self;
        Ok(SetPolicy {
            merge_undo_days: parse::within(merge_undo_days, 0..=365, "mergeUndoDays")?,
            hierarchy_levels: parse::within(hierarchy_levels, 2..=50, "hierarchyLevels")?,
            expected_version,
        })
    }
}

payload! {
    /// The policy as it is in force now.
    SetAccountPolicyPayload from InForce<model::AccountPolicy> as set {
        /// The policy.
        account_policy: AccountPolicy = AccountPolicy::from(set)
    }
}

/// Queries of the policy.
#[derive(Default)]
pub struct AccountPolicyQuery;

#[Object]
impl AccountPolicyQuery {
    /// The figures that accounts are merged and arranged by. For staff.
    async fn account_policy(&self, gql: &Context<'_>) -> AppResult<AccountPolicy> {
        Ok(service::read(gql.call()).await?.into())
    }
}

/// Mutations of the policy.
#[derive(Default)]
pub struct AccountPolicyMutation;

#[Object]
impl AccountPolicyMutation {
    /// Changes the figures that accounts are merged and arranged by, from now on: merges made before keep theirs. For
    /// staff who merge accounts.
    async fn set_account_policy(
        &self,
        gql: &Context<'_>,
        input: SetAccountPolicyInput,
    ) -> AppResult<SetAccountPolicyPayload> {
        mutate(gql, input, service::set).await
    }
}
